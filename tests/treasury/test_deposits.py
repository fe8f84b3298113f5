"""Money paid in counts once, when two people have said so upon evidence; the bank's own balance follows it."""

from __future__ import annotations

import asyncio
import base64
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import psycopg
import pytest

from server.audit.verification import verify
from server.context import Actor
from server.ledger.accounts import Purpose, account_id
from server.ledger.check import check
from server.treasury.proving import expire_deposits
from server.treasury.sign_verbs import sign_deposit
from server.treasury.verbs import cancel_deposit, get_deposit_document, list_deposits, record_deposit
from shared.canonical import DepositSheet, parse_sheet
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.wire.common import ById, Nothing
from shared.wire.treasury import CancelDepositRequest, DepositView, RecordDepositRequest
from tests.bank_changes.cases import png
from tests.support.books import EVERYTHING, MORNING
from tests.treasury.conftest import House
from tests.waiting import eventually

TREASURY = account_id("HQ", Purpose.TREASURY)


def treasury(house: House) -> int:
    return house.books.balance(TREASURY)


def code_of(reply: Any) -> R:
    assert isinstance(reply, Refused), reply
    return reply.code


async def whole(house: House) -> None:
    """The ledger recomputes and the audit chains are unbroken."""
    async with house.books.company.administration() as owner, owner.transaction(EVERYTHING) as tx:
        assert (await check(tx)).balanced
        assert (await verify(tx)).first_bad is None


async def test_a_slip_brings_money_in_when_another_one_has_looked_and_signed(house: House) -> None:
    recorded = await house.record()
    assert (recorded.state, treasury(house)) == ("requested", 0)
    assert code_of(await house.ask("treasurer", sign_deposit, house.decision(recorded))) is R.DOCUMENTS_UNREAD
    signed = await house.sign(recorded)
    assert (signed.state, signed.signatures[0].role, treasury(house)) == ("recorded", "treasurer", 100_000)
    assert code_of(await house.sign(signed)) is R.STATE
    assert treasury(house) == 100_000
    content = await house.ask("auditor", get_deposit_document, ById(id=recorded.id))
    assert content == png("slip")
    entries = house.books.rows("select tag from sheaf.audit_entry where tag like '%%deposit' order by sequence")
    assert [row["tag"] for row in entries] == ["record_deposit", "sign_deposit"]
    await whole(house)


async def test_a_credit_line_brings_money_in_once_and_is_explained_by_it(house: House) -> None:
    await house.statement(100_000, -35_00)
    (credit,) = (await house.look()).credits
    recorded = await house.record(statement_line_id=credit.id)
    assert (recorded.received_on, recorded.statement_line) == ("2026-11-21", "1/2026-11-21/1")
    assert (await house.look()).credits == []
    again = await house.record(statement_line_id=credit.id, duplicate_reason="other money")
    assert (code_of(again), again.params) == (R.DEPOSIT_LINE, {"problem": "explained"})
    signed = await house.sign(recorded)
    assert (signed.state, treasury(house)) == ("reconciled", 100_000)
    results = "select result, reason from sheaf.reconciliation order by amount_found desc"
    assert house.books.rows(results)[0] == {"result": "matched", "reason": "recorded_deposit"}
    await house.statement(at=MORNING + timedelta(days=1))
    assert house.books.rows(results)[0] == {"result": "matched", "reason": "recorded_deposit"}
    await whole(house)


async def test_the_line_that_comes_after_the_slip_proves_it_and_is_no_news(house: House) -> None:
    await house.statement()
    recorded = await house.sign(await house.record())
    look = await house.look()
    assert [(part.kind, part.count, part.amount) for part in look.parts if part.kind == "unproved"] == [
        ("unproved", 1, "-1000.00")
    ]
    await house.statement(100_000, at=MORNING + timedelta(days=1))
    (proved,) = (await house.ask("treasurer", list_deposits, Nothing())).deposits
    assert (proved.id, proved.state) == (recorded.id, "reconciled")
    look = await house.look()
    assert (look.credits, [part.kind for part in look.parts], look.unexplained) == ([], ["before"], "0.00")
    # the same amount once more is other money, and waits for somebody
    await house.statement(100_000, at=MORNING + timedelta(days=2))
    assert len((await house.look()).credits) == 1
    await whole(house)


async def test_when_the_proving_statement_is_set_aside_it_waits_for_another_line(house: House) -> None:
    await house.statement(100_000)
    (credit,) = (await house.look()).credits
    await house.sign(await house.record(statement_line_id=credit.id))
    with psycopg.connect(house.books.company.admin_url) as admin:
        admin.execute("set session_replication_role = replica")
        admin.execute("update sheaf.statement set set_aside_at = now(), set_aside_by = id")
    await house.books.reconcile()
    states = "select state, statement_line_id from sheaf.deposit"
    assert house.books.rows(states) == [{"state": "recorded", "statement_line_id": credit.id}]
    house.books.bank.balance -= 100_000
    await house.statement(100_000)
    (proved,) = house.books.rows(states)
    assert proved["state"] == "reconciled"
    assert proved["statement_line_id"] != credit.id
    assert treasury(house) == 100_000
    await whole(house)


async def test_every_part_of_the_difference_is_named(house: House) -> None:
    before = await house.look()
    assert (before.bank_balance, before.parts, before.unexplained) == ("", [], "0.00")
    opening = await house.record(amount="500000000.00", received_on="2026-11-01", reference="opening")
    await house.sign(opening)
    (paid,) = house.books.pay(at=MORNING)
    house.books.bank.book(paid, -48_250_00)
    await house.statement(70_000, -35_00)
    look = await house.look()
    assert (look.bank_balance, look.difference) == ("499952415.00", "665.00")
    assert {(part.kind, part.count, part.amount) for part in look.parts} == {
        ("credits", 1, "700.00"),
        ("debits", 1, "-35.00"),
    }
    assert (look.unexplained, look.treasury) == ("0.00", "500000000.00")


async def test_a_sheet_says_all_that_is_signed(house: House) -> None:
    await house.statement(100_000)
    (credit,) = (await house.look()).credits
    recorded = await house.record(statement_line_id=credit.id, document=png("both"), document_name="slip.png")
    sheet = parse_sheet(base64.b64decode(recorded.sheet))
    assert isinstance(sheet, DepositSheet)
    assert str(credit.id) in sheet.statement_line
    assert sheet.documents == (recorded.documents[0].sha256,)
    assert (sheet.amount, sheet.received_on, sheet.payer) == (100_000, "2026-11-21", "บริษัท ข้าวไทย จำกัด")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"amount": "0"}, R.MONEY_INVALID),
        ({"amount": "1e3"}, R.MONEY_INVALID),
        ({"payer": " "}, R.INVALID),
        ({"reason": ""}, R.INVALID),
        ({"payer": "a\u202eb"}, R.INVALID),
        ({"received_on": ""}, R.INVALID),
        ({"received_on": "2026-02-30"}, R.INVALID),
        ({"received_on": "2026-11-22"}, R.INVALID),
        ({"document": b"", "document_name": ""}, R.DOCUMENTS_NEEDED),
        ({"document": b"GIF89a"}, R.DOCUMENT_INVALID),
        ({"document_name": ""}, R.INVALID),
        ({"statement_line_id": UUID(int=7), "received_on": "2026-11-21"}, R.NOT_FOUND),
    ],
    ids=str,
)
async def test_what_can_not_be_is_not_written(house: House, changed: dict[str, Any], code: R) -> None:
    assert code_of(await house.record(**changed)) is code
    assert house.books.rows("select id from sheaf.deposit") == []


async def test_only_an_unexplained_credit_of_the_amount_is_evidence(house: House) -> None:
    paid, back = house.books.pay(2)
    house.books.bank.book(paid, -48_250_00)
    house.books.bank.book(back, -48_250_00)
    house.books.bank.book(back, 48_250_00, "return")
    await house.statement(-35_00, 100_000)
    lines = house.books.rows("select id, amount, reference from sheaf.statement_line order by sequence")
    # the third is a payment that came back: a reversal, as this bank marks it, and a payment's in any case
    for line, problem in zip(lines, ("no_credit", "no_credit", "no_credit", "no_credit", None), strict=True):
        amount = f"{abs(line['amount']) / 100:.2f}"
        reply = await house.record(statement_line_id=line["id"], amount=amount)
        assert (None if isinstance(reply, DepositView) else reply.params["problem"]) == problem
    reply = await house.record(statement_line_id=lines[-1]["id"], amount="1000.01")
    assert code_of(reply) in (R.DEPOSIT_LINE, R.INVALID)


async def test_the_same_money_is_not_recorded_twice(house: House) -> None:
    first = await house.record(reference="SLIP-1")
    assert code_of(await house.record()) is R.ALREADY_EXISTS
    other = {"document": png("another picture"), "document_name": "b.png"}
    refusal = await house.record(received_on="2026-11-18", **other)
    assert (code_of(refusal), refusal.params["number"]) == (R.DEPOSIT_DUPLICATE, first.number)
    assert code_of(await house.record(received_on="2026-10-01", reference="SLIP-1", **other)) is R.DEPOSIT_DUPLICATE
    explained = await house.record(duplicate_reason="second transfer of the day", **other)
    assert explained.duplicate_reason == "second transfer of the day"
    # what was taken back makes room
    cancelled = await house.ask("administrator", cancel_deposit, CancelDepositRequest(id=first.id, version=1))
    assert cancelled.state == "cancelled"
    assert isinstance(await house.record(duplicate_reason="anew"), DepositView)


async def test_two_at_once_record_one(house: House) -> None:
    replies = await asyncio.gather(*(house.record() for _ in range(4)))
    assert [isinstance(reply, DepositView) for reply in replies].count(True) == 1


async def test_who_may_not_decide_does_not(house: House) -> None:
    own = await house.record("treasurer")
    assert code_of(await house.sign(own)) is R.MAKER_IS_CHECKER
    assert code_of(await house.record("manager.nsn", document=png("m"))) is R.FORBIDDEN
    assert (
        code_of(await house.ask("treasurer", cancel_deposit, CancelDepositRequest(id=uuid4(), version=1)))
        is R.NOT_FOUND
    )
    other = await house.record(document=png("b"), duplicate_reason="b")
    assert (
        code_of(await house.ask("treasurer", cancel_deposit, CancelDepositRequest(id=other.id, version=1)))
        is R.FORBIDDEN
    )
    stale = CancelDepositRequest(id=other.id, version=9)
    assert code_of(await house.ask("administrator", cancel_deposit, stale)) is R.STALE_VERSION


async def test_what_does_not_sign_this_as_it_stands_is_refused(house: House) -> None:
    recorded = await house.record()
    for changed, code in (
        ({"version": 2}, R.STALE_VERSION),
        ({"id": uuid4()}, R.NOT_FOUND),
        ({"digest": "0" * 64}, R.SIGNATURE),
        ({"signature": house.decision(recorded, "reject").signature}, R.SIGNATURE),
        ({"signature": "%"}, R.SIGNATURE),
    ):
        assert code_of(await house.sign(recorded, **changed)) is code  # type: ignore[arg-type]  # fields of the request
    assert code_of(await house.sign(recorded, "reject")) is R.REASON_NEEDED
    assert code_of(await house.sign(recorded, at=MORNING + timedelta(hours=73))) is R.EXPIRED
    rejected = await house.sign(recorded, "reject", reason="not our account")
    assert (rejected.state, rejected.signatures[0].reason, treasury(house)) == ("rejected", "not our account", 0)


async def test_a_document_that_was_changed_is_neither_read_nor_approved(house: House) -> None:
    recorded = await house.record()
    await house.ask("treasurer", get_deposit_document, ById(id=recorded.id))
    with psycopg.connect(house.books.company.admin_url) as admin:
        admin.execute("set session_replication_role = replica")
        admin.execute("update sheaf.deposit_document set content_cipher = content_cipher || '\\x00'")
    assert code_of(await house.ask("treasurer", sign_deposit, house.decision(recorded))) is R.DOCUMENT_INVALID
    assert code_of(await house.ask("treasurer", get_deposit_document, ById(id=recorded.id))) is R.NOT_FOUND
    forged = house.books.company.services.vault.encrypt(png("forged"))
    with psycopg.connect(house.books.company.admin_url) as admin:
        admin.execute("set session_replication_role = replica")
        admin.execute("update sheaf.deposit_document set content_cipher = %s", [forged])
    assert code_of(await house.ask("treasurer", sign_deposit, house.decision(recorded))) is R.DOCUMENT_INVALID


async def test_what_nobody_signs_expires_and_lets_go(house: House) -> None:
    await house.record()
    late = MORNING + timedelta(hours=72)
    executor = house.books.company.database(role="sheaf_executor", connections=2)
    async with executor.transaction(EVERYTHING) as tx:
        assert await expire_deposits(tx, Actor(name="executor"), late) == 1
        assert await expire_deposits(tx, Actor(name="executor"), late) == 0
    await executor.close()
    (expired,) = (await house.ask("treasurer", list_deposits, Nothing())).deposits
    assert expired.state == "expired"
    assert isinstance(await house.record(), DepositView)


async def test_the_database_lets_no_other_money_in(house: House) -> None:
    capital = account_id("HQ", Purpose.CAPITAL)
    recorded = await house.record()
    attempts = (
        ("SH112", "update sheaf.deposit set state = 'recorded', transfer_id = gen_random_uuid()"),
        ("SH004", "update sheaf.deposit set state = 'reconciled', transfer_id = gen_random_uuid()"),
        ("SH111", f"""insert into sheaf.sign_off select gen_random_uuid(), 0, 'deposit', id, maker_id, 'treasurer',
                      '{house.books.company.people["administrator"].device_id}', 'approve', '', '', '', null, now()
                      from sheaf.deposit"""),
        ("SH096", f"""insert into sheaf.sign_off select gen_random_uuid(), 0, 'deposit', id,
                      '{house.books.company.people["treasurer"].user_id}', 'treasurer',
                      '{house.books.company.people["treasurer"].device_id}', 'approve', '', '', '', null, now()
                      from sheaf.deposit"""),
        ("SH099", f"""with t as (insert into sheaf.ledger_transfer (id, branch_id, kind, subject, at)
                      values (gen_random_uuid(), 0, 'transfer', 'deposit {recorded.number}', now()) returning id)
                      insert into sheaf.ledger_entry (transfer_id, account_id, branch_id, posted)
                      select id, a, 0, p from t, (values ('{capital}'::uuid, -5), ('{TREASURY}'::uuid, 5)) v(a, p)"""),
        ("42501", "update sheaf.deposit set amount = 1"),
        ("42501", "delete from sheaf.deposit"),
        ("42501", "update sheaf.deposit_document set sha256 = ''"),
    )  # fmt: skip
    with psycopg.connect(house.books.company.api_url) as api:
        api.execute("select set_config('sheaf.branches', '{0,1,2,3}', false)")
        api.commit()
        for state, attempt in attempts:
            api.execute("select set_config('sheaf.branches', '{0,1,2,3}', true)")
            with pytest.raises(psycopg.Error) as refused:
                api.execute(attempt)  # type: ignore[arg-type]  # one of the above
            assert refused.value.sqlstate == state, attempt
            api.rollback()
    assert treasury(house) == 0


async def test_recorded_money_is_in_the_treasury_or_the_transaction_falls(house: House) -> None:
    recorded = await house.record()
    await house.ask("treasurer", get_deposit_document, ById(id=recorded.id))
    treasurer = house.books.company.people["treasurer"]
    with psycopg.connect(house.books.company.api_url) as api:
        api.execute("select set_config('sheaf.branches', '{0,1,2,3}', true)")
        api.execute(
            """insert into sheaf.sign_off
               select gen_random_uuid(), 0, 'deposit', id, %s, 'treasurer', %s, 'approve', '', '', '', null, now()
               from sheaf.deposit""",
            [treasurer.user_id, treasurer.device_id],
        )
        api.execute("update sheaf.deposit set state = 'recorded', transfer_id = gen_random_uuid(), version = 2")
        with pytest.raises(psycopg.Error) as refused:
            api.commit()
    assert refused.value.sqlstate in ("SH098", "23503")


async def test_a_branch_sees_nothing_of_it(house: House) -> None:
    recorded = await house.record()
    assert (await house.ask("manager.nsn", list_deposits, Nothing())).deposits == []
    assert code_of(await house.ask("manager.nsn", get_deposit_document, ById(id=recorded.id))) is R.NOT_FOUND
    signed = msgspec.structs.replace(house.decision(recorded), reason="")
    assert code_of(await house.ask("manager.nsn", sign_deposit, signed)) is R.NOT_FOUND


async def test_a_line_that_is_recorded_while_another_deposit_would_be_proved_by_it_stops_no_run(house: House) -> None:
    await house.statement(-1, 100_000)
    (line,) = house.books.rows("select id from sheaf.statement_line where amount > 0")
    await house.sign(await house.record())
    request = RecordDepositRequest(
        amount="1000.00", payer="p", reason="r", duplicate_reason="other money", statement_line_id=line["id"]
    )
    actor = house.actor("administrator")
    async with house.api.transaction(actor.branches) as tx:
        recorded = await record_deposit(tx, actor, request, MORNING)
        assert isinstance(recorded, DepositView)
        run = asyncio.create_task(house.books.reconcile())
        waiting = "select 1 from pg_stat_activity where wait_event_type = 'Lock' and usename = 'sheaf_statements'"
        await eventually(lambda: house.books.rows(waiting) != [])
    await run
    (proved,) = house.books.rows("select number from sheaf.deposit where statement_line_id = %s", line["id"])
    assert proved["number"] == recorded.number
