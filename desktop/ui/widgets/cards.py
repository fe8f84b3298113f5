"""Cards: the plain surface, the figure with its icon, and a list of facts."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QVBoxLayout, QWidget

from desktop.ui.widgets.basics import IconLabel, Label, Words, row, set_property


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


class StatCard(Card):
    """One number that opens its list: `clicked` by mouse, Space or Enter."""

    clicked = Signal()

    def __init__(self, title: Words, icon: str, token: str = "muted") -> None:
        super().__init__(padding=18)
        self._title = title
        self.setProperty("clickable", True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.figure = Label(size="figure")
        self.note = Label(size="small", ink="muted")
        head = row(Label(title, size="small", ink="muted", weight="medium"))
        head.addStretch()
        head.addWidget(IconLabel(icon, token, 20))
        self.body.setSpacing(2)
        self.body.addLayout(head)
        self.body.addWidget(self.figure)
        self.body.addWidget(self.note)

    def set_value(self, figure: str, note: str, *, stale: bool = False) -> None:
        """Show a figure; `stale` greys it (the last cached value while loading)."""
        self.figure.setText(figure)
        self.figure.set_ink("faint" if stale else "")
        self.note.setText(note)
        self.setAccessibleName(f"{self._title()} {figure} {note}")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click anywhere opens the list."""
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.clicked.emit()
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space or Enter opens the list."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.clicked.emit()
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
