"""Every transfer of a list gets its own answer, and what is refused leaves nothing behind."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from server.context import Services, Vault
from server.database.roles import EXECUTOR, role_url
from server.database.transaction import Database
from server.ledger.check import check
from server.ledger.posting import answer_each
from server.ledger.transfers import (
    Answer,
    Existing,
    ExistsDifferent,
    Kind,
    Leg,
    NotPosted,
    Posted,
    Transfer,
    Why,
    hold,
    release_id,
)
from shared.money import Satang
from tests.conftest import ROLE_SECRET
from tests.ledger.till import CLEARING, ELSEWHERE, FUNDING, OPENING, PAID, TRANSIT
from tests.members.world import NOW


@pytest.fixture
async def ledger(till: str) -> AsyncIterator[Database]:
    database = Database(role_url(till, EXECUTOR, ROLE_SECRET), Services(vault=Vault(bytes(32))))
    yield database
    await database.close()


def pay(amount: int, source: UUID = FUNDING, target: UUID = TRANSIT, **more: Any) -> Transfer:
    legs = (Leg(source, posted=-amount), Leg(target, posted=amount))
    return Transfer(**{"id": uuid4(), "branch_id": 1, "kind": Kind.TRANSFER, "legs": legs, "subject": "x", **more})


def settle(hold_id: UUID, amount: int, **more: Any) -> Transfer:
    legs = (Leg(FUNDING, posted=-amount, held=-amount), Leg(TRANSIT, posted=amount))
    return pay(1, kind=Kind.POST, hold_id=hold_id, legs=legs, **more)


def free(hold_id: UUID, amount: int = 0, kind: Kind = Kind.VOID) -> Transfer:
    return pay(1, kind=kind, hold_id=hold_id, legs=(Leg(FUNDING, held=-amount),) if amount else ())


def set_aside(amount: int, **more: Any) -> Transfer:
    return hold(uuid4(), 1, FUNDING, Satang(amount), "x", **more)


async def ask(ledger: Database, *transfers: Transfer, later: timedelta = timedelta()) -> list[Answer]:
    async with ledger.transaction([1]) as tx:
        answers = await answer_each(tx, transfers, NOW + later)
        assert (await check(tx)).differences == []
    return answers


async def standing(ledger: Database, *accounts: UUID) -> list[tuple[int, int]]:
    async with ledger.transaction([1]) as tx:
        rows = await tx.rows("select id, posted, held from sheaf.ledger_account")
    found = {row["id"]: (row["posted"], row["held"]) for row in rows}
    return [found[account] for account in accounts]


def whys(answers: Sequence[Answer]) -> list[object]:
    return [answer.why if isinstance(answer, NotPosted) else type(answer) for answer in answers]


async def test_a_list_that_fits_is_written_and_a_repetition_changes_nothing(ledger: Database) -> None:
    held = set_aside(500)
    transfers = [pay(100), held, settle(held.id, 200)]
    assert await ask(ledger, *transfers) == [Posted()] * 3
    before = await standing(ledger, FUNDING, TRANSIT)
    assert before == [(OPENING - 300, 300), (300, 0)]
    assert await ask(ledger, *transfers, pay(1)) == [Existing()] * 3 + [Posted()]
    assert await standing(ledger, FUNDING, TRANSIT) == [(OPENING - 301, 300), (301, 0)]


@pytest.mark.parametrize("field", ["branch_id", "kind", "intent_id", "subject", "legs"])
async def test_what_exists_with_another_content_is_told_by_field(ledger: Database, field: str) -> None:
    first = pay(100)
    await ask(ledger, first)
    other: dict[str, Any] = {
        "branch_id": 2,
        "kind": Kind.REVERSAL,
        "intent_id": uuid4(),
        "subject": "y",
        "legs": pay(101).legs,
    }
    again = pay(100, **{"id": first.id, field: other[field]})
    assert await ask(ledger, again, pay(1)) == [ExistsDifferent(field), Posted()]


async def test_a_refused_transfer_harms_no_other(ledger: Database) -> None:
    answers = await ask(
        ledger,
        pay(OPENING - 10),
        pay(11),
        pay(4),
        pay(5, target=ELSEWHERE),
        pay(1, target=uuid4()),
        pay(1, legs=(Leg(FUNDING, posted=-1),)),
        pay(1, legs=()),
        pay(1, legs=(Leg(FUNDING, posted=-1, held=1), Leg(TRANSIT, posted=1))),
        set_aside(7),
        set_aside(6),
    )
    assert whys(answers) == [
        Posted,
        Why.INSUFFICIENT,
        Posted,
        Why.UNKNOWN_ACCOUNT,
        Why.UNKNOWN_ACCOUNT,
        Why.UNBALANCED,
        Why.MALFORMED,
        Why.UNFIT,
        Why.INSUFFICIENT,
        Posted,
    ]
    assert answers[1] == NotPosted(Why.INSUFFICIENT, account=FUNDING, available=10)
    assert await standing(ledger, FUNDING) == [(6, 6)]


async def test_a_chain_stands_or_falls_together(ledger: Database) -> None:
    answers = await ask(
        ledger,
        pay(100, chain=1),
        pay(OPENING, chain=1),
        pay(100, source=TRANSIT, target=PAID, chain=2),
        pay(100, chain=2),
        pay(50, source=PAID, target=CLEARING),
    )
    assert whys(answers) == [Why.CHAIN_FAILED, Why.INSUFFICIENT, Posted, Posted, Posted]
    assert await standing(ledger, FUNDING, TRANSIT, PAID) == [(OPENING - 100, 0), (0, 0), (50, 0)]


async def test_a_hold_is_posted_in_parts_and_released(ledger: Database) -> None:
    held = set_aside(500)
    last = settle(held.id, 100, releases=True)
    answers = await ask(
        ledger, held, settle(held.id, 300), settle(held.id, 201), last, settle(held.id, 1), free(held.id)
    )
    assert whys(answers) == [Posted, Posted, Why.HOLD_TOO_SMALL, Posted, Why.HOLD_ENDED, Why.HOLD_ENDED]
    assert answers[2] == NotPosted(Why.HOLD_TOO_SMALL, available=200)
    assert await standing(ledger, FUNDING, TRANSIT) == [(OPENING - 400, 0), (400, 0)]
    assert await ask(ledger, last) == [Existing()]
    async with ledger.transaction([1]) as tx:
        freed = await tx.value("select held from sheaf.ledger_entry where transfer_id = %(id)s", id=release_id(last.id))
    assert freed == -100


async def test_a_void_without_an_amount_frees_the_rest(ledger: Database) -> None:
    held = set_aside(500)
    freeing = free(held.id)
    await ask(ledger, held, settle(held.id, 300))
    assert await ask(ledger, freeing) == [Posted()]
    assert await ask(ledger, freeing) == [Existing()]
    assert whys(await ask(ledger, free(held.id), free(uuid4()))) == [Why.HOLD_ENDED, Why.UNKNOWN_HOLD]
    assert await standing(ledger, FUNDING) == [(OPENING - 300, 0)]


async def test_a_hold_that_has_run_out_is_freed_and_not_posted(ledger: Database) -> None:
    held = set_aside(500, expires_at=NOW + timedelta(hours=1))
    endless = set_aside(10)
    await ask(ledger, held, endless)
    assert whys(await ask(ledger, free(held.id, kind=Kind.EXPIRE), free(endless.id, kind=Kind.EXPIRE))) == [
        Why.HOLD_NOT_DUE,
        Why.HOLD_NOT_DUE,
    ]
    assert await ask(ledger, settle(held.id, 100)) == [Posted()]
    hour = timedelta(hours=1)
    assert whys(await ask(ledger, settle(held.id, 100), later=hour)) == [Why.HOLD_EXPIRED]
    assert await ask(ledger, free(held.id, kind=Kind.EXPIRE), later=hour) == [Posted()]
    assert whys(await ask(ledger, free(held.id, kind=Kind.EXPIRE), later=hour)) == [Why.HOLD_ENDED]
    assert await standing(ledger, FUNDING) == [(OPENING - 100, 10)]


async def test_a_transfer_is_turned_round_once_and_exactly(ledger: Database) -> None:
    held, paid = set_aside(50), pay(100)
    posted = settle(held.id, 50)
    await ask(ledger, held, posted, paid)

    def turn(origin: UUID, *legs: Leg) -> Transfer:
        return pay(1, kind=Kind.REVERSAL, reverses=origin, legs=legs)

    back = turn(paid.id)
    answers = await ask(
        ledger,
        turn(paid.id, Leg(FUNDING, posted=99), Leg(TRANSIT, posted=-99)),
        turn(held.id),
        turn(uuid4()),
        back,
        turn(paid.id),
        turn(back.id),
        turn(posted.id),
    )
    assert whys(answers) == [
        Why.NOT_MIRRORED,
        Why.UNKNOWN_TRANSFER,
        Why.UNKNOWN_TRANSFER,
        Posted,
        Why.ALREADY_REVERSED,
        Why.UNKNOWN_TRANSFER,
        Posted,
    ]
    assert await ask(ledger, back) == [Existing()]
    assert await standing(ledger, FUNDING, TRANSIT) == [(OPENING, 0), (0, 0)]


@pytest.mark.parametrize("subject", ['"', "\\", '\\"', "{a,b}", "NULL", "", "ข้าว, หอม 'มะลิ'\n", "$1 %s"])
async def test_a_subject_is_kept_as_it_was_written(ledger: Database, subject: str) -> None:
    transfer = pay(1, subject=subject)
    async with ledger.transaction([1]) as tx:
        assert await answer_each(tx, [transfer, pay(1)], NOW) == [Posted(), Posted()]
        kept = await tx.value("select subject from sheaf.ledger_transfer where id = %(id)s", id=transfer.id)
    assert kept == subject
