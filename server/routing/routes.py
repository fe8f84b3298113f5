"""Which channel a payment takes: a table of routes that leaves no gap and no choice (company-wide, effective-dated)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import combinations
from typing import Final, LiteralString

import msgspec

from server.channels.base import Manifest, Moves
from server.database.transaction import Transaction
from server.routing.operations import INTERNAL_CHANNEL
from shared.money import Satang, display_amount
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.thai import BANGKOK

ANY_BANK: Final = ""
OUR_BOOKS: Final = "ours"
"""The `bank` of a payment that ends in a member's balance with us."""

WEEK_MINUTES: Final = 7 * 24 * 60

COVERED: Final = (
    ("disbursement", ANY_BANK),
    ("disbursement", OUR_BOOKS),
    ("withdrawal", ANY_BANK),
    ("transfer", ANY_BANK),
)
"""What every table must lead somewhere: a payment that none of its rows fits would wait for nobody."""

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
    """The channel of a payment; ROUTE_NONE when no row fits. A row for its bank comes before a row for any bank.

    A row that leads to a door of the other kind fits nothing: no bank pays into our books, and they pay at no bank.
    """
    minute, in_books = minute_of_week(now), bank == OUR_BOOKS
    fitting = {
        row.bank: row.channel
        for row in routes
        if (row.channel == INTERNAL_CHANNEL) is in_books and _fits(row, operation, bank, amount, minute)
    }
    channel = fitting.get(bank) or fitting.get(ANY_BANK)
    if channel is None:
        return Refused(R.ROUTE_NONE, field="amount", params={"amount": display_amount(amount)})
    return channel


def table_problem(routes: Sequence[Route], manifests: Mapping[str, Manifest]) -> Refused | None:
    """Why these can't be a table: a week or amounts that are none, a channel that can't, an overlap, a gap, or an
    operation that leads nowhere.

    The database refuses overlaps, gaps and channels of the wrong kind too; here they are told in words.
    """
    for row in routes:
        if row.lowest > row.highest or not all(begins < ends for begins, ends in row.week):
            return Refused(R.INVALID, field="routes", params={"problem": "route_range"})
        if not _is_able(row, manifests.get(row.channel)):
            return Refused(R.INVALID, field="routes", params={"problem": "route_channel"})
    if any(_overlap(one, other) for one, other in combinations(routes, 2)) or any(map(_overlaps_itself, routes)):
        return Refused(R.INVALID, field="routes", params={"problem": "route_overlap"})
    if any(_has_gap(routes, name) for name in {row.operation for row in routes}):
        return Refused(R.INVALID, field="routes", params={"problem": "route_gap"})
    missing = [pair for pair in COVERED if pair not in {(row.operation, row.bank) for row in routes}]
    if missing:
        return Refused(R.ROUTE_UNCOVERED, field="routes", params={"operations": ", ".join(map(_named, missing))})
    return None


def unserved(routes: Sequence[Route], living: frozenset[str] | None) -> Refused | None:
    """ROUTE_NO_DOOR for channels that nobody would serve; `living` None is not known."""
    dead = sorted({row.channel for row in routes} - living) if living is not None else []
    return Refused(R.ROUTE_NO_DOOR, field="routes", params={"channels": ", ".join(dead)}) if dead else None


def _named(pair: tuple[str, str]) -> str:
    operation, bank = pair
    return f"{operation}/{bank}" if bank else operation


def _is_able(row: Route, manifest: Manifest | None) -> bool:
    """A row for any bank needs a channel that pays at banks or one that asks for none: it is asked at both ends."""
    in_books = row.operation == "transfer" or row.bank == OUR_BOOKS
    if manifest is None or in_books is not (manifest.moves is Moves.IN_OUR_BOOKS):
        return False
    if row.operation == "withdrawal" and in_books:
        return False
    bank = row.bank or (min(manifest.banks) if manifest.banks else "")
    return manifest.takes(row.operation, bank, row.lowest) and manifest.takes(row.operation, bank, row.highest)


def _overlap(one: Route, other: Route) -> bool:
    same = (one.operation, one.bank) == (other.operation, other.bank)
    amounts = one.lowest <= other.highest and other.lowest <= one.highest
    return same and amounts and any(a < d and c < b for a, b in one.week for c, d in other.week)


def _overlaps_itself(row: Route) -> bool:
    return any(a < d and c < b for (a, b), (c, d) in combinations(row.week, 2))


def _has_gap(routes: Sequence[Route], operation: str) -> bool:
    """Rows that never overlap leave no gap exactly when their areas add up to the whole."""
    rows = [row for row in routes if row.operation == operation and row.bank == ANY_BANK]
    if not rows:
        return True
    area = sum((row.highest - row.lowest + 1) * sum(ends - begins for begins, ends in row.week) for row in rows)
    return area != max(row.highest for row in rows) * WEEK_MINUTES


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
