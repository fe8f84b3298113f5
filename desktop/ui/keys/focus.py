"""Where the focus goes: in reading order, to the next field on Enter, and never nowhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QApplication,
    QCheckBox,
    QComboBox,
    QLayout,
    QLineEdit,
    QScrollArea,
    QWidget,
)

ENTERS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_STEPPED = (QLineEdit, QComboBox, QCheckBox)


def reading_order(root: QWidget) -> list[QWidget]:
    """What can take the focus by Tab under `root`, in the order of its layouts, which is the order of reading."""
    return [stop for stop in _stops(root) if can_focus(stop)]


def can_focus(widget: QWidget | None) -> bool:
    """Visible, enabled, and made to take keys."""
    if widget is None or not widget.isVisible() or not widget.isEnabled():
        return False
    return bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus) and widget.focusProxy() is None


def first_stop(root: QWidget | None) -> QWidget | None:
    """`root` itself or the first that can take the focus in it."""
    if root is None or not root.isVisible():
        return None
    return root if can_focus(root) else next(iter(reading_order(root)), None)


def step(stops: Sequence[QWidget], *, ahead: bool) -> bool:
    """Move the focus to the next of `stops`, around the end; False when the focus could not move."""
    focused = QApplication.focusWidget()
    here = next((place for place, stop in enumerate(stops) if focused is not None and stop is focused), None)
    if here is None:
        here = -1 if ahead else 0
    if not stops or stops[(here + (1 if ahead else -1)) % len(stops)] is focused:
        return False
    reason = Qt.FocusReason.TabFocusReason if ahead else Qt.FocusReason.BacktabFocusReason
    stops[(here + (1 if ahead else -1)) % len(stops)].setFocus(reason)
    return True


def step_on(owner: QWidget) -> None:
    """On to the next control of a page or dialog."""
    owner.focusNextPrevChild(True)


def enter_steps(event: QKeyEvent, stops: Sequence[QWidget]) -> bool:
    """Enter in a field goes on to the next one, as Tab does; True when this key was that."""
    if event.key() not in ENTERS or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
        return False
    focused = QApplication.focusWidget()
    return isinstance(focused, _STEPPED) and step(stops, ahead=True)


def _stops(root: QWidget) -> Iterator[QWidget]:
    if root.focusPolicy() & Qt.FocusPolicy.TabFocus:
        yield root
    if isinstance(root, QScrollArea):
        if (inside := root.widget()) is not None:
            yield from _stops(inside)
    elif not isinstance(root, QAbstractScrollArea | QLineEdit | QComboBox | QAbstractButton):
        yield from _in_layout(root.layout())


def _in_layout(layout: QLayout | None) -> Iterator[QWidget]:
    for place in range(layout.count() if layout is not None else 0):
        item = layout.itemAt(place) if layout is not None else None
        if item is None:
            continue
        if (widget := item.widget()) is not None:
            yield from _stops(widget)
        else:
            yield from _in_layout(item.layout())


class FocusKeeper(QObject):
    """Gives the focus to `home` when it got lost: a key must always have a place to go."""

    def __init__(self, window: QWidget, home: Callable[[], QWidget | None]) -> None:
        super().__init__(window)
        self._window, self._home = window, home
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self.mend)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._changed)

    def _changed(self, _old: QWidget | None, new: QWidget | None) -> None:
        if new is None:
            self._soon.start()

    def mend(self) -> None:
        """Look whether the window is active without a focus."""
        focused = QApplication.focusWidget()
        if QApplication.activeWindow() is not self._window or (focused is not None and focused.isVisible()):
            return
        target = self._home()
        if target is not None:
            target.setFocus(Qt.FocusReason.OtherFocusReason)
