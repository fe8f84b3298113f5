"""A layout that wraps, and the row of status filters with counts that lives in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QLayout, QLayoutItem, QSizePolicy, QVBoxLayout, QWidget

from desktop.i18n import common
from desktop.ui.theme import fonts, icons
from desktop.ui.theme.fonts import scaled
from desktop.ui.theme.look import follow, look
from desktop.ui.theme.tokens import Tone


class FlowLayout(QLayout):
    """Left to right, then down; so that a row of chips never forces a window wider than the screen."""

    def __init__(self, parent: QWidget | None = None, spacing: int = 8) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self.setSpacing(spacing)
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        """Take an item."""
        self._items.append(item)

    def count(self) -> int:
        """How many items."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """The item, or None past the end: Qt asks until it gets None."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Remove and return."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def hasHeightForWidth(self) -> bool:
        """The height depends on how often it wraps."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Height when `width` pixels are given."""
        return self._arrange(QRect(0, 0, width, 0), place=False)

    def setGeometry(self, rect: QRect) -> None:
        """Place the items."""
        super().setGeometry(rect)
        self._arrange(rect, place=True)

    def sizeHint(self) -> QSize:
        """As small as its widest item."""
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        """The widest and tallest item."""
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size

    def _arrange(self, rect: QRect, *, place: bool) -> int:
        x, y, height = rect.x(), rect.y(), 0
        for item in self._items:
            hint = item.sizeHint()
            if x + hint.width() > rect.right() + 1 and height > 0:
                x, y, height = rect.x(), y + height + self.spacing(), 0
            if place:
                item.setGeometry(QRect(x, y, hint.width(), hint.height()))
            x += hint.width() + self.spacing()
            height = max(height, hint.height())
        return y + height - rect.y()


def words_and_chip(words: QWidget, chip: QWidget) -> QWidget:
    """Words that don't wrap, and a chip below them, so that neither is cut on a small screen.

    A box, and no layout of our own: one that put the chip beside the words where it could crashed Qt now and then.
    """
    holder = QWidget()
    layout = QVBoxLayout(holder)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(4)
    layout.addWidget(words)
    layout.addWidget(chip, alignment=Qt.AlignmentFlag.AlignLeft)
    return holder


@dataclass(frozen=True, slots=True)
class FilterOption:
    """One filter: `key` is what the list is asked for, `count` already has its separators."""

    key: str
    text: str
    count: str
    tone: Tone = "quiet"
    icon: str | None = None


class FilterChip(QCheckBox):
    """A check box drawn as a chip, so that screen readers and keys know what it is."""

    def __init__(self, option: FilterOption) -> None:
        super().__init__()
        self.option = option
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        follow(self._refresh)

    def set_option(self, option: FilterOption) -> None:
        """New words or a new count, in place."""
        self.option = option
        self._refresh()

    def _refresh(self) -> None:
        self.setAccessibleName(f"{self.option.text} {self.option.count}")
        self.setFixedSize(self.sizeHint())
        self.update()

    def sizeHint(self) -> QSize:
        """Room for the words at their widest weight, so that checking does not move the neighbours."""
        words = fonts.text_width(self.option.text, "small", "semibold")
        count = fonts.text_width(self.option.count, "small", "semibold")
        icon = scaled(16) + 6 if self.option.icon else 0
        return QSize(round(words + count + icon) + 36, scaled(32))

    def hitButton(self, pos: object) -> bool:
        """The whole chip can be clicked."""
        return True

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the chip: soft accent when checked, a ring when focused."""
        t = look.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        on = self.isChecked()
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        edge = QPen(QColor(t.accent if on else t.focus if self.hasFocus() else t.line))
        edge.setWidthF(2.0 if self.hasFocus() else 1.2)
        painter.setPen(edge)
        painter.setBrush(QColor(t.accent_soft if on else t.hover if self.underMouse() else t.surface))
        painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
        self._paint_words(painter, box, on=on)
        painter.end()

    def _paint_words(self, painter: QPainter, box: QRectF, *, on: bool) -> None:
        t = look.tokens
        x = box.left() + 13
        if self.option.icon:
            size = scaled(16)
            ink = t.tone(self.option.tone)[0]
            painter.drawPixmap(QPointF(x, box.center().y() - size / 2), icons.pixmap(self.option.icon, ink, size))
            x += size + 6
        weight: fonts.Weight = "semibold" if on else "regular"
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.setFont(fonts.font("small", weight))
        painter.setPen(QColor(t.accent if on else t.muted))
        painter.drawText(QRectF(x, box.top(), box.width(), box.height()), flags, self.option.text)
        x += fonts.text_width(self.option.text, "small", weight) + 8
        painter.setFont(fonts.font("small", "semibold"))
        painter.setPen(QColor(t.accent if on else t.text))
        painter.drawText(QRectF(x, box.top(), box.width(), box.height()), flags, self.option.count)


class FilterRow(QWidget):
    """Chips of which a person picks one, `chosen(key)`; a page may show several as chosen."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._flow = FlowLayout(self)
        self._chips: dict[str, FilterChip] = {}
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(common.FILTERS())

    def set_options(self, options: Sequence[FilterOption], *current: str) -> None:
        """Show these filters, the `current` ones as chosen; the same keys in the same order repaint in place."""
        if list(self._chips) != [option.key for option in options]:
            self._rebuild(options)
        for option in options:
            chip = self._chips[option.key]
            chip.set_option(option)
            chip.setChecked(option.key in current)

    def _rebuild(self, options: Sequence[FilterOption]) -> None:
        for chip in self._chips.values():
            self._flow.removeWidget(chip)
            chip.deleteLater()
        self._chips = {}
        for option in options:
            chip = FilterChip(option)
            chip.clicked.connect(self._clicked)
            self._chips[option.key] = chip
            self._flow.addWidget(chip)

    def _clicked(self) -> None:
        chosen = self.sender()
        for key, chip in self._chips.items():
            chip.setChecked(chip is chosen)
            if chip is chosen:
                self.chosen.emit(key)
