"""One window for each profile: who starts a second one gets the first one shown instead."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtNetwork import QLocalServer, QLocalSocket

WAIT_MS: Final = 2000
_SHOWN: Final = b"shown"


def _name(profile: Path) -> str:
    """The same for the same folder however it is named, and short enough for every system's sockets."""
    return "sheaf-desk-" + hashlib.sha256(str(profile.resolve()).encode()).hexdigest()[:24]


class Doorbell(QObject):
    """Listens as long as it lives; `answer` brings the window to the front. Needs the profile's lock to be held."""

    def __init__(self, profile: Path, answer: Callable[[], None]) -> None:
        super().__init__()
        self._answer = answer
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        # Who holds the lock owns the name: what a killed process left behind is nobody's.
        QLocalServer.removeServer(_name(profile))
        self._server.newConnection.connect(self._rung)
        self._server.listen(_name(profile))

    def close(self) -> None:
        """Nobody is here any more."""
        self._server.close()

    def _rung(self) -> None:
        while (caller := self._server.nextPendingConnection()) is not None:
            self._answer()
            caller.disconnected.connect(caller.deleteLater)
            caller.write(_SHOWN)
            caller.flush()
            caller.disconnectFromServer()


def show_the_first(profile: Path) -> bool:
    """Ask the process that has the profile to show its window; whether it answered."""
    application = QCoreApplication.instance() or QCoreApplication([])
    bell = QLocalSocket(application)
    bell.connectToServer(_name(profile))
    return bell.waitForConnected(WAIT_MS) and bell.waitForReadyRead(WAIT_MS) and bytes(bell.readAll().data()) == _SHOWN
