"""The bank is asked whose account a case names when the case is submitted, so that approvers see its answer."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from server.bank_changes import sign_verbs, verbs
from server.channels.base import AccountStatus
from server.members import checks
from server.members import verbs as members
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.wire.bank_changes import AskedBankView, BankChangeView
from shared.wire.common import ById
from tests.bank_changes.cases import approve, decision, draft, read_documents, requested
from tests.members.world import CODES, NOW, WORKER, World

SIGN = sign_verbs.sign_bank_change


async def asked(world: World, case: BankChangeView) -> AskedBankView:
    view = await world.done(world.manager, verbs.get_bank_change, ById(id=case.id))
    assert view.asked is not None
    return view.asked


def questions_about(world: World, case: BankChangeView) -> list[str]:
    return [
        state for (state,) in world.query("select state from sheaf.account_check where bank_change_id = %s", case.id)
    ]


async def no_answer(world: World) -> None:
    """The bank does not answer what waits."""
    async with world.executor.transaction(tuple(CODES.values())) as tx:
        questions = await checks.requested(tx, 100)
    for question in questions:
        async with world.executor.transaction((question.branch_id,)) as tx:
            assert await checks.record(tx, WORKER, question, None, NOW)


async def test_nothing_is_asked_of_a_draft(world: World) -> None:
    case = await draft(world, await world.member())
    assert case.asked is None
    assert questions_about(world, case) == []
    assert await world.refused(world.cashier, verbs.check_bank_change, ById(id=case.id)) is R.STATE


async def test_approvers_see_the_banks_name_for_the_new_account(world: World) -> None:
    case = await requested(world, await world.member(), account_name="นาย สมชาย ใจดี")
    assert (case.asked or AskedBankView(state="", requested_at="")).state == "requested"
    await world.answer_checks("นางสาว สมหญิง ใจร้าย")
    said = await asked(world, case)
    assert (said.state, said.bank_name, said.status) == ("done", "นางสาว สมหญิง ใจร้าย", "ACTIVE")
    assert said.match < 80
    closed = await requested(world, await world.member())
    await world.answer_checks("นาย สมชาย ใจดี", AccountStatus.CLOSED)
    assert (await asked(world, closed)).status == "CLOSED"


async def test_people_decide_on_a_name_that_is_only_like_the_registered_one(world: World) -> None:
    """One letter apart is not paid; two people who see the bank's name take it, with a reason, and then it is."""
    number, said = "550000000001", "สหกรณ์การเกษตรบ้านไหม่ จำกัด"
    member = await world.member(account_number=number, account_name="สหกรณ์การเกษตรบ้านใหม่ จำกัด")
    await world.done(world.cashier, members.check_account, ById(id=member))
    await world.answer_checks(said)
    before = await world.done(world.cashier, members.validate_member, ById(id=member))
    assert (before.payable, before.member.verdict.says) == (False, "name_differs")
    case = await requested(world, member, account_number=number, account_name=said, reason="the passbook has it so")
    await world.answer_checks(said)
    assert (await asked(world, case)).match == 100
    await approve(world, world.manager, case)
    await approve(world, world.treasurer, case)
    after = await world.done(world.cashier, members.validate_member, ById(id=member))
    assert (after.payable, after.member.verdict.says) == (True, "confirmed")


async def test_who_looked_before_the_answer_came_looks_again(world: World) -> None:
    case = await requested(world, await world.member())
    await read_documents(world, world.manager, case)
    seen = await decision(world, world.manager, case.id)
    await world.answer_checks("นางสาว สมหญิง ใจร้าย")
    assert await world.refused(world.manager, SIGN, seen) is R.STALE_VERSION
    assert (await world.done(world.manager, SIGN, await decision(world, world.manager, case.id))).needed == [
        "treasurer"
    ]


async def test_the_answer_goes_with_the_account_and_the_bank_is_not_asked_twice(world: World) -> None:
    member = await world.member()
    case = await requested(world, member)
    await world.answer_checks("นาย สมชาย ใจดี")
    await approve(world, world.manager, case)
    await approve(world, world.treasurer, case)
    assert (await world.done(world.cashier, members.validate_member, ById(id=member))).payable
    assert questions_about(world, case) == ["done"]


async def test_a_question_still_open_is_answered_for_the_effective_account(world: World) -> None:
    member = await world.member()
    case = await requested(world, member)
    await approve(world, world.manager, case)
    await approve(world, world.treasurer, case)
    assert await world.answer_checks("นาย สมชาย ใจดี") == 1
    assert (await world.done(world.cashier, members.validate_member, ById(id=member))).payable


async def test_an_old_answer_is_asked_for_anew(world: World) -> None:
    member = await world.member()
    case = await requested(world, member)
    await world.answer_checks("นาย สมชาย ใจดี")
    late = NOW + timedelta(hours=30)
    await approve(world, world.manager, case, late)
    await approve(world, world.treasurer, case, late)
    validation = await world.done(world.cashier, members.validate_member, ById(id=member), late)
    assert [reason.code for reason in validation.reasons] == [R.ACCOUNT_UNVERIFIED]
    assert await world.answer_checks("นาย สมชาย ใจดี", at=late) == 1
    assert (await world.done(world.cashier, members.validate_member, ById(id=member), late)).payable


async def test_a_bank_that_did_not_answer_can_be_asked_again_by_anyone_who_may(world: World) -> None:
    case = await requested(world, await world.member())
    await no_answer(world)
    assert (await asked(world, case)).state == "failed"
    first = await world.done(world.manager, verbs.check_bank_change, ById(id=case.id))
    assert await world.done(world.cashier, verbs.check_bank_change, ById(id=case.id)) == first
    assert await world.refused(world.stranger, verbs.check_bank_change, ById(id=case.id)) is R.NOT_FOUND
    assert (await asked(world, case)).state == "requested"
    await world.answer_checks("นาย สมชาย ใจดี")
    assert (await asked(world, case)).state == "done"


async def test_an_ended_case_asks_no_more(world: World) -> None:
    case = await requested(world, await world.member())
    await world.done(world.cashier, verbs.cancel_bank_change, ById(id=case.id))
    async with world.executor.transaction(tuple(CODES.values())) as tx:
        assert case.id not in [question.case_id for question in await checks.requested(tx, 100)]
    assert questions_about(world, case) == ["requested"]


async def test_the_answer_and_the_last_approval_at_once_never_deadlock(world: World) -> None:
    for _ in range(4):
        case = await requested(world, await world.member())
        await approve(world, world.manager, case)
        await read_documents(world, world.treasurer, case)
        choice = await decision(world, world.treasurer, case.id)
        signed, answered = await asyncio.gather(
            world.ask(world.treasurer, SIGN, choice), world.answer_checks("นาย สมชาย ใจดี")
        )
        assert answered >= 1
        assert not isinstance(signed, Refused) or signed.code is R.STALE_VERSION
