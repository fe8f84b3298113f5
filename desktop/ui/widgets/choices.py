"""A painted list of two-line choices with a tag on the right, shared by member search and command palette."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStyledItemDelegate, QStyleOptionViewItem

from desktop.ui.theme import fonts, icons
from desktop.ui.theme.fonts import scaled
from desktop.ui.theme.look import look
from desktop.ui.widgets.table.model import Index

_CHOICE_ROLE: Final = int(Qt.ItemDataRole.UserRole) + 7


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """One line of the list. `detail` may be empty, `tag` stands right (a code, a key)."""

    key: str
    title: str
    detail: str = ""
    tag: str = ""
    icon: str = ""

    @property
    def height(self) -> int:
        """40 or 56 px."""
        return scaled(56 if self.detail else 40)


class _ChoiceDelegate(QStyledItemDelegate):
    def sizeHint(self, _option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(100, index.data(_CHOICE_ROLE).height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        choice: ChoiceRow = index.data(_CHOICE_ROLE)
        box = QRectF(option.rect).adjusted(4, 1, -4, -1)
        t = look.tokens
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        view = self.parent()
        if isinstance(view, QListWidget) and view.currentRow() == index.row():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(t.accent_soft))
            painter.drawRoundedRect(box, 8, 8)
        inner = box.adjusted(12, 0, -12, 0)
        if choice.icon:
            size = scaled(20)
            spot = QPointF(inner.left(), inner.center().y() - size / 2)
            painter.drawPixmap(spot, icons.pixmap(choice.icon, t.muted, size))
            inner.adjust(size + 12, 0, 0, 0)
        self._paint_words(painter, inner, choice)
        painter.restore()

    def _paint_words(self, painter: QPainter, box: QRectF, choice: ChoiceRow) -> None:
        t = look.tokens
        left = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        right = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
        painter.setPen(QColor(t.muted))
        painter.setFont(fonts.font("small", "medium"))
        painter.drawText(box, right, choice.tag)
        room = int(box.width() - fonts.text_width(choice.tag, "small", "medium") - 12)
        first = QRectF(box.left(), box.top() + (6 if choice.detail else 0), room, box.height())
        if choice.detail:
            first.setHeight(scaled(24))
            painter.setFont(fonts.font("small"))
            detail = fonts.metrics("small").elidedText(choice.detail, Qt.TextElideMode.ElideRight, room)
            painter.drawText(first.translated(0, scaled(21)), left, detail)
        painter.setFont(fonts.font("body", "medium"))
        painter.setPen(QColor(t.text))
        title = fonts.metrics("body", "medium").elidedText(choice.title, Qt.TextElideMode.ElideRight, room)
        painter.drawText(first, left, title)


class ChoiceList(QListWidget):
    """`picked(key)`; the owner forwards arrow keys, so the focus stays in its text field."""

    picked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("room", "choices")
        self.setItemDelegate(_ChoiceDelegate(self))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.itemEntered.connect(self.setCurrentItem)
        self.itemClicked.connect(lambda item: self.picked.emit(item.data(_CHOICE_ROLE).key))

    def set_rows(self, rows: Sequence[ChoiceRow]) -> None:
        """Replace the choices; the first is current."""
        self.clear()
        for choice in rows:
            item = QListWidgetItem(f"{choice.title} {choice.detail} {choice.tag}".strip())
            item.setData(_CHOICE_ROLE, choice)
            self.addItem(item)
        self.setCurrentRow(0)

    def content_height(self, limit: int) -> int:
        """Pixels the rows need, at most `limit`."""
        heights: list[int] = [self.item(i).data(_CHOICE_ROLE).height for i in range(self.count())]
        return min(limit, sum(heights))

    def take_key(self, event: QKeyEvent) -> bool:
        """Arrows move, Enter picks; True when the key was ours."""
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up) and self.count():
            step = 1 if event.key() == Qt.Key.Key_Down else -1
            self.setCurrentRow((self.currentRow() + step) % self.count())
            return True
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentItem() is not None:
            self.picked.emit(self.currentItem().data(_CHOICE_ROLE).key)
            return True
        return False
