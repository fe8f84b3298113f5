"""Signing a case: two distinct people, everything read, over exactly what stands in the database."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from server.bank_changes import sign_verbs, verbs
from server.members import store
from server.members import verbs as members
from shared.canonical import BankChangeSheet, digest, parse_sheet
from shared.permissions import Role
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.wire.approvals import SignCaseRequest
from shared.wire.bank_changes import BankChangeView
from shared.wire.common import ById
from shared.wire.members import MemberView
from tests.bank_changes.cases import (
    approve,
    decision,
    draft,
    read_documents,
    request,
    requested,
    sheet_text,
)
from tests.members.world import NOW, Person, World
from tests.waiting import eventually

BLOCKED = "select 1 from pg_stat_activity where wait_event_type = 'Lock'"
SIGN = sign_verbs.sign_bank_change


async def member_view(world: World, member: UUID) -> MemberView:
    return await world.done(world.cashier, members.get_member, ById(id=member))


async def test_two_people_make_an_account_effective_and_the_bank_is_asked_at_once(world: World) -> None:
    member = await world.member()
    case = await requested(world, member, account_number="660000009999")
    half = await approve(world, world.manager, case)
    assert (half.state, half.needed, [mark.role for mark in half.signatures]) == (
        "requested",
        ["treasurer"],
        ["manager"],
    )
    before = await member_view(world, member)
    done = await approve(world, world.treasurer, case, NOW + timedelta(minutes=1))
    assert (done.state, done.needed, [mark.user for mark in done.signatures]) == (
        "effective", [], ["manager", "treasurer"],
    )  # fmt: skip
    after = await member_view(world, member)
    assert after.account
    assert (after.account.version, after.account.last4, after.version) == (2, "9999", before.version + 1)
    validation = await world.done(world.cashier, members.validate_member, ById(id=member))
    assert [reason.code for reason in validation.reasons] == [R.ACCOUNT_UNVERIFIED]
    assert await world.answer_checks("นาย สมชาย ใจดี") == 1
    assert (await world.done(world.cashier, members.validate_member, ById(id=member))).payable
    seen_at_branch = await world.done(world.cashier, verbs.get_bank_change, ById(id=case.id))
    assert [mark.user for mark in seen_at_branch.signatures] == ["manager", "treasurer"]


async def test_a_first_account_comes_the_same_way(world: World) -> None:
    member = await world.member(bank="", account_number="", account_name="")
    case = await requested(world, member, account_version=0)
    sheet = await world.done(world.manager, sign_verbs.open_bank_change_sheet, ById(id=case.id))
    assert "\nold_version=0\nold_bank=\nold_account=\n" in sheet_text(sheet)
    await approve(world, world.treasurer, case)
    await approve(world, world.manager, case)
    view = await member_view(world, member)
    assert view.account
    assert view.account.version == 1


async def test_the_sheet_holds_all_that_is_signed_and_looking_is_audited(world: World) -> None:
    member = await world.member(code="SH-1", account_number="110000000001", name="มาลี ศรีสุข")
    case = await requested(world, member, account_number="220000000002", reason="เปลี่ยน\nธนาคาร")
    reply = await world.done(world.treasurer, sign_verbs.open_bank_change_sheet, ById(id=case.id))
    data = sheet_text(reply).encode()
    sheet = parse_sheet(data)
    assert isinstance(sheet, BankChangeSheet)
    assert (sheet.old_account, sheet.new_account) == ("110000000001", "220000000002")
    assert (sheet.member_name, sheet.branch, sheet.reason) == ("มาลี ศรีสุข", "NSN", "เปลี่ยน ธนาคาร")
    assert sheet.documents == (case.documents[0].sha256,)
    assert (reply.digest, reply.version) == (digest(data), case.version)
    [(tag, detail)] = world.query(
        "select tag, detail from sheaf.audit_entry where subject = %s order by sequence desc limit 1",
        f"bank_change/{case.id}",
    )
    assert tag == "open_bank_change_sheet"
    assert "220000000002" not in detail
    assert await world.refused(world.stranger, sign_verbs.open_bank_change_sheet, ById(id=case.id)) is R.NOT_FOUND
    unfinished = await draft(world, await world.member())
    assert await world.refused(world.manager, sign_verbs.open_bank_change_sheet, ById(id=unfinished.id)) is R.STATE


async def signed(world: World, person: Person, case: BankChangeView, **changed: Any) -> R | None:
    """The refusal of an approval of which `changed` is wrong, or None."""
    reply = await world.ask(person, SIGN, await decision(world, person, case.id, **changed))
    return reply.code if isinstance(reply, Refused) else None


async def test_every_reason_not_to_sign(world: World) -> None:
    case = await requested(world, await world.member())
    good = await decision(world, world.manager, case.id)
    foreign = SignCaseRequest(**{field: getattr(good, field) for field in good.__struct_fields__} | {"id": uuid4()})
    assert await world.refused(world.manager, SIGN, foreign) is R.NOT_FOUND
    assert await world.refused(world.stranger, SIGN, good) is R.NOT_FOUND
    assert await signed(world, world.manager, case) is R.DOCUMENTS_UNREAD
    await read_documents(world, world.manager, case)
    assert await signed(world, world.manager, case, version=case.version - 1) is R.STALE_VERSION
    assert await world.refused(world.manager, SIGN, good, NOW + timedelta(hours=72)) is R.EXPIRED
    assert await signed(world, world.cashier, case) is R.MAKER_IS_CHECKER
    assert await signed(world, world.manager, case, choice="reject") is R.REASON_NEEDED
    assert await signed(world, world.manager, case, choice="reject", reason=" two  spaces") is R.INVALID
    assert await signed(world, world.manager, case, digest="0" * 64) is R.SIGNATURE
    assert await signed(world, world.manager, case, signature=good.signature[:-4]) is R.SIGNATURE
    assert await signed(world, world.manager, case, signature="-_-_") is R.SIGNATURE
    forged = world.treasurer.sign("approve", good.digest, "")
    assert await signed(world, world.manager, case, signature=forged) is R.SIGNATURE
    for_reject = world.manager.sign("reject", good.digest, "")
    assert await signed(world, world.manager, case, signature=for_reject) is R.SIGNATURE
    assert world.query("select 1 from sheaf.sign_off where case_id = %s", case.id) == []
    assert await signed(world, world.manager, case) is None
    assert await signed(world, world.manager, case) is R.ALREADY_SIGNED
    await read_documents(world, world.second_manager, case)
    assert await signed(world, world.second_manager, case) is R.NOT_YOUR_TURN


async def test_a_manager_who_made_the_case_is_no_approver_of_it(world: World) -> None:
    member = await world.member()
    maker, world.cashier = world.cashier, world.manager
    case = await requested(world, member)
    await read_documents(world, world.manager, case)
    assert await signed(world, world.manager, case) is R.MAKER_IS_CHECKER
    world.cashier = maker


async def test_one_person_with_both_roles_counts_once(world: World) -> None:
    case = await requested(world, await world.member())
    both = world.manager.actor.roles | {Role.TREASURER}
    object.__setattr__(world.manager.actor, "roles", both)
    await approve(world, world.manager, case)
    assert await signed(world, world.manager, case) is R.ALREADY_SIGNED


async def test_a_desk_that_was_revoked_can_not_sign(world: World) -> None:
    case = await requested(world, await world.member())
    await read_documents(world, world.manager, case)
    world.query("update sheaf.device set state = 'revoked' where id = %s", world.manager.actor.device)
    assert await signed(world, world.manager, case) is R.SIGNATURE


async def test_a_rejection_ends_the_case_with_its_reason_even_unread(world: World) -> None:
    member = await world.member()
    case = await requested(world, member)
    await approve(world, world.manager, case)
    choice = await decision(world, world.treasurer, case.id, "reject", "ชื่อไม่ตรง")
    ended = await world.done(world.treasurer, SIGN, choice, NOW + timedelta(minutes=1))
    assert (ended.state, ended.needed, ended.signatures[-1].reason) == ("rejected", [], "ชื่อไม่ตรง")
    assert await world.refused(world.treasurer, SIGN, choice) is R.STATE
    view = await member_view(world, member)
    assert view.account
    assert view.account.version == 1


async def test_an_account_that_changed_meanwhile_stops_the_case(world: World) -> None:
    member = await world.member()
    case = await requested(world, member)
    await read_documents(world, world.manager, case)
    world.query("alter table sheaf.bank_account disable trigger guard")
    world.query(
        """insert into sheaf.bank_account (id, branch_id, member_id, version, bank, number_cipher, number_digest,
             number_last4, name, effective_at)
           select %s, branch_id, member_id, 2, bank, number_cipher, number_digest, number_last4, name, effective_at
           from sheaf.bank_account where member_id = %s""",
        uuid4(),
        member,
    )
    world.query("alter table sheaf.bank_account enable trigger guard")
    assert await signed(world, world.manager, case) is R.MEMBER_CHANGED
    assert await signed(world, world.manager, case, choice="reject", reason="old") is None


async def test_a_member_who_left_meanwhile_gets_no_account(world: World) -> None:
    member = await world.member()
    case = await requested(world, member)
    await read_documents(world, world.manager, case)
    world.query("update sheaf.member set status = 'closed' where id = %s", member)
    assert await signed(world, world.manager, case) is R.MEMBER_NOT_ACTIVE


@pytest.mark.parametrize("rivals", [("second_manager", "manager"), ("treasurer", "manager")])
async def test_of_two_approvals_at_once_one_looks_again(world: World, rivals: tuple[str, str]) -> None:
    case = await requested(world, await world.member())
    people = [getattr(world, name) for name in rivals]
    for person in people:
        await read_documents(world, person, case)
    choices = [await decision(world, person, case.id) for person in people]
    replies = await asyncio.gather(
        *(world.ask(person, SIGN, choice) for person, choice in zip(people, choices, strict=True))
    )
    assert [reply.code for reply in replies if isinstance(reply, Refused)] == [R.STALE_VERSION]


async def test_of_two_final_approvals_at_once_one_is_effective_and_once(world: World) -> None:
    member = await world.member()
    case = await requested(world, member)
    await approve(world, world.treasurer, case)
    people = [world.manager, world.second_manager]
    for person in people:
        await read_documents(world, person, case)
    choices = [await decision(world, person, case.id) for person in people]
    replies = await asyncio.gather(
        *(world.ask(person, SIGN, choice) for person, choice in zip(people, choices, strict=True))
    )
    assert [reply.code for reply in replies if isinstance(reply, Refused)] == [R.STATE]
    versions = world.query("select version from sheaf.bank_account where member_id = %s order by version", member)
    assert versions == [(1,), (2,)]


async def test_payments_that_lock_a_member_wait_and_then_see_the_new_account(world: World) -> None:
    member = await world.member()
    case = await requested(world, member)
    await approve(world, world.treasurer, case)
    await read_documents(world, world.manager, case)
    choice = await decision(world, world.manager, case.id)
    async with world.api.transaction((1,)) as signing:
        assert not isinstance(await SIGN(signing, world.manager.actor, choice, NOW), Refused)
        async with world.api.transaction((1,)) as paying:
            waiting = asyncio.ensure_future(store.payees(paying, [member], lock=True))
            await eventually(lambda: bool(world.query(BLOCKED)))
            await signing.execute("commit")
            payee = (await waiting)[member]
    assert payee.account
    assert payee.account.version == 2


async def test_a_lapsing_case_and_its_approval_at_once_never_deadlock(world: World) -> None:
    member = await world.member()
    case = await requested(world, member)
    await read_documents(world, world.manager, case)
    choice = await decision(world, world.manager, case.id)
    signed, renewed = await asyncio.gather(
        world.ask(world.manager, SIGN, choice, NOW + timedelta(hours=71)),
        world.ask(world.second_manager, verbs.request_bank_change, request(member), NOW + timedelta(hours=73)),
    )
    assert not isinstance(renewed, Refused)
    assert not isinstance(signed, Refused) or signed.code is R.STATE
    assert (await world.done(world.cashier, verbs.get_bank_change, ById(id=case.id))).state == "expired"
