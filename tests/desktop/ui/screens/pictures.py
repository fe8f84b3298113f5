"""What the drawing script draws: one coroutine for each picture, on a window whose desk has sample data."""

from __future__ import annotations

import io
from typing import Any

import msgspec
import xlsxwriter
from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QCheckBox, QDialog, QLineEdit, QWidget

from desktop.ui.screens.approvals.page import ApprovalsPage
from desktop.ui.screens.bank_change.documents import DocumentRow, show_document
from desktop.ui.screens.bank_change.page import BankChangePage
from desktop.ui.screens.batch.page import BatchPage
from desktop.ui.shell import Shell
from desktop.ui.theme import fonts
from shared.permissions import Role
from shared.wire import records
from shared.wire.common import ItemRefused
from shared.wire.members import CheckRunList, ValidateMembersItem, ValidateMembersReply, ValidationView
from shared.wire.payments import AddBatchLinesReply, FundingList, OpenSheetRequest
from tests.desktop.ui.screens import sample_doubts, sample_health, sample_restores, sample_statements, sample_treasury
from tests.desktop.ui.screens import sample_views as views
from tests.desktop.ui.screens.sample_desk import CODE, Answers
from tests.waiting import eventually


def prepare(answers: Answers) -> None:
    """What the server says to the screens."""
    answers.handlers |= {
        "open_sign_off_sheet": open_sheets,
        "open_bank_change_sheet": lambda request: views.change_reply(request.id.int - 40_000),
        "get_bank_change": lambda request: views.change(request.id.int - 40_000),
        "get_treasury": lambda _: sample_treasury.beside_the_bank(),
        "list_deposits": lambda _: sample_treasury.listed(),
        "list_funding": lambda _: FundingList(funding=[views.funding(1)]),
        "list_statements": lambda _: records.StatementList(statements=[views.statement(n) for n in range(9)]),
        "list_statement_files": lambda _: sample_statements.not_taken(),
        "list_set_asides": lambda _: sample_statements.proposals(),
        "list_restores": lambda _: sample_restores.waiting(),
        "judge_statements_again": lambda _: fetch("done"),
        "get_statement": lambda request: views.statement_detail(request.id.int - 60_000),
        "list_reconciliation": lambda request: views.reconciliation(request.result),
        "list_in_doubt": lambda _: sample_doubts.listed(),
        "get_liquidity": lambda _: views.liquidity(),
        "get_health": lambda _: sample_health.reply(),
        "validate_members": validate,
        "list_check_runs": lambda _: CheckRunList(runs=[]),
        "open_batch": lambda _: views.batch(),
        "add_batch_lines": lambda _: AddBatchLinesReply(results=[]),
        "close_batch": lambda _: views.batch(),
        "fetch_statements": lambda _: fetch("done"),
    }


def open_sheets(request: OpenSheetRequest) -> Any:
    if request.batch_id is not None:
        return views.sheets([*range(100, 123), views.BAD_FIT], batch_version=1)
    return views.sheets([item.int - 20_000 for item in request.intents])


def fetch(state: str) -> records.FetchView:
    return records.FetchView(
        id=views.ME, state=state, files=2, lines=148, matched=146, problems=[], requested_at=views.LATER, finished_at=""
    )


_WAITS_FOR_A_PERSON = {"sign", "document"}


async def settle(shell: Shell) -> None:
    """Let everything end that the window began; an open dialog's own work ends only with it."""

    def settled() -> bool:
        reading = getattr(getattr(shell.current_page(), "model", None), "_tasks", ())
        return not reading and all(task.get_name() in _WAITS_FOR_A_PERSON for task in shell._tasks)

    await eventually(settled)


async def dialog_of(shell: Shell) -> QDialog:
    await eventually(lambda: any(d.isVisible() for d in shell.findChildren(QDialog)))
    await settle(shell)
    return next(d for d in shell.findChildren(QDialog) if d.isVisible())


async def inbox(shell: Shell, answers: Answers) -> QWidget:
    ends = [("rejected", "", "ใบชั่งไม่ตรงกับรถ ให้ชั่งใหม่"), ("failed", "182", "ACCOUNT NOT FOUND"), ("returned", "", ""),
            ("in_doubt", "", ""), ("settled", "", ""), ("settled", "", "")]  # fmt: skip
    rows = [
        msgspec.structs.replace(
            views.intent(n, maker=views.ME, state=state, version=9), failure_code=code, failure_text=text,
            changed_at=f"2026-11-21T03:0{9 - n}:00.000Z",
        )
        for n, (state, code, text) in enumerate(ends)
    ]  # fmt: skip
    answers.feed = {"intents": rows}
    await shell.core.sync.once()
    shell.open_page("inbox")
    await settle(shell)
    return shell


async def paid_or_not(shell: Shell, answers: Answers) -> QWidget:
    await inbox(shell, answers)
    shell.open_page("disbursements", "attention")
    await settle(shell)
    return shell


async def approvals(shell: Shell, _answers: Answers) -> QWidget:
    shell.open_page("approvals")
    await settle(shell)
    page = shell.current_page()
    assert isinstance(page, ApprovalsPage)
    for row_id in [r.id for r in page.model.rows if r.sign.enabled and r.id not in page._risks][:12]:
        place = page.table.model.source.index_of(row_id)
        if place is not None and page.model.rows[place].kind == "intents":
            page.table.model.toggle_mark(place)
    page.table.view.go_to(3)
    await settle(shell)
    return shell


async def approvals_offline(shell: Shell, answers: Answers) -> QWidget:
    await approvals(shell, answers)
    answers.lost = True
    await shell.core.sync.once()
    await settle(shell)
    return shell


async def sign_one(shell: Shell, _answers: Answers) -> QWidget:
    return await _sign(shell, [views.intent(2).id])


async def sign_warned(shell: Shell, _answers: Answers) -> QWidget:
    dialog = await _sign(shell, [views.intent(views.BAD_FIT).id])
    dialog.findChild(QCheckBox, "sign_off_ack_0").setChecked(True)
    dialog.findChild(QLineEdit, "sign_off_code").setText(CODE)
    return dialog


async def sign_wrong(shell: Shell, _answers: Answers) -> QWidget:
    dialog = await _sign(shell, [views.intent(2).id])
    dialog.findChild(QLineEdit, "sign_off_code").setText("000000")
    dialog.findChild(QWidget, "sign_off_approve").click()
    await settle(shell)
    return dialog


async def sign_reject(shell: Shell, _answers: Answers) -> QWidget:
    dialog = await _sign(shell, [views.intent(2).id])
    dialog.findChild(QWidget, "sign_off_reject").click()
    dialog.findChild(QLineEdit, "sign_off_reason").setText("ใบชั่งไม่ตรงกับยอด ให้ตรวจน้ำหนักอีกครั้ง")
    return dialog


async def sign_void(shell: Shell, answers: Answers) -> QWidget:
    dialog = await _sign(shell, [views.intent(2).id])
    answers.feed = {"intents": [views.intent(2, version=2, state="cancelled")]}
    await shell.core.sync.once()
    await settle(shell)
    return dialog


async def sign_batch(shell: Shell, _answers: Answers) -> QWidget:
    return await _sign_kind(shell, "batches", [views.batch().id])


async def sign_change(shell: Shell, _answers: Answers) -> QWidget:
    return await _sign_kind(shell, "bank_changes", [views.change(1).id])


async def sign_deposit(shell: Shell, _answers: Answers) -> QWidget:
    return await _sign_kind(shell, "deposits", [sample_treasury.deposit(1).id])


async def sign_funding(shell: Shell, _answers: Answers) -> QWidget:
    return await _sign_kind(shell, "funding", [views.funding(1).id])


async def _sign(shell: Shell, ids: list[Any]) -> QDialog:
    return await _sign_kind(shell, "intents", ids)


async def _sign_kind(shell: Shell, kind: str, ids: list[Any]) -> QDialog:
    from desktop.core.signing import Kind
    from desktop.ui.screens.sign_off.flow import sign

    async def run() -> None:
        await sign(shell, shell, Kind(kind), ids, maker="สุดา แก้วใส")

    shell.spawn(run(), "sign")
    return await dialog_of(shell)


def page(name: str) -> Any:
    async def picture(shell: Shell, _answers: Answers) -> QWidget:
        shell.open_page(name)
        await settle(shell)
        return shell

    return picture


async def statements(shell: Shell, _answers: Answers) -> QWidget:
    shell.open_page("statements")
    await settle(shell)
    shell.current_page().fetch.click()  # type: ignore[union-attr]
    await settle(shell)
    return shell


async def set_aside(shell: Shell, _answers: Answers) -> QWidget:
    return await _sign_kind(shell, "set_asides", [sample_statements.proposals().set_asides[0].id])


async def sign_restore(shell: Shell, _answers: Answers) -> QWidget:
    return await _sign_kind(shell, "restores", [sample_restores.proposal().id])


def good_file(count: int = 20) -> bytes:
    """An .xlsx in which nothing is wrong."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet()
        for column, heading in enumerate(("รหัสสมาชิก", "จำนวนเงิน", "เลขที่ใบชั่ง")):
            sheet.write_string(0, column, heading)
        for at in range(1, count + 1):
            sheet.write_string(at, 0, f"M{at % 8:07d}")
            sheet.write_number(at, 1, 1000 + at)
            sheet.write_string(at, 2, f"W-6811-{at:04d}")
    return out.getvalue()


def batch_file(count: int = 200, *, told: bool = False) -> bytes:
    """An .xlsx of `count` rows, some as people and spreadsheets mangle them; `told`: with more than its rows."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet()
        for column, heading in enumerate(("รหัสสมาชิก", "ชื่อ", "จำนวนเงิน", "สินค้า", "เลขที่ใบชั่ง")):
            sheet.write_string(0, column, heading)
        for at in range(1, count + 1):
            number = at % 30
            sheet.write_string(at, 0, "M9999999" if at == 27 else f"M{number:07d}")
            sheet.write_string(at, 1, views.NAMES[number % 10])
            sheet.write_number(at, 2, 48250.005 if at == 14 else 0 if at == 90 else 1000 + at)
            sheet.write_string(at, 3, "ข้าวหอมมะลิ")
            sheet.write_string(at, 4, "W-6811-0131" if at in (131, 132) else f"W-6811-{at:04d}")
        sheet.write_number(40, 0, 4412)
        sheet.write_string(41, 0, "=1+1")
        sheet.write_string(42, 2, "หนึ่งพัน")
        if told:
            sheet.set_row(50, None, None, {"hidden": True})
            sheet.write_row(0, 5, ["หักเงิน"])
            sheet.write_row(1, 5, [100])
            workbook.add_worksheet("งวด 2").write_row(0, 0, ["รหัสสมาชิก"])
    return out.getvalue()


def validate(request: Any) -> ValidateMembersReply:
    """Members 0 to 29 exist; number 9 is suspended."""
    return ValidateMembersReply(items=[_validated(code) for code in request.codes])


def _validated(code: str) -> ValidateMembersItem:
    number = int(code[1:]) if code.startswith("M") else 99
    if number >= 30:
        refused = ItemRefused(code="not_found", detail_th="ไม่พบรหัสสมาชิกนี้", detail_en="No such member code.")
        return ValidateMembersItem(code=code, refused=refused)
    reasons = [ItemRefused(code="member.suspended", detail_th="สมาชิกถูกระงับ", detail_en="The member is suspended.")]
    return ValidateMembersItem(
        code=code,
        validation=ValidationView(
            member=views.member(number), payable=number != 9, reasons=reasons if number == 9 else [], as_of=views.LATER
        ),
    )


async def batch(shell: Shell, _answers: Answers) -> QWidget:
    shell.open_page("batch")
    page = shell.current_page()
    assert isinstance(page, BatchPage)
    await page.model.open_file("ข้าวนาปี_สาขาNSN_21พย69.xlsx", batch_file(told=True))
    page.verdicts.control.setText("42,486,050.75")
    await settle(shell)
    return shell


async def batch_ready(shell: Shell, answers: Answers) -> QWidget:
    await batch(shell, answers)
    page = shell.current_page()
    assert isinstance(page, BatchPage)
    page.leave_out_all.click()
    page.verdicts.control.set_value(page.model.total)
    page.filters.chosen.emit("all")
    return shell


async def batch_sent(shell: Shell, answers: Answers) -> QWidget:
    await batch_ready(shell, answers)
    page = shell.current_page()
    assert isinstance(page, BatchPage)
    page.submit.click()
    await settle(shell)
    return shell


async def change_form(shell: Shell, _answers: Answers) -> QWidget:
    shell.open_page("bank_changes", f"member:{views.member(1).id}")
    await settle(shell)
    page = shell.current_page()
    assert isinstance(page, BankChangePage)
    form = page.form
    form.bank.set_code("004")
    form.bank.chosen.emit("004")
    for edit, text in (
        (form.account, "1112223331"), (form.again, "1112223313"), (form.account_name, views.NAMES[1]),
        (form.reason, "บัญชีเดิมปิดแล้ว"),
    ):  # fmt: skip
        edit.setText(text)
        edit.textEdited.emit(text)
    await page.form._keep("สมุดบัญชี.png", picture())
    await settle(shell)
    return shell


async def change_case(shell: Shell, _answers: Answers) -> QWidget:
    shell.open_page("bank_changes", str(views.change(2).id))
    await settle(shell)
    return shell


async def document(shell: Shell, _answers: Answers) -> QWidget:
    shell.spawn(show_document(shell, shell.core, shell, DocumentRow("ab" * 32, "สมุดบัญชี.png"), picture()), "document")
    return await dialog_of(shell)


def picture() -> bytes:
    """A made-up passbook page as PNG."""
    image = QImage(900, 600, QImage.Format.Format_RGB32)
    image.fill(QColor("#f4efe2"))
    painter = QPainter(image)
    painter.setFont(fonts.font("figure"))
    painter.drawText(80, 140, "สมุดบัญชีเงินฝาก")
    painter.drawText(80, 240, "111-2-22333-1")
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stub knows only file names
    return bytes(buffer.data().data())


MANAGER = (Role.MANAGER,)
TREASURER = (Role.TREASURER,)
ADMINISTRATOR = (Role.ADMINISTRATOR,)
PICTURES: dict[str, Any] = {
    "inbox": (MANAGER, inbox),
    "paid_or_not": (MANAGER, paid_or_not),
    "approvals": (MANAGER, approvals),
    "approvals_offline": (MANAGER, approvals_offline),
    "sign_one": (MANAGER, sign_one),
    "sign_warned": (MANAGER, sign_warned),
    "sign_wrong": (MANAGER, sign_wrong),
    "sign_reject": (MANAGER, sign_reject),
    "sign_void": (MANAGER, sign_void),
    "sign_batch": (MANAGER, sign_batch),
    "sign_change": (MANAGER, sign_change),
    "sign_funding": (TREASURER, sign_funding),
    "sign_deposit": (TREASURER, sign_deposit),
    "treasury": (TREASURER, page("treasury")),
    "health": (ADMINISTRATOR, page("health")),
    "health_at_home": (TREASURER, page("dashboard")),
    "batch_start": (MANAGER, page("batch")),
    "batch_judged": (MANAGER, batch),
    "batch_ready": (MANAGER, batch_ready),
    "batch_sent": (MANAGER, batch_sent),
    "change_list": (MANAGER, page("bank_changes")),
    "change_case": (MANAGER, change_case),
    "change_form": (MANAGER, change_form),
    "document": (MANAGER, document),
    "statements": (TREASURER, statements),
    "set_aside": (TREASURER, set_aside),
    "restore": (TREASURER, page("restore")),
    "sign_restore": (TREASURER, sign_restore),
    "reconciliation": (TREASURER, page("reconciliation")),
    "liquidity": (TREASURER, page("liquidity")),
    "funding": (TREASURER, page("funding")),
    "in_doubt": (MANAGER, page("in_doubt")),
}
