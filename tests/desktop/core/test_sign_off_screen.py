"""Signing: only what was recomputed from the shown bytes, never what changed meanwhile, never one's own."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from aiohttp import web

from desktop.core import texts
from desktop.core.clock import wire_time
from desktop.core.desk import Desk
from desktop.core.screens.approvals import Approvals
from desktop.core.screens.sign_off import SignOff
from desktop.core.signing import Kind
from shared.canonical import BankChangeSheet, IntentSheet, digest, set_bytes, sheet_bytes
from shared.money import format_amount
from shared.permissions import Role
from shared.wire.bank_changes import AskedBankView, BankChangeSheetReply, BankChangeView
from shared.wire.members import AccountVerdict
from shared.wire.payments import (
    OpenSheetReply,
    OpenSheetRequest,
    SheetItem,
    SignOffReply,
    SignOffRequest,
    SignOffResult,
)
from tests.desktop.core.fake_server import REQUEST, FakeServer, intent, member, uid
from tests.waiting import eventually


def sheet(number: int, amount: int = 4_825_000) -> IntentSheet:
    return IntentSheet(
        id=uid(10_000 + number), number=f"PV2611-{number:07}", operation="disbursement", branch="NSN",
        member_id=uid(1), member_code="M00001", payee="สมชาย ใจดี", bank="034", account="012345674412",
        account_version=1, amount=amount, payout=amount, currency="THB", produce="",
        weigh_ticket=f"W-{number}", note="",
    )  # fmt: skip


def word(match: int) -> AccountVerdict:
    """As the server judges the score; its answer is of now."""
    now = datetime.now(UTC)
    if match < 80:
        return AccountVerdict(says="name_differs", at=wire_time(now))
    return AccountVerdict(says="confirmed", at=wire_time(now), good_until=wire_time(now + timedelta(days=1)))


def sheets_reply(*sheets: IntentSheet, match: int = 100) -> OpenSheetReply:
    data = [sheet_bytes(one) for one in sheets]
    items = [
        SheetItem(
            id=one.id,
            version=1,
            sheet=base64.b64encode(raw).decode(),
            bank_name="นาย ส***",
            match=match,
            verdict=word(match),
        )
        for one, raw in zip(sheets, data, strict=True)
    ]
    pairs = [(digest(raw), one.amount) for one, raw in zip(sheets, data, strict=True)]
    total = format_amount(sum(one.amount for one in sheets))
    return OpenSheetReply(items=items, count=len(items), total=total, digest=digest(set_bytes(pairs)))


@pytest.fixture
async def manager(signed_in: Desk, server: FakeServer) -> Desk:
    server.role = Role.MANAGER
    await signed_in.sign_in("mali", "secret")
    other = msgspec.structs.replace(REQUEST, amount="100.00")
    server.publish(msgspec.structs.replace(intent(1, REQUEST), maker_id=uid(8)), intent(2, other))
    await signed_in.sync.once()
    return signed_in


async def opened(desk: Desk, server: FakeServer, reply: OpenSheetReply) -> SignOff:
    server.extra["POST", "/sign-off-sheets"] = lambda request, body: reply
    screen = SignOff(desk)
    await screen.open(Kind.INTENTS, [uid(10_001)])
    return screen


async def test_own_items_are_shown_with_the_reason(manager: Desk) -> None:
    screen = Approvals(manager)
    await screen.load()
    assert [row.sign.why_not for row in screen.rows] == [None, texts.OWN_ITEM]
    screen.select(screen.rows[1].id, True)
    assert not screen.selected
    screen.select(screen.rows[0].id, True)
    assert screen.selected_total == 4_825_000
    assert screen.may_open_selected.enabled


async def test_what_is_signed_is_the_digest_of_the_shown_bytes(manager: Desk, server: FakeServer) -> None:
    asked: list[SignOffRequest] = []

    def take(request: web.Request, body: bytes) -> Any:
        asked.append(msgspec.json.decode(body, type=SignOffRequest))
        return SignOffReply(results=[SignOffResult(id=uid(10_001), state="authorized", version=2)])

    server.extra["POST", "/sign-offs"] = take
    reply = sheets_reply(sheet(1))
    screen = await opened(manager, server, reply)
    assert screen.approve_label.en == "Sign and approve 48,250.00"
    assert screen.may_approve("").why_not == texts.NEEDS_CODE
    assert await screen.decide("approve", "123456")
    assert asked[0].digest == reply.digest
    expected = f"sheaf-sign-off-v1\ndecision=approve\ndigest={reply.digest}\nreason=\n".encode()
    server.key.verify(base64.b64decode(asked[0].signature), expected)


@pytest.mark.parametrize("tampered", ["digest", "total", "count", "amount", "garbage"])
async def test_a_sheet_that_does_not_match_its_digest_is_never_shown(
    manager: Desk, server: FakeServer, tampered: str
) -> None:
    reply = sheets_reply(sheet(1))
    other = {
        "digest": msgspec.structs.replace(reply, digest="0" * 64),
        "total": msgspec.structs.replace(reply, total="1.00"),
        "count": msgspec.structs.replace(reply, count=2),
        "amount": msgspec.structs.replace(reply, items=sheets_reply(sheet(1, 1)).items),
        "garbage": msgspec.structs.replace(
            reply, items=[msgspec.structs.replace(reply.items[0], sheet="c2hlYWYtaW50ZW50LXYxCmlkPTEK")]
        ),
    }[tampered]
    screen = await opened(manager, server, other)
    assert screen.subject is None
    assert screen.voided == texts.TAMPERED
    assert not await screen.decide("approve", "123456")


async def test_every_warning_is_acknowledged_first(manager: Desk, server: FakeServer) -> None:
    screen = await opened(manager, server, sheets_reply(sheet(1), match=40))
    assert screen.may_approve("123456").why_not == texts.acknowledge(1)
    screen.acknowledge(0, True)
    assert screen.may_approve("123456").enabled


async def test_an_earlier_like_payment_is_acknowledged_with_its_number(manager: Desk, server: FakeServer) -> None:
    earlier = msgspec.structs.replace(intent(3, REQUEST, state="settled"), maker_id=uid(8))
    server.publish(earlier)
    await manager.sync.once()
    screen = await opened(manager, server, sheets_reply(sheet(1)))
    assert [(caution.text, caution.about) for caution in screen.warnings] == [(texts.DUPLICATE, earlier.number)]
    assert screen.may_approve("123456").why_not == texts.acknowledge(1)
    screen.acknowledge(0, True)
    assert screen.may_approve("123456").enabled


async def test_a_weigh_ticket_that_was_paid_before_is_acknowledged(manager: Desk, server: FakeServer) -> None:
    used = msgspec.structs.replace(REQUEST, member_id=uid(9), amount="1.00", weigh_ticket="W-1")
    server.publish(intent(3, used, state="settled"))
    await manager.sync.once()
    screen = await opened(manager, server, sheets_reply(sheet(1)))
    assert [caution.text for caution in screen.warnings] == [texts.DUPLICATE]


async def test_one_weigh_ticket_on_two_payments_of_a_set_is_acknowledged(manager: Desk, server: FakeServer) -> None:
    twin = msgspec.structs.replace(sheet(2, 100), weigh_ticket="W-1")
    screen = await opened(manager, server, sheets_reply(sheet(1), twin))
    (caution,) = screen.warnings
    assert (caution.text, caution.item, caution.about) == (texts.DUPLICATE, str(twin.id), sheet(1).number)


@pytest.mark.parametrize(("version", "days", "warned"), [(2, 6, True), (2, 8, False), (1, 6, False)])
async def test_an_account_changed_in_the_last_seven_days_is_acknowledged(
    manager: Desk, server: FakeServer, version: int, days: int, warned: bool
) -> None:
    payee = member(1, version=version)
    assert payee.account is not None
    since = wire_time(manager.now() - timedelta(days=days))
    changed = msgspec.structs.replace(payee.account, version=version, effective_at=since)
    await manager.cache.put("members", [msgspec.structs.replace(payee, account=changed)])
    screen = await opened(manager, server, sheets_reply(sheet(1)))
    assert [caution.text for caution in screen.warnings] == [texts.ACCOUNT_CHANGED] * warned


async def test_a_wrong_code_leaves_the_dialog_as_it_is(manager: Desk, server: FakeServer) -> None:
    server.extra["POST", "/auth/operation-tokens"] = lambda request, body: server.problem(403, "auth.code")
    screen = await opened(manager, server, sheets_reply(sheet(1)))
    assert not await screen.decide("approve", "123456")
    assert (screen.wrong_code, screen.voided) == (True, None)
    assert screen.may_approve("654321").enabled


async def test_a_newer_version_voids_the_dialog_and_says_what_changed(manager: Desk, server: FakeServer) -> None:
    screen = await opened(manager, server, sheets_reply(sheet(1)))
    newer = msgspec.structs.replace(intent(1, REQUEST, state="cancelled", version=2), maker_id=uid(8))
    server.publish(newer)
    await manager.sync.once()
    await eventually(lambda: screen.voided is not None)
    assert screen.changed_fields == (("state", "validated", "cancelled"),)
    assert not screen.may_approve("123456").enabled


async def test_rejecting_needs_a_reason(manager: Desk, server: FakeServer) -> None:
    screen = await opened(manager, server, sheets_reply(sheet(1)))
    assert screen.may_reject("123456", " ").why_not == texts.NEEDS_REASON


async def test_offline_nothing_can_be_signed(manager: Desk, server: FakeServer) -> None:
    screen = await opened(manager, server, sheets_reply(sheet(1)))
    server.html = True
    await manager.sync.once()
    assert screen.may_approve("123456").why_not == texts.NO_CONNECTION


async def test_a_bank_change_is_signed_only_after_its_documents_were_read(manager: Desk, server: FakeServer) -> None:
    scan = b"%PDF-1.7 passbook"
    sha256 = hashlib.sha256(scan).hexdigest()
    case = BankChangeSheet(
        id=uid(900), number="BC2611-0000001", branch="NSN", member_id=uid(1), member_code="M00001",
        member_name="สมชาย ใจดี", old_version=1, old_bank="034", old_account="012345674412", new_bank="014",
        new_account="1111111111", new_account_name="สมชาย ใจดี", reason="บัญชีใหม่", documents=(sha256,),
    )  # fmt: skip
    raw = sheet_bytes(case)
    reply = BankChangeSheetReply(sheet=base64.b64encode(raw).decode(), digest=digest(raw), version=3)
    server.extra["POST", f"/bank-changes/{uid(900)}/sheet"] = lambda request, body: reply
    view = BankChangeView(
        id=uid(900), number=case.number, branch="NSN", member_id=uid(1), member_code="M00001", member_name="สมชาย ใจดี",
        state="requested", old_bank="034", old_last4="4412", new_bank="014", new_last4="1111",
        new_account_name="สมชาย ใจดี", reason="บัญชีใหม่", maker="a", maker_id=uid(7), documents=[], signatures=[],
        needed=["manager"], created_at="2026-11-21T01:00:00.000Z", expires_at="2026-11-21T01:00:00.000Z", version=3,
        asked=AskedBankView(state="done", requested_at="", bank_name="สมชาย ใจดี", match=100, verdict=word(100)),
    )  # fmt: skip
    shown = [view]
    server.extra["GET", f"/bank-changes/{uid(900)}"] = lambda request, body: shown[0]
    served = [b"%PDF-1.7 another", scan]
    server.extra["GET", f"/bank-changes/{uid(900)}/documents/{sha256}"] = lambda request, body: web.Response(
        body=served[0], content_type="application/pdf"
    )
    screen = SignOff(manager)
    await screen.open(Kind.BANK_CHANGE, [uid(900)])
    assert screen.may_approve("123456").why_not == texts.READ_DOCUMENTS
    assert await screen.read_document(sha256) is None
    assert screen.voided == texts.TAMPERED
    served.pop(0)
    screen = SignOff(manager)
    await screen.open(Kind.BANK_CHANGE, [uid(900)])
    assert await screen.read_document(sha256) == scan
    assert screen.may_approve("123456").enabled
    # What the bank did not confirm is acknowledged, and news since the sheet void it.
    for asked in (None, AskedBankView(state="failed", requested_at="2026-11-21T01:00:00.000Z")):
        shown[0] = msgspec.structs.replace(view, asked=asked)
        screen = SignOff(manager)
        await screen.open(Kind.BANK_CHANGE, [uid(900)])
        assert await screen.read_document(sha256) == scan
        assert screen.may_approve("123456").why_not == texts.acknowledge(1)
        screen.acknowledge(0, True)
        assert screen.may_approve("123456").enabled
    shown[0] = msgspec.structs.replace(view, version=4)
    screen = SignOff(manager)
    await screen.open(Kind.BANK_CHANGE, [uid(900)])
    assert screen.voided == texts.CHANGED_MEANWHILE


def paged(sheets: list[IntentSheet], size: int, warned: frozenset[int] = frozenset()) -> Any:
    """A server's answers for a batch: the page that is asked for."""
    total = format_amount(sum(one.amount for one in sheets))

    def answer(request: web.Request, body: bytes) -> OpenSheetReply:
        after = msgspec.json.decode(body, type=OpenSheetRequest).after
        page = sheets_reply(*sheets[after : after + size])
        items = [
            msgspec.structs.replace(item, match=40, verdict=word(40)) if place in warned else item
            for place, item in enumerate(page.items, after)
        ]
        last = after + len(items)
        whole = msgspec.structs.replace(page, items=items, count=len(sheets), total=total, batch_version=3)
        return msgspec.structs.replace(whole, next=last if last < len(sheets) else 0)

    return answer


async def opened_batch(desk: Desk, server: FakeServer, answer: Any) -> SignOff:
    server.extra["POST", "/sign-off-sheets"] = answer
    screen = SignOff(desk)
    await screen.open(Kind.BATCH, [uid(1)])
    return screen


async def test_a_batch_is_read_page_by_page_and_the_digest_of_all_its_lines_is_signed(
    manager: Desk, server: FakeServer
) -> None:
    sheets = [sheet(number, 100_000 + number) for number in range(1, 78)]
    screen = await opened_batch(manager, server, paged(sheets, 10, frozenset({0, 1})))
    assert server.calls.count("POST /sign-off-sheets") == 8
    assert screen.subject is not None
    pairs = [(digest(sheet_bytes(one)), one.amount) for one in sheets]
    assert screen.subject.digest == digest(set_bytes(pairs))
    assert (screen.subject.count, screen.subject.total) == (77, sum(one.amount for one in sheets))
    assert screen.progress == (77, 77)
    # what is kept: the ten largest, then the two that the bank knows under another name
    shown = [item.sheet.id for item in screen.subject.items]
    assert shown == [one.id for one in [*sheets[:-11:-1], sheets[0], sheets[1]]]
    assert [caution.text for caution in screen.warnings] == [texts.NAME_MISMATCH] * 2


async def test_warnings_beyond_the_first_are_counted_and_acknowledged_by_kind(
    manager: Desk, server: FakeServer
) -> None:
    sheets = [sheet(number) for number in range(1, 81)]
    for one in range(80):
        sheets[one] = msgspec.structs.replace(sheets[one], weigh_ticket="")
    screen = await opened_batch(manager, server, paged(sheets, 40, frozenset(range(80))))
    own = [caution for caution in screen.warnings if caution.text == texts.NAME_MISMATCH]
    assert len(own) == 50
    assert texts.more_like_this(texts.NAME_MISMATCH, 30) in [caution.text for caution in screen.warnings]


@pytest.mark.parametrize("tampered", ["count", "total", "version", "again", "digest", "endless", "empty"])
async def test_pages_that_do_not_make_up_the_batch_are_never_signed(
    manager: Desk, server: FakeServer, tampered: str
) -> None:
    sheets = [sheet(number, 100_000 + number) for number in range(1, 26)]
    honest = paged(sheets, 10)

    def lie(request: web.Request, body: bytes) -> OpenSheetReply:
        page = honest(request, body)
        if msgspec.json.decode(body, type=OpenSheetRequest).after != 10:
            return page  # type: ignore[no-any-return]  # the answer of the honest server
        first = sheets_reply(*sheets[:10])
        lies = {
            "count": {"count": 26},
            "total": {"total": "1.00"},
            "version": {"batch_version": 4},
            "again": {"items": first.items, "digest": first.digest},
            "digest": {"digest": "0" * 64},
            "endless": {"next": 10},
            "empty": {"items": []},
        }
        return msgspec.structs.replace(page, **lies[tampered])

    screen = await opened_batch(manager, server, lie)
    assert screen.subject is None
    assert screen.voided == texts.TAMPERED
    assert not await screen.decide("approve", "123456")


async def test_a_reading_that_is_stopped_asks_for_no_further_page(manager: Desk, server: FakeServer) -> None:
    sheets = [sheet(number) for number in range(1, 31)]
    server.extra["POST", "/sign-off-sheets"] = paged(sheets, 10)
    screen = SignOff(manager)
    screen.on_change = screen.stop
    await screen.open(Kind.BATCH, [uid(1)])
    assert server.calls.count("POST /sign-off-sheets") == 1
    assert screen.subject is None
    assert not screen.may_approve("123456").enabled
