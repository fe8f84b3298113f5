"""Money is typed here: whole satang through shared.money, never a float, and twice where it matters."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.i18n import money
from desktop.ui.keys.latin import LatinEdit
from desktop.ui.widgets.basics import Words
from desktop.ui.widgets.fields import Field
from shared.money import AmountProblem, Satang, display_amount, parse_amount


class AmountEdit(LatinEdit):
    """The bare field. `value` is what its text means now; leaving it writes the amount out in full."""

    value_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.pasting = True
        self.setProperty("amount", True)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setPlaceholderText("0.00")
        self.setMaxLength(24)
        self.textChanged.connect(lambda _text: self.value_changed.emit())

    @property
    def value(self) -> Satang | AmountProblem:
        """The amount, or why there is none."""
        return parse_amount(self.text())

    def set_value(self, amount: Satang | None) -> None:
        """Fill in an amount, or clear."""
        self.setText("" if amount is None else display_amount(amount))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Pasting is refused where `pasting` is off."""
        if not self.pasting and event.matches(QKeySequence.StandardKey.Paste):
            return
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """48250 becomes 48,250.00."""
        self.commit()
        super().focusOutEvent(event)

    def commit(self) -> None:
        """Write the amount out in full, which is the same amount and no edit; an emptied field stays empty."""
        value = self.value
        if not isinstance(value, AmountProblem):
            blocker = QSignalBlocker(self)
            self.setText(display_amount(value))
            blocker.unblock()


class AmountField(Field):
    """An amount with its label; says what is wrong once something was typed."""

    changed = Signal()

    def __init__(self, title: Words = money.AMOUNT, *, hint: Words | None = None) -> None:
        self.edit = AmountEdit()
        super().__init__(title, self.edit, hint=hint)
        self.edit.value_changed.connect(self._judge)

    @property
    def value(self) -> Satang | AmountProblem:
        """The amount, or why there is none."""
        return self.edit.value

    def _judge(self) -> None:
        value = self.value
        wrong = isinstance(value, AmountProblem) and value is not AmountProblem.EMPTY
        self.set_error(money.PROBLEM[value] if wrong and isinstance(value, AmountProblem) else None)
        self.changed.emit()


class AmountTwice(QWidget):
    """Two fields that must agree to the satang; the difference is stated. `agreed` is the amount or None."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._twice = True
        self.first = AmountField(money.AMOUNT)
        self.second = AmountField(money.AMOUNT_AGAIN)
        # Pasting the first into the second would defeat typing it twice.
        self.second.edit.pasting = False
        self.second.edit.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(16)
        layout.addWidget(self.first, 1)
        layout.addWidget(self.second, 1)
        self.first.changed.connect(self._compare)
        self.second.changed.connect(self._compare)

    @property
    def agreed(self) -> Satang | None:
        """The amount when both fields mean the same one."""
        one = self.first.value
        if isinstance(one, AmountProblem) or (self._twice and one != self.second.value):
            return None
        return one

    def _compare(self) -> None:
        """Two amounts are compared; while one of them is none, nothing is said of both."""
        one, two = self.first.value, self.second.value
        if isinstance(one, AmountProblem) or isinstance(two, AmountProblem):
            self.second.set_hint(None)
            if not isinstance(two, AmountProblem):
                self.second.set_error(None)
        else:
            apart = Satang(abs(one - two))
            self.second.set_error((lambda: money.difference(display_amount(apart))) if apart else None)
            self.second.set_hint(None if apart else money.AMOUNTS_EQUAL)
        self.changed.emit()
