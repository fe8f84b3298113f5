"""A running installation whose parts are stopped, frozen or set up wrongly, and what status and doctor say of it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psycopg
from typer.testing import CliRunner

from server import pki
from server.cli import app
from server.commands.status import examined
from server.settings import Settings, load_settings
from shared.health import Level
from tests.end_to_end.running_demo import RunningDemo
from tests.waiting import wait_until

SECONDS = 40.0
"""What a busy machine may take; how long it took is printed, and is to be 10 s on a quiet one."""
ROOT = Path(__file__).parents[2]


class Place:
    """A running installation, and settings that are its own but for what a fault changes."""

    def __init__(self, demo: RunningDemo, folder: Path) -> None:
        self.demo, self.folder = demo, folder
        self.own = Path(demo.demo.config)

    @property
    def url(self) -> str:
        return self.demo.demo.database_url

    def changed(self, *changes: tuple[str, str], more: str = "") -> Path:
        """The settings with lines replaced, each by a pattern, and sections added."""
        text = re.sub(
            r'(?m)^((?:authority_file|client_\w+|private_key) = ")(?!/)',
            rf"\g<1>{self.own.parent}/",
            self.own.read_text(),
        )
        for pattern, line in changes:
            text, count = re.subn(f"(?m)^{pattern}$", lambda _, line=line: line, text, count=1)  # type: ignore[misc]
            assert count == 1, (pattern, text)
        config = self.folder / "sheaf.toml"
        for file, content in (
            (config, text + more),
            (self.folder / "keys.json", (self.own.parent / "keys.json").read_text()),
        ):
            file.unlink(missing_ok=True)
            pki.write_secret(file, content.encode())
        return config

    def group(self, name: str) -> int:
        return next(each.pid for each in self.demo.demo.processes if each.name == name)

    @contextmanager
    def frozen(self, *names: str) -> Iterator[None]:
        """Processes that hang, with every connection that they have."""
        everyone = [pid for name in names for pid in family(self.group(name))]
        with stopped(everyone):
            yield

    @contextmanager
    def frozen_database(self) -> Iterator[None]:
        file = self.demo.data / "postgres" / "home" / "cluster" / "postmaster.pid"
        postmaster = int(file.read_text().splitlines()[0])
        with stopped(family(postmaster)):
            yield

    def sql(self, *statements: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as admin:
            admin.execute("set session_replication_role = replica")
            for statement in statements:
                admin.execute(statement.encode())

    @contextmanager
    def bank_fault(self, fault: str, **more: object) -> Iterator[None]:
        url, secret = self.demo.demo.bank_control_url, self.demo.demo.bank_control_secret
        with httpx.Client(headers={"Authorization": f"Bearer {secret}"}, trust_env=False) as control:
            control.post(f"{url}/faults", json={"fault": fault, **more}).raise_for_status()
            try:
                yield
            finally:
                control.delete(f"{url}/faults").raise_for_status()

    @contextmanager
    def worker(self, kind: str, name: str, config: Path | None = None, log: Path | None = None) -> Iterator[Any]:
        """One more process; `sheaf status --forget` when it is over."""
        words = ["worker", kind, "--config", str(config or self.own), "--name", name]
        with (log or self.folder / f"{name}.log").open("ab") as output:
            command = [sys.executable, "-m", "server.cli", *words]
            started = subprocess.Popen(command, stdout=output, stderr=output, cwd=ROOT)
        try:
            wait_until(lambda: any(one.subject == name for one in examined(settings_of(self.own))), 40)
            yield started
        finally:
            started.kill()
            started.wait()
            wait_until(lambda: sheaf("status", self.own, "--forget", name)[0] == 0, 20)


def family(pid: int) -> list[int]:
    """A process with all that it has started, itself first: a master would replace a worker that hangs alone."""
    found = [pid]
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text("ascii").split():
                found += family(int(child))
    return found


def killed(process: subprocess.Popen[bytes]) -> None:
    """With kill -9, and all that it has started: a worker whose master alone is killed ends in order."""
    for pid in family(process.pid):
        os.kill(pid, signal.SIGKILL)
    process.wait()


@contextmanager
def stopped(pids: Sequence[int]) -> Iterator[None]:
    """Each hangs inside; those that are gone meanwhile were replaced."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def settings_of(config: Path) -> Settings:
    loaded = load_settings(config)
    assert isinstance(loaded, Settings), loaded
    return loaded


def sheaf(command: str, config: Path, *words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, [*command.split(), "--config", str(config), *words], env={"COLUMNS": "400"})
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def troubles(config: Path) -> list[dict[str, Any]]:
    """What doctor says; lines of this process' own log may stand around it."""
    output = sheaf("doctor", config, "--json")[1]
    found: list[dict[str, Any]] = json.JSONDecoder().raw_decode(output, re.search(r"(?m)^\[", output).start())[0]  # type: ignore[union-attr]
    return found


def in_status(config: Path, what: str) -> bool:
    """Whether a row of the table that is not well has this name and subject."""
    try:
        settings = settings_of(config)
    except AssertionError:
        return False
    unwell = [one for one in examined(settings) if one.level is not Level.WELL]
    return any(f"{one.name} {one.subject} {one.case}".startswith(what) for one in unwell)


def named(config: Path, what: str, *, status: str = "", says: str = "") -> dict[str, Any]:
    """What doctor says of it. Whoever asks in time is told: `status` is what status says, where it differs."""
    begun = time.monotonic()
    if status != "-":
        asked_in_time(lambda: in_status(config, status or what), begun)
    told: list[dict[str, Any]] = []

    def is_told() -> bool:
        told[:] = [one for one in troubles(config) if one["what"].startswith(what) and says in one["says"]["en"]]
        return bool(told)

    asked_in_time(is_told, begun)
    assert told[0]["do"]["en"]
    assert told[0]["do"]["th"]
    return told[0]


def asked_in_time(is_told: Callable[[], bool], begun: float) -> None:
    """Ask until it is told. Who asked in time counts, and not how long a busy machine took to answer."""
    while True:
        asked = time.monotonic()
        if is_told():
            sys.stdout.write(f"asked {asked - begun:.1f} s after the fault, it was told\n")
            return
        assert asked - begun < SECONDS, f"asked after {asked - begun:.1f} s, it was not told"
