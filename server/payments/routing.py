"""Which channel a payment takes: a table of routes that leaves no gap and no choice (company-wide, effective-dated)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString

import msgspec

from server.database.transaction import Transaction
from shared.money import Satang, display_amount
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.thai import BANGKOK

ANY_BANK: Final = ""
OUR_BOOKS: Final = "ours"
"""The `bank` of a payment that ends in a member's balance with us."""

WEEK_MINUTES: Final = 7 * 24 * 60

ROUTES_FACT: Final[LiteralString] = "sheaf.routes_in_force(%(now)s)"
"""The SQL expression whose value `read_routes` takes, for a statement that gathers several facts."""


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One row: the payments it fits and the channel they take.

    `bank` is a code, `OUR_BOOKS` or `ANY_BANK`; amounts are satang, both included; `week` holds [from, until) in
    minutes since Monday 00:00 in Bangkok.
    """

    operation: str
    bank: str
    lowest: Satang
    highest: Satang
    week: tuple[tuple[int, int], ...]
    channel: str


def read_routes(fact: object) -> tuple[Route, ...]:
    """The routes out of the value of `ROUTES_FACT`."""
    return msgspec.convert(fact, tuple[Route, ...])


async def routes_in_force(tx: Transaction, now: datetime) -> tuple[Route, ...]:
    """The routes that hold at this instant."""
    return read_routes(await tx.value("select " + ROUTES_FACT, now=now))


def route(routes: Sequence[Route], operation: str, bank: str, amount: Satang, now: datetime) -> str | Refused:
    """The channel of a payment; ROUTE_NONE when no row fits. A row for its bank comes before a row for any bank."""
    minute = minute_of_week(now)
    fitting = {row.bank: row.channel for row in routes if _fits(row, operation, bank, amount, minute)}
    channel = fitting.get(bank) or fitting.get(ANY_BANK)
    if channel is None:
        return Refused(R.ROUTE_NONE, field="amount", params={"amount": display_amount(amount)})
    return channel


def minute_of_week(now: datetime) -> int:
    """Minutes since Monday 00:00 in Bangkok."""
    there = now.astimezone(BANGKOK)
    return (there.weekday() * 24 + there.hour) * 60 + there.minute


def _fits(row: Route, operation: str, bank: str, amount: Satang, minute: int) -> bool:
    return (
        row.operation == operation
        and row.bank in (bank, ANY_BANK)
        and row.lowest <= amount <= row.highest
        and any(begins <= minute < ends for begins, ends in row.week)
    )
