"""A screen of its own with a window manager, and a keyboard whose keys are pressed where they lie."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

PROGRAMS: Final = ("Xvfb", "openbox", "setxkbmap")
_ROWS: Final = ((10, "1234567890-="), (24, "qwertyuiop[]"), (38, "asdfghjkl;'`"), (51, "\\zxcvbnm,./"))
_SHIFTED: Final = dict(zip('~!@#$%^&*()_+{}|:"<>?', "`1234567890-=[]\\;',./", strict=True))
_NAMED: Final = {
    "Escape": 9, "Backspace": 22, "Tab": 23, "Return": 36, "Ctrl": 37, "Shift": 50, "Alt": 64, "Space": 65,
    "Home": 110, "Up": 111, "Left": 113, "Right": 114, "End": 115, "Down": 116, "Delete": 119, "F11": 95, "F12": 96,
} | {f"F{number}": 66 + number for number in range(1, 11)}  # fmt: skip
CODES: Final = _NAMED | {letter: first + place for first, row in _ROWS for place, letter in enumerate(row)}


def missing() -> list[str]:
    """Which of the programs are not installed."""
    return [name for name in PROGRAMS if shutil.which(name) is None]


@contextmanager
def screen(size: str = "1440x900") -> Iterator[str]:
    """The name of a display that lives for the block."""
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{size}x24", "-nolisten", "tcp"],
        pass_fds=[write], stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(write)
    with os.fdopen(read) as told:
        display = f":{told.readline().strip()}"
    manager = subprocess.Popen(
        ["openbox"], env={**os.environ, "DISPLAY": display}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield display
    finally:
        for process in (manager, server):
            process.terminate()
            process.wait(10)


def set_layout(display: str, layout: str) -> None:
    """`us` or `th`, and no other beside it."""
    subprocess.run(["setxkbmap", "-display", display, "-layout", layout], check=True, timeout=20)


class Keyboard:
    """Presses keys through the X server, as the hardware does."""

    def __init__(self, display: str) -> None:
        self._x11, self._test = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXtst.so.6")
        self._x11.XOpenDisplay.restype = ctypes.c_void_p
        self._display = ctypes.c_void_p(self._x11.XOpenDisplay(display.encode()))
        assert self._display.value, display

    def press(self, chord: str) -> None:
        """`a`, `A`, `F4`, `Ctrl+Return`: named as on the US keyboard."""
        *held, last = chord.split("+") if len(chord) > 1 else [chord]
        if last in _SHIFTED or (len(last) == 1 and last.isupper() and not held):
            held, last = [*held, "Shift"], _SHIFTED.get(last, last.lower())
        codes = [CODES[name] for name in held] + [
            CODES["Space" if last == " " else last if len(last) > 1 else last.lower()]
        ]
        for code in codes:
            self._test.XTestFakeKeyEvent(self._display, code, 1, 0)
        for code in reversed(codes):
            self._test.XTestFakeKeyEvent(self._display, code, 0, 0)
        self._x11.XFlush(self._display)
