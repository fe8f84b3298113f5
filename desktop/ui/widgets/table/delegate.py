"""Paints cells straight from tokens: `style.drawControl` under a style sheet costs four times as much."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from desktop.ui.theme import fonts, icons
from desktop.ui.theme.fonts import scaled
from desktop.ui.theme.look import look
from desktop.ui.widgets.status import Mark, paint_chip
from desktop.ui.widgets.table.columns import CELL_PADDING, Kind
from desktop.ui.widgets.table.model import CELL_ROLE, Index, RowsModel

ROW_HEIGHT: Final = 40
_LEFT: Final = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
_RIGHT: Final = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
_STYLES: Final[dict[Kind, tuple[str, fonts.Weight]]] = {
    Kind.TEXT: ("text", "regular"),
    Kind.MUTED: ("muted", "regular"),
    Kind.STRONG: ("text", "medium"),
    Kind.MONEY: ("text", "semibold"),
}


@lru_cache(maxsize=64)
def _colour(name: str) -> QColor:
    return QColor(name)


@lru_cache(maxsize=4096)
def _elided(text: str, weight: fonts.Weight, width: int, _pixels: int) -> str:
    return fonts.metrics("body", weight).elidedText(text, Qt.TextElideMode.ElideRight, width)


class RowDelegate(QStyledItemDelegate):
    """One delegate for every column; the model says how each is drawn."""

    def __init__(self, view: QTableView, model: RowsModel[Any]) -> None:
        super().__init__(view)
        self._view, self._model = view, model

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        """Only the height matters; widths come from the columns."""
        return QSize(10, scaled(ROW_HEIGHT))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Background, hairline, then the cell."""
        box = QRectF(option.rect)
        painter.save()
        self._paint_ground(painter, box, option, index)
        column = self._model.column(index.column())
        if column is None:
            self._paint_mark(painter, box, index)
        else:
            inner = box.adjusted(CELL_PADDING, 0, -CELL_PADDING, -1)
            self._paint_cell(painter, inner, column.kind, index.data(CELL_ROLE))
        painter.restore()

    def _paint_ground(self, painter: QPainter, box: QRectF, option: QStyleOptionViewItem, index: Index) -> None:
        t = look.tokens
        state: Any = option.state
        current = index.row() == self._view.currentIndex().row()
        if current:
            painter.fillRect(box, _colour(t.accent_soft))
            if self._view.visualRect(self._view.model().index(index.row(), index.column())).left() <= 0:
                painter.fillRect(QRectF(box.left(), box.top(), 3, box.height()), _colour(t.accent))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(box, _colour(t.hover))
        painter.fillRect(QRectF(box.left(), box.bottom() - 1, box.width(), 1), _colour(t.line))

    def _paint_cell(self, painter: QPainter, box: QRectF, kind: Kind, cell: str | Mark) -> None:
        if isinstance(cell, Mark):
            if kind is Kind.CHIP:
                paint_chip(painter, box, cell)
            else:
                self._paint_note(painter, box, cell)
            return
        ink, weight = _STYLES.get(kind, _STYLES[Kind.TEXT])
        painter.setFont(fonts.font("body", weight))
        painter.setPen(_colour(getattr(look.tokens, ink)))
        words = _elided(cell, weight, int(box.width()) + 1, scaled(15))
        painter.drawText(box, _RIGHT if kind is Kind.MONEY else _LEFT, words)

    def _paint_note(self, painter: QPainter, box: QRectF, mark: Mark) -> None:
        ink = look.tokens.tone(mark.tone)[0]
        size = scaled(18)
        painter.drawPixmap(QPointF(box.left(), box.center().y() - size / 2), icons.pixmap(mark.icon, ink, size))
        painter.setFont(fonts.font("body"))
        painter.setPen(_colour(ink))
        words = box.adjusted(size + 8, 0, 0, 0)
        painter.drawText(words, _LEFT, _elided(mark.text, "regular", int(words.width()), scaled(15)))

    def _paint_mark(self, painter: QPainter, box: QRectF, index: Index) -> None:
        t = look.tokens
        on = self._model.source.id_at(index.row()) in self._model.marked
        side = scaled(18)
        square = QRectF(0, 0, side, side)
        square.moveCenter(box.center())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(_colour(t.accent if on else t.border), 1.2))
        painter.setBrush(_colour(t.accent if on else t.surface))
        painter.drawRoundedRect(square, 5, 5)
        if on:
            tick = scaled(14)
            spot = QPointF(square.center().x() - tick / 2, square.center().y() - tick / 2)
            painter.drawPixmap(spot, icons.pixmap("check", t.on_accent, tick))
