"""What must be well, on the wire."""

from __future__ import annotations

from shared.wire.common import Wire


class FindingView(Wire, frozen=True, kw_only=True):
    """One finding: of which check and subject, its level (well, warns, bad or unknown), since when, and what to do.

    `value` is empty where no number decides; it is in `unit`.
    """

    name: str
    subject: str
    level: str
    since: str
    says_th: str
    says_en: str
    do_th: str
    do_en: str
    who_can_fix: str
    value: str
    unit: str


class HealthReply(Wire, frozen=True, kw_only=True):
    """All findings, the worst first, and the level of all together."""

    level: str
    findings: list[FindingView]
    as_of: str
