"""A list of findings: how bad by icon and word, what is so, what to do, since when, and who can put it right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.i18n import dates, health, language
from desktop.ui.screens.pieces import instant
from desktop.ui.theme.tokens import Tone
from desktop.ui.widgets.basics import Label, column, line, row
from desktop.ui.widgets.status import Mark, StatusChip, chip_width
from shared.wire.health import FindingView

_FACES: Final[dict[str, tuple[Tone, str]]] = {
    "bad": ("bad", "circle-x"),
    "unknown": ("doubt", "circle-help"),
    "warns": ("wait", "triangle-alert"),
    "well": ("ok", "circle-check"),
}


def level_mark(level: str) -> Mark:
    """The face of a level; one that is not known here is not known."""
    tone, icon = _FACES.get(level, _FACES["unknown"])
    return Mark(tone, icon, health.LEVELS.get(level, health.LEVELS["unknown"])())


class Findings(QWidget):
    """Lines under each other; made anew only when what they say has changed."""

    def __init__(self) -> None:
        super().__init__()
        self._lines = QVBoxLayout(self)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(10)
        self._shown: object = None

    def set_findings(self, findings: Sequence[FindingView]) -> None:
        """Show these, in this order."""
        wanted = (language(), tuple(findings))
        if wanted == self._shown:
            return
        self._shown = wanted
        while (item := self._lines.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for place, finding in enumerate(findings):
            if place:
                self._lines.addWidget(line())
            self._lines.addWidget(_finding(finding))


def _finding(finding: FindingView) -> QWidget:
    thai = language() == "th"
    says, do = (finding.says_th, finding.do_th) if thai else (finding.says_en, finding.do_en)
    chip = StatusChip()
    chip.set_mark(level_mark(finding.level))
    at = instant(finding.since)
    note = health.since(dates.moment(at) if at is not None else "", finding.who_can_fix)
    words = column(Label(says, weight="medium", wrap=True), spacing=2)
    if do:
        words.addWidget(Label(do, wrap=True))
    if note:
        words.addWidget(Label(note, size="small", ink="muted", wrap=True))
    widget = QWidget()
    # One width for all, so that the words stand under each other.
    place = QWidget()
    beside = row(chip)
    beside.addStretch()
    place.setLayout(beside)
    place.setFixedWidth(round(max(chip_width(level_mark(level)) for level in _FACES)) + 1)
    across = row(place, spacing=12)
    across.setAlignment(place, Qt.AlignmentFlag.AlignTop)
    across.addLayout(words, 1)
    widget.setLayout(across)
    widget.setAccessibleName(f"{level_mark(finding.level).text}: {says} {do}")
    return widget
