"""Status as icon shape + word + colour, painted once for both the chip widget and the table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.i18n.status import STATUS
from desktop.ui.theme import fonts, icons
from desktop.ui.theme.fonts import scaled
from desktop.ui.theme.look import follow, look
from desktop.ui.theme.tokens import Tone

_LEAST: Final = 56


@dataclass(frozen=True, slots=True)
class Mark:
    """A short judged text: tone, icon and words; used for states, verdicts and findings."""

    tone: Tone
    icon: str
    text: str


FACES: Final[dict[str, tuple[Tone, str]]] = {
    "draft": ("quiet", "pencil"),
    "waiting_to_send": ("queue", "inbox"),
    "created": ("quiet", "file-plus"),
    "validated": ("wait", "clock"),
    "authorized": ("info", "check"),
    "sent": ("info", "send"),
    "in_doubt": ("doubt", "circle-help"),
    "settled": ("ok", "circle-check"),
    "reconciled": ("ok", "check-check"),
    "rejected": ("bad", "ban"),
    "cancelled": ("quiet", "x"),
    "expired": ("quiet", "timer-off"),
    "failed": ("bad", "circle-x"),
    "returned": ("bad", "undo-2"),
}


def status_mark(state: str) -> Mark:
    """The face of a state of docs/states.md, in the language in force."""
    tone, icon = FACES[state]
    return Mark(tone, icon, STATUS[state]())


def widest_status() -> Mark:
    """The status whose chip is widest in the language in force: the sample of a status column."""
    return max((status_mark(state) for state in FACES), key=chip_width)


def chip_width(mark: Mark) -> float:
    """Width of a chip in pixels."""
    return fonts.text_width(mark.text, "small", "medium") + scaled(15) + 26


def paint_chip(painter: QPainter, box: QRectF, mark: Mark) -> None:
    """Draw a chip at the left of `box`, centred vertically; words that have no room end in an ellipsis."""
    ink, fill = look.tokens.tone(mark.tone)
    height = scaled(26)
    chip = QRectF(box.left(), box.center().y() - height / 2 + 0.5, min(chip_width(mark), box.width()), height)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(fill))
    painter.drawRoundedRect(chip, height / 2, height / 2)
    size = scaled(15)
    painter.drawPixmap(QPointF(chip.left() + 9, chip.center().y() - size / 2), icons.pixmap(mark.icon, ink, size))
    painter.setPen(QColor(ink))
    painter.setFont(fonts.font("small", "medium"))
    words = chip.adjusted(size + 14, 0, -6, 0)
    said = mark.text
    if chip.width() < chip_width(mark):
        room = int(words.width())
        said = fonts.metrics("small", "medium").elidedText(said, Qt.TextElideMode.ElideRight, room)
    painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, said)


class StatusChip(QWidget):
    """A chip that follows language and colours; `set_state` for a payment's state, `set_mark` for anything else."""

    def __init__(self, state: str | None = None) -> None:
        super().__init__()
        self._state = state
        self._mark: Mark | None = None
        # A fixed height: stretched to its bar, a pill looks broken. Where there is no room its words are shortened,
        # and the tool tip has them: a chip that keeps its width is cut by whatever scrolls it.
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        follow(self._refresh)

    def set_state(self, state: str) -> None:
        """Show the word of this state."""
        self._state = state
        self._refresh()

    def set_mark(self, mark: Mark) -> None:
        """Show a mark that is not a state."""
        self._state, self._mark = None, mark
        self._refresh()

    def sizeHint(self) -> QSize:
        """Exactly the chip."""
        width = round(chip_width(self._mark)) + 1 if self._mark else 0
        return QSize(width, scaled(28))

    def minimumSizeHint(self) -> QSize:
        """Its icon and a few letters."""
        return QSize(min(scaled(_LEAST), self.sizeHint().width()), scaled(28))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What has no room is said by the tool tip."""
        super().resizeEvent(event)
        self._say_the_rest()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the chip."""
        if self._mark is not None:
            painter = QPainter(self)
            paint_chip(painter, QRectF(self.rect()), self._mark)
            painter.end()

    def _refresh(self) -> None:
        if self._state is not None:
            self._mark = status_mark(self._state)
        if self._mark is not None:
            self.setAccessibleName(self._mark.text)
        self._say_the_rest()
        self.updateGeometry()
        self.update()

    def _say_the_rest(self) -> None:
        short = self._mark is not None and self.width() < self.sizeHint().width()
        self.setToolTip(self._mark.text if short and self._mark is not None else "")
