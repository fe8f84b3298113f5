"""Settings: how the desk looks, which key it holds, who is signed in, and under which licences it comes.

Object names: settings_page, settings_language, settings_theme, settings_text_size, settings_sign_out, settings_lock.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import Literal, cast

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.core.guard import GuardKind
from desktop.core.screens.settings_screen import SettingsScreen
from desktop.core.settings import TEXT_SIZES
from desktop.i18n import Language, language, settings
from desktop.i18n import sign_in as gate_words
from desktop.ui.pages import Workbench
from desktop.ui.screens.pieces import DeskPage, named
from desktop.ui.theme.fonts import scaled
from desktop.ui.theme.look import TextSize, look
from desktop.ui.widgets.basics import PAGE_MARGIN, Button, Label, Words, column, line, row, scrolled
from desktop.ui.widgets.cards import Card, Facts
from desktop.ui.widgets.fields import Choice, Field

_PARTS = (
    ("PySide6 (Qt)", "LGPL-3.0", "PySide6-Essentials"),
    ("Sarabun", "OFL-1.1", ""),
    ("Lucide", "ISC", ""),
    ("SQLCipher", "BSD-3-Clause", "sqlcipher3-wheels"),
    ("httpx", "BSD-3-Clause", "httpx"),
    ("msgspec", "BSD-3-Clause", "msgspec"),
    ("cryptography", "Apache-2.0 / BSD", "cryptography"),
    ("python-calamine", "MIT", "python-calamine"),
)


class SettingsPage(DeskPage[SettingsScreen]):
    """Every choice acts and is kept at once."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench, SettingsScreen(bench.core), "settings_page")
        s = settings
        self.language = named(Choice([("th", s.THAI), ("en", s.ENGLISH)], s.LANGUAGE), "settings_language")
        themes: list[tuple[str, Words]] = [("system", s.SYSTEM), ("light", s.LIGHT), ("dark", s.DARK)]
        self.theme = named(Choice(themes, s.THEME), "settings_theme")
        sizes: list[tuple[str, Words]] = [(str(size), _percent(size)) for size in TEXT_SIZES]
        self.text_size = named(Choice(sizes, s.TEXT_SIZE), "settings_text_size")
        self.lock = named(Button(s.LOCK, icon="lock"), "settings_lock")
        self.sign_out = named(Button(s.SIGN_OUT, icon="log-out"), "settings_sign_out")
        self._desk_facts, self._parts = Facts(), Facts()
        self._assemble()
        self._connect()
        self.begin()

    def _assemble(self) -> None:
        appearance = Card(settings.LOOK)
        for title, control in (
            (settings.LANGUAGE, self.language),
            (settings.THEME, self.theme),
            (settings.TEXT_SIZE, self.text_size),
        ):
            appearance.body.addWidget(Field(title, control))
        appearance.body.addStretch()
        device = Card(settings.DESK)
        device.body.addWidget(self._desk_facts)
        device.body.addWidget(line())
        buttons = row(self.lock, self.sign_out, spacing=10)
        buttons.addStretch()
        device.body.addLayout(buttons)
        device.body.addStretch()
        top = row(appearance, device, spacing=14)
        top.setStretch(0, 2)
        top.setStretch(1, 3)
        about = Card(settings.ABOUT)
        about.body.addWidget(Label(settings.ABOUT_WORDS, wrap=True))
        about.body.addWidget(Label(settings.LICENCE_WORDS, ink="muted"))
        about.body.addWidget(line())
        about.body.addWidget(Label(settings.LICENCES, weight="semibold"))
        about.body.addWidget(self._parts)
        inside = QWidget()
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(PAGE_MARGIN, 18, PAGE_MARGIN, 18)
        layout.setSpacing(14)
        layout.addLayout(top)
        layout.addWidget(about)
        layout.addStretch()
        self.setLayout(column(scrolled(inside)))

    def _connect(self) -> None:
        self.language.picked.connect(self._choose_language)
        self.theme.picked.connect(self._choose_theme)
        self.text_size.picked.connect(self._choose_size)
        self.lock.clicked.connect(self.bench.lock_requested)
        self.sign_out.clicked.connect(self.bench.sign_out_requested)

    def shown(self, subject: str | None) -> None:
        """Focus on the first choice."""
        self.language.setFocus()

    def draw(self) -> None:
        """What is chosen, and what this desk is."""
        values = self.model.values
        self.language.set_key(language())
        self.theme.set_key(values.theme)
        self.text_size.set_key(str(look.text_size))
        for choice in (self.language, self.theme, self.text_size):
            choice.setMinimumWidth(scaled(220))
        session = self.desk.session
        store = gate_words.KEYRING if self.model.guarded_by is GuardKind.KEYRING else gate_words.KEY_FILE
        self._desk_facts.set_facts(
            [
                (settings.PERSON(), session.user.name if session is not None else "—"),
                (settings.SERVER(), values.server),
                (settings.DEVICE(), values.device_id),
                (gate_words.FINGERPRINT(), self.model.fingerprint),
                (gate_words.KEY_STORE(), store()),
                (settings.PROFILE(), str(self.desk.directory)),
                (settings.VERSION(), version("sheaf")),
            ]
        )
        self._parts.set_facts([(name, f"{licence} {version(part) if part else ''}") for name, licence, part in _PARTS])

    def _choose_language(self, key: str) -> None:
        chosen = cast(Language, key)
        self.model.choose_language(chosen)
        look.set_language(chosen)

    def _choose_theme(self, key: str) -> None:
        self.model.choose_theme(cast(Literal["system", "light", "dark"], key))
        dark = key == "dark"
        if key == "system":
            dark = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
        look.set_mode("dark" if dark else "light")

    def _choose_size(self, key: str) -> None:
        self.model.choose_text_size(int(key))
        look.set_text_size(cast(TextSize, int(key)))


def _percent(size: int) -> Words:
    return lambda: f"{size}%"
