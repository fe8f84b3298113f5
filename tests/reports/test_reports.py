"""Liquidity and the dashboard: each branch its own numbers, head office all, days as they are in Bangkok."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from server.context import Actor
from server.database.transaction import Database
from server.reports.verbs import get_dashboard, get_liquidity
from shared.wire.common import Nothing
from shared.wire.records import DashboardReply, LiquidityReply
from tests.support.books import CODES, Books, intent_id
from tests.support.calls import call
from tests.support.world import found

LATE = datetime(2026, 11, 21, 16, 59, 59, tzinfo=UTC)
"""One second before midnight in Bangkok."""


class Office:
    """Books with an API that asks for reports."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.api: Database = books.company.database(connections=1)

    def reached(self, reference: str, state: str, at: datetime) -> None:
        """Say when an intent reached a state."""
        intent = intent_id(int(reference[1:]))
        with psycopg.connect(self.books.company.admin_url) as admin:
            admin.execute(
                """insert into sheaf.intent_event (intent_id, branch_id, version, state, at, actor, evidence)
                   select id, branch_id, 2, %s, %s, 'executor', '' from sheaf.intent where id = %s""",
                [state, at, intent],
            )

    async def dashboard(self, now: datetime, branch: str | None = None) -> DashboardReply:
        """The numbers of a branch, or of all."""
        reply = await call(self.api, _actor(branch), get_dashboard, Nothing(), now)
        assert isinstance(reply, DashboardReply)
        return reply

    async def liquidity(self, branch: str | None = None) -> LiquidityReply:
        """The money of a branch, or of all."""
        reply = await call(self.api, _actor(branch), get_liquidity, Nothing(), LATE)
        assert isinstance(reply, LiquidityReply)
        return reply


def _actor(branch: str | None) -> Actor:
    return Actor(name="a", branch_codes=CODES if branch is None else {branch: CODES[branch]})


@pytest.fixture
async def office(database_url: str) -> AsyncIterator[Office]:
    office = Office(Books(await found(database_url)))
    yield office
    await office.api.close()
    await office.books.close()


async def test_a_day_ends_at_midnight_in_bangkok(office: Office) -> None:
    before, after = office.books.pay(2, "reconciled")
    office.reached(before, "settled", LATE)
    office.reached(after, "settled", LATE + timedelta(seconds=1))
    evening = await office.dashboard(LATE)
    assert (evening.settled_count, evening.settled_total) == (1, "48250.00")
    assert (evening.days[-1].date, evening.days[-1].settled) == ("2026-11-21", "48250.00")
    morning = await office.dashboard(LATE + timedelta(seconds=2))
    assert [(day.date, day.settled) for day in morning.days[-2:]] == [
        ("2026-11-21", "48250.00"),
        ("2026-11-22", "48250.00"),
    ]
    assert len(morning.days) == 7


async def test_every_number_is_of_the_branches_in_sight(office: Office) -> None:
    office.books.pay(1, "validated", "prepared", at=LATE - timedelta(days=2))
    office.books.pay(2, "in_doubt", "unknown", at=LATE)
    (failed,) = office.books.pay(1, "failed", "rejected")
    (returned,) = office.books.pay(1, "returned", branch="KKN")
    office.reached(failed, "failed", LATE)
    office.reached(returned, "returned", LATE)
    office.books.bank.book("", -35_00)
    office.books.bank.book("", -20_00, "extra")
    await office.books.take(office.books.bank.cut())
    await office.books.reconcile()

    everything = await office.dashboard(LATE)
    assert (everything.waiting_count, everything.waiting_total) == (3, "144750.00")
    assert everything.oldest_waiting_at == "2026-11-19T16:59:59.000Z"
    assert (everything.failed_count, everything.in_doubt_count, everything.unreconciled_count) == (1, 2, 1)
    assert [(day.waiting, day.returned) for day in everything.days[-3:]] == [
        ("48250.00", "0.00"),
        ("0.00", "0.00"),
        ("96500.00", "48250.00"),
    ]
    branch = await office.dashboard(LATE, "KKN")
    assert (branch.waiting_count, branch.oldest_waiting_at, branch.unreconciled_count) == (0, "", 0)
    assert branch.days[-1].returned == "48250.00"


async def test_liquidity_is_the_ledgers(office: Office) -> None:
    office.books.pay(2)
    everything = await office.liquidity()
    assert [view.branch for view in everything.branches] == ["CRI", "KKN", "NSN"]
    assert everything.treasury == "0.00"
    own = await office.liquidity("NSN")
    assert own.treasury == ""
    (view,) = own.branches
    assert (view.posted, view.held, view.available, view.transit, view.waiting) == (
        "0.00",
        "0.00",
        "0.00",
        "96500.00",
        0,
    )
    assert view.as_of == "2026-11-21T16:59:59.000Z"
