"""Work that returns by itself: retention, the feed's places, the day's questions about accounts."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from server.health import store
from server.health.finding import Case, Cases, Check, Finding, Ground, Text
from shared.health import Level

_MINUTE: Final = timedelta(minutes=1)


async def _jobs(ground: Ground, check: Check) -> list[Finding]:
    assert check.bad is not None
    async with ground.look() as tx:
        rows = await store.jobs(tx)
    found = []
    for row in rows:
        late = max((ground.now - row["due_at"]) // _MINUTE, 0) if row["due_at"] is not None else 0
        facts = {"told": row["told"], "times": row["failures"], "due": row["due_at"] or ground.now}
        if late >= check.bad:
            case = "undone"
        elif row["failures"]:
            case = "fails"
        else:
            case = "well"
        found.append(check.found(case, row["name"], since=row["due_at"] if late else None, value=late, **facts))
    return found or [check.found("none")]


_JOBS: Final = Cases(
    Text("Recurring work", "งานประจำ"),
    {
        "none": Case(
            level=Level.WELL,
            says=Text("No executor has begun yet: nothing recurs.", "ยังไม่มีตัวส่งเงินเริ่มทำงาน จึงยังไม่มีงานประจำ"),
        ),
        "well": Case(level=Level.WELL, says=Text("{subject}: done in time.", "{subject}: ทำตามเวลา")),
        "fails": Case(
            level=Level.WARNS,
            says=Text("{subject}: failed {times} times: {told}", "{subject}: ไม่สำเร็จ {times} ครั้ง: {told}"),
            do=Text(
                "It is tried again by itself, within the hour at the latest. When it goes on, mend the cause.",
                "ระบบลองใหม่เองภายในหนึ่งชั่วโมง ถ้ายังไม่สำเร็จให้แก้ที่สาเหตุ",
            ),
        ),
        "undone": Case(
            level=Level.BAD,
            says=Text("{subject}: due since {due} and nobody does it.", "{subject}: ถึงกำหนดตั้งแต่ {due} แต่ไม่มีใครทำ"),
            do=Text("Executors do it: see that one lives.", "ตัวส่งเงินเป็นผู้ทำ ให้ตรวจว่ามีตัวหนึ่งทำงานอยู่"),
        ),
    },
)

CHECKS: Final = (
    Check(
        name="jobs.recurring",
        title=_JOBS.title,
        measures="minutes since the work was due",
        unit="min",
        warns=1,
        bad=120,
        cases=_JOBS.cases,
        read=_jobs,
    ),
)
