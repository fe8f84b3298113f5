"""Findings as they cross the network, and where nobody has asked for all of them yet."""

from __future__ import annotations

from server.health.finding import Finding
from server.wire_time import wire_time
from shared.health import Level
from shared.wire.health import FindingView


def view_of(finding: Finding) -> FindingView:
    """One finding for the desk."""
    return FindingView(
        name=finding.name,
        subject=finding.subject,
        level=finding.level.value,
        since=wire_time(finding.since),
        says_th=finding.says.th,
        says_en=finding.says.en,
        do_th=finding.do.th,
        do_en=finding.do.en,
        who_can_fix="" if finding.level is Level.WELL else finding.who.value,
        value="" if finding.value is None else str(finding.value),
        unit=finding.unit,
    )
