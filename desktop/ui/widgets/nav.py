"""The dark column on the left: brand, pages with counts, the person; collapses to icons on narrow windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QFrame, QLabel, QSizePolicy, QVBoxLayout, QWidget

from desktop.i18n import Text, nav
from desktop.ui.theme import fonts, icons
from desktop.ui.theme.fonts import scaled
from desktop.ui.theme.look import follow, look
from desktop.ui.widgets.basics import Label, column, line, row

WIDE: Final = 212
NARROW: Final = 64
LOWEST: Final = 26


@dataclass(frozen=True, slots=True)
class NavEntry:
    """A page in the menu. Entries with the same `group` stand together; the last group sits at the bottom."""

    page: str
    icon: str
    title: Text
    group: int = 0


class NavItem(QAbstractButton):
    """One painted entry: icon, title, count pill, gold edge when it is the open page."""

    def __init__(self, entry: NavEntry) -> None:
        super().__init__()
        self.entry = entry
        self._count = 0
        self._wide = True
        self.setCheckable(True)
        self.setAutoExclusive(True)  # to a screen reader one of several choices, not a box to tick
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        follow(self._refresh)

    def set_count(self, count: int) -> None:
        """How many things wait on that page; 0 hides the pill."""
        self._count = count
        self._refresh()

    def set_wide(self, wide: bool) -> None:
        """With its title, or the icon alone."""
        self._wide = wide
        self._refresh()

    def sizeHint(self) -> QSize:
        """44 px high."""
        return QSize(NARROW, scaled(44))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the entry."""
        t = look.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(10, 2, -10, -2)
        on = self.isChecked()
        if on or self.underMouse() or self.hasFocus():
            painter.setPen(QPen(QColor(t.nav_accent), 1.6) if self.hasFocus() else Qt.PenStyle.NoPen)
            painter.setBrush(QColor(t.nav_active))
            painter.setOpacity(1.0 if on or self.hasFocus() else 0.55)
            painter.drawRoundedRect(box, 9, 9)
            painter.setOpacity(1.0)
        if on:
            self._paint_edge(painter, box)
        ink = t.nav_text if on else t.nav_muted
        size = scaled(20)
        left = box.left() + 12 if self._wide else box.center().x() - size / 2
        tint = t.nav_accent if on else ink
        painter.drawPixmap(QPointF(left, box.center().y() - size / 2), icons.pixmap(self.entry.icon, tint, size))
        if self._wide:
            self._paint_words(painter, box.adjusted(size + 24, 0, -8, 0), ink, on=on)
        elif self._count:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(t.nav_accent))
            painter.drawEllipse(QPointF(left + size, box.center().y() - size / 2 + 1), 4, 4)
        painter.end()

    def _paint_edge(self, painter: QPainter, box: QRectF) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(look.tokens.nav_accent))
        painter.drawRoundedRect(QRectF(0, box.top() + 8, 4, box.height() - 16), 2, 2)

    def _paint_words(self, painter: QPainter, box: QRectF, ink: str, *, on: bool) -> None:
        t = look.tokens
        left = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        painter.setFont(fonts.font("body", "semibold" if on else "regular"))
        painter.setPen(QColor(t.nav_text if on else ink))
        painter.drawText(box, left, self.entry.title())
        if not self._count:
            return
        words = f"{self._count:,}" if self._count < 1000 else "999+"
        wide = max(fonts.text_width(words, "small", "semibold") + 14, scaled(24))
        pill = QRectF(box.right() - wide, box.center().y() - scaled(11), wide, scaled(22))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(t.nav_accent))
        painter.drawRoundedRect(pill, pill.height() / 2, pill.height() / 2)
        painter.setFont(fonts.font("small", "semibold"))
        painter.setPen(QColor(t.nav))
        painter.drawText(pill, int(Qt.AlignmentFlag.AlignCenter), words)

    def _refresh(self) -> None:
        title = self.entry.title()
        self.setAccessibleName(nav.badge(title, self._count) if self._count else title)
        self.setToolTip("" if self._wide else title)
        # A full menu in large text on a small screen moves together rather than push the person off the window.
        self.setMinimumHeight(scaled(LOWEST))
        self.setMaximumHeight(scaled(44))
        self.update()


class Avatar(QWidget):
    """The person's initial in a ring."""

    def __init__(self) -> None:
        super().__init__()
        self._initial = ""
        self.setFixedSize(36, 36)

    def set_initial(self, initial: str) -> None:
        """One letter."""
        self._initial = initial
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it."""
        t = look.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(t.nav_accent), 1.4))
        painter.setBrush(QColor(t.nav_active))
        painter.drawEllipse(QRectF(self.rect()).adjusted(1, 1, -1, -1))
        painter.setPen(QColor(t.nav_text))
        painter.setFont(fonts.font("body", "semibold"))
        painter.drawText(QRectF(self.rect()), int(Qt.AlignmentFlag.AlignCenter), self._initial)
        painter.end()


def initial_of(name: str) -> str:
    """The first consonant or letter of a name: a leading Thai vowel alone can not be read."""
    return next((letter for letter in name if letter not in "เแโใไ" and letter.isalpha()), "")


class Nav(QFrame):
    """Emits `page_chosen(page id)`; the shell decides what happens."""

    page_chosen = Signal(str)

    def __init__(self, entries: Sequence[NavEntry]) -> None:
        super().__init__()
        self.setProperty("room", "nav")
        self._items: dict[str, NavItem] = {}
        self._group = QButtonGroup(self)
        self._person = Label(weight="medium")
        self._role = Label(size="small", ink="muted")
        self._branch = Label(size="small", ink="muted")
        self._avatar = Avatar()
        self._texts: list[QWidget] = []
        layout = column(spacing=0, margins=(0, 0, 0, 14))
        layout.addWidget(self._brand())
        self._add_entries(layout, entries)
        layout.addWidget(self._foot())
        self.setLayout(layout)
        self.set_wide(True)
        follow(self._refresh)

    def _brand(self) -> QWidget:
        mark = QLabel()
        mark.setPixmap(icons.art("sheaf-mark", 40))
        mark.setFixedSize(40, 40)
        name = Label(nav.PRODUCT, size="title")
        words = QWidget()
        words.setLayout(column(name, self._branch, spacing=0))
        self._texts.append(words)
        holder = QWidget()
        layout = row(mark, words, spacing=8, margins=(12, 14, 8, 14))
        layout.setStretch(1, 1)
        holder.setLayout(layout)
        return holder

    def _add_entries(self, layout: QVBoxLayout, entries: Sequence[NavEntry]) -> None:
        last = max((entry.group for entry in entries), default=0)
        group = 0
        for entry in entries:
            if entry.group != group:
                group = entry.group
                layout.addStretch(1) if group == last else layout.addSpacing(14)
            item = NavItem(entry)
            item.clicked.connect(self._clicked)
            self._items[entry.page] = item
            self._group.addButton(item)
            layout.addWidget(item)

    def _foot(self) -> QWidget:
        words = QWidget()
        words.setLayout(column(self._person, self._role, spacing=0))
        self._texts.append(words)
        person = QWidget()
        layout = row(self._avatar, words, spacing=10, margins=(14, 12, 10, 0))
        layout.setStretch(1, 1)
        person.setLayout(layout)
        holder = QWidget()
        holder.setLayout(column(line(), person, spacing=0, margins=(0, 8, 0, 0)))
        return holder

    def set_person(self, name: str, role: str, branch: str) -> None:
        """Who works here."""
        self._person.setText(name)
        self._role.setText(role)
        self._branch.setText(branch)
        self._avatar.set_initial(initial_of(name))
        self._avatar.setAccessibleName(f"{name} {role}")

    def set_current(self, page: str) -> None:
        """Highlight the open page."""
        if page in self._items:
            self._items[page].setChecked(True)

    def set_count(self, page: str, count: int) -> None:
        """The pill of an entry."""
        if page in self._items:
            self._items[page].set_count(count)

    def set_visible_pages(self, pages: frozenset[str]) -> None:
        """Hide what this person's role has no use for; the server decides, this only tidies."""
        for page, item in self._items.items():
            item.setVisible(page in pages)

    def set_wide(self, wide: bool) -> None:
        """Full column or icons only."""
        self.setFixedWidth(scaled(WIDE) if wide else NARROW)
        for widget in self._texts:
            widget.setVisible(wide)
        for item in self._items.values():
            item.set_wide(wide)

    def is_wide(self) -> bool:
        """True with titles."""
        return self.width() > NARROW

    def _clicked(self) -> None:
        item = self.sender()
        if isinstance(item, NavItem):
            self.page_chosen.emit(item.entry.page)

    def _refresh(self) -> None:
        self.setAccessibleName(nav.NAVIGATION())
        if self.is_wide():
            self.setFixedWidth(scaled(WIDE))
