"""One desk process as its parent sees it: orders out, answers in."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any, Final

import msgspec

from desktop.day.orders import Answer, Order

_LONGEST: Final = 180.0
_LINE_LIMIT: Final = 4 * 1024 * 1024


class DeskProcess:
    """Start it with `open`; what it writes to standard error goes to a file beside the report."""

    def __init__(self, username: str, process: asyncio.subprocess.Process) -> None:
        self.username, self._process = username, process

    @classmethod
    async def open(cls, demo: Path, username: str, report: Path) -> DeskProcess:
        """Start the desk of a user of the demo."""
        with (report / f"desk-{username}.log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "desktop.ui.day", "--demo", str(demo), "--user", username),
                *("--pictures", str(report / "screens")),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                limit=_LINE_LIMIT,
            )
        return cls(username, process)

    async def do(self, step: str, /, **given: Any) -> Answer:
        """One step; a desk that dies or stays silent answers with that."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(msgspec.json.encode(Order(step=step, given=given)) + b"\n")
        await stdin.drain()
        try:
            async with asyncio.timeout(_LONGEST):
                line = await stdout.readline()
        except TimeoutError:
            return Answer(ok=False, seconds=_LONGEST, detail=f"{self.username} did not answer")
        if not line:
            return Answer(ok=False, seconds=0.0, detail=f"the desk of {self.username} ended; see its log")
        return msgspec.json.decode(line, type=Answer)

    async def close(self) -> None:
        """End it by ending its input; kill it when it does not listen."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            async with asyncio.timeout(10):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
