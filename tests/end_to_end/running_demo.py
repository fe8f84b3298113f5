"""`sheaf demo` in a process of its own, as a person starts it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from lab.demo.state import Demo, read_demo
from tests.waiting import wait_until

MEMBERS: Final = 100
READY = "Ctrl-C stops everything"
START_SECONDS = 90.0


class RunningDemo:
    """`sheaf demo` in a process of its own."""

    def __init__(self, data: Path) -> None:
        self.data, self.output = data, data.parent / f"{data.name}.out"
        command = [
            sys.executable,
            "-m",
            "server.cli",
            "demo",
            "--headless",
            "--members",
            str(MEMBERS),
            "--latency-ms",
            "0",
        ]
        with self.output.open("wb") as output:
            self.process = subprocess.Popen([*command, "--data", str(data)], stdout=output, stderr=output)
        wait_until(lambda: READY in self.said() or self.process.poll() is not None, START_SECONDS)
        assert self.process.poll() is None, self.said()
        self.demo: Demo = read_demo(data)

    def said(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def groups(self) -> set[int]:
        """Process groups of everything that the demo started: each child leads one, the database has its own."""
        server = int((self.data / "postgres" / "home" / "cluster" / "postmaster.pid").read_text().splitlines()[0])
        return {each.pid for each in self.demo.processes} | {os.getpgid(server)}

    def end(self) -> None:
        with suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
