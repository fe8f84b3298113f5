"""The one registry of keys: no QShortcut anywhere, so nothing is ever ambiguous and Thai layouts work."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from PySide6.QtCore import QEvent, QKeyCombination, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QWidget

from desktop.i18n import Text
from desktop.ui.keys.kedmanee import us_key

_HELD = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
_TEXT_KEYS = frozenset({"Ctrl+Z"})


@dataclass(frozen=True, slots=True)
class Action:
    """Something a key or the palette can do. `owner` says where: only while it is visible in the active window.

    `everywhere`: in dialogs and at the gate too.
    """

    name: str
    title: Text
    run: Callable[[], None]
    owner: QWidget
    keys: tuple[str, ...] = ()
    icon: str = "arrow-right"
    in_palette: bool = True
    enabled: Callable[[], bool] = field(default=lambda: True)
    everywhere: bool = False


@runtime_checkable
class Keyed(Protocol):
    """A widget with keys of its own. It acts on exactly what it lists here, so that the key list can't lie."""

    def key_actions(self) -> Sequence[Action]:
        """Its keys; those with Ctrl, Alt and F-keys are run by the registry, the others by the widget."""
        ...


@runtime_checkable
class Typed(Protocol):
    """A field that makes something of its text when it is left."""

    def commit(self) -> None:
        """Take what is typed as if the field were left."""
        ...


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
        here = {a.name: a for a in self._all(window or QApplication.activeWindow())}
        return list(here.values())

    def trigger(self, key: str, window: QWidget | None) -> bool:
        """Run the innermost enabled action of this key in this window; True when there was one."""
        fitting = [a for a in self._all(window) if key in a.keys and a.enabled()]
        if not fitting:
            return False
        commit_typing()
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

    def _all(self, window: QWidget | None) -> Iterable[Action]:
        yield from (a for a in self._actions if self._reaches(a, window))
        if window is None:
            return
        for widget in (window, *window.findChildren(QWidget)):
            if isinstance(widget, Keyed) and widget.isVisible():
                yield from widget.key_actions()

    def _forget(self, action: Action) -> None:
        self._actions = [kept for kept in self._actions if kept is not action]

    @staticmethod
    def _reaches(action: Action, window: QWidget | None) -> bool:
        if window is None or action.everywhere:
            return window is not None
        return action.owner.isVisible() and action.owner.window() is window


def own_key(
    name: str,
    title: Text,
    run: Callable[[], None],
    owner: QWidget,
    *keys: str,
    enabled: Callable[[], bool] | None = None,
) -> Action:
    """A key of one widget, which no palette offers."""
    return Action(name, title, run, owner, keys, in_palette=False, enabled=enabled or _always)


def _always() -> bool:
    return True


def run_key(event: QKeyEvent, actions: Sequence[Action]) -> bool:
    """For a widget's own keys: run the one that was pressed, under any layout; True when there was one."""
    if event.modifiers() & _HELD:
        return False
    key = _key_name(event)[0]
    on_key = us_key(event.text()) if len(event.text()) == 1 else None
    names = {key, on_key.upper()} if on_key else {key}
    for action in actions:
        if names & set(action.keys) and action.enabled():
            action.run()
            return True
    return False


def commit_typing() -> None:
    """What stands in the field with the focus counts as typed, before a key acts on its form."""
    focused: object = QApplication.focusWidget()
    if isinstance(focused, Typed):
        focused.commit()


def is_chord(key: str) -> bool:
    """Whether the registry runs it: an F-key, or something with Ctrl or Alt."""
    return key.startswith(("Ctrl+", "Alt+")) or (key.startswith("F") and key[1:].isdigit())


def spoken(key: str) -> str:
    """A key as it is written on the keyboard."""
    words = {"Return": "Enter", "Down": "↓", "Up": "↑", "Escape": "Esc"}
    *held, last = key.split("+")
    return "+".join([*held, words.get(last, last)]) if held or len(last) > 1 else last.lower()


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
    code = int(Qt.Key.Key_Return) if code == Qt.Key.Key_Enter else code
    try:
        named = QKeySequence(QKeyCombination(modifiers, Qt.Key(code)))
    except ValueError:  # a key Qt has no name for, such as a letter of another script
        return "", letter
    return named.toString(QKeySequence.SequenceFormat.PortableText), letter


def _has_undo(field_widget: QLineEdit | QPlainTextEdit) -> bool:
    if isinstance(field_widget, QLineEdit):
        return field_widget.isUndoAvailable()
    return field_widget.document().isUndoAvailable()
