"""What happened to a payment, step by step: shape, colour and word for done, seen, waiting, to come, failed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.i18n import Text, common
from desktop.ui.theme import fonts, icons
from desktop.ui.theme.fonts import scaled
from desktop.ui.theme.look import follow, look

Step = Literal["done", "seen", "current", "todo", "failed"]
_FACES: Final[dict[Step, tuple[str, str, Text]]] = {
    "done": ("circle-check", "ok", common.DONE_STEP),
    "seen": ("check", "muted", common.SEEN_STEP),
    "current": ("clock", "wait", common.CURRENT_STEP),
    "todo": ("circle-dashed", "faint", common.TODO_STEP),
    "failed": ("circle-x", "bad", common.FAILED_STEP),
}
_WIDTH: Final = 220
_WRAPPED: Final = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap
_UNBROKEN: Final = re.compile(r"[!-~]{16}(?=[!-~]{4})")


def _beside() -> int:
    """Where the words begin, right of the mark."""
    return scaled(18) + 12


def _breakable(detail: str) -> str:
    """The same with places to break in what would not fit a line: the bank's references.

    Qt's own breaking of long words would also break Thai within a syllable.
    """
    return _UNBROKEN.sub("\\g<0>\u200b", detail)


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One step: `title` what, `detail` who, when and the server's receipt number (may be empty)."""

    title: str
    detail: str
    step: Step


class Timeline(QWidget):
    """Paints its entries; `set_entries` replaces them."""

    def __init__(self, entries: Sequence[TimelineEntry] = ()) -> None:
        super().__init__()
        self._entries: tuple[TimelineEntry, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.set_entries(entries)
        follow(self._refresh)

    def set_entries(self, entries: Sequence[TimelineEntry]) -> None:
        """Show these steps, oldest first."""
        self._entries = tuple(entries)
        self._refresh()

    def sizeHint(self) -> QSize:
        """A line for each step, and as many below it as its detail needs at this width."""
        return QSize(_WIDTH, sum(self._height(entry) for entry in self._entries))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A narrower detail needs more lines."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.setFixedHeight(self.sizeHint().height())

    def _height(self, entry: TimelineEntry) -> int:
        if not entry.detail:
            return scaled(32)
        metrics = QFontMetrics(fonts.font("small"))
        room = QRect(0, 0, self.width() - _beside(), scaled(1000))
        wrapped = metrics.boundingRect(room, int(_WRAPPED), _breakable(entry.detail)).height()
        return scaled(47) + max(0, wrapped - metrics.height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the steps from the top, joined by a thread."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top = 0.0
        for index, entry in enumerate(self._entries):
            height = self._height(entry)
            self._paint_entry(painter, QRectF(0, top, self.width(), height), entry)
            if index + 1 < len(self._entries):
                reached = entry.step == "done" and self._entries[index + 1].step != "todo"
                self._paint_thread(painter, top, height, reached=reached)
            top += height
        painter.end()

    def _paint_thread(self, painter: QPainter, top: float, height: int, *, reached: bool) -> None:
        t = look.tokens
        x, size = scaled(18) / 2 + 0.5, scaled(18)
        pen = QPen(QColor(t.ok if reached else t.border), 1.6)
        pen.setStyle(Qt.PenStyle.SolidLine if reached else Qt.PenStyle.DotLine)
        painter.setPen(pen)
        painter.drawLine(QPointF(x, top + size + 7), QPointF(x, top + height + 1))

    def _paint_entry(self, painter: QPainter, box: QRectF, entry: TimelineEntry) -> None:
        t = look.tokens
        icon, token, _ = _FACES[entry.step]
        size = scaled(18)
        painter.drawPixmap(QPointF(0, box.top() + 4), icons.pixmap(icon, getattr(t, token), size))
        first = QRectF(_beside(), box.top(), box.width() - _beside(), scaled(26))
        left = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        painter.setFont(fonts.font("body", "medium" if entry.step in ("current", "failed") else "regular"))
        painter.setPen(QColor(t.faint if entry.step == "todo" else t.text))
        painter.drawText(first, left, entry.title)
        if entry.detail:
            painter.setFont(fonts.font("small"))
            painter.setPen(QColor(t.muted))
            line = QFontMetrics(fonts.font("small")).height()
            top = first.top() + scaled(21) + (first.height() - line) / 2
            painter.drawText(
                QRectF(first.left(), top, first.width(), box.bottom() - top), int(_WRAPPED), _breakable(entry.detail)
            )

    def _refresh(self) -> None:
        spoken = "; ".join(f"{e.title} {_FACES[e.step][2]()} {e.detail}".strip() for e in self._entries)
        self.setAccessibleName(common.TIMELINE())
        self.setAccessibleDescription(spoken)
        self.setFixedHeight(self.sizeHint().height())
        self.update()
