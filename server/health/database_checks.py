"""The database itself: is it reached, of this version, writable, and is its clock ours."""

from __future__ import annotations

from typing import Final

from server.database.migrations import newest_version
from server.health import store
from server.health.finding import Case, Check, Finding, Ground, Text
from shared.health import Level


async def _schema(ground: Ground, check: Check) -> list[Finding]:
    async with ground.look() as tx:
        present = await store.schema_version(tx)
    wanted = newest_version()
    return [check.found("well" if present == wanted else "other", present=str(present), wanted=str(wanted))]


CHECKS: Final = (
    Check(
        name="database.schema",
        title=Text("Database", "ฐานข้อมูล"),
        measures="whether the database is reached and has this program's schema",
        cases={
            "well": Case(
                level=Level.WELL,
                says=Text("Reached; schema version {present}.", "ติดต่อได้ สคีมารุ่น {present}"),
            ),
            "other": Case(
                level=Level.BAD,
                says=Text(
                    "The schema is of version {present}, this program needs {wanted}.",
                    "สคีมาเป็นรุ่น {present} แต่โปรแกรมนี้ต้องใช้รุ่น {wanted}",
                ),
                do=Text("Run: sheaf migrate.", "รัน: sheaf migrate"),
            ),
        },
        read=_schema,
    ),
)
