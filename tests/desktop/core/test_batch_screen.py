"""A batch: every row judged, a typed control total, sent whole whatever answers are lost."""

from __future__ import annotations

import io
from typing import Any

import msgspec
import pytest
import xlsxwriter
from aiohttp import web

from desktop.core import texts
from desktop.core.desk import Desk
from desktop.core.screens.batch import Batch
from desktop.core.store.outbox import EventState
from shared.wire.common import ItemRefused
from shared.wire.members import ValidateMembersItem, ValidateMembersReply
from shared.wire.payments import (
    AddBatchLinesReply,
    AddBatchLinesRequest,
    BatchView,
    LineResult,
)
from shared.wire.payments import (
    Approvals as Needed,
)
from tests.desktop.core.fake_server import FakeServer, uid, validation


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
            ("M00002", "สมชาย", 10.123, "", "W-3"),
            ("M00003", "", 20, "", "W-4"),
            ("M00001", "สมชาย", 30, "", "W-4"),
            (412, "เลข", 30, "", "W-5"),
            ("M00002", "สมชาย", "ร้อยบาท", "", "1.23E+09"),
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
