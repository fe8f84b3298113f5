"""Backups: when the last one was taken, and when one last proved itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from server.backup import records
from server.health import store
from server.health.finding import Case, Check, Finding, Ground, Text
from server.health.rules import APART
from shared.health import Level

_NEW: Final = timedelta(hours=26)
"""So long an installation may be there without a backup or a proof: a night lies between."""


async def _last(ground: Ground, check: Check) -> list[Finding]:
    async with ground.look(store.SIGHT) as tx:
        row = await records.last_known(tx, ground.now + APART)
    since = row["taken_at"] or row["founded_at"]
    age = ground.now - since
    hours = int(age.total_seconds()) // 3600
    if row["problem"]:
        return [check.found("failed", since=since, value=hours, why=row["problem"], age=age)]
    if row["taken_at"] is None:
        return [check.found("none" if age > _NEW else "none_yet", since=since)]
    case = "well" if ground.now <= row["due_at"] else "late"
    return [
        check.found(case, since=None if case == "well" else row["due_at"], value=hours, at=row["taken_at"], age=age)
    ]


async def _proof(ground: Ground, check: Check) -> list[Finding]:
    async with ground.look(store.SIGHT) as tx:
        row = await records.last_known(tx, ground.now + APART)
    since = row["proved_at"] or row["founded_at"]
    age = ground.now - since
    if row["proof_problem"]:
        return [check.found("failed", since=since, value=age.days, why=row["proof_problem"], age=age)]
    if row["proved_at"] is None:
        return [check.found("none" if age > _NEW else "none_yet", since=since)]
    case = "well" if ground.now <= row["proof_due_at"] else "late"
    return [check.found(case, since=None if case == "well" else row["proof_due_at"], value=age.days, at=since, age=age)]


CHECKS: Final = (
    Check(
        name="backup.last",
        title=Text("Last backup", "สำรองข้อมูลล่าสุด"),
        measures="hours since the last backup; [backup] backup_hours says how many are too many, 26 by default",
        unit="h",
        cases={
            "well": Case(level=Level.WELL, says=Text("The last backup is of {at}.", "สำรองข้อมูลล่าสุดเมื่อ {at}")),
            "none_yet": Case(
                level=Level.WARNS,
                says=Text("No backup was taken yet.", "ยังไม่เคยสำรองข้อมูล"),
                do=Text("Run: sheaf backup run.", "รัน: sheaf backup run"),
            ),
            "none": Case(
                level=Level.BAD,
                says=Text(
                    "No backup was ever taken: what is lost with this machine is lost.",
                    "ไม่เคยสำรองข้อมูล หากเครื่องนี้เสีย ข้อมูลจะหายทั้งหมด",
                ),
                do=Text(
                    "Run: sheaf backup run; and let a timer do it each night.",
                    "รัน: sheaf backup run และตั้งเวลาให้ทำทุกคืน",
                ),
            ),
            "late": Case(
                level=Level.BAD,
                says=Text("The last backup is of {at}, {age} ago.", "สำรองข้อมูลล่าสุดเมื่อ {at} ({age}ก่อน)"),
                do=Text(
                    "Run: sheaf backup run; then see why the timer did not (systemctl list-timers 'sheaf-*').",
                    "รัน: sheaf backup run แล้วดูว่าทำไมตัวตั้งเวลาไม่ทำงาน (systemctl list-timers 'sheaf-*')",
                ),
            ),
            "failed": Case(
                level=Level.BAD,
                says=Text(
                    "The last try to take a backup failed: {why}.",
                    "สำรองข้อมูลครั้งล่าสุดไม่สำเร็จ: {why}",
                ),
                do=Text("Mend that, then run: sheaf backup run.", "แก้สาเหตุนั้น แล้วรัน: sheaf backup run"),
            ),
        },
        read=_last,
    ),
    Check(
        name="backup.proof",
        title=Text("Backup proof", "การพิสูจน์ข้อมูลสำรอง"),
        measures="days since a backup last proved itself; [backup] proof_days says how many are too many, 8 by default",
        unit="d",
        cases={
            "well": Case(level=Level.WELL, says=Text("Last proven: {at}.", "พิสูจน์ล่าสุดเมื่อ {at}")),
            "none_yet": Case(
                level=Level.WARNS,
                says=Text("No backup has proved itself yet.", "ยังไม่มีข้อมูลสำรองที่พิสูจน์แล้ว"),
                do=Text("Run: sheaf backup prove.", "รัน: sheaf backup prove"),
            ),
            "none": Case(
                level=Level.BAD,
                says=Text("No backup ever proved itself.", "ไม่เคยพิสูจน์ว่าข้อมูลสำรองกู้คืนได้"),
                do=Text(
                    "Run: sheaf backup prove; and let a timer do it each week.",
                    "รัน: sheaf backup prove และตั้งเวลาให้ทำทุกสัปดาห์",
                ),
            ),
            "late": Case(
                level=Level.BAD,
                says=Text("Last proven: {at}, {age} ago.", "พิสูจน์ล่าสุดเมื่อ {at} ({age}ก่อน)"),
                do=Text("Run: sheaf backup prove.", "รัน: sheaf backup prove"),
            ),
            "failed": Case(
                level=Level.BAD,
                says=Text("The last proof failed: {why}.", "การพิสูจน์ครั้งล่าสุดไม่ผ่าน: {why}"),
                do=Text(
                    "Take another and prove it: sheaf backup run, sheaf backup prove. Keep the old ones until then.",
                    "สำรองใหม่และพิสูจน์: sheaf backup run แล้ว sheaf backup prove เก็บชุดเก่าไว้จนกว่าจะพิสูจน์ได้",
                ),
            ),
        },
        read=_proof,
    ),
)
