"""The kinds of workers: what each needs of the settings, how many there are, what they do. Only workers import this."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from typing import Final

from server.alarms.running import alarms_told
from server.channels import open_channels, set_up
from server.channels.base import Channel
from server.connections import EXECUTOR_POOL, STATEMENTS_POOL
from server.context import Services, Vault
from server.database.keys import refused_at_start
from server.database.roles import API, EXECUTOR, STATEMENTS, role_url
from server.database.transaction import Database
from server.environment import foreign_environment
from server.http.serve import DRAIN_SECONDS, ServeSettings, serve
from server.life import Life, StartRefused
from server.processes.messages import Plan
from server.restore.watch import POSITIONS
from server.settings import Problem, Settings, load_settings, read_files
from server.workers import statements
from server.workers.executors import Executors
from server.workers.telling import executor_tells, statements_tell


@dataclass(frozen=True, kw_only=True)
class Order:
    """What one worker is to do. `name` is a person's choice for the process; `number` is no other living worker's."""

    settings: Settings
    plan: Plan
    sockets: Sequence[socket]
    number: int
    name: str


Work = Callable[[Order, Life], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """`needs` are sections that must be there; `drain` is how many seconds what is under way may take."""

    process: str
    role: str
    needs: tuple[str, ...] = ()
    drain: float
    run: Work

    def load(
        self, config: Path, host: str, port: int, files: dict[str, bytes | None] | None
    ) -> tuple[Settings, Plan] | list[Problem]:
        """The settings and what the master must know of them, or every mistake. `files`: as they were read earlier."""
        if files is None:
            looked = load_settings(config, needs=self.needs)
            if isinstance(looked, list):
                return looked
            files = read_files(config)
        settings = load_settings(config, needs=self.needs, files=files)
        if isinstance(settings, list):
            return settings
        own = settings.keys
        refused = refused_at_start(settings.database.url, self.role, own.vault_key, own.role_secret)
        if refused:
            return [Problem(one.place, one.text) for one in refused]
        serves = self.process == "api"
        return settings, Plan(
            workers=settings.api.workers if serves else 1,
            host=host or settings.api.host,
            port=(port or settings.api.port) if serves else 0,
            drain=self.drain,
            memory=settings.api.memory_mb,
            settings=files,
        )


async def _api(order: Order, life: Life) -> None:
    settings = order.settings
    await serve(
        ServeSettings(
            database_url=role_url(settings.database.url, API, settings.keys.role_secret),
            vault_key=settings.keys.vault_key,
            policy=settings.policy,
            trusted_proxies=settings.api.trusted_proxies,
            channels=set_up(settings.channels),
            port=order.plan.port,
            workers=order.plan.workers,
            number=order.number,
        ),
        order.sockets,
        life,
    )


async def _payments(order: Order, life: Life) -> None:
    settings = order.settings
    url = role_url(settings.database.url, EXECUTOR, settings.keys.role_secret)
    services = _services(settings)
    database = Database(url, services, connections=EXECUTOR_POOL, name="sheaf-executor")
    channels = _channels(settings)
    executors = Executors(database, url, services, channels, positions=settings.data_dir / POSITIONS)
    try:
        async with (
            executor_tells(database, order.name, settings, executors.figures),
            alarms_told(settings, services, "executor", foreign_environment()),
        ):
            await executors.run(life.stop, life.told)
    finally:
        for channel in channels.values():
            await channel.close()
        await database.close()


async def _statements(order: Order, life: Life) -> None:
    settings = order.settings
    assert settings.sftp is not None
    url = role_url(settings.database.url, STATEMENTS, settings.keys.role_secret)
    services = _services(settings)
    database = Database(url, services, connections=STATEMENTS_POOL, name="sheaf-statements")
    archive = settings.data_dir / "statements"
    wanted = statements.StatementsSettings(accounts=settings.company_accounts)
    try:
        async with (
            statements_tell(database, order.name, settings.sftp, settings.data_dir),
            alarms_told(settings, services, "statements", foreign_environment()),
        ):
            await statements.run(database, settings.sftp, archive, life.stop, wanted, told=life.told)
    finally:
        await database.close()


def _channels(settings: Settings) -> Mapping[str, Channel]:
    """Certificates and keys are read here: half a renewal (a new certificate, the old key) must not be taken."""
    try:
        return open_channels(settings.channels)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise StartRefused(f"a channel of the bank can't be opened: {type(error).__name__}: {error}") from error


def _services(settings: Settings) -> Services:
    return Services(vault=Vault(settings.keys.vault_key), policy=settings.policy, channels=set_up(settings.channels))


KINDS: Final[dict[str, Kind]] = {
    "api": Kind(process="api", role=API, drain=DRAIN_SECONDS, run=_api),
    # The bank's slowest call is confirm; who is cut off leaves a payment in doubt, which an inquiry ends.
    "payments": Kind(process="executor", role=EXECUTOR, needs=("bank",), drain=50.0, run=_payments),
    "statements": Kind(process="statements", role=STATEMENTS, needs=("sftp",), drain=50.0, run=_statements),
}
