"""The screens' rules: name before amount, amount twice, void on edit, never sign what was changed."""

from __future__ import annotations

import base64
import io
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
import xlsxwriter
from aiohttp import web

from desktop.core import texts
from desktop.core.desk import Desk
from desktop.core.device_key import DeviceKey, open_device_key
from desktop.core.forms import PaymentForm
from desktop.core.screens.approvals import Approvals
from desktop.core.screens.bank_change import BankChange
from desktop.core.screens.batch import Batch
from desktop.core.screens.disbursements import Disbursements
from desktop.core.screens.payment import NewPayment
from desktop.core.screens.settings_screen import SettingsScreen
from desktop.core.screens.sign_off import SignOff
from desktop.core.screens.sync_screen import SyncScreen
from desktop.core.settings import load_settings
from desktop.core.store.outbox import EventState, Outbox
from shared.canonical import IntentSheet, digest, set_bytes, sheet_bytes
from shared.money import format_amount
from shared.permissions import Role
from shared.wire.common import ItemRefused
from shared.wire.members import ValidateMembersItem, ValidateMembersReply, ValidationView
from shared.wire.payments import (
    AddBatchLinesReply,
    AddBatchLinesRequest,
    BatchView,
    LineResult,
    OpenSheetReply,
    SheetItem,
    SignOffReply,
    SignOffRequest,
    SignOffResult,
    SubmitIntentRequest,
)  # fmt: skip
from shared.wire.payments import (
    Approvals as Needed,
)
from tests.desktop.core.fake_server import FakeServer, intent, member, uid
from tests.desktop.core.waiting import until

REQUEST = SubmitIntentRequest(branch="NSN", member_id=uid(1), account_version=1, amount="48250.00")


def validation(number: int, *, payable: bool = True) -> ValidationView:
    reasons = [] if payable else [ItemRefused(code="member.not_active", detail_th="ไม่ใช้งาน", detail_en="Not active")]
    return ValidationView(member=member(number), payable=payable, reasons=reasons, as_of="2026-11-21T03:00:00.000Z")


@pytest.fixture
async def ready(signed_in: Desk, server: FakeServer) -> Desk:
    """Signed in and synced, with three members."""
    server.members = [member(1), member(2, name="แก้วมณี พร"), member(3, name="ทอง ดี")]
    server.feed = list(server.members)
    server.extra["GET", f"/members/{uid(1)}/validation"] = lambda request, body: validation(1)
    await signed_in.sync.once()
    return signed_in


async def filled(desk: Desk) -> NewPayment:
    screen = NewPayment(desk)
    await screen.choose_member(uid(1))
    screen.edit(amount="48,250", amount_again="48250.00", weigh_ticket="W-1")
    return screen


async def test_the_name_comes_before_the_amount(ready: Desk) -> None:
    screen = NewPayment(ready)
    assert screen.may_type_amount.why_not == texts.CHOOSE_MEMBER
    await screen.choose_member(uid(1))
    assert screen.may_type_amount.enabled
    assert screen.member is not None


async def test_the_amount_is_typed_twice_and_the_difference_is_said(ready: Desk) -> None:
    screen = await filled(ready)
    screen.edit(amount_again="48,520")
    assert screen.difference == 27_000
    assert screen.may_check.why_not == texts.AMOUNT_TWICE
    screen.edit(amount_again="๔๘๒๕๐")
    assert screen.difference == 0
    assert screen.words is not None
    assert screen.words.th == "สี่หมื่นแปดพันสองร้อยห้าสิบบาทถ้วน"


async def test_any_edit_makes_the_checks_void(ready: Desk) -> None:
    screen = await filled(ready)
    assert screen.may_submit.why_not == texts.CHECK_FIRST
    await screen.check()
    assert screen.may_submit.enabled
    screen.edit(note="one more word")
    assert screen.may_submit.why_not == texts.CHECK_FIRST
    assert await screen.submit() is None


async def test_a_changed_account_makes_the_checks_void(ready: Desk, server: FakeServer) -> None:
    screen = await filled(ready)
    await screen.check()
    server.publish(member(1, version=2, last4="9999"))
    await ready.sync.once()
    await until(lambda: screen.form.account_version == 2)
    assert not screen.may_submit.enabled


async def test_a_member_who_may_not_be_paid_says_why(ready: Desk, server: FakeServer) -> None:
    server.extra["GET", f"/members/{uid(1)}/validation"] = lambda request, body: validation(1, payable=False)
    screen = await filled(ready)
    await screen.check()
    assert screen.may_submit.why_not is not None
    assert screen.may_submit.why_not.en == "Not active"


async def test_a_possible_duplicate_needs_a_reason(ready: Desk, server: FakeServer) -> None:
    server.publish(intent(1, msgspec.structs.replace(REQUEST, weigh_ticket="W-1")))
    await ready.sync.once()
    screen = await filled(ready)
    await screen.check()
    assert screen.checks is not None
    assert len(screen.checks.duplicates) == 1
    assert screen.may_submit.why_not == texts.NEEDS_REASON
    screen.edit(duplicate_reason="second delivery")
    await screen.check()
    assert screen.may_submit.enabled


async def test_undo_within_the_window_gives_the_form_back(ready: Desk, server: FakeServer) -> None:
    ready.settings = msgspec.structs.replace(ready.settings, undo_seconds=8)
    screen = await filled(ready)
    await screen.check()
    event_id = await screen.submit()
    assert event_id is not None
    await ready.sync.once()
    assert server.intents == []
    assert await screen.undo()
    assert screen.form.amount == "48,250"
    assert screen.form.request is None


async def test_a_submitted_payment_is_what_was_typed(ready: Desk, server: FakeServer) -> None:
    screen = await filled(ready)
    await screen.check()
    await screen.submit()
    await ready.sync.once()
    assert [(i.amount, i.weigh_ticket) for i in server.intents] == [("48250.00", "W-1")]


async def test_a_refused_payment_can_be_mended_as_a_new_event(ready: Desk, server: FakeServer) -> None:
    screen = await filled(ready)
    await screen.check()
    old = await screen.submit()
    server.members = [member(1, version=2)]
    await ready.sync.once()
    outbox = SyncScreen(ready)
    await outbox.load()
    row = outbox.rows[0]
    assert row.answer is not None
    assert row.mend.enabled
    mended = NewPayment(ready)
    await mended.resume(row.event)
    assert mended.form.amount == "48,250"
    assert mended.draft.event_id != old


CHILD = """
import asyncio, sys
from pathlib import Path
from desktop.core.desk import Desk
from desktop.core.device_key import open_device_key
from desktop.core.screens.payment import NewPayment
from desktop.core.settings import Settings

async def main():
    directory = Path(sys.argv[1])
    desk = Desk(directory, open_device_key(directory, pin="246810"), Settings(server="http://127.0.0.1:9"))
    screen = NewPayment(desk)
    screen.edit(amount="48,250", weigh_ticket="W-7")
    while not await desk.outbox.events():
        await asyncio.sleep(0.01)
    print(screen.draft.event_id, flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


def typed_and_killed(directory: Path) -> str:
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(directory)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    event_id = child.stdout.readline().strip()
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    return event_id


async def test_what_was_typed_is_there_after_kill_9(tmp_path: Path) -> None:
    event_id = typed_and_killed(tmp_path)
    key = open_device_key(tmp_path, pin="246810")
    assert isinstance(key, DeviceKey)
    outbox = Outbox(tmp_path, key.store_key, key.sign)
    (event,) = await outbox.events()
    outbox.close()
    form = msgspec.json.decode(event.body, type=PaymentForm)
    assert (event.id, event.state) == (event_id, EventState.DRAFT)
    assert (form.amount, form.weigh_ticket) == ("48,250", "W-7")


# --- sign-off


def sheet(number: int, amount: int = 4_825_000) -> IntentSheet:
    return IntentSheet(
        id=uid(10_000 + number), number=f"PV2611-{number:07}", operation="disbursement", branch="NSN",
        member_id=uid(1), member_code="M00001", payee="สมชาย ใจดี", bank="034", account="012345674412",
        account_version=1, amount=amount, currency="THB", produce="", weigh_ticket=f"W-{number}", note="",
    )  # fmt: skip


def sheets_reply(*sheets: IntentSheet, match: int = 100) -> OpenSheetReply:
    data = [sheet_bytes(one) for one in sheets]
    items = [
        SheetItem(id=one.id, version=1, sheet=base64.b64encode(raw).decode(), bank_name="นาย ส***", match=match)
        for one, raw in zip(sheets, data, strict=True)
    ]
    pairs = [(digest(raw), one.amount) for one, raw in zip(sheets, data, strict=True)]
    total = format_amount(sum(one.amount for one in sheets))
    return OpenSheetReply(items=items, count=len(items), total=total, digest=digest(set_bytes(pairs)))


@pytest.fixture
async def manager(signed_in: Desk, server: FakeServer) -> Desk:
    server.role = Role.MANAGER
    await signed_in.sign_in("mali", "secret")
    server.publish(msgspec.structs.replace(intent(1, REQUEST), maker_id=uid(8)), intent(2, REQUEST))
    await signed_in.sync.once()
    return signed_in


async def opened(desk: Desk, server: FakeServer, reply: OpenSheetReply) -> SignOff:
    server.extra["POST", "/sign-off-sheets"] = lambda request, body: reply
    screen = SignOff(desk)
    await screen.open_intents([uid(10_001)])
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
    assert screen.may_approve("123456").why_not == texts.ACKNOWLEDGE
    screen.acknowledge(0, True)
    assert screen.may_approve("123456").enabled


async def test_a_wrong_code_leaves_the_dialog_with_attempts_left(manager: Desk, server: FakeServer) -> None:
    server.extra["POST", "/auth/operation-tokens"] = lambda request, body: server.problem(403, "auth.code")
    screen = await opened(manager, server, sheets_reply(sheet(1)))
    assert not await screen.decide("approve", "123456")
    assert (screen.attempts_left, screen.voided) == (4, None)
    assert screen.may_approve("654321").enabled


async def test_a_newer_version_voids_the_dialog_and_says_what_changed(manager: Desk, server: FakeServer) -> None:
    screen = await opened(manager, server, sheets_reply(sheet(1)))
    newer = msgspec.structs.replace(intent(1, REQUEST, state="cancelled", version=2), maker_id=uid(8))
    server.publish(newer)
    await manager.sync.once()
    await until(lambda: screen.voided is not None)
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


# --- batch


def workbook(*rows: tuple[Any, ...]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["รหัสสมาชิก", "ชื่อ", "จำนวนเงิน", "สินค้า", "ใบชั่ง"])
        for at, row in enumerate(rows, start=1):
            page.write_row(at, 0, row)
    return out.getvalue()


def take_batches(server: FakeServer) -> dict[str, Any]:
    """A batch end point that remembers lines by number, as the real one does."""
    state: dict[str, Any] = {"lines": {}, "closed": 0, "opened": set()}

    def view(stage: str) -> BatchView:
        return BatchView(
            id=uid(500), number="BT2611-0000001", branch="NSN", state=stage, count=2, total="150.50", note="",
            file_sha256="", maker="มะลิ", maker_id=uid(7), approvals=Needed(needed=1, given=0), states={},
            created_at="2026-11-21T03:00:00.000Z", expires_at="", version=1,
        )  # fmt: skip

    def opened(request: web.Request, body: bytes) -> Any:
        state["opened"].add(request.headers["Idempotency-Key"])
        return view("open")

    def add(request: web.Request, body: bytes) -> Any:
        fields = msgspec.json.decode(body) | {"id": str(uid(500))}
        asked = msgspec.convert(fields, type=AddBatchLinesRequest)
        state["lines"] |= {asked.first + at: line for at, line in enumerate(asked.lines)}
        return AddBatchLinesReply(results=[LineResult(line=asked.first + at) for at in range(len(asked.lines))])

    def close(request: web.Request, body: bytes) -> Any:
        state["closed"] += 1
        return view("validated")

    server.extra["POST", "/batches"] = opened
    server.extra["POST", f"/batches/{uid(500)}/lines"] = add
    server.extra["POST", f"/batches/{uid(500)}/close"] = close
    known = {f"M{number:05}": number for number in (1, 2, 3)}

    def validate(request: web.Request, body: bytes) -> Any:
        unknown = ItemRefused(code="member.unknown", detail_th="ไม่พบ", detail_en="Unknown")
        return ValidateMembersReply(
            items=[
                ValidateMembersItem(code=code, validation=validation(known[code]))
                if code in known
                else ValidateMembersItem(code=code, refused=unknown)
                for code in msgspec.json.decode(body)["codes"]
            ]
        )

    server.extra["POST", "/members/validations"] = validate
    return state


async def test_every_row_gets_its_verdict(ready: Desk, server: FakeServer) -> None:
    take_batches(server)
    screen = Batch(ready)
    await screen.open_file(
        "a.xlsx",
        workbook(
            ("M00001", "สมชาย", 100.5, "ข้าว", "W-1"),
            ("M99999", "ใคร", 100, "", "W-2"),
            ("M00002", "แก้ว", 10.123, "", "W-3"),
            ("M00003", "ทอง", 20, "", "W-4"),
            ("M00001", "สมชาย", 30, "", "W-4"),
            (412, "เลข", 30, "", "W-5"),
            ("M00002", "แก้ว", "ร้อยบาท", "", "1.23E+09"),
        ),
    )
    assert [len(row.problems) for row in screen.rows] == [0, 1, 1, 1, 1, 2, 2]
    assert [row.line for row in screen.ready_rows] == [2]
    assert screen.total == 10_050
    assert screen.may_submit.why_not == texts.PROBLEM_ROWS
    assert screen.problems_file()[:2] == b"PK"


async def test_a_batch_is_sent_whole_with_a_typed_control_total_despite_lost_answers(
    ready: Desk, server: FakeServer
) -> None:
    state = take_batches(server)
    screen = Batch(ready)
    await screen.open_file("a.xlsx", workbook(("M00001", "", 100.5, "", "W-1"), ("M00002", "", 50, "", "W-2")))
    assert screen.may_submit.why_not == texts.CONTROL_TOTAL
    screen.edit(control_total="150.50")
    event_id = await screen.submit()
    assert event_id is not None
    for _ in range(3):
        server.lose = 1
        await ready.sync.once()
    server.lose = 0
    assert await ready.sync.once() is None
    event = await ready.outbox.get(event_id)
    assert event is not None
    assert event.state is EventState.DONE
    assert [line.amount for _, line in sorted(state["lines"].items())] == ["100.50", "50.00"]
    assert len(state["opened"]) == 1


@pytest.mark.parametrize("content", [b"", b"not a workbook", b"PK\x03\x04broken"])
async def test_a_file_that_is_no_workbook_is_said_so(ready: Desk, content: bytes) -> None:
    screen = Batch(ready)
    await screen.open_file("a.xlsx", content)
    assert screen.file_problem == texts.FILE_UNREADABLE
    assert not screen.may_submit.enabled


async def test_rows_not_judged_by_the_server_cannot_be_sent(ready: Desk, server: FakeServer) -> None:
    take_batches(server)
    server.html = True
    screen = Batch(ready)
    await screen.open_file("a.xlsx", workbook(("M00001", "", 100.5, "", "W-1")))
    screen.edit(control_total="100.50")
    assert screen.may_submit.why_not == texts.NOT_JUDGED
    server.html = False
    await screen.judge_again()
    assert screen.may_submit.enabled


# --- others


async def test_a_bank_change_wants_the_account_twice_and_a_document(ready: Desk) -> None:
    screen = BankChange(ready)
    await screen.choose_member(uid(1))
    screen.edit(bank="014", account="111-111111-1", account_name="สมชาย ใจดี", reason="บัญชีใหม่")
    assert screen.may_submit.why_not == texts.ACCOUNTS_DIFFER
    screen.edit(account_again="1111111111")
    assert screen.may_submit.why_not == texts.DOCUMENT_NEEDED
    assert await screen.attach("a.txt", b"words") == texts.DOCUMENT_KIND
    assert await screen.attach("a.pdf", b"%PDF-1.7 scan") is None
    assert screen.may_submit.enabled


async def test_rows_keep_their_places_and_new_ones_wait(ready: Desk, server: FakeServer) -> None:
    server.publish(intent(1, REQUEST), intent(2, REQUEST))
    await ready.sync.once()
    screen = Disbursements(ready)
    await screen.load()
    assert (screen.count, screen.total) == (2, 9_650_000)
    server.publish(intent(1, REQUEST, state="settled", version=2), intent(3, REQUEST))
    await ready.sync.once()
    await until(lambda: screen.new_rows == 1)
    assert [screen.rows.row(at).state for at in range(len(screen.rows))] == ["validated", "settled"]
    await screen.show_new()
    assert (len(screen.rows), screen.new_rows) == (3, 0)
    await screen.toggle_state("settled")
    assert len(screen.rows) == 1
    assert [(chip.state, chip.count) for chip in screen.chips] == [("validated", 2), ("settled", 1)]


async def test_settings_are_kept(desk: Desk) -> None:
    screen = SettingsScreen(desk)
    screen.choose_theme("dark")
    screen.choose_text_size(130)
    screen.choose_text_size(99)
    kept = load_settings(desk.directory)
    assert (kept.theme, kept.text_size) == ("dark", 130)
