"""`sheaf serve`, `sheaf worker ...` and `sheaf desk`: the processes of an installation, each in the foreground."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated

import typer

from server.commands.common import Config, fail, services_of, settings_of

if TYPE_CHECKING:
    from server.settings import Settings

worker = typer.Typer(help="The workers; each may run any number of times.", no_args_is_help=True)
Name = Annotated[
    str, typer.Option("--name", help="By which status names it; else its kind and this machine, with a number.")
]


def serve(
    config: Config = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on, instead of the setting's.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on, instead of the setting's.", min=1)] = None,
) -> None:
    """Run the API for desks and head office, until SIGTERM or Ctrl-C; calls under way are answered first."""
    from server.channels import set_up
    from server.database.roles import API, role_url
    from server.http.serve import ServeSettings, run

    settings = settings_of(config)
    status = run(
        ServeSettings(
            database_url=role_url(settings.database.url, API, settings.keys.role_secret),
            vault_key=settings.keys.vault_key,
            policy=settings.policy,
            host=host or settings.api.host,
            port=port or settings.api.port,
            workers=settings.api.workers,
            trusted_proxies=settings.api.trusted_proxies,
            channels=set_up(settings.channels),
        )
    )
    raise typer.Exit(status)


@worker.command("payments")
def payments(config: Config = None, name: Name = "") -> None:
    """Send what was signed off to the bank, resolve doubt, expire; until SIGTERM or Ctrl-C, finishing what it began."""
    settings = settings_of(config, "bank")
    _run_worker("executor", lambda stop: _payments(settings, name, stop))


@worker.command("statements")
def statements(config: Config = None, name: Name = "") -> None:
    """Fetch the bank's statements and reconcile; until SIGTERM or Ctrl-C."""
    settings = settings_of(config, "sftp")
    _run_worker("statements", lambda stop: _statements(settings, name, stop))


def desk(context: typer.Context) -> None:
    """Open the branch's desk; its own options follow (`sheaf desk --help`)."""
    command = [sys.executable, "-m", "desktop", *context.args]
    sys.stdout.flush()
    os.execv(sys.executable, command)


async def _payments(settings: Settings, name: str, stop: asyncio.Event) -> None:
    from server.alarms.running import alarms_told
    from server.channels import open_channels
    from server.connections import EXECUTOR_POOL
    from server.database.roles import EXECUTOR, role_url
    from server.database.transaction import Database
    from server.restore.watch import POSITIONS, ForeignFile, Watch
    from server.settings import foreign_environment
    from server.workers.payments import Executor, ExecutorSettings
    from server.workers.telling import executor_tells

    assert settings.bank is not None
    url = role_url(settings.database.url, EXECUTOR, settings.keys.role_secret)
    services = services_of(settings)
    database = Database(url, services, connections=EXECUTOR_POOL, name="sheaf-executor")
    channels = open_channels(settings.channels)
    executor = Executor(database, url, services, channels, ExecutorSettings(), Watch(settings.data_dir / POSITIONS))
    try:
        async with (
            executor_tells(database, name, settings, executor.figures),
            alarms_told(settings, services, "executor", foreign_environment()),
        ):
            await executor.run(stop)
    except ForeignFile as error:
        fail(str(error))
    finally:
        for channel in channels.values():
            await channel.close()
        await database.close()


async def _statements(settings: Settings, name: str, stop: asyncio.Event) -> None:
    from server.alarms.running import alarms_told
    from server.connections import STATEMENTS_POOL
    from server.database.roles import STATEMENTS, role_url
    from server.database.transaction import Database
    from server.settings import foreign_environment
    from server.workers.statements import StatementsSettings, run
    from server.workers.telling import statements_tell

    assert settings.sftp is not None
    url = role_url(settings.database.url, STATEMENTS, settings.keys.role_secret)
    services = services_of(settings)
    database = Database(url, services, connections=STATEMENTS_POOL, name="sheaf-statements")
    archive = settings.data_dir / "statements"
    accounts = StatementsSettings(accounts=settings.company_accounts)
    try:
        async with (
            statements_tell(database, name, settings.sftp, settings.data_dir),
            alarms_told(settings, services, "statements", foreign_environment()),
        ):
            await run(database, settings.sftp, archive, stop, accounts)
    finally:
        await database.close()


def _run_worker(name: str, work: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    import uvloop

    from server.logs import configure_logs

    configure_logs(name)

    async def main() -> None:
        stop = asyncio.Event()
        for kind in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(kind, stop.set)
        await work(stop)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
