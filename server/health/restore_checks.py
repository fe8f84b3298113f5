"""Whether this database is as far as what was paid from it."""

from __future__ import annotations

from typing import Final

from server.health.finding import Case, Check, Finding, Ground, Text
from server.restore import store
from server.restore.rules import TEXTS, Kind
from shared.health import Level


async def _behind(ground: Ground, check: Check) -> list[Finding]:
    async with ground.look() as tx:
        rows = await store.open_witnesses(tx)
    found = []
    for row in rows:
        english, thai = TEXTS[Kind(row["kind"])]
        facts = {"why_en": english, "why_th": thai, "detail": row["detail"]}
        found.append(check.found("behind", row["kind"], since=row["found_at"], value=len(rows), **facts))
    return found or [check.found("well", value=0)]


CHECKS: Final = (
    Check(
        name="database.restored",
        title=Text("Restore", "การกู้คืน"),
        measures="facts that are known outside of this database and not in it",
        bad=1,
        cases={
            "well": Case(
                level=Level.WELL,
                says=Text("Nobody knows of anything that is missing here.", "ไม่มีผู้ใดพบว่าฐานข้อมูลนี้ขาดข้อมูล"),
            ),
            "behind": Case(
                level=Level.BAD,
                says=Text(
                    "Payments stand still, for this database is older than what was paid: {why_en} ({detail}).",
                    "หยุดจ่ายเงิน เพราะฐานข้อมูลนี้เก่ากว่าที่จ่ายไปแล้ว: {why_th} ({detail})",
                ),
                do=Text(
                    "Run: sheaf restore compare; two people of head office then agree to what it lists, on the page "
                    "After a restore.",
                    "รัน: sheaf restore compare แล้วให้สองคนของสำนักงานใหญ่อนุมัติรายการที่พบ ในหน้า หลังกู้คืนข้อมูล",
                ),
            ),
        },
        read=_behind,
    ),
)
