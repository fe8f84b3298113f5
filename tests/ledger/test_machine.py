"""The ledger against a small model of it: any order of holds, posts, voids and transfers, right and wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, LiteralString
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from psycopg.rows import dict_row

from server.ledger.check import check
from tests.conftest import FreshDatabase
from tests.ledger.till import CLEARING, FUNDING, OPENING, PAID, TRANSIT, balances, open_till, write

ACCOUNTS = st.sampled_from([FUNDING, TRANSIT, PAID, CLEARING])
BOUNDED = (FUNDING, TRANSIT, PAID)
AMOUNTS = st.one_of(st.integers(1, 500), st.sampled_from([1, OPENING // 2, OPENING, OPENING + 1, 10**12]))


@dataclass
class Model:
    """What each account holds and has set aside, and what is left of each hold."""

    posted: dict[UUID, int] = field(default_factory=lambda: {FUNDING: OPENING, CLEARING: -OPENING, TRANSIT: 0, PAID: 0})
    holds: dict[UUID, tuple[UUID, int]] = field(default_factory=dict)

    def held(self, account: UUID) -> int:
        return sum(left for owner, left in self.holds.values() if owner == account)

    def free(self, account: UUID) -> int:
        return 10**18 if account == CLEARING else self.posted[account] - self.held(account)


@pytest.fixture(scope="module")
def url(fresh_database: FreshDatabase) -> Iterator[str]:
    with fresh_database() as made:
        open_till(made)
        yield made


def test_the_ledger_does_what_its_model_does(url: str) -> None:
    connection = psycopg.connect(url, options="-c sheaf.branches={1}")
    try:
        run_state_machine_as_test(
            lambda: Ledger(connection),  # type: ignore[arg-type]  # hypothesis calls whatever it is
            settings=settings(
                max_examples=25,
                stateful_step_count=25,
                deadline=None,
                derandomize=True,
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        connection.close()


class Look:
    """What the ledger's check asks of a transaction, on a connection that is not asynchronous."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._cursor = connection.cursor(row_factory=dict_row)

    async def rows(self, statement: LiteralString) -> list[dict[str, Any]]:
        """All rows."""
        return self._cursor.execute(statement).fetchall()

    async def one(self, statement: LiteralString) -> dict[str, Any]:
        """The only row."""
        return (await self.rows(statement))[0]


class Ledger(RuleBasedStateMachine):
    """Every run is one transaction that is rolled back at its end."""

    holds = Bundle("holds")

    def __init__(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        super().__init__()
        self.connection = connection
        self.model = Model()

    def attempt(self, may: bool, kind: str, *legs: tuple[UUID, int, int], hold: UUID | None = None) -> UUID | None:
        """Write the transfer; the database agrees with the model on whether it may be."""
        try:
            with self.connection.transaction():
                transfer = write(self.connection, kind, *legs, hold=hold)
        except psycopg.DatabaseError:
            transfer = None
        assert (transfer is not None) == may
        return transfer

    @rule(target=holds, account=ACCOUNTS, amount=AMOUNTS)
    def hold(self, account: UUID, amount: int) -> UUID:
        made = self.attempt(amount <= self.model.free(account), "hold", (account, 0, amount))
        if made is not None:
            self.model.holds[made] = (account, amount)
        return made or UUID(int=0)

    @rule(hold=holds, target_account=ACCOUNTS, amount=AMOUNTS)
    def post(self, hold: UUID, target_account: UUID, amount: int) -> None:
        account, left = self.model.holds.get(hold, (FUNDING, 0))
        if target_account == account:
            return
        may = amount <= left
        if self.attempt(may, "post", (account, -amount, -amount), (target_account, amount, 0), hold=hold):
            self.model.holds[hold] = (account, left - amount)
            self.model.posted[account] -= amount
            self.model.posted[target_account] += amount

    @rule(hold=holds, target_account=ACCOUNTS)
    def post_the_rest(self, hold: UUID, target_account: UUID) -> None:
        self.post(hold, target_account, max(self.model.holds.get(hold, (FUNDING, 0))[1], 1))

    @rule(hold=holds, amount=AMOUNTS)
    def void(self, hold: UUID, amount: int) -> None:
        account, left = self.model.holds.get(hold, (FUNDING, 0))
        if self.attempt(amount <= left, "void", (account, 0, -amount), hold=hold):
            self.model.holds[hold] = (account, left - amount)

    @rule(hold=holds)
    def void_the_rest(self, hold: UUID) -> None:
        self.void(hold, max(self.model.holds.get(hold, (FUNDING, 0))[1], 1))

    @rule(source=ACCOUNTS, target_account=ACCOUNTS, amount=AMOUNTS)
    def transfer(self, source: UUID, target_account: UUID, amount: int) -> None:
        if source == target_account:
            return
        may = amount <= self.model.free(source)
        if self.attempt(may, "transfer", (source, -amount, 0), (target_account, amount, 0)):
            self.model.posted[source] -= amount
            self.model.posted[target_account] += amount

    @precondition(lambda self: self.model.held(FUNDING) > 0)
    @rule(hold=holds, extra=st.integers(1, 100))
    def pay_more_than_is_held(self, hold: UUID, extra: int) -> None:
        account, left = self.model.holds.get(hold, (FUNDING, 0))
        if left and account != PAID:
            self.attempt(False, "post", (account, -left - extra, -left), (PAID, left + extra, 0), hold=hold)

    @invariant()
    def stands_as_the_model(self) -> None:
        found = balances(self.connection)
        for account, posted in self.model.posted.items():
            assert found[account] == (posted, self.model.held(account))
        for account in BOUNDED:
            assert self.model.free(account) >= 0
        assert sum(posted for posted, _ in found.values()) == 0

    @invariant()
    def the_check_finds_no_difference(self) -> None:
        assert asyncio.run(check(Look(self.connection))).differences == []  # type: ignore[arg-type]  # all it asks for

    def teardown(self) -> None:
        self.connection.rollback()
