"""The alarms themselves: whether somebody would be told."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from server.health import store
from server.health.finding import Case, Check, Finding, Ground, Text
from shared.health import Level

_LATE: Final = timedelta(minutes=3)
"""Several rounds of a sender, and the time in which another takes over from one that died."""


async def _ways(ground: Ground, check: Check) -> list[Finding]:
    async with ground.look() as tx:
        rows = await store.alarm_ways(tx)
    found = []
    for row in rows:
        silent = ground.now - row["beat_at"]
        if abs(silent) >= _LATE:
            found.append(check.found("silent", row["way"], since=row["beat_at"], value=None, age=silent))
        elif row["failing_since"] is not None:
            age = ground.now - row["failing_since"]
            seconds = int(age.total_seconds())
            found.append(
                check.found("fails", row["way"], since=row["failing_since"], value=seconds, why=row["failure"])
            )
        else:
            found.append(check.found("well", row["way"], value=0))
    return found or [check.found("nobody", value=0)]


CHECKS: Final = (
    Check(
        name="alarms",
        title=Text("Alarms", "การแจ้งเตือน"),
        measures="seconds since when alarms can't be told by mail or command",
        unit="s",
        bad=1,
        cases={
            "well": Case(level=Level.WELL, says=Text("Alarms go out by {subject}.", "แจ้งเตือนทาง {subject} ได้")),
            "nobody": Case(
                level=Level.WELL,
                says=Text(
                    "Nobody is told of anything by mail or command: no [alarm] in the settings.",
                    "ไม่มีการแจ้งเตือนทางอีเมลหรือคำสั่ง: ไม่มี [alarm] ในค่าตั้ง",
                ),
            ),
            "fails": Case(
                level=Level.BAD,
                says=Text("Alarms can't be told by {subject}: {why}.", "แจ้งเตือนทาง {subject} ไม่ได้: {why}"),
                do=Text(
                    "Mend it and try: sheaf alarm test. What is untold is told by itself then.",
                    "แก้แล้วลอง: sheaf alarm test เรื่องที่ยังไม่ได้แจ้งจะถูกแจ้งเอง",
                ),
            ),
            "silent": Case(
                level=Level.BAD,
                says=Text(
                    "Nobody has looked for {age} whether an alarm must go out by {subject}.",
                    "ไม่มีโปรเซสใดตรวจมา {age} แล้วว่าต้องแจ้งเตือนทาง {subject} หรือไม่",
                ),
                do=Text(
                    "Start a worker: sheaf worker payments or sheaf worker statements; they send alarms.",
                    "เปิด sheaf worker payments หรือ sheaf worker statements ซึ่งเป็นผู้ส่งการแจ้งเตือน",
                ),
            ),
        },
        read=_ways,
    ),
)
