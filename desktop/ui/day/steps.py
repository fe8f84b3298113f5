"""The steps of a day that a desk can be told to play; each goes through the widgets a person would use."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pyotp
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter
from PySide6.QtWidgets import QHeaderView, QLineEdit

from desktop.core.demo_file import DemoUser
from desktop.core.lights import account_light
from desktop.ui.day.hands import Given, Hands, click_at, press, until
from desktop.ui.heart import Heart
from desktop.ui.pages import Page
from desktop.ui.screens.approvals.page import ApprovalsPage
from desktop.ui.screens.members.page import MembersPage
from desktop.ui.screens.payment.page import PaymentPage
from desktop.ui.widgets.member_search import MemberSearch
from desktop.ui.widgets.table import DataTable
from shared.wire.bank_changes import BankChangeView
from shared.wire.members import MemberView

_STEP_SECONDS: Final = 30
_SIGNED: Final = 60.0
_TRIES: Final = 3
_ON_THEIR_WAY: Final = ("authorized", "sent", "in_doubt")


@dataclass
class Seat:
    """One person at one desk, with their code app; a code is used once."""

    hands: Hands
    heart: Heart
    user: DemoUser
    used_step: int = 0
    seen: Given = field(default_factory=dict)

    async def code(self) -> str:
        """The next unused code of the app, waiting for it to turn when the present one was used."""
        await until(lambda: int(time.time()) // _STEP_SECONDS > self.used_step, "a fresh code", _STEP_SECONDS + 5)
        now = int(time.time())
        self.used_step = now // _STEP_SECONDS
        return pyotp.TOTP(self.user.totp_secret).at(now)


async def sign_in(seat: Seat, given: Given) -> Given:
    """User and password at the gate, then the first page and the first whole sync."""
    hands = seat.hands
    await hands.see("gate")
    await hands.shoot(f"sign_in_{seat.user.role}" if given.get("pictures") else "sign_in")
    await hands.type_into("gate.user", seat.user.username)
    await hands.type_into("gate.password", seat.user.password)
    await hands.click("gate.action")
    await until(lambda: hands.shell.current_page() is not None, "the first page")
    await until(lambda: seat.heart.desk is not None and seat.heart.desk.online, "the first sync")
    return {"detail": f"{seat.user.username} is in"}


async def find_members(seat: Seat, given: Given) -> Given:
    """Search by part of a name, open members, read the server's verdict; who can be paid comes back."""
    hands = seat.hands
    page = await hands.go("members")
    assert isinstance(page, MembersPage)
    await until(lambda: len(page.table.model.source) > 0, "members in the list")
    everyone = await _all_rows(page.table)
    assert seat.heart.desk is not None
    now = seat.heart.desk.now()
    payable = [member for member in everyone if _looks_payable(member, now)]
    for member in payable[: int(given.get("validate", 3))]:
        await hands.type_into("members_search", member.code)
        await until(lambda m=member: page.model.member is not None and page.model.member.id == m.id, "the member")  # type: ignore[misc]
        await until(lambda: page.model.validation is not None, "the verdict")
        assert page.model.validation is not None
        assert page.model.validation.payable, f"{member.code} was expected to be payable"
    await hands.shoot("members")
    await hands.type_into("members_search", "")
    await hands.go("disbursements")
    await until(lambda: not hands.shell.at_work, "the list of payments")
    return {
        "detail": f"{len(everyone)} members, {len(payable)} look payable",
        "paid": _paid(hands) + sum(hands.chip_count("disbursements_filters", state) for state in _ON_THEIR_WAY),
        "members": [{"id": str(m.id), "code": m.code, "name": m.name} for m in payable],
    }


async def _all_rows(table: DataTable[Any]) -> list[MemberView]:
    source = table.model.source
    await until(lambda: all(source.row(place) is not None for place in range(len(source))), "every row")
    return [source.row(place) for place in range(len(source))]


def _looks_payable(member: MemberView, now: datetime) -> bool:
    return member.status == "active" and account_light(member.verdict, now).green


async def pay_singles(seat: Seat, given: Given) -> Given:
    """One payment after the other through the form: member from the search, amount twice, submit."""
    hands, desk = seat.hands, seat.heart.desk
    assert desk is not None
    page = await hands.go("payment")
    assert isinstance(page, PaymentPage)
    refused_before = desk.sync.status.attention
    if hands.enabled("payment_discard"):  # a draft of an earlier day was opened again
        await hands.click("payment_discard")
        await hands.click("confirm_action")
        page = await _next_form(hands, page)
    for number, payment in enumerate(given["payments"]):
        await _choose_member(hands, payment["code"])
        await hands.choose("payment_produce", payment["produce"])
        await hands.type_into("payment_ticket", payment["ticket"])
        await hands.type_into("payment_amount", payment["amount"])
        await hands.type_into("payment_amount_again", payment["amount"])
        if number == 0:
            await until(page.submit.isEnabled, "the checks")
            await hands.shoot("payment")
        await hands.click("payment_submit")
        page = await _next_form(hands, page)
    await until(lambda: desk.sync.status.queued == 0, "the outbox to empty", _SIGNED)
    assert desk.sync.status.attention == refused_before, "the server refused some"
    return {"detail": f"{len(given['payments'])} submitted"}


async def _next_form(hands: Hands, left: PaymentPage) -> PaymentPage:
    """The page of the next payment."""

    def fresh() -> PaymentPage | None:
        page = hands.shell.current_page()
        return page if isinstance(page, PaymentPage) and page is not left else None

    return await until(fresh, "the next form")


async def _choose_member(hands: Hands, code: str) -> None:
    """Type the code, wait until it is the only answer, take it with Enter, and see both names."""
    box = await hands.type_into("payment_member", code)
    await until(lambda: isinstance(box, MemberSearch) and box.offers(code), f"{code} among the answers")
    press(box, int(Qt.Key.Key_Return))
    await hands.see("payment_banner")


async def count_waiting(seat: Seat, given: Given) -> Given:
    """How many single payments wait already, of earlier work; they are signed with today's."""
    page = await seat.hands.go("approvals")
    assert isinstance(page, ApprovalsPage)
    await until(lambda: not seat.hands.shell.at_work, "the list of what waits")
    waiting = _signable(page, "intents")
    return {"detail": f"{waiting} wait already", "waiting": waiting}


async def sign_payments(seat: Seat, given: Given) -> Given:
    """All single payments that wait, as one set under one code."""
    hands = seat.hands
    page = await hands.go("approvals")
    assert isinstance(page, ApprovalsPage)
    wanted = int(given["count"])
    await hands.tick_chip("approvals_filters", "intents")
    await until(lambda: _signable(page, "intents") >= wanted, f"{wanted} payments to sign", _SIGNED)
    header = page.table.view.horizontalHeader()
    _click_section(header, 0)
    await until(lambda: len(page.model.selected) >= wanted, "all to be marked")
    await hands.shoot("approvals")
    await hands.click("approvals_sign_selected")
    await _sign(seat, "sign_off_set")
    return {"detail": f"{wanted} signed as one set"}


async def sign_one(seat: Seat, given: Given) -> Given:
    """The one waiting item of a kind: a batch, or a bank change whose documents are read first."""
    hands, kind = seat.hands, given["kind"]
    page = await hands.go("approvals")
    assert isinstance(page, ApprovalsPage)
    await hands.tick_chip("approvals_filters", kind)
    await until(lambda: _signable(page, kind) > 0, f"a {kind} to sign", _SIGNED)
    newest = [row.id for row in page.model.rows if row.kind == kind and row.sign.enabled][-1]
    # The bank's answer voids a dialog that was opened before it came: who signs waits for it.
    await until(lambda: not _bank_is_asked(page, newest), "the bank's answer about the new account", _SIGNED)
    place = await until(lambda: (page.table.model.source.index_of(newest) or 0) + 1, "its row")
    page.table.view.go_to(place - 1)
    await hands.click("approvals_open")
    await _sign(seat, f"sign_off_{kind}")
    return {"detail": f"{kind} signed by {seat.user.role}"}


def _signable(page: ApprovalsPage, kind: str) -> int:
    return sum(1 for row in page.model.rows if row.kind == kind and row.sign.enabled)


def _bank_is_asked(page: ApprovalsPage, row_id: str) -> bool:
    view = next((row.view for row in page.model.rows if row.id == row_id), None)
    return isinstance(view, BankChangeView) and view.asked is not None and view.asked.state == "requested"


def _click_section(header: QHeaderView, section: int) -> None:
    at = QPoint(header.sectionViewportPosition(section) + 8, header.height() // 2)
    click_at(header.viewport(), at)


async def _sign(seat: Seat, picture: str) -> None:
    """Read what must be read, acknowledge, type the code, press the button with the amount."""
    hands = seat.hands
    await hands.see("sign_off_dialog")
    await hands.see("sign_off_code")
    await _read_documents(hands)
    for number in range(50):
        box = hands.find(f"sign_off_ack_{number}")
        if box is None:
            break
        await hands.click(f"sign_off_ack_{number}")
    await hands.shoot(f"{picture}_{seat.user.role}")
    for _ in range(_TRIES):
        # A code that was used a moment ago, perhaps in an earlier run, is refused: the app shows another one soon.
        await hands.type_into("sign_off_code", await seat.code())
        await hands.click("sign_off_approve")
        await until(lambda: _answered(hands), "the server to take the signature", _SIGNED)
        if hands.find("sign_off_dialog") is None:
            return
    raise AssertionError("no code was taken")


def _answered(hands: Hands) -> bool:
    """The dialog is gone, or it has emptied the code's field for another try."""
    code = hands.find("sign_off_code")
    return hands.find("sign_off_dialog") is None or (isinstance(code, QLineEdit) and not code.text())


async def _read_documents(hands: Hands) -> None:
    """Open every document of the case in the viewer: the server takes no signature before."""
    number = 0
    while hands.find(f"document_open_{number}") is not None:
        await hands.click(f"document_open_{number}")
        await hands.see("document_viewer")
        if number == 0:
            await hands.shoot("document_viewer")
        await hands.click("document_viewer_close")
        await until(lambda: hands.find("document_viewer") is None, "the viewer to close")
        number += 1


async def watch_settled(seat: Seat, given: Given) -> Given:
    """Look at the list of payments until so many are paid; the list changes by itself."""
    hands = seat.hands
    await hands.go("disbursements")
    await until(lambda: _paid(hands) >= int(given["count"]), f"{given['count']} paid", float(given.get("seconds", 60)))
    page = hands.shell.current_page()
    if page is not None:
        page.refresh()
    return {"detail": f"{_paid(hands)} paid"}


def _paid(hands: Hands) -> int:
    return sum(hands.chip_count("disbursements_filters", state) for state in ("settled", "reconciled"))


async def change_account(seat: Seat, given: Given) -> Given:
    """New bank details for a member, with a document dropped on the form."""
    hands, desk = seat.hands, seat.heart.desk
    assert desk is not None
    await hands.go("bank_changes", f"member:{given['member']}")
    await until(lambda: not hands.shell.at_work, "the member in the form")
    picker = await hands.type_into("bank_change_bank", given["bank"])
    press(picker, int(Qt.Key.Key_Return))
    await hands.type_into("bank_change_account", given["account"])
    await hands.type_into("bank_change_account_again", given["account"])
    await hands.type_into("bank_change_name", given["name"])
    await hands.type_into("bank_change_reason", given["reason"])
    await hands.drop_file("bank_change_documents", [_scan(Path(given["folder"]), given["account"])])
    await hands.see("document_remove_0")
    await hands.shoot("bank_change")
    await hands.click("bank_change_submit")
    await until(lambda: desk.sync.status.queued == 0 and desk.sync.status.pulled_at is not None, "the outbox to empty")
    return {"detail": "one case with one document"}


def _scan(folder: Path, account: str) -> Path:
    """A picture of a passbook's first page, as a scanner would leave it."""
    picture = QImage(900, 620, QImage.Format.Format_RGB32)
    picture.fill(QColor("#f6f1e4"))
    painter = QPainter(picture)
    painter.setPen(QColor("#3a4a42"))
    painter.setFont(QFont("Sarabun", 26))
    painter.drawText(QRect(60, 60, 780, 120), 0, "สมุดบัญชีเงินฝาก (ตัวอย่าง)")
    painter.drawText(QRect(60, 160, 780, 60), 0, account)
    painter.drawRect(QRect(40, 40, 820, 540))
    painter.end()
    file = folder / "passbook.png"
    picture.save(str(file))
    return file


async def import_batch(seat: Seat, given: Given) -> Given:
    """A spreadsheet dropped on the page, every row judged, the control total typed, sent as one."""
    hands, desk = seat.hands, seat.heart.desk
    assert desk is not None
    await hands.go("batch")
    refused_before = desk.sync.status.attention
    if hands.enabled("batch_next"):
        await hands.click("batch_next")
    await hands.drop_file("batch_file", [Path(given["file"])])
    await hands.type_into("batch_control_total", given["total"], _SIGNED)
    await until(lambda: hands.enabled("batch_submit"), "every row to be judged", _SIGNED)
    await hands.shoot("batch")
    await hands.click("batch_submit")
    await until(lambda: hands.enabled("batch_next"), "the server to take the batch", _SIGNED)
    assert desk.sync.status.attention == refused_before, "the server refused the batch"
    return {"detail": f"{given['count']} lines, {given['total']}"}


async def fetch_statement(seat: Seat, given: Given) -> Given:
    """One click on the statements page, then its lines."""
    hands = seat.hands
    await hands.go("statements")
    before = _rows(hands, "statements_table")
    await hands.click("statements_fetch")
    await until(lambda: _rows(hands, "statements_table") > before, "a new statement", _SIGNED)
    await until(lambda: hands.enabled("statements_fetch"), "the fetch to end")
    await until(lambda: _rows(hands, "statement_lines") > 0, "its lines")
    await hands.shoot("statements")
    return {"detail": f"{_rows(hands, 'statement_lines')} lines"}


async def see_matched(seat: Seat, given: Given) -> Given:
    """Every payment of the day stands under "matched"."""
    hands, wanted = seat.hands, int(given["count"])
    page = await hands.go("reconciliation")
    assert isinstance(page, Page)
    await until(lambda: hands.chip_count("reconciliation_filters", "matched") >= wanted, f"{wanted} matched")
    await until(lambda: not hands.shell.at_work, "the results")
    await hands.shoot("reconciliation")
    return {"detail": f"{hands.chip_count('reconciliation_filters', 'matched')} matched"}


async def look_around(seat: Seat, given: Given) -> Given:
    """Every page that this person has, as a picture in both languages."""
    for page in given["pages"]:
        await seat.hands.go(page)
        await until(lambda: not seat.hands.shell.at_work, page)
        await seat.hands.shoot(f"{page}{given.get('suffix', '')}")
    return {"detail": ", ".join(given["pages"])}


def _rows(hands: Hands, name: str) -> int:
    table = hands.find_as(name, DataTable)
    return len(table.model.source) if table is not None else 0


Step = Callable[[Seat, Given], Awaitable[Given]]
STEPS: Final[dict[str, Step]] = {
    step.__name__: step
    for step in (
        sign_in,
        find_members,
        pay_singles,
        count_waiting,
        sign_payments,
        sign_one,
        watch_settled,
        change_account,
        import_batch,
        fetch_statement,
        see_matched,
        look_around,
    )
}
