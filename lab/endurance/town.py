"""A whole installation of real processes for endurance: database, sandbox bank, API, executors, statements worker.

What ends is started again, as a service manager would; everything dies with `close`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import httpx
import msgspec
import psycopg

from lab.demo import installation, seed
from lab.demo.installation import BankFacts
from lab.demo.state import DemoUser, read_users
from server.bootstrap import administration
from server.context import Services, Vault, system_clock
from server.database.migrations import upgrade
from server.environment import foreign_environment
from server.installation import open_keys

ROLES: Final = {"api": "sheaf_api", "executor": "sheaf_executor", "statements": "sheaf_statements"}
_START_AGAIN: Final = 0.5
"""Seconds, as the units have them."""
_LOOK: Final = 0.05
_READY: Final = 60.0


class NotReady(Exception):
    """Something did not come to life; the text says what and where its log is."""


def processes_of(leader: int) -> list[int]:
    """Everything in the session that a process leads, the leader first: a master's workers have groups of their own."""
    found = []
    for entry in os.listdir("/proc"):
        with contextlib.suppress(OSError):
            if entry.isdigit() and os.getsid(int(entry)) == leader:
                found.append(int(entry))
    return sorted(found)


class Keeper:
    """One process that is started again whenever it ends."""

    def __init__(self, name: str, kind: str, command: Sequence[str], log: Path) -> None:
        self.name, self.kind, self._command, self._log = name, kind, command, log
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self.started = 0

    async def open(self) -> None:
        """Start it, and keep it."""
        await self._spawn()
        self._task = asyncio.create_task(self._keep())

    @property
    def pid(self) -> int:
        """It leads a session of its own; 0 between two lives."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else 0

    def signal(self, number: signal.Signals, *, children: bool) -> None:
        """To the process, or to it and all its children."""
        if pid := self.pid:
            for one in processes_of(pid) if children else (pid,):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(one, number)

    def processes(self) -> list[int]:
        """It and its children, the oldest first."""
        return processes_of(self.pid) if self.pid else []

    async def close(self) -> None:
        """End it for good."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._process is not None:
            # Also what a master has left behind.
            for one in processes_of(self._process.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(one, signal.SIGKILL)
            await self._process.wait()

    async def _spawn(self) -> None:
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command, stdout=log, stderr=log, env=foreign_environment(), start_new_session=True
            )
        self.started += 1

    async def _keep(self) -> None:
        while self._process is not None:
            await self._process.wait()
            await asyncio.sleep(_START_AGAIN)
            await self._spawn()


class Town:
    """The running installation; made by `living`."""

    def __init__(self, data: Path, database_url: str, api: str, bank: BankFacts, users: Mapping[str, DemoUser]) -> None:
        self.data, self.database_url, self.api, self.bank, self.users = data, database_url, api, bank, users
        self.keepers: list[Keeper] = []
        self.members: dict[str, list[tuple[UUID, int]]] = {}
        """By branch: members who can be paid, and the version of their account."""

    def of(self, kind: str) -> list[Keeper]:
        """The processes of a kind."""
        return [one for one in self.keepers if one.kind == kind]

    def ask(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """What the superuser sees."""
        with psycopg.connect(self.database_url) as admin:
            return admin.execute(sql.encode(), parameters).fetchall()

    async def is_ready(self) -> bool:
        """Whether the API says that it is."""
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=5.0) as client:
                return (await client.get(f"{self.api}/readyz")).is_success
        except httpx.HTTPError:
            return False


@asynccontextmanager
async def living(data: Path, database_url: str, members: int, latency_ms: int) -> AsyncIterator[Town]:
    """Everything of it, until the block ends. `latency_ms` is what every call to the bank takes."""
    (data / "logs").mkdir(parents=True, exist_ok=True)
    keys = open_keys(data)
    people = seed.all_members(members)
    accounts = data / installation.ACCOUNTS_FILE
    seed.write_bank_accounts(accounts, people)
    await asyncio.to_thread(upgrade, database_url, keys.role_secret)
    async with administration(database_url, Services(vault=Vault(keys.vault_key))) as database:
        await seed.seed(database, people, data, system_clock())
    port = installation.free_port()
    bank_folder = data / "bank"
    bank = Keeper(
        "bank",
        "bank",
        [
            *(sys.executable, "-m", "lab.sandbox_bank", "--data", str(bank_folder), "--accounts", str(accounts)),
            *("--latency-ms", str(latency_ms), "--calls-per-second", "0"),
            *("--callback-url", f"http://127.0.0.1:{port}/callbacks/scb"),
        ],
        data / "logs" / "bank.log",
    )
    await bank.open()
    keepers = [bank]
    try:
        described = bank_folder / "bank.json"
        await until(described.exists, f"the bank; its log: {data / 'logs' / 'bank.log'}")
        facts = msgspec.json.decode(described.read_bytes(), type=BankFacts)
        config = installation.write_settings(data, database_url, port, facts)
        users = {user.username: user for user in read_users(data)}
        town = Town(data, database_url, f"http://127.0.0.1:{port}", facts, users)
        town.keepers = keepers
        town.members = _payable(town, people)
        for name, kind, words in (
            ("api", "api", ("serve",)),
            ("executor-1", "executor", ("worker", "payments", "--name", "executor-1")),
            ("executor-2", "executor", ("worker", "payments", "--name", "executor-2")),
            ("statements", "statements", ("worker", "statements")),
        ):
            command = [sys.executable, "-m", "server.cli", *words, "--config", str(config)]
            keepers.append(Keeper(name, kind, command, data / "logs" / f"{name}.log"))
            await keepers[-1].open()
        await _all_ready(town)
        yield town
    finally:
        for keeper in reversed(keepers):
            await keeper.close()


async def _all_ready(town: Town) -> None:
    async with asyncio.timeout(_READY):
        while not await town.is_ready():  # noqa: ASYNC110 - other processes
            await asyncio.sleep(_LOOK)
    alive = "select count(distinct usename) from pg_stat_activity where usename = any(%s)"
    wanted = list(ROLES.values())
    await until(lambda: town.ask(alive, wanted) == [(len(wanted),)], f"the workers; logs in {town.data / 'logs'}")


def _payable(town: Town, people: Mapping[str, Sequence[Any]]) -> dict[str, list[tuple[UUID, int]]]:
    good = {
        one.code: branch
        for branch, all_of_it in people.items()
        for one in all_of_it
        if one.bank and one.status == "active" and one.check == "fresh" and one.holder == one.name
    }
    found: dict[str, list[tuple[UUID, int]]] = {}
    for member, code, version in town.ask(
        """select m.id, m.code, a.version from sheaf.member m join sheaf.bank_account a on a.member_id = m.id
           where m.code = any(%s) order by m.code""",
        list(good),
    ):
        found.setdefault(good[code], []).append((member, version))
    return found


async def until(holds: Any, what: str, seconds: float = _READY) -> None:
    """Wait for a fact about other processes; NotReady when it does not come."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while not await asyncio.to_thread(holds):
        if loop.time() > deadline:
            raise NotReady(f"after {seconds:.0f} s still waiting for {what}")
        await asyncio.sleep(_LOOK)
