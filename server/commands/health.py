"""`sheaf audit verify` and `sheaf ledger`: is everything true."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

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
_LONG: Final = "set local statement_timeout = '6h'"
"""Everything there is: that takes as long as it takes."""


@audit.command("verify")
def verify(config: Config = None) -> None:
    """Recompute every branch's chain of audit entries; names the first bad entry and exits 1 when there is one."""
    settings = settings_of(config)
    with OUT.status("Recomputing the chains"):
        report = _verified(settings)
    bad = report.first_bad
    told = f"{report.entries} entries of {report.branches} branches verified."
    if bad is not None:
        told = f"Branch {bad.branch_id}, entry {bad.sequence}: {bad.what}."
    _remember(settings, "audit", bad is None, told)
    if bad is not None:
        fail(told)
    say(told)


@ledger.command("check")
def check(config: Config = None) -> None:
    """Recompute every balance and hold from the entries; lists every difference and exits 1 when there is one."""
    settings = settings_of(config)
    with OUT.status("Recomputing the balances"):
        report = _checked(settings)
    transit = display_amount(Satang(report.transit))
    told = f"{report.accounts} accounts agree with {report.entries} entries; {transit} THB in transit."
    wrong = f"The ledger does not balance: {len(report.differences)} differences (in satang)."
    _remember(settings, "ledger", report.balanced, told if report.balanced else wrong)
    if not report.balanced:
        show(
            ("what", "where", "stored", "recomputed"),
            ((each.what, each.name, str(each.stored), str(each.recomputed)) for each in report.differences),
        )
        fail(wrong)
    say(told)


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


def _checked(settings: Settings) -> LedgerReport:
    async def work(tx: Transaction, _actor: Actor) -> LedgerReport:
        from server.ledger.check import check

        await tx.execute(_LONG)
        return await check(tx)

    return administer(settings, work)


def _verified(settings: Settings) -> AuditReport:
    async def work(tx: Transaction, _actor: Actor) -> AuditReport:
        from server.audit.verification import verify

        await tx.execute(_LONG)
        return await verify(tx)

    return administer(settings, work)


def _remember(settings: Settings, name: str, good: bool, told: str) -> None:
    """For status: when it was done last, and how it went."""

    async def work(tx: Transaction, _actor: Actor) -> None:
        from server.health.store import note_proof

        await note_proof(tx, name, good, told, tx.services.clock())

    administer(settings, work)
