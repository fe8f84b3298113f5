"""Any course of lines, statements, withdrawals and statements set aside: no run breaks, and money adds up."""

from __future__ import annotations

import random
from uuid import UUID

import psycopg
import pytest

from server.ledger.accounts import Purpose, account_id, payable_id
from tests.reconciliation.test_one_member import one_member, tried_before
from tests.support.books import MORNING, Books, intent_id, member_id

PRICE = 48_250_00
AMOUNTS = [PRICE, PRICE, PRICE, PRICE, PRICE - 50_00, 50_00, PRICE + 1, 1]


class Course:
    """Draws what happens next."""

    def __init__(self, books: Books, seed: int) -> None:
        self.books, self.drawn = books, random.Random(seed)
        self.references = [*books.pay(8), *books.pay(2, "in_doubt", "unknown"), *books.pay(2, "failed", "rejected")]
        self.before = [f"S00000000000000{letter}" for letter in "ABC"]
        one_member(books, *self.references[:4])
        one_member(books, *self.references[4:6])
        for reference, before in zip(
            (self.references[0], self.references[4], self.references[7]), self.before, strict=True
        ):
            tried_before(books, reference, before)
        self.given: dict[UUID, int] = {}
        self.ends: list[tuple[int, int]] = [(books.bank.number, books.bank.balance)]

    def _book(self) -> None:
        reference = self.drawn.choice([*self.references, *self.references, *self.before, "UNKNOWN", ""])
        amount = self.drawn.choice(AMOUNTS)
        kind = self.drawn.choice(["payment", "payment", "return", "extra"])
        out = kind == "payment" or (kind == "extra" and self.drawn.random() < 0.5)
        self.books.bank.book(reference, -amount if out else amount, kind)  # type: ignore[arg-type]  # one of three

    async def statement(self) -> None:
        for _ in range(self.drawn.randint(1, 7)):
            self._book()
        assert (await self.books.take(self.books.bank.cut())).problems == ()
        self.ends.append((self.books.bank.number, self.books.bank.balance))

    async def give(self) -> None:
        """A member takes some of what is free."""
        n = self.drawn.randint(1, 8)
        member = self.books.rows("select member_id from sheaf.intent where id = %s", intent_id(n))[0]["member_id"]
        free = self.books.rows("select posted - held free from sheaf.ledger_account where id = %s", payable_id(member))
        first = next(k for k in range(1, 9) if member_id(k) == member)
        if free and free[0]["free"] > 0:
            amount = self.drawn.choice([free[0]["free"], min(PRICE, free[0]["free"])])
            self.books.give_out(f"S{first:015d}", amount)
            self.given[member] = self.given.get(member, 0) + amount

    async def set_aside(self) -> None:
        """Two people find that the last statements are wrong; the bank delivers others."""
        if len(self.ends) < 3:
            return
        keep = self.drawn.randint(len(self.ends) - 2, len(self.ends) - 1) - 1
        self.ends = self.ends[: keep + 1]
        with psycopg.connect(self.books.company.admin_url) as admin:
            admin.execute("set session_replication_role = replica")
            admin.execute(
                """update sheaf.statement set set_aside_at = %s, set_aside_by = %s
                   where position > %s and set_aside_at is null""",
                [MORNING, UUID(int=1), keep],
            )
        # a number of its own: the same one with other content is another word of the bank's on the same
        self.books.bank.number, self.books.bank.balance = self.ends[-1]

    async def settle(self) -> None:
        """The executor hears of one that was in doubt."""
        reference = self.drawn.choice(self.references[8:10])
        if self.books.state(reference) == "in_doubt":
            self.books.walk(reference, "settled", "accepted")

    def adds_up(self) -> None:
        """Every payment's money is in one place, no balance is below nothing, transit is what is settled."""
        rows = self.books.rows("select state, member_id, payout from sheaf.intent")
        at = {state: [row for row in rows if row["state"] == state] for state in ("settled", "reconciled", "returned")}
        assert self.books.balance(account_id("NSN", Purpose.TRANSIT)) == PRICE * len(at["settled"])
        assert self.books.balance(account_id("NSN", Purpose.PAID)) == PRICE * len(at["reconciled"])
        for member in {row["member_id"] for row in rows}:
            owed = PRICE * sum(row["member_id"] == member for row in at["returned"])
            assert self.books.balance(payable_id(member)) == owed - self.given.get(member, 0) >= 0


@pytest.mark.parametrize("seed", [16])
async def test_any_course_adds_up(books: Books, seed: int) -> None:
    course = Course(books, seed)
    for _ in range(25):
        step = course.drawn.choice(
            [course.statement, course.statement, course.statement, course.give, course.set_aside, course.settle]
        )
        await step()
        # what one run brings to a balance, the next one may take back of it; then nothing changes any more
        runs = [await _run(course) for _ in range(3)]
        assert runs[-1] == {}


async def _run(course: Course) -> dict[str, int]:
    run = await course.books.reconcile()
    course.adds_up()
    return run.results
