"""Members are found, looked at and validated by their own branch, and every refusal is given."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from server.channels.base import AccountStatus
from server.members import store, verbs
from server.members.views import member_views
from shared.refusals import RefusalCode
from shared.wire.common import ById
from shared.wire.members import ListMembersRequest, ValidateMembersRequest
from tests.members.world import NOW, SERVICES, World


async def names(world: World, query: str) -> list[str]:
    found = await world.done(world.cashier, verbs.list_members, ListMembersRequest(query=query, limit=500))
    return [member.name for member in found.members]


async def reasons(world: World, member: UUID, now: datetime = NOW) -> list[str]:
    view = await world.done(world.cashier, verbs.validate_member, ById(id=member), now)
    assert view.payable is (not view.reasons)
    return [reason.code for reason in view.reasons]


async def test_a_member_is_found_by_name_code_card_and_account(world: World) -> None:
    member = await world.member(name="เกษม แก้วมณี", code="KX-77", account_number="990000004412")
    view = await world.done(world.cashier, verbs.get_member, ById(id=member))
    assert (view.code, view.branch, view.account and view.account.last4, view.check) == ("KX-77", "NSN", "4412", None)
    card = world.query("select national_id_last4 from sheaf.member where id = %s", member)[0][0]
    for query in ("แก้ว", "เกษม แก้วมณี", "kx-7", card, "4412", "๔๔๑๒", "9900-0000-4412"):
        assert "เกษม แก้วมณี" in await names(world, query), query
    for query in ("%", "_", "k%7", "แก้ว%", "\\", "'", "เกษม'--", "0000"):
        assert "เกษม แก้วมณี" not in await names(world, query), query


async def test_the_list_is_in_thai_order_and_pages_without_gap(world: World) -> None:
    mark = uuid4().hex[:8]
    for name in ("ไก่", "กา", "เกด", "ขาว", "แก้ว", "กบ"):
        await world.member(name=f"{name} {mark}")
    whole = await names(world, mark)
    assert [name.split()[0] for name in whole] == ["กบ", "กา", "เกด", "แก้ว", "ไก่", "ขาว"]
    paged, cursor = [], ""
    while True:
        page = await world.done(
            world.cashier, verbs.list_members, ListMembersRequest(query=mark, limit=2, cursor=cursor)
        )
        paged += [member.name for member in page.members]
        cursor = page.cursor
        if not cursor:
            break
    assert paged == whole


async def test_a_query_that_is_no_text_and_a_cursor_that_is_none_are_refused(world: World) -> None:
    foreign = await world.member(branch="KKN")
    ask = verbs.list_members
    assert await world.refused(world.cashier, ask, ListMembersRequest(query="a\x00b")) is RefusalCode.INVALID
    for cursor in ("x", str(uuid4()), str(foreign)):
        assert await world.refused(world.cashier, ask, ListMembersRequest(cursor=cursor)) is RefusalCode.CURSOR


async def test_another_branch_s_member_is_not_there(world: World) -> None:
    foreign = ById(id=await world.member(branch="KKN"))
    for verb in (verbs.get_member, verbs.validate_member, verbs.check_account):
        assert await world.refused(world.cashier, verb, foreign) is RefusalCode.NOT_FOUND
    assert (await world.done(world.treasurer, verbs.get_member, foreign)).branch == "KKN"
    async with world.api.transaction(world.cashier.actor.branches) as tx:
        assert await member_views(tx, [foreign.id], NOW) == []
        assert await store.payees(tx, [foreign.id], lock=True) == {}


async def test_only_a_fresh_matching_answer_of_the_bank_makes_a_member_payable(world: World) -> None:
    member = await world.member(account_name="นาย สมชาย ใจดี")
    assert await reasons(world, member) == [RefusalCode.ACCOUNT_UNVERIFIED]
    await world.done(world.cashier, verbs.check_account, ById(id=member))
    assert await reasons(world, member) == [RefusalCode.ACCOUNT_UNVERIFIED]
    assert await world.answer_checks("นาย ส*** ใ***") == 1
    assert await reasons(world, member) == []
    assert await reasons(world, member, NOW + timedelta(hours=24)) == []
    assert await reasons(world, member, NOW + timedelta(hours=24, seconds=1)) == [RefusalCode.ACCOUNT_UNVERIFIED]
    view = await world.done(world.cashier, verbs.get_member, ById(id=member))
    assert view.check is not None
    assert (view.check.match, view.check.status) == (100, "ACTIVE")


@pytest.mark.parametrize(
    ("name", "status"),
    [("นาง มาลี ศรีสุข", AccountStatus.ACTIVE), ("นาย สมชาย ใจดี", AccountStatus.CLOSED), ("", AccountStatus.NOT_FOUND)],
)
async def test_a_doubtful_answer_replaces_a_good_one(world: World, name: str, status: AccountStatus) -> None:
    member = await world.member(account_name="นาย สมชาย ใจดี")
    await world.done(world.cashier, verbs.check_account, ById(id=member))
    await world.answer_checks("นาย สมชาย ใจดี")
    assert await reasons(world, member) == []
    await world.done(world.cashier, verbs.check_account, ById(id=member))
    await world.answer_checks(name, status, NOW + timedelta(minutes=1))
    assert await reasons(world, member, NOW + timedelta(minutes=2)) == [RefusalCode.ACCOUNT_UNVERIFIED]


async def test_a_question_that_waits_is_not_asked_twice(world: World) -> None:
    member = await world.member()
    first = await world.done(world.cashier, verbs.check_account, ById(id=member))
    assert await world.done(world.manager, verbs.check_account, ById(id=member)) == first
    await world.answer_checks("x")
    assert await world.done(world.cashier, verbs.check_account, ById(id=member)) != first


async def test_a_member_without_account_can_be_neither_checked_nor_paid(world: World) -> None:
    member = await world.member(bank="", account_number="", account_name="")
    assert await world.refused(world.cashier, verbs.check_account, ById(id=member)) is RefusalCode.ACCOUNT_MISSING
    assert await reasons(world, member) == [RefusalCode.ACCOUNT_MISSING]
    world.query("update sheaf.member set status = 'suspended' where id = %s", member)
    assert await reasons(world, member) == [RefusalCode.MEMBER_NOT_ACTIVE, RefusalCode.ACCOUNT_MISSING]


async def test_many_codes_are_answered_in_the_order_asked(world: World) -> None:
    await world.member(code="V-1")
    await world.member(code="V-2")
    await world.member(code="V-3", branch="KKN")
    codes = ["V-2", "nobody", " V-1 ", "V-3", "a\x00b", "V-2"]
    reply = await world.done(world.cashier, verbs.validate_members, ValidateMembersRequest(codes=codes))
    assert [item.code for item in reply.items] == codes
    assert [item.validation.member.code if item.validation else None for item in reply.items] == [
        "V-2", None, "V-1", None, None, "V-2",
    ]  # fmt: skip
    assert {item.refused.code for item in reply.items if item.refused} == {RefusalCode.MEMBER_UNKNOWN}


async def test_nothing_personal_reaches_logs_or_the_audit_trail(world: World) -> None:
    member = await world.member(name="ลับ มากมาย", account_name="ลับ มากมาย", account_number="123412341234")
    await world.done(world.cashier, verbs.check_account, ById(id=member))
    await world.answer_checks("ลับ มากมาย")
    async with world.api.transaction((1,)) as tx:
        payee = (await store.payees(tx, [member]))[member]
        assert payee.account is not None
        assert store.account_number(tx, payee.account) == "123412341234"
        shown = repr(payee) + repr(store.account_number(tx, payee.account))
    shown += str(world.query("select subject, detail from sheaf.audit_entry where subject like %s", "%"))
    stored = str(world.query("select * from sheaf.bank_account where member_id = %s", member))
    assert "ลับ" not in shown
    assert "123412341234" not in shown + stored
    assert SERVICES.vault.digest("123412341234") != SERVICES.vault.digest("123412341235")


async def test_a_number_finds_only_who_is_paid_there_now(world: World) -> None:
    member = await world.member(name="ย้ายบัญชี", account_number="880000008181")
    world.query("alter table sheaf.bank_account disable trigger guard")
    world.query(
        """insert into sheaf.bank_account (id, branch_id, member_id, version, bank, number_cipher, number_digest,
             number_last4, name, effective_at)
           select %s, branch_id, member_id, 2, bank, number_cipher, %s, '9292', name, effective_at
           from sheaf.bank_account where member_id = %s""",
        uuid4(),
        SERVICES.vault.digest("880000009292"),
        member,
    )
    world.query("alter table sheaf.bank_account enable trigger guard")
    for query, found in (("9292", True), ("880000009292", True), ("8181", False), ("880000008181", False)):
        assert ("ย้ายบัญชี" in await names(world, query)) is found, query
