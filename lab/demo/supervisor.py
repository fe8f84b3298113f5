"""Keeps child processes running: restarts with back-off, stops them in order, and leaves none behind.

Each child runs in a session of its own under a shell that waits on a pipe which only the demo holds. Closing the pipe
is how a child is stopped, and the kernel closes it too when the demo is killed: SIGTERM first, SIGKILL to the child's
whole group ten seconds later. POSIX only, like the embedded PostgreSQL.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

# `kill 0` means the shell's own group. When the child has ended, whatever it left in the group ends with it.
_WATCHER: Final = """
exec 3<&0
"$@" 3<&- </dev/null &
child=$!
( read -r _ <&3; kill -TERM "$child"; sleep 10; kill -KILL 0 ) &
wait "$child"; status=$?
trap '' TERM
kill -TERM 0
exit "$status"
"""

STOP_SECONDS: Final = 15.0
_FIRST_DELAY, _LONGEST_DELAY = 0.5, 15.0
_STEADY_SECONDS: Final = 30.0
_LAST_WORDS: Final = 2000


class StartFailed(Exception):
    """A process did not become ready; the text says which, why, and where its log is."""


@dataclass(frozen=True, kw_only=True)
class Program:
    """One child: what to run, where its log goes, how to tell that it is ready.

    `environment` is the child's whole environment, the demo's own when None. `once`: its end is not a crash.
    """

    name: str
    command: Sequence[str]
    log: Path
    ready: Callable[[], Awaitable[bool]] | None = None
    environment: Mapping[str, str] | None = None
    once: bool = False


class Supervisor:
    """`say` is told, in one line each, what a person should know."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._running: dict[str, asyncio.subprocess.Process] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._stopping = asyncio.Event()

    def pid(self, name: str) -> int:
        """The process group of a child, 0 when it is between two lives."""
        process = self._running.get(name)
        return process.pid if process else 0

    async def start(self, program: Program, *, ready_seconds: float = 60.0) -> None:
        """Start a child and wait until it is ready; raises StartFailed when it ends first or takes too long."""
        process = await self._spawn(program)
        deadline = time.monotonic() + ready_seconds
        while program.ready is not None and not await program.ready():
            if process.returncode is not None:
                raise StartFailed(f"{program.name} ended at its start. {last_words(program.log)}")
            if time.monotonic() > deadline:
                raise StartFailed(
                    f"{program.name} was not ready after {ready_seconds:.0f} s. {last_words(program.log)}"
                )
            await asyncio.sleep(0.05)
        self._tasks[program.name] = asyncio.create_task(self._keep(program, process), name=f"keep {program.name}")

    async def wait(self, name: str) -> None:
        """Until a program that runs once has ended."""
        await asyncio.wait([self._tasks[name]])

    async def stop(self) -> None:
        """Stop all children, the last started first, and wait until they are gone."""
        self._stopping.set()
        for name in reversed(list(self._running)):
            await self._end(self._running[name])
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _spawn(self, program: Program) -> asyncio.subprocess.Process:
        program.log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with program.log.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *("/bin/sh", "-c", _WATCHER, f"sheaf-{program.name}", *program.command),
                stdin=asyncio.subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=program.environment,
                start_new_session=True,  # Ctrl-C is for the demo, which then stops everybody in order
            )
        self._running[program.name] = process
        return process

    async def _keep(self, program: Program, process: asyncio.subprocess.Process) -> None:
        delay, born = _FIRST_DELAY, time.monotonic()
        while True:
            status = await process.wait()
            if self._stopping.is_set() or program.once:
                return
            if time.monotonic() - born > _STEADY_SECONDS:
                delay = _FIRST_DELAY
            self._say(f"{program.name} ended ({_how(status)}); starting it again in {delay:g} s. Log: {program.log}")
            await asyncio.sleep(delay)
            if self._stopping.is_set():
                return
            delay = min(delay * 2, _LONGEST_DELAY)
            born, process = time.monotonic(), await self._spawn(program)

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        if process.stdin is not None:
            process.stdin.close()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


def last_words(log: Path) -> str:
    """The end of a log, for a person who has to find out what went wrong."""
    text = log.read_text(encoding="utf-8", errors="replace")[-_LAST_WORDS:].strip() if log.exists() else ""
    return f"The end of {log}:\n{text}" if text else f"Its log {log} is empty."


def _how(status: int) -> str:
    # The shell answers 128 + n when signal n ended the child; Python answers -n when it ended the shell.
    number = -status if status < 0 else status - 128
    with contextlib.suppress(ValueError):
        return f"killed by {signal.Signals(number).name}"
    return f"exit code {status}"
