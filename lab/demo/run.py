"""Runs the demo: database, bank, API and workers as child processes, the desks' windows or the headless day."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

import httpx
import msgspec
import psycopg
from rich.console import Console
from rich.table import Table

from lab.demo import installation, seed
from lab.demo.installation import BankFacts
from lab.demo.people import Person
from lab.demo.report import empty_report, make_report
from lab.demo.state import Demo, DemoProcess, DemoUser, read_users, write_demo
from lab.demo.supervisor import Program, Supervisor, last_words
from server.bootstrap import administration
from server.calling.caller import DEMO_FILE
from server.context import Services, Vault, system_clock
from server.database import keys
from server.database.migrations import upgrade
from server.environment import foreign_environment, has_screen
from server.installation import Keys, open_keys
from server.wire_time import wire_time

BANK_LATENCY_MS: Final = 200
WINDOWS: Final = ("cashier.nsn", "manager.nsn")
_DAY_SECONDS: Final = 600.0
_CONNECTED: Final = "select count(*) from pg_stat_activity where usename = %s"


@dataclass(frozen=True, kw_only=True)
class DemoOptions:
    """What `sheaf demo` was asked for. `report` makes it play a day and end; else it runs until stopped."""

    data_dir: Path
    fresh: bool = False
    members: int = 5000
    headless: bool = False
    report: Path | None = None
    latency_ms: int = BANK_LATENCY_MS


def run(options: DemoOptions, console: Console) -> int:
    """Run until Ctrl-C, SIGTERM or the end of the day; the exit code. Raises what the database's start raises."""
    data = options.data_dir.resolve()
    if options.fresh:
        installation.wipe(data)
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    database = installation.postgres(data)
    console.print(f"Sheaf's demonstration keeps its state in {data}")
    try:
        # Before any child, and outside of the loop: a process forked earlier would hold the server's pipe.
        url = database.start()
        return asyncio.run(_DemoRun(options, data, url, console).run())
    finally:
        database.stop()


class _DemoRun:
    """One run of the demo, from its start to its end."""

    def __init__(self, options: DemoOptions, data: Path, database_url: str, console: Console) -> None:
        self._options, self._data, self._url, self._console = options, data, database_url, console
        self._keys: Keys = open_keys(data)
        self._services = Services(vault=Vault(self._keys.vault_key))
        self._port = installation.free_port()
        self._supervisor = Supervisor(lambda line: console.print(line, highlight=False, soft_wrap=True))
        self._environment = foreign_environment()
        self._demo: Demo

    async def run(self) -> int:
        """Start everything, do what was asked for, stop everything."""
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        work = asyncio.create_task(self._work(stop))
        ending = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait([work, ending], return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                return work.result()
            self._console.print("Stopping.")
            return 0
        finally:
            ending.cancel()
            work.cancel()
            await asyncio.gather(work, ending, return_exceptions=True)
            await self._supervisor.stop()

    async def _work(self, stop: asyncio.Event) -> int:
        began = time.monotonic()
        with self._console.status("Starting the bank, the server and its workers"):
            users = await self._start()
        self._demo = self._describe(users)
        write_demo(self._data, self._demo)
        self._show(time.monotonic() - began)
        if self._options.report is not None:
            return await self._day(self._options.report)
        await self._open_windows()
        await stop.wait()
        return 0

    async def _start(self) -> list[DemoUser]:
        members = seed.all_members(self._options.members)
        accounts = self._data / installation.ACCOUNTS_FILE
        if not accounts.exists():
            seed.write_bank_accounts(accounts, members)
        _, bank = await asyncio.gather(self._prepare_database(members), self._start_bank(accounts))
        config = installation.write_settings(self._data, self._url, self._port, bank)
        users = read_users(self._data)
        await asyncio.gather(self._lay_out_desks(users), self._start_server(config))
        self._bank, self._config = bank, config
        return users

    async def _prepare_database(self, members: dict[str, list[Person]]) -> None:
        await asyncio.to_thread(upgrade, self._url, self._keys.role_secret)
        await asyncio.to_thread(keys.keep, self._url, self._keys.vault_key, self._keys.role_secret)
        async with administration(self._url, self._services) as database:
            now = system_clock()
            if not await seed.seed(database, members, self._data, now):
                await seed.renew_checks(database, now)

    async def _start_bank(self, accounts: Path) -> BankFacts:
        directory = self._data / "bank"
        described = directory / "bank.json"
        described.unlink(missing_ok=True)
        command = [
            *(sys.executable, "-m", "lab.sandbox_bank", "--data", str(directory), "--accounts", str(accounts)),
            *("--latency-ms", str(self._options.latency_ms), "--calls-per-second", "0"),
            *("--callback-url", f"http://127.0.0.1:{self._port}/callbacks/scb"),
        ]

        async def ready() -> bool:
            return described.exists()

        await self._supervisor.start(self._program("bank", command, ready))
        return msgspec.json.decode(described.read_bytes(), type=BankFacts)

    async def _start_server(self, config: Path) -> None:
        await asyncio.gather(
            *(
                self._supervisor.start(self._program(name, _sheaf(*command, "--config", str(config)), ready))
                for name, command, ready in (
                    ("api", ("serve",), self._api_is_ready),
                    ("executor", ("worker", "payments"), lambda: self._is_connected("sheaf_executor")),
                    ("statements", ("worker", "statements"), lambda: self._is_connected("sheaf_statements")),
                )
            )
        )

    async def _lay_out_desks(self, users: Sequence[DemoUser]) -> None:
        """The desk writes its own key files and settings: only it knows their form."""
        profiles = [
            {
                "directory": user.profile,
                "pin": user.pin,
                "seed": user.device_seed,
                "server": self._api_url,
                "device_id": str(user.device_id),
                "last_user": user.username,
                "undo_seconds": 0 if self._options.report is not None else 8,
            }
            for user in users
        ]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "desktop.provision"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=self._environment,
        )
        said, _ = await process.communicate(msgspec.json.encode(profiles))
        if process.returncode != 0:
            raise RuntimeError(f"the desks' profiles could not be written: {said.decode(errors='replace')}")

    async def _open_windows(self) -> None:
        if self._options.headless or not has_screen():
            self._console.print("No windows were opened; the lines above say how to open one.")
            return
        for username in WINDOWS:
            command = [sys.executable, "-m", "desktop", "--demo", self._demo_file, "--user", username]
            await self._supervisor.start(self._program(f"desk {username}", command, None, once=True))

    async def _day(self, report: Path) -> int:
        """Play a day on the desk's own screens in processes of its own, then ask the server what truly happened."""
        since, desk = system_clock(), empty_report(report)
        command = [sys.executable, "-m", "desktop.day", "--demo", self._demo_file, "--report", str(report)]
        program = self._program("day", command, None, once=True, QT_QPA_PLATFORM="offscreen", QT_SCALE_FACTOR="1")
        await self._supervisor.start(program)
        try:
            async with asyncio.timeout(_DAY_SECONDS):
                await self._supervisor.wait("day")
        except TimeoutError:
            self._console.print(f"The day did not end within {_DAY_SECONDS:.0f} s.")
        if not desk.exists():
            self._console.print(last_words(program.log), highlight=False, markup=False)
        async with administration(self._url, self._services) as database:
            result = await make_report(database, self._demo, report, since)
        self._console.print(result.summary(), highlight=False, markup=False, soft_wrap=True)
        return 0 if result.ok else 1

    def _program(
        self,
        name: str,
        command: Sequence[str],
        ready: Callable[[], Awaitable[bool]] | None,
        *,
        once: bool = False,
        **variables: str,
    ) -> Program:
        log = self._data / "logs" / f"{name.replace(' ', '-')}.log"
        environment = {**self._environment, **variables}
        return Program(name=name, command=command, log=log, ready=ready, environment=environment, once=once)

    @property
    def _demo_file(self) -> str:
        return str(self._data / DEMO_FILE)

    @property
    def _api_url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    async def _api_is_ready(self) -> bool:
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=5.0) as client:
                return (await client.get(f"{self._api_url}/readyz")).is_success
        except httpx.HTTPError:
            return False

    async def _is_connected(self, role: str) -> bool:
        async with await psycopg.AsyncConnection.connect(self._url) as connection:
            cursor = await connection.execute(_CONNECTED, (role,))
            return await cursor.fetchone() != (0,)

    def _describe(self, users: list[DemoUser]) -> Demo:
        names = {
            "bank": f"{self._bank.base_url}, SFTP {self._bank.sftp_host}:{self._bank.sftp_port}",
            "api": f"{self._api_url}, description at {self._api_url}/docs",
            "executor": "sends what was signed off",
            "statements": "fetches and reconciles statements",
        }
        logs = self._data / "logs"
        return Demo(
            url=self._api_url,
            users=users,
            bank_control_url=self._bank.control_url,
            bank_control_secret=self._bank.control_secret,
            database_url=self._url,
            data_dir=str(self._data),
            config=str(self._config),
            pid=os.getpid(),
            processes=[
                DemoProcess(name, self._supervisor.pid(name), where, str(logs / f"{name}.log"))
                for name, where in names.items()
            ],
            versions={"sheaf": version("sheaf"), "python": sys.version.split()[0]},
            started_at=wire_time(datetime.now(UTC)),
        )

    def _show(self, seconds: float) -> None:
        table = Table("what", "where", title=f"Sheaf runs ({seconds:.1f} s)", title_justify="left")
        address = self._url.rpartition("@")[2]
        table.add_row("database", f"PostgreSQL at {address}")
        for process in self._demo.processes:
            table.add_row(process.name, process.where)
        table.add_row("logs", str(self._data / "logs"))
        table.add_row("users, passwords, PINs", str(self._data / "demo.json"))
        self._console.print(table)
        people = Table("user", "role", "branch", "password", "desk's PIN", title="Who works here", title_justify="left")
        for user in self._demo.users:
            people.add_row(user.username, user.role, user.branch, user.password, user.pin)
        self._console.print(people)
        for line in self._ways():
            self._console.print(line, highlight=False, markup=False, soft_wrap=True)

    def _ways(self) -> Iterator[str]:
        """What may be typed beside the demo, exactly as it must be, in whatever folder it is."""
        sheaf = "sheaf" if shutil.which("sheaf") else shlex.quote(str(Path(sys.executable).with_name("sheaf")))
        desk = f"{sheaf} desk --demo {shlex.quote(self._demo_file)} --user"
        yield f"A code for a sign-off: {sheaf} demo code manager.nsn --data {shlex.quote(str(self._data))}"
        yield f"The treasurer's desk: {desk} treasurer"
        yield f"The administrator's desk: {desk} admin"
        yield "Ctrl-C stops everything."


def _sheaf(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "server.cli", *arguments]
