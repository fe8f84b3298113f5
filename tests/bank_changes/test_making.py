"""Making a case: checked details, documents, one open case a member, and everybody else kept out."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from server.bank_changes import expiry, verbs
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.wire.bank_changes import (
    AddDocumentRequest,
    BankChangeView,
    GetDocumentRequest,
    ListBankChangesRequest,
)
from shared.wire.common import ById
from tests.bank_changes.cases import draft, png, replace_document, request, requested
from tests.members.world import CODES, NOW, SERVICES, WORKER, World

LATER = NOW + timedelta(hours=72)


async def test_a_case_shows_both_accounts_by_their_last_digits(world: World) -> None:
    member = await world.member(account_number="990000004412")
    asked = request(member, account_number="๗๗-0000-001234")
    case = await world.done(world.cashier, verbs.request_bank_change, asked)
    assert (case.state, case.old_bank, case.old_last4, case.new_last4) == ("draft", "034", "4412", "1234")
    assert (case.needed, case.branch, case.maker_id) == (["manager", "treasurer"], "NSN", world.cashier.actor.user)
    assert case.number.startswith("BC2611-")
    assert "770000001234" not in str(world.query("select * from sheaf.bank_change where id = %s", case.id))


@pytest.mark.parametrize(
    ("changed", "refused", "field"),
    [
        ({"member_id": uuid4()}, R.MEMBER_UNKNOWN, "member_id"),
        ({"account_version": 0}, R.MEMBER_CHANGED, "account_version"),
        ({"account_version": 2}, R.MEMBER_CHANGED, "account_version"),
        ({"bank": "999"}, R.ACCOUNT_INVALID, "bank"),
        ({"bank": "111", "account_number": "3100000000014"}, R.ACCOUNT_INVALID, "bank"),
        ({"account_number": "123"}, R.ACCOUNT_INVALID, "account_number"),
        ({"account_number": "1.23E+09"}, R.ACCOUNT_INVALID, "account_number"),
        ({"account_name": " "}, R.INVALID, "account_name"),
        ({"reason": "\u202eabc"}, R.INVALID, "reason"),
    ],
)
async def test_wrong_details_open_no_case(world: World, changed: dict[str, Any], refused: R, field: str) -> None:
    member = await world.member()
    reply = await world.ask(world.cashier, verbs.request_bank_change, request(member, **changed))
    assert isinstance(reply, Refused)
    assert (reply.code, reply.field) == (refused, field)
    assert world.query("select 1 from sheaf.bank_change where member_id = %s", member) == []


async def test_the_same_account_is_no_change_but_a_corrected_name_is(world: World) -> None:
    member = await world.member(account_number="550000000001", account_name="สมชาย")
    same = request(member, account_number="5500 0000 0001", account_name="สมชาย")
    assert await world.refused(world.cashier, verbs.request_bank_change, same) is R.ACCOUNT_SAME
    corrected = request(member, account_number="550000000001", account_name="สมชาย ใจดี")
    await world.done(world.cashier, verbs.request_bank_change, corrected)


async def test_a_closed_member_and_another_branch_s_member_are_refused(world: World) -> None:
    member, foreign = await world.member(), await world.member(branch="KKN")
    assert await world.refused(world.cashier, verbs.request_bank_change, request(foreign)) is R.MEMBER_UNKNOWN
    world.query("update sheaf.member set status = 'closed' where id = %s", member)
    assert await world.refused(world.cashier, verbs.request_bank_change, request(member)) is R.MEMBER_NOT_ACTIVE


async def test_a_member_has_one_open_case_until_it_ends_or_lapses(world: World) -> None:
    member = await world.member()
    first = await world.done(world.cashier, verbs.request_bank_change, request(member))
    reply = await world.ask(world.manager, verbs.request_bank_change, request(member))
    assert isinstance(reply, Refused)
    assert (reply.code, reply.params) == (R.CASE_OPEN, {"number": first.number})
    await world.done(world.cashier, verbs.cancel_bank_change, ById(id=first.id))
    second = await world.done(world.cashier, verbs.request_bank_change, request(member))
    third = await world.done(world.cashier, verbs.request_bank_change, request(member), LATER)
    assert (await world.done(world.cashier, verbs.get_bank_change, ById(id=second.id))).state == "cancelled"
    assert third.state == "draft"


async def test_of_two_cases_opened_at_once_one_wins(world: World) -> None:
    member = await world.member()
    replies = await asyncio.gather(
        *(world.ask(person, verbs.request_bank_change, request(member)) for person in (world.cashier, world.manager))
    )
    refusals = [reply.code for reply in replies if isinstance(reply, Refused)]
    assert refusals == [R.CASE_OPEN]
    assert len(world.query("select 1 from sheaf.bank_change where member_id = %s", member)) == 1


async def test_documents_are_stored_encrypted_once_and_read_back_whole(world: World) -> None:
    case = await draft(world, await world.member())
    (document,) = case.documents
    again = AddDocumentRequest(id=case.id, name="again", content=png(str(case.id)))
    assert (await world.done(world.cashier, verbs.add_document, again)).version == case.version
    look = GetDocumentRequest(id=case.id, sha256=document.sha256)
    assert await world.done(world.manager, verbs.get_document, look) == png(str(case.id))
    [(stored,)] = world.query("select content_cipher from sheaf.document where bank_change_id = %s", case.id)
    assert b"PNG" not in stored
    assert world.query(
        "select tag, subject from sheaf.audit_entry where branch_id = 1 order by sequence desc limit 1"
    ) == [("view_document", f"bank_change/{case.id}")]
    assert await world.refused(world.stranger, verbs.get_document, look) is R.NOT_FOUND
    assert await world.refused(world.manager, verbs.get_document, GetDocumentRequest(id=case.id, sha256="0" * 64)) is (
        R.NOT_FOUND
    )


async def test_a_document_changed_in_the_database_is_never_shown(world: World) -> None:
    case = await draft(world, await world.member())
    look = GetDocumentRequest(id=case.id, sha256=case.documents[0].sha256)
    for content in (b"x" * 40, b"", SERVICES.vault.encrypt(png("other"))):
        replace_document(world, case, content)
        assert await world.refused(world.manager, verbs.get_document, look) is R.CASE_ALTERED
        assert await world.refused(world.cashier, verbs.submit_bank_change, ById(id=case.id)) is R.CASE_ALTERED
    assert world.query("select 1 from sheaf.document_view where bank_change_id = %s", case.id) == []


async def test_bad_documents_are_refused(world: World) -> None:
    case = await world.done(world.cashier, verbs.request_bank_change, request(await world.member()))

    async def problem(name: str, content: bytes) -> tuple[R, str]:
        reply = await world.ask(
            world.cashier, verbs.add_document, AddDocumentRequest(id=case.id, name=name, content=content)
        )
        assert isinstance(reply, Refused)
        return reply.code, reply.params.get("problem", "")

    assert await problem("a", b"") == (R.DOCUMENT_INVALID, "empty")
    assert await problem("a", b"hello") == (R.DOCUMENT_INVALID, "wrong_type")
    assert await problem("\u202e", png()) == (R.DOCUMENT_INVALID, "name")
    for number in range(10):
        document = AddDocumentRequest(id=case.id, name="page", content=png(f"{case.id} {number}"))
        await world.done(world.cashier, verbs.add_document, document)
    assert await problem("a", png("one more")) == (R.DOCUMENT_INVALID, "too_many")


async def test_the_same_file_for_another_member_is_flagged(world: World) -> None:
    content = png("one passbook for two members")
    views: list[BankChangeView] = []
    for member in (await world.member(), await world.member()):
        case = await world.done(world.cashier, verbs.request_bank_change, request(member))
        document = AddDocumentRequest(id=case.id, name="a", content=content)
        views.append(await world.done(world.cashier, verbs.add_document, document))
    assert [view.documents[0].used_elsewhere for view in views] == [False, True]


async def test_only_the_maker_documents_submits_and_withdraws(world: World) -> None:
    case = await draft(world, await world.member())
    document = AddDocumentRequest(id=case.id, name="a", content=png("b"))
    by_id = ById(id=case.id)
    for verb, what in (
        (verbs.add_document, document),
        (verbs.submit_bank_change, by_id),
        (verbs.cancel_bank_change, by_id),
    ):
        assert await world.refused(world.manager, verb, what) is R.FORBIDDEN  # type: ignore[arg-type]  # two requests
        assert await world.refused(world.stranger, verb, what) is R.NOT_FOUND  # type: ignore[arg-type]  # two requests


async def test_a_case_needs_documents_and_its_time_to_be_submitted(world: World) -> None:
    case = await world.done(world.cashier, verbs.request_bank_change, request(await world.member()))
    by_id = ById(id=case.id)
    assert await world.refused(world.cashier, verbs.submit_bank_change, by_id) is R.DOCUMENTS_NEEDED
    await world.done(world.cashier, verbs.add_document, AddDocumentRequest(id=case.id, name="a", content=png("c")))
    assert await world.refused(world.cashier, verbs.submit_bank_change, by_id, LATER) is R.EXPIRED
    submitted = await world.done(world.cashier, verbs.submit_bank_change, by_id, LATER - timedelta(seconds=1))
    assert (submitted.state, submitted.version) == ("requested", 3)
    assert await world.refused(world.cashier, verbs.submit_bank_change, by_id) is R.STATE
    late = AddDocumentRequest(id=case.id, name="late", content=png("late"))
    assert await world.refused(world.cashier, verbs.add_document, late) is R.STATE
    assert (await world.done(world.cashier, verbs.cancel_bank_change, by_id)).state == "cancelled"
    assert await world.refused(world.cashier, verbs.cancel_bank_change, by_id) is R.STATE


async def test_cases_are_listed_newest_first_by_state_and_page(world: World) -> None:
    made = [await requested(world, await world.member(), NOW + timedelta(seconds=second)) for second in range(3)]
    every = ListBankChangesRequest(state="requested", limit=500)
    whole = [case.id for case in (await world.done(world.manager, verbs.list_bank_changes, every)).bank_changes]
    assert whole[:3] == [case.id for case in reversed(made)]
    first = await world.done(world.manager, verbs.list_bank_changes, ListBankChangesRequest(state="requested", limit=2))
    rest = ListBankChangesRequest(state="requested", limit=500, cursor=first.cursor)
    second = await world.done(world.manager, verbs.list_bank_changes, rest)
    assert [case.id for case in (*first.bank_changes, *second.bank_changes)] == whole
    assert second.cursor == ""
    assert (await world.done(world.stranger, verbs.list_bank_changes, every)).bank_changes == []
    for wrong, code in (
        (ListBankChangesRequest(state="no"), R.INVALID),
        (ListBankChangesRequest(cursor="x"), R.CURSOR),
    ):
        assert await world.refused(world.manager, verbs.list_bank_changes, wrong) is code
    foreign = ListBankChangesRequest(cursor=str(made[0].id))
    assert await world.refused(world.stranger, verbs.list_bank_changes, foreign) is R.CURSOR
    assert await world.refused(world.stranger, verbs.get_bank_change, ById(id=made[0].id)) is R.NOT_FOUND


async def test_cases_nobody_decided_lapse(world: World) -> None:
    waiting, unfinished = await requested(world, await world.member()), await draft(world, await world.member())
    async with world.executor.transaction(tuple(CODES.values())) as tx:
        assert await expiry.expire_overdue(tx, WORKER, LATER - timedelta(seconds=1)) == 0
        assert await expiry.expire_overdue(tx, WORKER, LATER, limit=10_000) >= 2
    states = [
        (await world.done(world.cashier, verbs.get_bank_change, ById(id=case.id))).state
        for case in (waiting, unfinished)
    ]
    assert states == ["expired", "cancelled"]
