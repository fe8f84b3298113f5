"""Executors at work: they share without paying twice, no branch waits for another's queue, stopping loses nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import psycopg

from lab.sandbox_bank.bank import RunningBank
from lab.sandbox_bank.faults import Fault, FaultRule
from server.coalesce import Coalescer
from server.payments import verbs
from shared.evidence import Evidence
from shared.permissions import Role
from shared.wire.payments import SubmitIntentRequest
from tests.lab.sandbox_bank.fixtures import running_bank
from tests.members.world import Person
from tests.payments.farm import QUICK, Farm, bank_dir, now
from tests.waiting import eventually


def _paid(bank: RunningBank) -> int:
    return len([one for one in bank.books.transactions() if one.status == "CONFIRM_COMPLETED"])


async def _authorized_batch(farm: Farm, bank: RunningBank, count: int) -> list[UUID]:
    member = await farm.payee()
    bank.books.put_accounts([farm.bank_account_of(member)])
    amounts = range(100, 100 + count)
    batch = await farm.batch([farm.line(member, f"{baht}.00") for baht in amounts], f"{sum(amounts)}.00")
    await farm.sign(farm.manager, batch_id=batch.id)
    return [row[0] for row in farm.query("select id from sheaf.intent where batch_id = %s", batch.id)]


async def _settled(farm: Farm, ids: Sequence[UUID]) -> None:
    query = "select count(*) from sheaf.intent where id = any(%s) and state = 'settled'"
    await eventually(lambda: farm.query(query, list(ids)) == [(len(ids),)])


async def test_two_executors_share_sixty_payments_and_pay_each_once(farm: Farm, tmp_path: Path) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        ids = await _authorized_batch(farm, bank, 60)
        few = replace(QUICK, concurrency=8)
        async with farm.executor_at(bank, few), farm.executor_at(bank, few):
            await _settled(farm, ids)
        assert _paid(bank) == 60
    workers = farm.query("select executor_id from sheaf.attempt where intent_id = any(%s)", ids)
    assert len(workers) == 60
    assert len(set(workers)) == 2
    assert (await farm.ledger()).balanced


async def test_a_branchs_three_payments_do_not_wait_for_two_hundred_of_another(farm: Farm, tmp_path: Path) -> None:
    await farm.fund("KKN", 1_000)
    with psycopg.connect(farm.url) as admin:
        boss = Person(admin, "boss", "KKN", Role.MANAGER)
    async with running_bank(bank_dir(tmp_path)) as bank:
        long_queue = await _authorized_batch(farm, bank, 200)
        member = await farm.payee(branch="KKN")
        bank.books.put_accounts([farm.bank_account_of(member)])
        few = []
        for baht in ("100.00", "101.00", "102.00"):
            request = SubmitIntentRequest(branch="KKN", **farm.line(member, baht))
            few.append((await farm.done(farm.stranger, verbs.submit_intent, request, now())).id)
        await farm.sign(boss, few)
        async with farm.executor_at(bank, replace(QUICK, concurrency=16)):
            await _settled(farm, few)
        # stopped now: what was under way is recorded, the rest of the long queue has not begun
        states = farm.query("select distinct state from sheaf.intent where id = any(%s) order by 1", long_queue)
        assert {state for (state,) in states} <= {"authorized", "settled"}
        accepted = "select count(*) from sheaf.attempt where state = 'accepted' and intent_id = any(%s)"
        assert farm.query(accepted, [*long_queue, *few]) == [(_paid(bank),)]
        async with farm.executor_at(bank):
            await _settled(farm, long_queue)
        assert _paid(bank) == 203
    before = """select count(*) from sheaf.attempt where intent_id = any(%s)
                and prepared_at < (select max(prepared_at) from sheaf.attempt where intent_id = any(%s))"""
    assert farm.query(before, long_queue, few)[0][0] <= 16


async def test_stopping_waits_for_what_is_under_way(farm: Farm, tmp_path: Path) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        ids = await _authorized_batch(farm, bank, 3)
        bank.faults.set(FaultRule(fault=Fault.SLOW, call="initiate", times=3, seconds=1))
        query = "select count(*) from sheaf.attempt where intent_id = any(%s) and state = 'prepared'"
        async with farm.executor_at(bank):
            await eventually(lambda: farm.query(query, ids) == [(3,)])
        assert {farm.state(intent_id) for intent_id in ids} == {"settled"}
        assert _paid(bank) == 3


def _callback(**content: str) -> bytes:
    return json.dumps(content).encode()


UNREADABLE = [
    b"",
    b"no json",
    b"[]",
    b"\xff\xfe",
    b"\x00",
    _callback(partnerTransactionID="A\x00B"),
    _callback(transactionId="\x00"),
    _callback(transactionId="x" * 65),
    b'{"partnerTransactionID":"\xff"}',
    b'{"partnerTransactionID":"\\ud800"}',
    b'{"partnerTransactionID":7}',
    b'{"other":' + b"[" * 50_000,
    b'{"other":' + b"[" * 30_000 + b"]" * 30_000 + b"}",
]


def _store(farm: Farm, body: bytes) -> UUID:
    callback = uuid4()
    farm.query("insert into sheaf.callback_inbox (id, at, body) values (%s, %s, %s)", callback, now(), body)
    return callback


def _outcome(farm: Farm, callback: UUID) -> str:
    return str(farm.query("select outcome from sheaf.callback_inbox where id = %s", callback)[0][0])


async def test_a_callback_that_nobody_can_read_keeps_no_other_back(farm: Farm, tmp_path: Path) -> None:
    """Anyone may post one: what the bank's server never sends, a stranger does."""
    bad = [_store(farm, body) for body in UNREADABLE]
    strange = [
        _store(farm, _callback(partnerTransactionID=reference, transactionId="T1"))
        for reference in ("NOBODYS", "", "'; drop table sheaf.intent; --")
    ]
    async with running_bank(bank_dir(tmp_path)) as bank, farm.executor_at(bank):
        await eventually(lambda: not farm.query("select 1 from sheaf.callback_inbox where outcome = 'stored'"))
    assert {_outcome(farm, one) for one in bad} == {"unreadable"}
    assert {_outcome(farm, one) for one in strange} == {"unknown_reference"}


async def test_a_callback_proves_nothing_and_only_makes_us_ask(farm: Farm, tmp_path: Path) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        (waiting,) = await _authorized_batch(farm, bank, 1)
        bank.faults.set(FaultRule(fault=Fault.LOST_ANSWER, times=1))
        slow = replace(QUICK, inquiry_schedule=(600.0,))
        async with farm.executor_at(bank, slow):
            await farm.reaches(waiting, "in_doubt")
            reference = farm.query("select bank_reference from sheaf.attempt where intent_id = %s", waiting)[0][0]
            far = "select inquire_at > now() + interval '5 min' from sheaf.attempt where intent_id = %s"
            assert farm.query(far, waiting) == [(True,)]
            callback = _store(farm, _callback(partnerTransactionID=reference, transactionId="T2", amount="9999999.00"))
            assert await farm.reaches(waiting, "settled", "failed") == "settled"
        assert _outcome(farm, callback) == "noted"
        assert _paid(bank) == 1
    evidence = farm.query("select evidence from sheaf.attempt where intent_id = %s order by ordinal desc", waiting)
    assert evidence[0] == (Evidence.INQUIRY_PAID,)


@contextmanager
def _no_writing(farm: Farm) -> Iterator[None]:
    """The executor's role may not update attempts until it is granted anew."""
    columns = farm.query(
        """select string_agg(column_name, ', ') from information_schema.column_privileges
           where grantee = 'sheaf_executor' and table_name = 'attempt' and privilege_type = 'UPDATE'"""
    )[0][0]
    farm.query("revoke update on sheaf.attempt from sheaf_executor")
    yield
    farm.query("revoke update on sheaf.attempt from sheaf_executor")
    farm.query(f"grant update ({columns}) on sheaf.attempt to sheaf_executor")


async def test_an_attempt_adrift_while_the_database_refuses_is_asked_about_afterwards(
    farm: Farm, tmp_path: Path
) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        ids = await _authorized_batch(farm, bank, 2)
        with _no_writing(farm):
            async with farm.executor_at(bank) as executor:
                await eventually(lambda: len(executor._adrift) == 2)
                farm.query("grant update on sheaf.attempt to sheaf_executor")
                await _settled(farm, ids)
        assert _paid(bank) == 2


async def test_one_item_that_can_not_be_written_fails_alone() -> None:
    flushed: list[list[int]] = []

    async def flush(items: Sequence[int]) -> Sequence[str]:
        flushed.append(list(items))
        if 13 in items:
            raise psycopg.errors.CheckViolation("thirteen")
        return [f"wrote {item}" for item in items]

    together: Coalescer[int, str] = Coalescer(flush)
    answers = await asyncio.gather(*(together.submit(item) for item in (12, 13, 14)), return_exceptions=True)
    assert [str(answer) for answer in answers] == ["wrote 12", "thirteen", "wrote 14"]
    assert flushed == [[12, 13, 14], [12], [13], [14]]
    assert await together.submit(15) == "wrote 15"


async def test_a_database_that_is_away_is_not_asked_once_for_each_item() -> None:

    asked = 0

    async def flush(items: Sequence[int]) -> Sequence[str]:
        nonlocal asked
        asked += 1
        raise psycopg.OperationalError("away")

    together: Coalescer[int, str] = Coalescer(flush)
    answers = await asyncio.gather(*(together.submit(item) for item in range(50)), return_exceptions=True)
    assert [str(answer) for answer in answers] == ["away"] * 50
    assert asked == 1


async def test_a_payment_whose_hold_is_gone_does_not_keep_the_others_from_being_recorded(
    farm: Farm, tmp_path: Path
) -> None:
    """Last, because the payment stays under way: the bank has paid it and the ledger can't say from what."""
    async with running_bank(bank_dir(tmp_path)) as bank:
        sound = await _authorized_batch(farm, bank, 5)
        (robbed,) = await _authorized_batch(farm, bank, 1)
        hold, account, amount = farm.query(
            """select h.id, h.account_id, h.remaining from sheaf.ledger_hold h join sheaf.intent i on i.hold_id = h.id
               where i.id = %s""",
            robbed,
        )[0]
        void = uuid4()
        farm.query(
            """insert into sheaf.ledger_transfer (id, branch_id, kind, hold_id, subject, at)
               values (%s, 1, 'void', %s, 'robbed', now())""",
            void,
            hold,
        )
        farm.query(
            "insert into sheaf.ledger_entry (transfer_id, account_id, branch_id, held) values (%s, %s, 1, %s)",
            void,
            account,
            -amount,
        )
        bank.faults.set(FaultRule(fault=Fault.SLOW, call="confirm", times=6, seconds=0.5))
        # no inquiry puts it right later: what is recorded is recorded by the first answer
        async with farm.executor_at(bank, replace(QUICK, inquiry_schedule=(600.0,))):
            await _settled(farm, sound)
            await eventually(lambda: _paid(bank) == 6)
        assert farm.state(robbed) == "sent"
    assert (await farm.ledger()).balanced
