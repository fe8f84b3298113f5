"""Cards: the plain surface, the figure with its icon, and a list of facts."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QGridLayout,
    QSizePolicy,
    QStyle,
    QStyleOption,
    QVBoxLayout,
    QWidget,
)

from desktop.ui.widgets.basics import IconLabel, Label, Words, column, row, set_property


class Card(QFrame):
    """A surface with a hairline and 20 px of air; put content into `body`."""

    def __init__(self, title: Words | None = None, *, padding: int = 20) -> None:
        super().__init__()
        self.setProperty("room", "card")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(padding, padding - 4, padding, padding - 2)
        self.body.setSpacing(10)
        if title is not None:
            self.body.addWidget(Label(title, size="title"))

    def set_tone(self, tone: str) -> None:
        """accent, bad, wait, info, ok, or empty for plain."""
        set_property(self, "tone", tone)


class StatCard(QAbstractButton):
    """One number that opens its list: `clicked` by mouse, Space or Enter; for a screen reader a button."""

    def __init__(self, title: Words, icon: str, token: str = "muted") -> None:
        super().__init__()
        self._title = title
        self.setProperty("room", "stat")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.setAccessibleName(title())
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.figure = Label(size="figure")
        self.note = Label(size="small", ink="muted")
        body = self._body = column(spacing=2, margins=(18, 14, 18, 16))
        self.setLayout(body)
        head = row(Label(title, size="small", ink="muted", weight="medium"))
        head.addStretch()
        head.addWidget(IconLabel(icon, token, 20))
        body.addLayout(head)
        body.addWidget(self.figure)
        body.addWidget(self.note)
        body.addStretch()

    def set_value(self, figure: str, note: str, *, stale: bool = False) -> None:
        """Show a figure; `stale` greys it (the last cached value while loading)."""
        self.figure.setText(figure)
        self.figure.set_ink("faint" if stale else "")
        self.note.setText(note)
        self.setAccessibleName(f"{self._title()} {figure} {note}")

    def sizeHint(self) -> QSize:
        """What its words need; a button without a text of its own would be as small as it can."""
        return self._body.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The surface comes from the style sheet, the words are labels."""
        option = QStyleOption()
        option.initFrom(self)
        painter = QPainter(self)
        self.style().drawPrimitive(QStyle.PrimitiveElement.PE_Widget, option, painter, self)
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens the list, as Space does."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)


class Facts(QWidget):
    """Label and value pairs in two columns; values wrap and can be selected for copying."""

    def __init__(self, facts: Sequence[tuple[Words | str, str]] = ()) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(7)
        self._grid.setColumnStretch(1, 1)
        self.set_facts(facts)

    def set_facts(self, facts: Sequence[tuple[Words | str, str]], *, strong: frozenset[int] = frozenset()) -> None:
        """Replace the pairs; rows in `strong` are semi-bold. A name given as words follows the language."""
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for index, (name, value) in enumerate(facts):
            shown = Label(value, wrap=True, weight="semibold" if index in strong else "")
            shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            shown.setAccessibleName(f"{name if isinstance(name, str) else name()} {value}")
            top = Qt.AlignmentFlag.AlignTop
            self._grid.addWidget(Label(name, size="small", ink="muted"), index, 0, top)
            self._grid.addWidget(shown, index, 1, top)
