"""Tells a service manager how the service is (systemd's notification protocol); without one nobody is told."""

from __future__ import annotations

import contextlib
import socket
import time

from server.environment import notify_socket, watchdog_seconds

_PATIENCE = 1.0
"""Seconds in which a busy manager must take what it must not miss."""


class Notify:
    """`status` is one line for people. A manager that does not listen costs nothing."""

    def __init__(self) -> None:
        self._place = notify_socket()
        interval = watchdog_seconds()
        self._alive_every = interval / 3 if interval else None
        self._alive_at = 0.0

    def ready(self, status: str) -> None:
        """It serves; after a reload, too."""
        self._say("READY=1", f"STATUS={status}")

    def reloading(self) -> None:
        """New workers are being started; what was there goes on."""
        moment = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        self._say("RELOADING=1", f"MONOTONIC_USEC={moment}", "STATUS=Reloading")

    def stopping(self) -> None:
        """It takes nothing new and finishes what is under way."""
        self._say("STOPPING=1", "STATUS=Finishing what is under way")

    def status(self, text: str) -> None:
        """How it is."""
        self._say(f"STATUS={text}")

    def alive(self, moment: float) -> None:
        """The master's sign of life, as often as the manager wants it; `moment` is monotonic seconds."""
        if self._alive_every is not None and moment >= self._alive_at:
            self._alive_at = moment + self._alive_every
            self._say("WATCHDOG=1", patience=0.0)

    def _say(self, *lines: str, patience: float = _PATIENCE) -> None:
        if self._place is None:
            return
        address = "\0" + self._place[1:] if self._place.startswith("@") else self._place
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as spoken:
            spoken.settimeout(patience)
            spoken.sendto("\n".join(lines).encode(), address)
