"""A date as written here (Buddhist era in Thai), because Qt's own calendar knows no such era."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop.i18n import common, dates, keys
from desktop.ui.keys.actions import Action, own_key, run_key
from desktop.ui.keys.kedmanee import untyped
from desktop.ui.theme import fonts, icons
from desktop.ui.theme.fonts import scaled
from desktop.ui.theme.look import follow, look
from desktop.ui.widgets.basics import ENTERS, IconButton, Label, column, row
from desktop.ui.widgets.popup import Popup
from desktop.ui.widgets.states import mark_wrong

_CELL: Final = 38
_ROWS: Final = 7
_DAYS: Final[dict[int, int]] = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Up: -7,
    Qt.Key.Key_Down: 7,
    Qt.Key.Key_PageUp: -28,
    Qt.Key.Key_PageDown: 28,
}
"""How many days each key goes in the open month."""


class MonthGrid(QWidget):
    """Six weeks of one month, Monday first; `picked(date)`."""

    picked = Signal(object)

    def __init__(self, today: date) -> None:
        super().__init__()
        self._today, self.shown, self.chosen = today, today.replace(day=1), today
        self.setFixedSize(self.sizeHint())

    def sizeHint(self) -> QSize:
        """Seven columns, a line of weekday names and six weeks."""
        return QSize(scaled(_CELL) * 7, scaled(_CELL) * _ROWS)

    def show_month(self, first: date) -> None:
        """Show the month that starts on `first`."""
        self.shown = first
        self.update()

    def first_cell(self) -> date:
        """The Monday in the upper left corner."""
        return self.shown - timedelta(days=self.shown.weekday())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Pick the day under the pointer."""
        cell = scaled(_CELL)
        line, place = int(event.position().y()) // cell - 1, int(event.position().x()) // cell
        if line >= 0 and place < 7:
            self.picked.emit(self.first_cell() + timedelta(days=line * 7 + place))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Weekday names, then the days."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(fonts.font("small"))
        cell, centre = scaled(_CELL), int(Qt.AlignmentFlag.AlignCenter)
        painter.setPen(QColor(look.tokens.faint))
        for place, name in enumerate(dates.weekdays()):
            painter.drawText(QRectF(place * cell, 0, cell, cell), centre, name)
        first = self.first_cell()
        for index in range(42):
            box = QRectF(index % 7 * cell, (index // 7 + 1) * cell, cell, cell)
            self._paint_day(painter, box, first + timedelta(days=index))
        painter.end()

    def _paint_day(self, painter: QPainter, box: QRectF, day: date) -> None:
        t = look.tokens
        painter.setPen(QPen(QColor(t.accent), 1.4) if day == self._today else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(t.accent) if day == self.chosen else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box.adjusted(3, 3, -3, -3), 8, 8)
        ink = t.on_accent if day == self.chosen else t.text if day.month == self.shown.month else t.faint
        painter.setPen(QColor(ink))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), str(day.day))


class DateField(QLineEdit):
    """`value` is a CE date or None; type 27/10/2569, 27/10/69 or 27 ต.ค. 69, or press Down for a month."""

    changed = Signal(object)

    def __init__(self, today: date, value: date | None = None) -> None:
        super().__init__()
        self._today, self._value = today, value
        self._popup: Popup | None = None
        self._grid = MonthGrid(today)
        self._month = Label(weight="semibold")
        self._open = QAction(self)
        self._open.triggered.connect(self.open_month)
        self.addAction(self._open, QLineEdit.ActionPosition.TrailingPosition)
        self._grid.picked.connect(self._pick)
        self.editingFinished.connect(self._read)
        follow(self._refresh)

    @property
    def value(self) -> date | None:
        """The date, or None."""
        return self._value

    def set_value(self, value: date | None) -> None:
        """Show a date without saying it changed."""
        self._value = value
        self._refresh()

    def open_month(self) -> None:
        """Open the month under the field."""
        if self._popup is None:
            self._popup = Popup(self)
            back = IconButton("chevron-left", common.PREVIOUS_MONTH)
            ahead = IconButton("chevron-right", common.NEXT_MONTH)
            back.clicked.connect(lambda: self._turn(-1))
            ahead.clicked.connect(lambda: self._turn(1))
            head = row(back, self._month, ahead, spacing=4)
            head.setStretch(1, 1)
            self._month.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout = column(spacing=4, margins=(12, 10, 12, 12))
            layout.addLayout(head)
            layout.addWidget(self._grid)
            self._popup.setLayout(layout)
        start = self._value or self._today
        self._grid.chosen = start
        self._show_month(start.replace(day=1))
        size = self._popup.sizeHint()
        self._popup.open_below(size.width(), size.height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Down opens the month, in which arrows and Page Up/Down walk and Enter picks; Esc closes it."""
        if self._walk(event.key()):
            return
        if run_key(event, self.key_actions()):
            return
        if event.key() == Qt.Key.Key_Escape and self._popup is not None and self._popup.isVisible():
            self._popup.hide()
        else:
            super().keyPressEvent(event)

    def key_actions(self) -> list[Action]:
        """Its keys while it has the focus."""
        if not self.hasFocus():
            return []
        return [own_key("month", keys.OPEN_MONTH, self.open_month, self, "Down")]

    def _walk(self, key: int) -> bool:
        """In the open month: go to another day, or pick the one that is marked."""
        if self._popup is None or not self._popup.isVisible():
            return False
        if key in ENTERS:
            self._pick(self._grid.chosen)
        elif key in _DAYS:
            self._grid.chosen += timedelta(days=_DAYS[key])
            self._show_month(self._grid.chosen.replace(day=1))
        else:
            return False
        return True

    def _turn(self, months: int) -> None:
        count = self._grid.shown.year * 12 + self._grid.shown.month - 1 + months
        self._show_month(date(count // 12, count % 12 + 1, 1))

    def _show_month(self, first: date) -> None:
        self._grid.show_month(first)
        self._month.setText(dates.month_title(first.year, first.month))

    def _pick(self, day: date) -> None:
        if self._popup is not None:
            self._popup.hide()
        self._take(day)

    def commit(self) -> None:
        """Take what is typed."""
        self._read()

    def _read(self) -> None:
        text = self.text().strip()
        # Digits typed under Thai are letters; a month's name is Thai as it stands.
        day = (dates.parse_day(text) or dates.parse_day(untyped(text))) if text else None
        wrong = bool(text) and day is None
        mark_wrong(self, wrong)
        self.setToolTip(common.DATE_WRONG() if wrong else "")
        if not wrong:
            self._take(day)

    def _take(self, day: date | None) -> None:
        before = self._value
        self.set_value(day)
        mark_wrong(self, False)
        if day != before:
            self.changed.emit(day)

    def _refresh(self) -> None:
        self.setText(dates.day(self._value) if self._value else "")
        self._open.setIcon(icons.icon("calendar", look.tokens.muted, None, scaled(18)))
        self._open.setText(common.CHOOSE_DATE())
        self._open.setToolTip(common.CHOOSE_DATE())
        self.setMinimumWidth(scaled(160))
        for child in self.findChildren(QWidget):
            child.setAccessibleName(common.CHOOSE_DATE())
