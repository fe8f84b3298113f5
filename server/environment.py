"""What the environment says besides settings: what a service manager gives and wants, shared figures, a screen."""

from __future__ import annotations

import os
import sys
from typing import Final

_OURS: Final = "SHEAF_"
_FIGURES: Final = "PROMETHEUS_MULTIPROC_DIR"
_OF_A_SERVICE: Final = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES")
_FIRST_SOCKET: Final = 3


def foreign_environment() -> dict[str, str]:
    """The environment without our variables, for children that must not take settings from it."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}


def workers_environment(figures: str | None) -> dict[str, str]:
    """The environment of a master's workers: they share figures in that folder, and a service manager isn't theirs."""
    kept = {name: value for name, value in os.environ.items() if name not in (*_OF_A_SERVICE, _FIGURES)}
    return kept if figures is None else {**kept, _FIGURES: figures}


def figures_folder() -> str | None:
    """Where this process keeps its figures together with others; the metrics library reads this on import."""
    return os.environ.get(_FIGURES)


def notify_socket() -> str | None:
    """Where a service manager wants to be told how the service is."""
    return os.environ.get("NOTIFY_SOCKET") or None


def watchdog_seconds() -> float | None:
    """Within how many seconds the service manager wants a sign of life of this process; None when it does not."""
    interval, meant = os.environ.get("WATCHDOG_USEC", ""), os.environ.get("WATCHDOG_PID", str(os.getpid()))
    if not interval.isdecimal() or meant != str(os.getpid()) or int(interval) == 0:
        return None
    return int(interval) / 1_000_000


def passed_sockets() -> list[int]:
    """Descriptors of the listening sockets that a service manager has opened for this process."""
    count, meant = os.environ.get("LISTEN_FDS", ""), os.environ.get("LISTEN_PID", "")
    if not count.isdecimal() or meant != str(os.getpid()):
        return []
    return list(range(_FIRST_SOCKET, _FIRST_SOCKET + int(count)))


def has_screen() -> bool:
    """Whether a window can be shown here."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
