"""Refusals: whether workers of the API refuse only as the verbs' table declares."""

from __future__ import annotations

from typing import Final

from server.health import store
from server.health.beats import LATE
from server.health.finding import Case, Check, Finding, Ground, Text
from server.health.rules import lives
from shared.health import Level


async def _refusals(ground: Ground, check: Check) -> list[Finding]:
    async with ground.look() as tx:
        known = [one for one in await store.processes(tx, "api") if lives(one, LATE)]
    found = []
    for one in known:
        count, which = one.facts.get("undeclared_refusals"), str(one.facts.get("undeclared", ""))
        count = count if isinstance(count, int) else 0
        case = "undeclared" if count else "well"
        found.append(check.found(case, one.name, value=count, count=count, which=which))
    return found


CHECKS: Final = (
    Check(
        name="api.refusals",
        title=Text("Refusals", "การปฏิเสธ"),
        measures="refusals of a living worker that the verbs' table does not declare, since it started",
        unit="refusals",
        warns=1,
        cases={
            "well": Case(
                level=Level.WELL,
                says=Text("{subject} refused only as is declared.", "{subject} ปฏิเสธตามที่ประกาศไว้เท่านั้น"),
            ),
            "undeclared": Case(
                level=Level.WARNS,
                says=Text(
                    "{subject} refused {count} times as no row declares ({which}); each caller was told why.",
                    "{subject} ปฏิเสธ {count} ครั้งแบบที่ไม่ได้ประกาศไว้ ({which}) ผู้เรียกได้รับเหตุผลครบทุกครั้ง",
                ),
                do=Text(
                    "It is a mistake in Sheaf: report these names. A caller's own program may not know them.",
                    "เป็นข้อผิดพลาดของ Sheaf ให้แจ้งชื่อเหล่านี้ โปรแกรมของผู้เรียกอาจไม่รู้จัก",
                ),
            ),
        },
        read=_refusals,
    ),
)
