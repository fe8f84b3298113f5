"""The folder where workers keep their figures together: in memory, swept of what killed masters have left.

A worker keeps its counters in files under a number that no other living one has. The next one with that number counts
on: the files don't become more with each reload, and no call that was counted is forgotten.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from pathlib import Path

_PREFIX = "sheaf-figures-"
_MEMORY = Path("/dev/shm")


class FiguresFolder:
    """Made at the start, removed at the end; the lock tells other masters that its owner lives."""

    def __init__(self) -> None:
        # A full disk would kill a worker that writes into a mapped file (SIGBUS); memory is not that soon full.
        parent = _MEMORY if os.access(_MEMORY, os.W_OK | os.X_OK) else Path(tempfile.gettempdir())
        _sweep(parent)
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        self._lock = os.open(self.path / "owner", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def forget_present(self, number: int) -> None:
        """A worker is gone: what it said of the present moment is not true any more."""
        for file in self.path.glob(f"gauge_live*_{number}.db"):
            file.unlink(missing_ok=True)

    def close(self) -> None:
        """Remove it."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def _sweep(parent: Path) -> None:
    for folder in parent.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            lock = os.open(folder / "owner", os.O_RDWR | os.O_CLOEXEC)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(lock)
