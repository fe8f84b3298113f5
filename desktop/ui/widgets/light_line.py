"""A light as a line of icon and words, and as a mark for chips and tables; desktop.core.lights decides what it says."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from desktop.core.lights import Light, Tone
from desktop.ui.theme.look import follow
from desktop.ui.widgets.basics import IconLabel, Ink, Label, row
from desktop.ui.widgets.status import Mark

_INKS: Final[dict[Tone, Ink]] = {"bad": "danger", "wait": "wait", "quiet": "muted"}


class LightLine(QWidget):
    """One light; follows the language."""

    def __init__(self, light: Light | None = None) -> None:
        super().__init__()
        self.light: Light | None = None
        self._icon, self._words = IconLabel("circle-dashed", "quiet", 19), Label(wrap=True)
        layout = row(spacing=10)
        layout.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._words, 1)
        self.setLayout(layout)
        follow(self._refresh)
        if light is not None:
            self.set_light(light)

    def set_light(self, light: Light) -> None:
        """Show another light."""
        self.light = light
        self._refresh()

    def _refresh(self) -> None:
        if self.light is None:
            return
        self._icon.set_face(self.light.icon, self.light.tone)
        self._words.setText(self.light.all_text())
        self._words.set_ink(_INKS.get(self.light.tone, ""))
        self.setAccessibleName(self.light.all_text())


def light_mark(light: Light) -> Mark:
    """The light as a mark, in the language in force."""
    return Mark(light.tone, light.icon, light.all_text())
