"""The one object that holds mode, text size and language, and tells every widget when they change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from desktop import i18n
from desktop.ui.theme import fonts, icons, qss
from desktop.ui.theme.tokens import LIGHT, MODES, Mode, Tokens

TextSize = Literal[100, 115, 130]
TEXT_SIZES: Final[tuple[TextSize, ...]] = (100, 115, 130)


class Look(QObject):
    """Emits `changed` after the colours, the text size or the language are already in force."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.tokens: Tokens = LIGHT
        self.mode: Mode = "light"
        self.text_size: TextSize = 100
        self._follows_system = True

    def install(self, app: QApplication) -> None:
        """Fonts, Fusion, palette and style sheet; follows the system's colours until the user chooses."""
        fonts.load_fonts()
        app.setStyle(QStyleFactory.create("Fusion"))
        app.setWindowIcon(QIcon(icons.art("app-icon", 256)))
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self._system_changed)
        self._system_changed(hints.colorScheme())
        self._apply()

    def set_mode(self, mode: Mode) -> None:
        """Light or dark by the user's choice; the system is no longer followed."""
        self._follows_system = False
        self._set(mode)

    def toggle_mode(self) -> None:
        """The other mode."""
        self.set_mode("light" if self.mode == "dark" else "dark")

    def set_text_size(self, percent: TextSize) -> None:
        """100, 115 or 130 per cent."""
        self.text_size = percent
        fonts.set_percent(percent)
        self._apply()

    def set_language(self, language: i18n.Language) -> None:
        """Thai or English for every text of the desk."""
        i18n.set_language(language)
        self.changed.emit()

    def _system_changed(self, scheme: Qt.ColorScheme) -> None:
        if self._follows_system:
            self._set("dark" if scheme == Qt.ColorScheme.Dark else "light")

    def _set(self, mode: Mode) -> None:
        if mode == self.mode:
            return
        self.mode, self.tokens = mode, MODES[mode]
        self._apply()

    def _apply(self) -> None:
        app = QApplication.instance()
        if not isinstance(app, QApplication):
            return
        app.setPalette(_palette(self.tokens))
        app.setFont(fonts.font())
        app.setStyleSheet(qss.build(self.tokens))
        self.changed.emit()


def _palette(t: Tokens) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette(QColor(t.surface), QColor(t.background))
    pairs = {
        role.Window: t.background,
        role.Base: t.surface,
        role.AlternateBase: t.hover,
        role.Button: t.surface,
        role.ToolTipBase: t.raised,
        role.ToolTipText: t.text,
        role.WindowText: t.text,
        role.Text: t.text,
        role.ButtonText: t.text,
        role.PlaceholderText: t.faint,
        role.Highlight: t.accent,
        role.HighlightedText: t.on_accent,
        role.Link: t.accent,
        role.Accent: t.accent,
    }
    for name, colour in pairs.items():
        palette.setColor(name, QColor(colour))
    for name in (role.Text, role.WindowText, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, name, QColor(t.disabled_text))
    return palette


# One per process like QApplication itself: widgets deep in a layout need it and nothing else differs by window.
look: Final = Look()


def follow(refresh: Callable[[], None]) -> None:
    """Call `refresh` now and on every change; give a bound method of a QObject, so that Qt drops it with its owner."""
    look.changed.connect(refresh)
    refresh()
