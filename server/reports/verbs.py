"""How much money a branch has, and its day in numbers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final

from server.context import Actor
from server.database.transaction import Row, Transaction
from server.reports import store
from server.routing.channel_alarms import alarms
from server.wire_time import wire_time
from shared.lifecycle import IntentState
from shared.money import Satang, format_amount
from shared.thai import business_date, start_of_day
from shared.wire.common import Nothing
from shared.wire.records import BranchLiquidity, DashboardReply, DayTotals, LiquidityReply

DAYS: Final = 7
"""How many Bangkok days the dashboard shows, today included."""


async def get_liquidity(tx: Transaction, actor: Actor, request: Nothing, now: datetime) -> LiquidityReply:
    """What each branch in sight may still pay, as the ledger says now; `treasury` is empty outside head office."""
    treasury = await store.treasury(tx)
    return LiquidityReply(
        branches=[
            BranchLiquidity(
                branch=row["code"],
                name_th=row["name_th"],
                name_en=row["name_en"],
                posted=_baht(row["posted"]),
                held=_baht(row["held"]),
                available=_baht(row["posted"] - row["held"]),
                transit=_baht(row["transit"]),
                waiting=row["waiting"],
                as_of=wire_time(now),
            )
            for row in await store.liquidity(tx)
        ],
        treasury="" if treasury is None else _baht(treasury),
    )


async def get_dashboard(tx: Transaction, actor: Actor, request: Nothing, now: datetime) -> DashboardReply:
    """Today in Bangkok and the days before it, over the actor's branches.

    Waiting are payments from their submission until they settle or end, however old; settled, failed and returned are
    counted on the day on which they became so.
    """
    today = business_date(now)
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    reached = await store.reached_since(tx, start_of_day(days[0]))
    waiting = await store.waiting(tx)
    oldest = min((row["oldest"] for row in waiting), default=None)
    return DashboardReply(
        settled_count=_number(_of(reached, IntentState.SETTLED, today)),
        settled_total=_total(_of(reached, IntentState.SETTLED, today)),
        waiting_count=_number(waiting),
        waiting_total=_total(waiting),
        oldest_waiting_at=wire_time(oldest),
        failed_count=_number(_of(reached, IntentState.FAILED, today)),
        failed_total=_total(_of(reached, IntentState.FAILED, today)),
        in_doubt_count=_number(row for row in waiting if row["state"] == IntentState.IN_DOUBT.value),
        unreconciled_count=await store.unreconciled(tx),
        bank_changes_open=await store.open_bank_changes(tx),
        days=[
            DayTotals(
                date=day.isoformat(),
                settled=_total(_of(reached, IntentState.SETTLED, day)),
                waiting=_total(row for row in waiting if row["day"] == day),
                returned=_total(_of(reached, IntentState.RETURNED, day)),
            )
            for day in days
        ],
        as_of=wire_time(now),
        alarms=await alarms(tx, now),
    )


def _of(rows: Iterable[Row], state: IntentState, day: date) -> list[Row]:
    return [row for row in rows if row["state"] == state.value and row["day"] == day]


def _number(rows: Iterable[Row]) -> int:
    return sum(row["number"] for row in rows)


def _total(rows: Iterable[Row]) -> str:
    return _baht(sum(row["total"] for row in rows))


def _baht(satang: int) -> str:
    return format_amount(Satang(satang))
