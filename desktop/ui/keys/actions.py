"""The one registry of keys: no QShortcut anywhere, so nothing is ever ambiguous and Thai layouts work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QEvent, QKeyCombination, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QWidget

from desktop.i18n import Text
from desktop.ui.keys.kedmanee import us_key

_HELD = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
_TEXT_KEYS = frozenset({"Ctrl+Z"})


@dataclass(frozen=True, slots=True)
class Action:
    """Something a key or the palette can do. `owner` says where: only while it is visible in the active window."""

    name: str
    title: Text
    run: Callable[[], None]
    owner: QWidget
    keys: tuple[str, ...] = ()
    icon: str = "arrow-right"
    in_palette: bool = True
    enabled: Callable[[], bool] = field(default=lambda: True)


class ActionRegistry(QObject):
    """Looks keys up for the whole application; install it as the application's event filter once."""

    def __init__(self) -> None:
        super().__init__()
        self._actions: list[Action] = []

    def add(self, action: Action) -> None:
        """Register; the action goes when its owner does."""
        self._actions.append(action)
        action.owner.destroyed.connect(lambda: self._forget(action))

    def available(self, window: QWidget | None = None) -> list[Action]:
        """What can be done now in a window, for the palette and the key list; one per name, the innermost."""
        here = {a.name: a for a in self._actions if self._reaches(a, window or QApplication.activeWindow())}
        return list(here.values())

    def trigger(self, key: str, window: QWidget | None) -> bool:
        """Run the innermost enabled action of this key in this window; True when there was one."""
        fitting = [a for a in self._actions if key in a.keys and self._reaches(a, window) and a.enabled()]
        if not fitting:
            return False
        max(fitting, key=lambda a: _depth(a.owner)).run()
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """See every key first: ours run, Thai letters with Ctrl or Alt go on as the US key."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent) or not isinstance(watched, QWidget):
            return False
        key, letter = _key_name(event)
        own_text = key in _TEXT_KEYS and isinstance(watched, QLineEdit | QPlainTextEdit) and _has_undo(watched)
        if not own_text and _is_chord(event) and self.trigger(key, watched.window()):
            return True
        if letter is None:
            return False
        QApplication.sendEvent(watched, QKeyEvent(QEvent.Type.KeyPress, _qt_key(letter), event.modifiers(), letter))
        return True

    def _forget(self, action: Action) -> None:
        self._actions = [kept for kept in self._actions if kept is not action]

    @staticmethod
    def _reaches(action: Action, window: QWidget | None) -> bool:
        return window is not None and action.owner.isVisible() and action.owner.window() is window


def _depth(widget: QWidget) -> int:
    depth, parent = 0, widget.parentWidget()
    while parent is not None:
        depth, parent = depth + 1, parent.parentWidget()
    return depth


def _is_chord(event: QKeyEvent) -> bool:
    """Single letters never act on their own, only F-keys and chords with Ctrl or Alt."""
    return bool(event.modifiers() & _HELD) or Qt.Key.Key_F1 <= event.key() <= Qt.Key.Key_F35


def _qt_key(letter: str) -> int:
    return ord(letter.upper())


def _key_name(event: QKeyEvent) -> tuple[str, str | None]:
    """("Ctrl+F", "f") for Ctrl+ด; the second is None unless a Thai letter was translated."""
    letter = None
    code = event.key()
    if event.modifiers() & _HELD and code > 0:
        # With Ctrl held some platforms leave text() empty and give the Thai letter as the key itself.
        pressed = event.text() or (chr(code) if code < 0x110000 else "")
        letter = us_key(pressed[:1]) if pressed else None
        code = _qt_key(letter) if letter else code
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    try:
        named = QKeySequence(QKeyCombination(modifiers, Qt.Key(code)))
    except ValueError:  # a key Qt has no name for, such as a letter of another script
        return "", letter
    return named.toString(QKeySequence.SequenceFormat.PortableText), letter


def _has_undo(field_widget: QLineEdit | QPlainTextEdit) -> bool:
    if isinstance(field_widget, QLineEdit):
        return field_widget.isUndoAvailable()
    return field_widget.document().isUndoAvailable()
