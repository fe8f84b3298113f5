"""Language, theme and text size of this profile, and what a person may want to know of the device."""

from __future__ import annotations

from typing import Literal

from desktop.core.guard import GuardKind
from desktop.core.screens.base import Screen
from desktop.core.settings import TEXT_SIZES, Settings
from desktop.i18n.text import set_language


class SettingsScreen(Screen):
    """Every change is kept at once."""

    @property
    def values(self) -> Settings:
        """As they are now."""
        return self.desk.settings

    @property
    def fingerprint(self) -> str:
        """To be compared with head office at enrolment."""
        return self.desk.key.fingerprint

    @property
    def guarded_by(self) -> GuardKind:
        """Where the device key rests."""
        return self.desk.key.guarded_by

    def choose_language(self, language: Literal["th", "en"]) -> None:
        """Switch at once."""
        set_language(language)
        self._keep(language=language)

    def choose_theme(self, theme: Literal["system", "light", "dark"]) -> None:
        """Light, dark, or as the machine says."""
        self._keep(theme=theme)

    def choose_text_size(self, percent: int) -> None:
        """One of `TEXT_SIZES`; others are ignored."""
        if percent in TEXT_SIZES:
            self._keep(text_size=percent)

    def _keep(self, **changes: object) -> None:
        self.desk.remember(**changes)
        self.on_change()
