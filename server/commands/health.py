"""`sheaf status`, `sheaf audit verify` and `sheaf ledger`: is everything well, and is everything true."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from server.commands.common import OUT, Config, administer, fail, say, settings_of, show
from shared.money import Satang, display_amount

if TYPE_CHECKING:
    from server.audit.verification import AuditReport
    from server.context import Actor
    from server.database.transaction import Transaction
    from server.ledger.check import LedgerReport
    from server.settings import Settings

audit = typer.Typer(help="The audit trail.", no_args_is_help=True)
ledger = typer.Typer(help="The ledger.", no_args_is_help=True)

Health = tuple[bool, str]
_SECONDS = 5.0
_CONNECTED = "select count(*) from pg_stat_activity where usename = %s and datname = current_database()"


def status(config: Config = None) -> None:
    """How api, executor, statements worker, bank, database, ledger and audit are; exit 1 when any is not well."""
    settings = settings_of(config)
    checks: dict[str, Callable[[Settings], Health]] = {
        "api": _api,
        "executor": lambda found: _worker(found, "sheaf_executor"),
        "channels": _channels,
        "statements": lambda found: _worker(found, "sheaf_statements"),
        "bank": _bank,
        "database": _database,
        "ledger": _ledger,
        "audit": _audit,
    }
    found = {name: _asked(check, settings) for name, check in checks.items()}
    show(("part", "well", "what"), ((name, "yes" if well else "NO", text) for name, (well, text) in found.items()))
    raise typer.Exit(0 if all(well for well, _ in found.values()) else 1)


@audit.command("verify")
def verify(config: Config = None) -> None:
    """Recompute every branch's chain of audit entries; names the first bad entry and exits 1 when there is one."""
    with OUT.status("Recomputing the chains"):
        report = _verified(settings_of(config))
    if report.first_bad is not None:
        bad = report.first_bad
        fail(f"Branch {bad.branch_id}, entry {bad.sequence}: {bad.what}.")
    say(f"{report.entries} entries of {report.branches} branches verified.")


@ledger.command("check")
def check(config: Config = None) -> None:
    """Recompute every balance and hold from the entries; lists every difference and exits 1 when there is one."""
    with OUT.status("Recomputing the balances"):
        report = _checked(settings_of(config))
    if not report.balanced:
        show(
            ("what", "where", "stored", "recomputed"),
            ((each.what, each.name, str(each.stored), str(each.recomputed)) for each in report.differences),
        )
        fail(f"The ledger does not balance: {len(report.differences)} differences (in satang).")
    transit = display_amount(Satang(report.transit))
    say(f"{report.accounts} accounts agree with {report.entries} entries; {transit} THB in transit.")


@ledger.command("balance")
def balance(
    name: Annotated[str, typer.Argument(help="An account's name, such as branch/NSN/funding/THB.")],
    at: Annotated[str, typer.Option(help="An instant with its offset, such as 2026-11-21T17:00:00+07:00.")] = "",
    config: Config = None,
) -> None:
    """What an account holds and has set aside, now or after everything posted up to an instant."""
    from datetime import UTC, datetime

    from shared.ids import ledger_account_id

    try:
        instant = datetime.fromisoformat(at) if at else datetime.now(UTC)
    except ValueError:
        fail(f"{at} is not an instant such as 2026-11-21T17:00:00+07:00", 2)
    if instant.tzinfo is None:
        fail(f"{at} says no offset from UTC; add one such as +07:00", 2)
    account = ledger_account_id(name)

    async def work(tx: Transaction, _actor: Actor) -> tuple[int, int]:
        from server.ledger.balances import balance_at

        return await balance_at(tx, account, instant)

    posted, held = (display_amount(Satang(amount)) for amount in administer(settings_of(config), work))
    say(f"{name} ({account}) at {instant.isoformat(timespec='seconds')}: {posted} THB, of which {held} set aside.")


def _asked(check: Callable[[Settings], Health], settings: Settings) -> Health:
    import httpx
    import psycopg
    from sqlalchemy.exc import SQLAlchemyError

    try:
        return check(settings)
    except (psycopg.Error, SQLAlchemyError, httpx.HTTPError, OSError) as error:
        return False, (str(error).strip().splitlines() or [type(error).__name__])[0]


def _api(settings: Settings) -> Health:
    import httpx

    url = f"http://{settings.api.host}:{settings.api.port}"
    answer = httpx.get(f"{url}/readyz", timeout=_SECONDS, trust_env=False)
    return answer.is_success, f"{url} {'is ready' if answer.is_success else f'is not ready: {answer.text}'}"


def _worker(settings: Settings, role: str) -> Health:
    import psycopg

    with psycopg.connect(settings.database.url, connect_timeout=int(_SECONDS)) as connection:
        row = connection.execute(_CONNECTED, (role,)).fetchone()
    count = int(row[0]) if row else 0
    return count > 0, f"{count} connections to the database" if count else "is not connected to the database"


def _channels(settings: Settings) -> Health:
    """What keeps payments from leaving; one that waits for a channel that is not there is as bad as a stopped one."""
    from server.payments import channel_alarms

    async def work(tx: Transaction, _actor: Actor) -> list[channel_alarms.Lane]:
        return await channel_alarms.lanes(tx, datetime.now(UTC))

    found = administer(settings, work)
    told = [channel_alarms.sentence(lane) for lane in sorted(found, key=lambda lane: not lane.is_alarm)]
    return not any(lane.is_alarm for lane in found), "; ".join(told) or "no executor has told yet"


def _bank(settings: Settings) -> Health:
    if settings.bank is None:
        return False, "no [bank] in the settings"
    import logging

    from server.channels.scb_line import BankLine, Reply
    from server.logs import configure_logs

    configure_logs("status", level=logging.ERROR)
    line_settings = settings.bank.line()

    async def probe() -> Health:
        line = BankLine(line_settings, lambda: "0" * 32)
        try:
            answer = await line.send("probe", "GET", "/v1/util/echo", b"", {}, _SECONDS)
            expiry = f"our certificate runs out on {line.certificate_expiry():%Y-%m-%d}"
        finally:
            await line.close()
        if isinstance(answer, Reply):
            return answer.http < 500, f"answers ({answer.http}); {expiry}"
        return False, f"does not answer: {answer.reason}; {expiry}"

    return asyncio.run(probe())


def _database(settings: Settings) -> Health:
    from server.settings_check import database_problems

    problems = database_problems(settings.database.url, settings.keys.role_secret)
    return not problems, problems[0].text if problems else "is reached, the schema is the present one"


def _ledger(settings: Settings) -> Health:
    report = _checked(settings)
    if not report.balanced:
        return False, f"{len(report.differences)} differences; run: sheaf ledger check"
    return True, f"balances over {report.entries} entries, {display_amount(Satang(report.transit))} THB in transit"


def _audit(settings: Settings) -> Health:
    report = _verified(settings)
    if report.first_bad is not None:
        return False, f"entry {report.first_bad.sequence} of branch {report.first_bad.branch_id} is bad"
    return True, f"{report.entries} entries verified"


def _checked(settings: Settings) -> LedgerReport:
    async def work(tx: Transaction, _actor: Actor) -> LedgerReport:
        from server.ledger.check import check

        return await check(tx)

    return administer(settings, work)


def _verified(settings: Settings) -> AuditReport:
    async def work(tx: Transaction, _actor: Actor) -> AuditReport:
        from server.audit.verification import verify

        return await verify(tx)

    return administer(settings, work)
