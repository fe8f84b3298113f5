"""The bank's statements: the last one of each account, and how fetching goes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from server.database.transaction import Row
from server.health import store
from server.health.finding import Case, Check, Finding, Ground, Text
from server.health.rules import graded, last_expected_day, statements_missing
from shared.health import Level
from shared.thai import business_date

_FETCH_LATE: Final = timedelta(minutes=45)
"""Three turns of the schedule."""
_NEW: Final = timedelta(days=4)
"""So long an account may be ours without a statement: a bank begins at a day's end, and a weekend lies between."""


async def _last(ground: Ground, check: Check) -> list[Finding]:
    async with ground.look(store.SIGHT) as tx:
        rows = await store.company_accounts(tx)
    if not rows:
        return [check.found("no_account")]
    return [_of_account(check, row, name, ground) for row, name in zip(rows, _names(rows), strict=True)]


def _of_account(check: Check, row: Row, name: str, ground: Ground) -> Finding:
    if row["date"] is None:
        waited = ground.now - row["changed_at"]
        case = "never" if waited > _NEW else "not_yet"
        return check.found(case, name, since=row["changed_at"], value=None, age=waited)
    missing = statements_missing(row["date"], ground.now)
    level = graded(missing, check.warns, check.bad)
    return check.found(
        {Level.WELL: "well", Level.WARNS: "late"}.get(level, "stopped"),
        name,
        since=None if level is Level.WELL else row["imported_at"],
        value=missing,
        day=row["date"],
        expected=last_expected_day(ground.now),
        missing=missing,
        age=business_date(ground.now) - row["date"],
    )


def _names(rows: Sequence[Row]) -> list[str]:
    """Accounts by their last digits; of two alike each with a piece of its digest."""
    alike = Counter(row["last4"] for row in rows)
    return [f"*{row['last4']}" + (f"/{row['digest'][:4]}" if alike[row["last4"]] > 1 else "") for row in rows]


async def _fetch(ground: Ground, check: Check) -> list[Finding]:
    async with ground.look(store.SIGHT) as tx:
        row = await store.last_fetches(tx)
    if row["open_since"] is not None and ground.now - row["open_since"] > _FETCH_LATE:
        return [check.found("hangs", since=row["open_since"], age=ground.now - row["open_since"])]
    if row["state"] is None:
        return [check.found("never")]
    age = ground.now - row["finished_at"]
    if row["state"] == "failed":
        case = "host_key" if "host_key_changed" in row["problem"] else "failed"
        return [
            check.found(
                case, since=row["failing_since"], value=_seconds(age), at=row["finished_at"], why=row["problem"]
            )
        ]
    if age > _FETCH_LATE:
        return [check.found("late", since=row["finished_at"], value=_seconds(age), age=age)]
    case = "with_problems" if row["problem"] else "well"
    return [
        check.found(
            case,
            since=row["finished_at"] if row["problem"] else None,
            value=_seconds(age),
            at=row["finished_at"],
            why=row["problem"],
            files=row["files"],
        )
    ]


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())


CHECKS: Final = (
    Check(
        name="statements.last",
        title=Text("Last statement", "รายการเดินบัญชีล่าสุด"),
        measures="bank days whose statement of an account is due (by noon of the next bank day) and not here",
        unit="bank days",
        warns=1,
        bad=2,
        cases={
            "well": Case(
                level=Level.WELL,
                says=Text(
                    "Account {subject}: the last statement is of {day}.", "บัญชี {subject}: รายการเดินบัญชีล่าสุดคือวันที่ {day}"
                ),
            ),
            "late": Case(
                level=Level.WARNS,
                says=Text(
                    "Account {subject}: the statement of {expected} is not here; the last one is of {day}.",
                    "บัญชี {subject}: ยังไม่มีรายการเดินบัญชีของวันที่ {expected} ล่าสุดคือวันที่ {day}",
                ),
                do=Text(
                    "Fetch now (page Statements); if it stays away, ask the bank for it.",
                    "กดดึงตอนนี้ (หน้ารายการเดินบัญชี) ถ้ายังไม่มาให้ถามธนาคาร",
                ),
            ),
            "stopped": Case(
                level=Level.BAD,
                says=Text(
                    "Account {subject}: statements have stopped. The last is of {day}: {missing} bank days lack.",
                    "บัญชี {subject}: รายการเดินบัญชีขาดไป ล่าสุดคือวันที่ {day} ขาด {missing} วันทำการ",
                ),
                do=Text(
                    "See why fetching fails or files are refused (page Statements); ask the bank for the missing days.",
                    "ดูว่าดึงไม่ได้หรือไฟล์ถูกปฏิเสธเพราะอะไร (หน้ารายการเดินบัญชี) และขอวันที่ขาดจากธนาคาร",
                ),
            ),
            "not_yet": Case(
                level=Level.WARNS,
                says=Text("Account {subject}: no statement has come yet.", "บัญชี {subject}: ยังไม่มีรายการเดินบัญชีเลย"),
                do=Text("Wait for the bank's first one, or fetch now.", "รอไฟล์แรกจากธนาคาร หรือกดดึงตอนนี้"),
            ),
            "never": Case(
                level=Level.BAD,
                says=Text(
                    "Account {subject}: not one statement has come in {age}.",
                    "บัญชี {subject}: ไม่เคยได้รับรายการเดินบัญชีเลยใน {age}",
                ),
                do=Text(
                    "Ask the bank to deliver this account's statements to the same folder.",
                    "ขอให้ธนาคารส่งรายการเดินบัญชีของบัญชีนี้มาที่โฟลเดอร์เดียวกัน",
                ),
            ),
            "no_account": Case(
                level=Level.WARNS,
                says=Text(
                    "No account of ours is written down: a statements worker has not started yet.",
                    "ยังไม่มีบัญชีบริษัทที่บันทึกไว้ เพราะยังไม่เคยเปิดตัวรับรายการเดินบัญชี",
                ),
                do=Text("Start one: sheaf worker statements.", "เปิด: sheaf worker statements"),
            ),
        },
        read=_last,
    ),
    Check(
        name="statements.fetch",
        title=Text("Fetching", "การดึงไฟล์"),
        measures="seconds since the last fetch of statements ended",
        unit="s",
        bad=_seconds(_FETCH_LATE),
        cases={
            "well": Case(
                level=Level.WELL, says=Text("Fetched {at}: {files} new files.", "ดึงเมื่อ {at}: ไฟล์ใหม่ {files} ไฟล์")
            ),
            "with_problems": Case(
                level=Level.WARNS,
                says=Text("Fetched {at}, and not everything was taken: {why}.", "ดึงเมื่อ {at} แต่รับไม่ได้ทุกไฟล์: {why}"),
                do=Text("Look at the files on the page Statements.", "ดูไฟล์ในหน้ารายการเดินบัญชี"),
            ),
            "never": Case(
                level=Level.WARNS,
                says=Text("Nothing was ever fetched.", "ยังไม่เคยดึงไฟล์"),
                do=Text("Start the statements worker: sheaf worker statements.", "เปิด: sheaf worker statements"),
            ),
            "failed": Case(
                level=Level.BAD,
                says=Text("The last fetch ({at}) failed: {why}.", "การดึงครั้งล่าสุด ({at}) ล้มเหลว: {why}"),
                do=Text(
                    "See that the bank's host is reached and that it admits our key; then fetch now.",
                    "ตรวจว่าติดต่อเครื่องของธนาคารได้และรับกุญแจของเรา แล้วกดดึงตอนนี้",
                ),
            ),
            "host_key": Case(
                level=Level.BAD,
                says=Text(
                    "The bank's host showed another key ({at}): somebody may stand between. Fetching rests.",
                    "เครื่องของธนาคารแสดงกุญแจอื่น ({at}) อาจมีผู้แอบคั่นกลาง จึงหยุดดึงไว้",
                ),
                do=Text(
                    "Ask the bank by telephone for its new key, put it into [sftp] host_keys, restart the worker.",
                    "โทรถามกุญแจใหม่จากธนาคาร ใส่ใน [sftp] host_keys แล้วเปิดตัวรับใหม่",
                ),
            ),
            "late": Case(
                level=Level.BAD,
                says=Text("Nothing was fetched for {age}.", "ไม่ได้ดึงมา {age}"),
                do=Text("See that the statements worker works, and restart it.", "ตรวจตัวรับรายการเดินบัญชี แล้วเปิดใหม่"),
            ),
            "hangs": Case(
                level=Level.BAD,
                says=Text("A fetch was asked for {age} ago and has not ended.", "ขอดึงไว้ {age} แล้วยังไม่จบ"),
                do=Text("See that the statements worker works, and restart it.", "ตรวจตัวรับรายการเดินบัญชี แล้วเปิดใหม่"),
            ),
        },
        read=_fetch,
    ),
)
