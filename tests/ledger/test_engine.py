"""Lists of transfers, right and wrong, against the model: the same stand, the same balances, nothing else is there."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from server.context import Services, Vault
from server.database.roles import EXECUTOR, role_url
from server.database.transaction import Database
from server.ledger.balances import balances_at
from server.ledger.check import check
from server.ledger.posting import answer_each
from server.ledger.transfers import Answer, Kind, Leg, Transfer, hold, written
from shared.money import Satang
from tests.conftest import ROLE_SECRET, FreshDatabase
from tests.ledger.model import Model
from tests.ledger.till import open_till
from tests.members.world import NOW

OPENING = 1_000
HOUR = timedelta(hours=1)
_SPACE = UUID(int=77)
AMOUNT = st.one_of(st.integers(1, 100), st.integers(1, 100), st.sampled_from([1, OPENING // 2, OPENING, OPENING + 1]))
# What a transfer is made from: its kind, two accounts, an amount, an earlier hold or transfer, and odd wishes.
ASKED = st.tuples(
    st.sampled_from([Kind.HOLD, Kind.HOLD, Kind.POST, Kind.POST, Kind.VOID, Kind.EXPIRE, Kind.TRANSFER, Kind.REVERSAL]),
    st.integers(0, 3),
    st.integers(1, 3),
    AMOUNT,
    st.integers(0, 30),
    st.sampled_from(["", "", "", "rest", "again", "chain", "chain", "unknown"]),
)
Asked = tuple[Kind, int, int, int, int, str]


@pytest.fixture(scope="module")
def url(fresh_database: FreshDatabase) -> Iterator[str]:
    with fresh_database() as made:
        open_till(made)
        yield made


def test_lists_of_transfers_do_what_the_model_does(url: str) -> None:
    with asyncio.Runner() as runner, psycopg.connect(url, options="-c sheaf.branches={1}", autocommit=True) as admin:
        database = Database(role_url(url, EXECUTOR, ROLE_SECRET), Services(vault=Vault(bytes(32))))
        try:
            run_state_machine_as_test(
                lambda: Engine(runner, database, admin),  # type: ignore[arg-type]  # hypothesis calls whatever it is
                settings=settings(
                    max_examples=30,
                    stateful_step_count=15,
                    deadline=None,
                    derandomize=True,
                    phases=[Phase.generate],
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            runner.run(database.close())


class Engine(RuleBasedStateMachine):
    """Each run has accounts of its own; every list is a transaction that commits."""

    worlds = 0

    def __init__(
        self, runner: asyncio.Runner, database: Database, admin: psycopg.Connection[tuple[object, ...]]
    ) -> None:
        super().__init__()
        self.runner, self.database, self.admin = runner, database, admin
        self.now = NOW
        self.ids = 0
        self.asked: list[Transfer] = []
        self.history: list[tuple[datetime, dict[UUID, tuple[int, int]]]] = []

    @initialize()
    def open(self) -> None:
        Engine.worlds += 1
        purposes = ("funding", "transit", "paid", "clearing")
        self.accounts = [uuid5(_SPACE, f"{Engine.worlds} {purpose}") for purpose in purposes]
        for account, purpose in zip(self.accounts, purposes, strict=True):
            self.admin.execute(
                """insert into sheaf.ledger_account (id, branch_id, name, purpose, currency, minimum)
                   values (%s, 1, %s, %s, 'THB', %s)""",
                [account, str(account), purpose, None if purpose == "clearing" else 0],
            )
        low: list[int | None] = [0, 0, 0, None]
        self.model = Model(dict(zip(self.accounts, low, strict=True)), dict.fromkeys(self.accounts, 0))
        self.ask([self.make((Kind.TRANSFER, 3, 1, OPENING, 0, ""))])

    def make(self, asked: Asked) -> Transfer:
        """A transfer that may or may not be right."""
        kind, source, step, amount, earlier, wish = asked
        self.ids += 1
        new_id = uuid5(_SPACE, f"{Engine.worlds} transfer {self.ids}")
        if wish == "again" and self.asked:
            return self.asked[earlier % len(self.asked)]
        origin, target = self.accounts[source], self.accounts[(source + step) % 4]
        if wish == "unknown":
            target = uuid5(_SPACE, "nobody")
        chain = 1 if wish == "chain" else None
        moves = (Leg(origin, posted=-amount), Leg(target, posted=amount))
        if kind is Kind.HOLD:
            expires = self.now + HOUR if earlier % 2 else None
            return hold(new_id, 1, origin, Satang(amount), "x", expires_at=expires)
        made = Transfer(id=new_id, branch_id=1, kind=kind, legs=moves, subject="x", chain=chain)
        if kind is Kind.TRANSFER:
            return made
        return self._about_another(made, amount, target, earlier, wish)

    def _about_another(self, made: Transfer, amount: int, target: UUID, earlier: int, wish: str) -> Transfer:
        """A transfer about a hold, or about what was moved before."""
        replace: dict[str, Any] = {
            "id": made.id,
            "branch_id": 1,
            "kind": made.kind,
            "subject": "x",
            "chain": made.chain,
        }
        if made.kind is Kind.REVERSAL:
            before = [one.id for one in self.asked if one.kind in (Kind.POST, Kind.TRANSFER, Kind.HOLD)] or [made.id]
            return Transfer(
                **replace, reverses=before[earlier % len(before)], legs=made.legs if wish == "unknown" else ()
            )
        holds = [one for one in self.asked if one.kind is Kind.HOLD]
        if wish == "unknown" or not holds:
            return Transfer(**replace, hold_id=made.id, legs=(Leg(self.accounts[0], held=-amount),))
        held = holds[earlier % len(holds)]
        account = held.legs[0].account_id
        if made.kind is Kind.POST:
            to = target if target != account else self.accounts[(self.accounts.index(account) + 1) % 4]
            legs: tuple[Leg, ...] = (Leg(account, posted=-amount, held=-amount), Leg(to, posted=amount))
            return Transfer(**replace, hold_id=held.id, legs=legs, releases=wish == "rest")
        legs = () if wish == "rest" else (Leg(account, held=-amount),)
        return Transfer(**replace, hold_id=held.id, legs=legs)

    def ask(self, transfers: Sequence[Transfer]) -> list[Answer]:
        async def post() -> list[Answer]:
            async with self.database.transaction([1]) as tx:
                return await answer_each(tx, transfers, self.now)

        expected = self.model.post_all(transfers, self.now)
        answers = self.runner.run(post())
        assert [written(answer) for answer in answers] == expected, answers
        self.asked += transfers
        return answers

    @rule(asked=st.lists(ASKED, min_size=1, max_size=6))
    def a_list(self, asked: list[Asked]) -> None:
        made: list[Transfer] = []
        for one in asked:
            made.append(self.make(one))
            # what comes later in the list may be about it
            self.asked.append(made[-1])
        del self.asked[-len(made) :]
        self.ask(made)

    @rule(asked=ASKED)
    def one(self, asked: Asked) -> None:
        self.ask([self.make(asked)])

    @precondition(lambda self: self.model.holds)
    @rule(earlier=st.integers(0, 30), amount=st.integers(1, 50))
    def post_a_part(self, earlier: int, amount: int) -> None:
        """By itself: whether it may be is the database's word alone."""
        holds = list(self.model.holds.items())
        hold_id, (account, _, _) = holds[earlier % len(holds)]
        target = self.accounts[(self.accounts.index(account) + 1) % 4]
        self.ids += 1
        self.ask(
            [
                Transfer(
                    id=uuid5(_SPACE, f"{Engine.worlds} transfer {self.ids}"),
                    branch_id=1,
                    kind=Kind.POST,
                    hold_id=hold_id,
                    legs=(Leg(account, posted=-amount, held=-amount), Leg(target, posted=amount)),
                    subject="x",
                )
            ]
        )

    @rule()
    def time_goes_on(self) -> None:
        self.history.append((self.now, self.standing()))
        self.now += HOUR

    def standing(self) -> dict[UUID, tuple[int, int]]:
        return {account: (self.model.posted[account], self.model.held(account)) for account in self.accounts}

    @invariant()
    def stands_as_the_model(self) -> None:
        rows = self.admin.execute(
            "select id, posted, held from sheaf.ledger_account where id = any(%s)", [self.accounts]
        ).fetchall()
        assert {row[0]: (row[1], row[2]) for row in rows} == self.standing()

    def teardown(self) -> None:
        async def look() -> None:
            async with self.database.transaction([1]) as tx:
                assert (await check(tx)).differences == []
                for instant, standing in self.history:
                    assert await balances_at(tx, self.accounts, instant) == standing

        self.runner.run(look())
