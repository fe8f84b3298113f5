"""What the drawing script draws: one coroutine for each picture, on a window whose desk has sample data."""

from __future__ import annotations

import asyncio
from typing import Any

from PySide6.QtWidgets import QCheckBox, QDialog, QLineEdit, QWidget

from desktop.ui.screens.approvals.page import ApprovalsPage
from desktop.ui.shell import Shell
from shared.permissions import Role
from shared.wire import records
from shared.wire.payments import FundingList, OpenSheetRequest
from tests.desktop.ui.screens import sample_views as views
from tests.desktop.ui.screens.sample_desk import CODE, Answers


def prepare(answers: Answers) -> None:
    """What the server says to the screens."""
    answers.handlers |= {
        "open_sign_off_sheet": open_sheets,
        "open_bank_change_sheet": lambda request: views.change_reply(request.id.int - 40_000),
        "list_funding": lambda _: FundingList(funding=[views.funding(1)]),
        "list_statements": lambda _: records.StatementList(statements=[views.statement(n) for n in range(9)]),
        "get_statement": lambda request: views.statement_detail(request.id.int - 60_000),
        "list_reconciliation": lambda request: views.reconciliation(request.result),
        "get_liquidity": lambda _: views.liquidity(),
        "fetch_statements": lambda _: fetch("done"),
    }


def open_sheets(request: OpenSheetRequest) -> Any:
    if request.batch_id is not None:
        return views.sheets([*range(100, 123), views.BAD_FIT], batch_version=1)
    return views.sheets([item.int - 20_000 for item in request.intents])


def fetch(state: str) -> records.FetchView:
    return records.FetchView(
        id=views.ME, state=state, files=2, lines=148, matched=146, problem="", requested_at=views.LATER, finished_at=""
    )


async def settle(seconds: float = 0.25) -> None:
    await asyncio.sleep(seconds)


async def dialog_of(shell: Shell) -> QDialog:
    await settle()
    return next(d for d in shell.findChildren(QDialog) if d.isVisible())


async def approvals(shell: Shell, _answers: Answers) -> QWidget:
    shell.open_page("approvals")
    await settle()
    page = shell.current_page()
    assert isinstance(page, ApprovalsPage)
    for row_id in [r.id for r in page.model.rows if r.sign.enabled and r.id not in page._risks][:12]:
        place = page.table.model.source.index_of(row_id)
        if place is not None and page.model.rows[place].kind == "intents":
            page.table.model.toggle_mark(place)
    page.table.view.go_to(3)
    return shell


async def approvals_offline(shell: Shell, answers: Answers) -> QWidget:
    await approvals(shell, answers)
    answers.lost = True
    await shell.core.sync.once()
    await settle()
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
    await settle()
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
    await settle()
    return dialog


async def sign_batch(shell: Shell, _answers: Answers) -> QWidget:
    return await _sign_kind(shell, "batches", [views.batch().id])


async def sign_change(shell: Shell, _answers: Answers) -> QWidget:
    return await _sign_kind(shell, "bank_changes", [views.change(1).id])


async def sign_funding(shell: Shell, _answers: Answers) -> QWidget:
    return await _sign_kind(shell, "funding", [views.funding(1).id])


async def _sign(shell: Shell, ids: list[Any]) -> QDialog:
    return await _sign_kind(shell, "intents", ids)


async def _sign_kind(shell: Shell, kind: str, ids: list[Any]) -> QDialog:
    from desktop.core.screens.sign_off import Kind
    from desktop.ui.screens.sign_off.flow import sign

    async def run() -> None:
        await sign(shell, shell, Kind(kind), ids, maker="สุดา แก้วใส")

    shell.spawn(run(), "sign")
    return await dialog_of(shell)


def page(name: str) -> Any:
    async def picture(shell: Shell, _answers: Answers) -> QWidget:
        shell.open_page(name)
        await settle()
        return shell

    return picture


async def statements(shell: Shell, _answers: Answers) -> QWidget:
    shell.open_page("statements")
    await settle()
    shell.current_page().fetch.click()  # type: ignore[union-attr]
    await settle()
    return shell


MANAGER = (Role.MANAGER,)
TREASURER = (Role.TREASURER,)
PICTURES: dict[str, Any] = {
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
    "statements": (TREASURER, statements),
    "reconciliation": (TREASURER, page("reconciliation")),
    "liquidity": (TREASURER, page("liquidity")),
    "funding": (TREASURER, page("funding")),
}
