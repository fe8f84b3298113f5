"""Advances: lent under maker and checker, kept back oldest first, and never more than is owed nor than is paid."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from server.executing.expiry import expire
from server.ledger.accounts import Purpose, advance_account_id
from server.payments import verbs
from server.payments.advances import LEAST_PAYOUT, Owed, deductions
from server.payments.facts import Facts
from server.payments.rating import Charge
from server.payments.rules import CheckedLine, Planned, after_repaying
from server.sign_offs.sheets import load_sheets
from server.treasury import advance_verbs, balance_verbs
from shared.money import Satang
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.wire import balances as wire
from shared.wire.approvals import SignCaseRequest
from shared.wire.common import ById
from shared.wire.payments import CancelIntentRequest
from tests.members.world import CODES, WORKER
from tests.payments.farm import Farm, now
from tests.payments.purse import lend, request, settle, sign_advance, submit
from tests.payments.refusals import refuses

OWED = st.builds(
    Owed,
    id=st.uuids(),
    free=st.integers(0, 10**9),
    basis_points=st.integers(0, 10_000),
    least=st.integers(0, 10**7),
    most=st.none() | st.integers(1, 10**7),
)


def _standing(farm: Farm, advance: UUID) -> tuple[str, int, int]:
    """(state, reserved, deducted) in satang."""
    rows = farm.query("select state, reserved, deducted from sheaf.advance where id = %s", advance)
    return str(rows[0][0]), int(rows[0][1]), int(rows[0][2])


def _owed(farm: Farm, member: UUID) -> int:
    return -int(farm.query("select posted from sheaf.ledger_account where id = %s", advance_account_id(member))[0][0])


@given(owed=st.lists(OWED, max_size=4), amount=st.integers(1, 10**9), fee=st.integers(0, 10**6))
def test_no_deduction_is_more_than_is_owed_or_agreed_and_a_baht_is_always_left(
    owed: list[Owed], amount: int, fee: int
) -> None:
    by_id = {one.id: one for one in owed}
    kept = deductions(list(by_id.values()), Satang(amount), Satang(fee))
    for one in kept:
        terms = by_id[one.advance_id]
        assert 0 < one.amount <= terms.free
        assert terms.most is None or one.amount <= terms.most
    if kept:
        assert amount - fee - sum(one.amount for one in kept) >= LEAST_PAYOUT


def test_the_oldest_advance_comes_first_and_the_share_is_of_the_whole_amount() -> None:
    terms = {"basis_points": 3_000, "least": 0, "most": None}
    old, new = Owed(id=UUID(int=1), free=20_000, **terms), Owed(id=UUID(int=2), free=90_000, **terms)
    kept = deductions([old, new], Satang(100_000), Satang(0))
    assert [(one.advance_id.int, one.amount) for one in kept] == [(1, 20_000), (2, 30_000)]


def test_least_and_most_bind_the_share() -> None:
    base = {"id": UUID(int=1), "free": 10**6}
    least = Owed(**base, basis_points=100, least=5_000, most=None)
    most = Owed(**base, basis_points=9_000, least=0, most=7_000)
    assert deductions([least], Satang(100_000), Satang(0))[0].amount == 5_000
    assert deductions([most], Satang(100_000), Satang(0))[0].amount == 7_000
    assert deductions([least], Satang(100), Satang(0)) == ()


def test_what_a_line_repays_is_owed_no_more_by_the_next() -> None:
    member, other, account = UUID(int=1), UUID(int=2), UUID(int=3)
    owed = [Owed(id=UUID(int=10 + place), free=1_000, basis_points=1, least=0, most=None) for place in range(3)]
    facts = Facts(
        payees={}, tickets={}, keys=[], tokens=frozenset(), routes=(),
        advances={member: (owed[0], owed[1]), other: (owed[2],)},
    )  # fmt: skip
    line = CheckedLine(
        member_id=member, account_version=1, operation="disbursement", amount=Satang(9_000), currency="THB", produce="",
        weigh_ticket="", note="", documents=(), bank_account_id=None, channel="scb",
    )  # fmt: skip
    fee = Charge(ordinal=1, kind="post_fee", amount=Satang(5), account_id=account)
    part = Charge(ordinal=2, kind="advance", amount=Satang(300), account_id=account, advance_id=owed[0].id)
    planned = Planned(
        line=line, member_version=1, source_id=account, tier_total=Satang(9_000), quorum=(), advance=Satang(300),
        charges=(fee, part),
    )  # fmt: skip
    after = after_repaying(facts, planned)
    assert after.advances == {member: (replace(owed[0], free=700), owed[1]), other: (owed[2],)}
    assert replace(after, advances=facts.advances) == facts
    assert after_repaying(facts, replace(planned, advance=Satang(0))) is facts
    assert after_repaying(facts, Refused(R.EXPIRED)) is facts


async def test_an_advance_is_owed_when_signed_and_repaid_out_of_payments(farm: Farm, tmp_path: Path) -> None:
    member = await farm.payee()
    lent = farm.balance("NSN", Purpose.LENT)[0]
    advance = await lend(farm, member, "500.00", basis_points=3_000)
    assert (advance.state, advance.owed, advance.roles) == ("effective", "500.00", [])
    assert _owed(farm, member) == 50_000
    assert farm.balance("NSN", Purpose.LENT)[0] == lent + 50_000

    first = await submit(farm, member, "1000.00")
    assert (first.advance, first.payout) == ("300.00", "700.00")
    second = await submit(farm, member, "1001.00")
    assert (second.advance, second.payout) == ("200.00", "801.00")
    assert _standing(farm, advance.id) == ("effective", 50_000, 0)
    third = await submit(farm, member, "1002.00")
    assert (third.advance, third.payout) == ("0.00", "1002.00")

    async with farm.api.transaction((CODES["NSN"],)) as tx:
        sheet = (await load_sheets(tx, [first.id]))[first.id]
    assert (sheet.advance, sheet.payout) == (30_000, 70_000)
    transit = farm.balance("NSN", Purpose.TRANSIT)[0]
    await settle(farm, tmp_path, [first.id, second.id], member)
    assert farm.balance("NSN", Purpose.TRANSIT)[0] == transit + 70_000 + 80_100
    assert _standing(farm, advance.id) == ("repaid", 0, 50_000)
    assert _owed(farm, member) == 0
    view = await farm.done(farm.cashier, balance_verbs.get_member_balance, ById(id=member), now())
    assert view.owed == "0.00"
    assert (await farm.ledger()).balanced


async def test_what_a_payment_promised_is_owed_again_when_it_ends_unpaid(farm: Farm) -> None:
    member = await farm.payee()
    advance = await lend(farm, member, "500.00", basis_points=10_000)
    intent = await submit(farm, member, "300.00")
    assert intent.payout == "1.00"
    assert _standing(farm, advance.id) == ("effective", 29_900, 0)
    cancel = CancelIntentRequest(id=intent.id, version=intent.version)
    await farm.done(farm.cashier, verbs.cancel_intent, cancel, now())
    assert _standing(farm, advance.id) == ("effective", 0, 0)
    rejected = await submit(farm, member, "400.00")
    await farm.reject(farm.manager, "no", [rejected.id])
    assert _standing(farm, advance.id) == ("effective", 0, 0)


async def test_payments_at_once_never_promise_more_than_is_owed(farm: Farm) -> None:
    member = await farm.payee()
    advance = await lend(farm, member, "100.00", basis_points=5_000)
    replies = await asyncio.gather(
        *(farm.ask(farm.cashier, verbs.submit_intent, request(member, f"{baht}.00"), now()) for baht in range(60, 68))
    )
    kept = [Satang(int(reply.advance.replace(".", ""))) for reply in replies if not isinstance(reply, Refused)]
    assert len(kept) >= 4
    assert sum(kept) == 10_000
    assert _standing(farm, advance.id) == ("effective", 10_000, 0)


async def test_lines_of_a_batch_share_what_is_owed(farm: Farm) -> None:
    member = await farm.payee()
    advance = await lend(farm, member, "100.00", basis_points=5_000)
    batch = await farm.batch([farm.line(member, f"{baht}.00") for baht in (100, 101, 102)], "303.00")
    kept = farm.query("select advance from sheaf.intent where batch_id = %s order by line", batch.id)
    assert kept == [(5_000,), (5_000,), (0,)]
    await farm.reject(farm.manager, "no", batch_id=batch.id)
    assert _standing(farm, advance.id) == ("effective", 0, 0)


async def test_the_database_lets_nobody_keep_back_more_than_is_owed(farm: Farm) -> None:
    member = await farm.payee()
    advance = await lend(farm, member, "100.00", basis_points=5_000)
    for statement, code in (
        ("update sheaf.advance set reserved = 10001 where id = %s", "23514"),
        ("update sheaf.advance set basis_points = 1 where id = %s", "SH070"),
        ("update sheaf.advance set state = 'repaid' where id = %s", "SH072"),
    ):
        with pytest.raises(psycopg.Error) as caught:
            farm.query(statement, advance.id)
        assert caught.value.sqlstate == code
    with pytest.raises(psycopg.Error) as caught:
        farm.query("update sheaf.ledger_account set posted = 1 where id = %s", advance_account_id(member))
    assert caught.value.sqlstate == "23514"


async def test_no_advance_without_its_signatures(farm: Farm) -> None:
    member = await farm.payee()
    ask = wire.RequestAdvanceRequest(member_id=member, document="DN-BIG", amount="300000.00")
    big = await farm.done(farm.cashier, advance_verbs.request_advance, ask, now())
    assert (big.state, big.roles, big.basis_points) == ("requested", ["manager", "treasurer"], 3_000)
    half = await sign_advance(farm, farm.manager, big)
    assert (half.state, half.roles) == ("requested", ["treasurer"])
    with pytest.raises(psycopg.Error) as caught:
        farm.query("update sheaf.advance set state = 'effective' where id = %s", big.id)
    assert caught.value.sqlstate == "SH112"
    whole = await sign_advance(farm, farm.treasurer, half)
    assert whole.state == "effective"
    again = ask.__class__(member_id=member, document="dn-big", amount="1.00")
    assert (await refuses(farm, farm.cashier, advance_verbs.request_advance, again)).code is R.ALREADY_EXISTS


async def test_a_rejected_advance_is_never_owed_and_its_maker_signs_nothing(farm: Farm) -> None:
    member = await farm.payee()
    ask = wire.RequestAdvanceRequest(member_id=member, document="DN-NO", amount="100.00")
    asked = await farm.done(farm.manager, advance_verbs.request_advance, ask, now())
    own = SignCaseRequest(
        id=asked.id,
        version=asked.version,
        decision="approve",
        digest=asked.digest,
        signature=farm.manager.sign("approve", asked.digest, ""),
    )
    assert await farm.refused(farm.manager, advance_verbs.sign_advance, own, now()) is R.MAKER_IS_CHECKER
    rejected = await sign_advance(farm, farm.second_manager, asked, "reject", "wrong note")
    assert (rejected.state, rejected.owed) == ("rejected", "0.00")
    found = await farm.done(
        farm.cashier, advance_verbs.list_advances, wire.ListAdvancesRequest(member_id=member), now()
    )
    assert [one.id for one in found.advances] == [asked.id]


async def test_an_advance_that_nobody_signs_in_time_expires_and_frees_its_document(farm: Farm) -> None:
    member = await farm.payee()
    ask = wire.RequestAdvanceRequest(member_id=member, document="DN-LATE", amount="100.00")
    asked = await farm.done(farm.cashier, advance_verbs.request_advance, ask, now())
    async with farm.executor.transaction(tuple(CODES.values())) as tx:
        assert await expire(tx, WORKER, now() + timedelta(hours=73)) >= 1
    assert _standing(farm, asked.id)[0] == "expired"
    assert (await farm.done(farm.cashier, advance_verbs.request_advance, ask, now())).state == "requested"


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"amount": "0"}, R.MONEY_INVALID, "amount"),
        ({"document": ""}, R.INVALID, "document"),
        ({"basis_points": 0}, R.INVALID, "basis_points"),
        ({"least": "10", "most": "9"}, R.INVALID, "basis_points"),
        ({"most": "x"}, R.MONEY_INVALID, "most"),
        ({"member_id": UUID(int=1)}, R.MEMBER_UNKNOWN, "member_id"),
    ],
    ids=str,
)
async def test_a_wrong_request_is_refused_by_its_field(
    farm: Farm, changed: dict[str, object], code: R, field: str
) -> None:
    content = {"member_id": await farm.payee(), "document": "DN-1", "amount": "100.00", **changed}
    refused = await refuses(farm, farm.cashier, advance_verbs.request_advance, wire.RequestAdvanceRequest(**content))
    assert (refused.code, refused.field) == (code, field)
