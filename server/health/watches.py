"""What a process sees of the world beside its work: it looks now and then, and its beats tell what it saw last."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
import structlog

from server.context import Clock
from server.health.aside import aside

if TYPE_CHECKING:
    from server.channels.scb import ScbSettings
    from server.statements.fetch import SftpSettings

_log = structlog.get_logger(__name__)
_QUICK: Final = 1.7
"""Seconds that a look may wait for another machine."""


class Seen(msgspec.Struct, frozen=True):
    """What was seen last: `code` is empty when it was well; `at` and `since` in ISO 8601, `at` empty for never."""

    code: str = ""
    at: str = ""
    since: str = ""
    value: int = 0


Look = Callable[[], Awaitable[Seen]]


class Watch:
    """Looks every so many seconds, each time for a few at most, and remembers."""

    def __init__(self, look: Look, every: float, clock: Clock, patience: float = 10.0) -> None:
        self._look, self._every, self._clock, self._patience = look, every, clock, patience
        self._task: asyncio.Task[None] | None = None
        self.seen = Seen()

    def start(self) -> None:
        """Look from now on."""
        self._task = asyncio.create_task(self._run(), name="watch")

    async def stop(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            try:
                async with asyncio.timeout(self._patience):
                    found = await self._look()
            except TimeoutError:
                found = Seen("unreachable")
            except Exception as error:
                _log.warning("could not look", error=type(error).__name__)
                found = Seen("unreachable")
            self.note(found, self._clock())
            await asyncio.sleep(self._every)

    def note(self, found: Seen, now: datetime) -> None:
        """Remember what was seen; `since` stays as long as it is the same."""
        at = now.isoformat()
        same = self.seen.at and self.seen.code == found.code
        self.seen = Seen(found.code, at, self.seen.since if same else at, found.value)


async def seen_by(sftp: SftpSettings, seconds: float = _QUICK) -> Seen:
    """Open a session with the bank's SFTP host and close it: what `SftpProblem` says, `no_key`, or nothing wrong."""
    from server.sftp import NoSession, session

    quick = msgspec.structs.replace(sftp, timeout_seconds=min(seconds, sftp.timeout_seconds))

    def look() -> Seen:
        try:
            with session(quick):
                return Seen()
        except NoSession as problem:
            return Seen(problem.code.value)
        except (OSError, ValueError):
            return Seen("no_key")

    return await aside(look)


async def seen_of(bank: ScbSettings, seconds: float = _QUICK) -> Seen:
    """Ask the bank's API something harmless: its HTTP status as value; `fails` from 500 on, `silent` without one,
    `untrusted` where TLS fails."""
    from server.channels.scb_line import BankLine, Reply

    line = BankLine(bank.line(), lambda: "0" * 32)
    try:
        answer = await line.send("probe", "GET", "/v1/util/echo", b"", {}, seconds)
    finally:
        await line.close()
    if isinstance(answer, Reply):
        return Seen("" if answer.http < 500 else "fails", value=answer.http)
    return Seen("untrusted" if answer.untrusted else "silent")


def figures() -> dict[str, object]:
    """What this process uses: processor seconds, memory and open files; empty where the system does not tell."""
    found: dict[str, object] = {"cpu_ms": int(time.process_time() * 1000)}
    with suppress(OSError, ValueError, IndexError):
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
        found["memory_bytes"] = pages * os.sysconf("SC_PAGE_SIZE")
    with suppress(OSError):
        found["open_files"] = len(os.listdir("/proc/self/fd"))
    return found
