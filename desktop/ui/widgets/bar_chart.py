"""Stacked bars by day: colour and hatch together, because colour alone is not for everyone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.ui.theme import fonts
from desktop.ui.theme.fonts import scaled
from desktop.ui.theme.look import follow, look
from desktop.ui.widgets.basics import Words

_TOKENS: Final = ("series_1", "series_2", "series_3")
# Lines in the paper's colour over the solid fill: (pattern, strength).
_HATCHES: Final = ((Qt.BrushStyle.NoBrush, 0), (Qt.BrushStyle.HorPattern, 130), (Qt.BrushStyle.BDiagPattern, 255))
_STEPS: Final = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Bar:
    """One column of the chart: its label and one whole value for each series, bottom first."""

    label: str
    values: tuple[int, ...]


def nice_step(highest: int, lines: int = 4) -> int:
    """A round distance (1, 2 or 5 times a power of ten) that needs at most about `lines` grid lines."""
    power = 1
    while True:
        for step in _STEPS:
            if step * power * lines >= highest:
                return step * power
        power *= 10


class BarChart(QWidget):
    """Up to three series. `unit` divides the values on the axis only (for example satang in a million baht)."""

    def __init__(self, series: Sequence[Words], *, unit: int = 1) -> None:
        super().__init__()
        self._series, self.unit = tuple(series), unit
        self._bars: tuple[Bar, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        follow(self._refresh)

    def set_unit(self, unit: int) -> None:
        """What one on the axis stands for."""
        self.unit = unit
        self.update()

    def set_bars(self, bars: Sequence[Bar], *, spoken: str) -> None:
        """Show these bars; `spoken` says the same in a sentence for screen readers."""
        self._bars = tuple(bars)
        self.setAccessibleDescription(spoken)
        self.update()

    def sizeHint(self) -> QSize:
        """A comfortable start."""
        return QSize(480, 260)

    def minimumSizeHint(self) -> QSize:
        """Smaller is not readable."""
        return QSize(260, 170)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Legend, grid, bars."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(fonts.font("small"))
        self._paint_legend(painter)
        highest = max((sum(bar.values) for bar in self._bars), default=0)
        plot = QRectF(self.rect()).adjusted(scaled(40), scaled(36), -4, -scaled(26))
        step = nice_step(max(highest, self.unit, 1))
        top = max(step, -(-highest // step) * step)
        self._paint_grid(painter, plot, step, top)
        slot = plot.width() / max(1, len(self._bars))
        for index, bar in enumerate(self._bars):
            self._paint_bar(painter, QRectF(plot.left() + index * slot, plot.top(), slot, plot.height()), bar, top)
        painter.end()

    def _fill(self, painter: QPainter, box: QRectF, place: int, radius: float) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(getattr(look.tokens, _TOKENS[place])))
        painter.drawRoundedRect(box, radius, radius)
        pattern, strength = _HATCHES[place]
        lines = QColor(look.tokens.surface)
        lines.setAlpha(strength)
        painter.setBrush(QBrush(lines, pattern))
        painter.drawRoundedRect(box, radius, radius)

    def _paint_legend(self, painter: QPainter) -> None:
        x, side = 0.0, scaled(12)
        for place, words in enumerate(self._series):
            self._fill(painter, QRectF(x + 1, 5, side, side), place, 3)
            painter.setPen(QColor(look.tokens.muted))
            painter.drawText(QPointF(x + side + 8, side + 4), words())
            x += side + 28 + fonts.text_width(words(), "small")

    def _paint_grid(self, painter: QPainter, plot: QRectF, step: int, top: int) -> None:
        right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for value in range(0, top + 1, step):
            y = plot.bottom() - plot.height() * value / top
            painter.setPen(QColor(look.tokens.border if value == 0 else look.tokens.line))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(QColor(look.tokens.faint))
            shown = f"{value / self.unit:g}"
            painter.drawText(QRectF(0, y - 10, plot.left() - 8, 20), right, shown)

    def _paint_bar(self, painter: QPainter, slot: QRectF, bar: Bar, top: int) -> None:
        width = min(slot.width() * 0.56, 34)
        left = slot.center().x() - width / 2
        bottom = slot.bottom()
        for place, value in enumerate(bar.values):
            height = slot.height() * value / top
            if height >= 1:
                box = QRectF(left, bottom - height, width, height).adjusted(0, 1 if height > 3 else 0, 0, -0.5)
                self._fill(painter, box, place, 2.5)
            bottom -= height
        painter.setPen(QColor(look.tokens.muted))
        below = QRectF(slot.left(), slot.bottom() + 4, slot.width(), scaled(20))
        painter.drawText(below, int(Qt.AlignmentFlag.AlignCenter), bar.label)

    def _refresh(self) -> None:
        self.setAccessibleName(", ".join(words() for words in self._series))
        self.update()
