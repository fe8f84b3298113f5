"""The records: what reconciliation can't explain, and when audit trail and ledger were last recomputed."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from server.health import store
from server.health.finding import Case, Cases, Check, Finding, Ground, Text
from server.health.rules import APART, graded
from shared.health import Level
from shared.refusals import Fixer

_HOUR: Final = timedelta(hours=1)

_EXCEPTION_TEXTS: Final = {
    "mismatched": Text("lines that differ from the payment", "รายการที่ไม่ตรงกับการจ่าย"),
    "missing_settlement": Text("payments that the statement does not show", "รายการที่จ่ายแล้วแต่ไม่อยู่ในรายการเดินบัญชี"),
    "unexpected": Text("lines that no payment explains", "รายการที่ไม่มีการจ่ายรองรับ"),
}


async def _exceptions(ground: Ground, check: Check) -> list[Finding]:
    async with ground.look() as tx:
        rows = await store.exceptions(tx)
    found = []
    for row in rows:
        what = _EXCEPTION_TEXTS[row["result"]]
        level = graded(row["lines"], check.warns, check.bad)
        case = "many" if level is Level.BAD else "some"
        facts = {"count": row["lines"], "what_en": what.en, "what_th": what.th, "oldest": row["oldest"]}
        found.append(check.found(case, row["result"], since=row["oldest"], value=row["lines"], **facts))
    return found or [check.found("none", value=0)]


def _proof(what: str) -> Check:
    async def read(ground: Ground, check: Check) -> list[Finding]:
        async with ground.look() as tx:
            row = await store.last_proof(tx, what)
        if row is None:
            return [check.found("never")]
        age = ground.now - row["at"]
        hours = age // _HOUR
        facts = {"at": row["at"], "told": row["told"], "age": age}
        if not row["good"]:
            return [check.found("wrong", since=row["bad_since"], value=hours, **facts)]
        if age < -APART:
            return [check.found("ahead", since=row["at"], value=None, **facts)]
        level = graded(hours, check.warns, check.bad)
        case = {Level.WELL: "well", Level.WARNS: "old", Level.BAD: "too_old"}[level]
        return [check.found(case, since=None if level is Level.WELL else row["at"], value=hours, **facts)]

    title, command, wrong = _PROOFS[what]
    return Check(
        name=f"records.{what}",
        title=title,
        measures="hours since it was last recomputed as a whole",
        unit="h",
        warns=36,
        bad=168,
        cases=_proof_cases(title, command, wrong),
        read=read,
    )


_PROOFS: Final = {
    "audit": (Text("Audit trail", "บันทึกตรวจสอบ"), "sheaf audit verify", Fixer.ADMINISTRATOR),
    "ledger": (Text("Ledger", "สมุดบัญชี"), "sheaf ledger check", Fixer.TREASURER),
}


def _proof_cases(title: Text, command: str, wrong: Fixer) -> dict[str, Case]:
    nightly = Text(f"Run: {command}; let a timer do so each night.", f"รัน: {command} และตั้งเวลาให้รันทุกคืน")
    old = Text(f"{title.en}: last recomputed {{age}} ago.", f"{title.th}: ตรวจครั้งล่าสุด {{age}} ที่แล้ว")
    return {
        "well": Case(
            level=Level.WELL,
            says=Text(f"{title.en}: {{told}} ({{at}}).", f"{title.th}: ถูกต้อง ตรวจเมื่อ {{at}}"),
        ),
        "never": Case(
            level=Level.WARNS,
            says=Text(f"{title.en}: never recomputed.", f"{title.th}: ยังไม่เคยตรวจทั้งหมด"),
            do=nightly,
        ),
        "ahead": Case(
            level=Level.WARNS,
            says=Text(
                f"{title.en}: recomputed by a clock that was wrong ({{at}}): nobody knows when.",
                f"{title.th}: ตรวจเมื่อนาฬิกาผิด ({{at}}) จึงไม่รู้ว่าเมื่อใด",
            ),
            do=nightly,
        ),
        "old": Case(level=Level.WARNS, says=old, do=nightly),
        "too_old": Case(level=Level.BAD, says=old, do=nightly),
        "wrong": Case(
            level=Level.BAD,
            says=Text(f"{title.en} is not what it was: {{told}} ({{at}}).", f"{title.th}ไม่ถูกต้อง: {{told}} ({{at}})"),
            do=Text(
                f"Stop paying, keep the database as it is, and look with `{command}`.",
                f"หยุดจ่าย เก็บฐานข้อมูลไว้ตามเดิม และตรวจด้วย `{command}`",
            ),
            who=wrong,
        ),
    }


_EXCEPTIONS: Final = Cases(
    Text("Reconciliation", "กระทบยอด"),
    {
        "none": Case(level=Level.WELL, says=Text("Statements and books agree.", "รายการเดินบัญชีกับบัญชีของเราตรงกัน")),
        "some": Case(
            level=Level.WARNS,
            says=Text("{count} {what_en}, the oldest of {oldest}.", "{what_th} {count} รายการ เก่าสุด {oldest}"),
            do=Text("Look at each on the page Reconciliation.", "ดูทีละรายการในหน้ากระทบยอด"),
            who=Fixer.TREASURER,
        ),
        "many": Case(
            level=Level.BAD,
            says=Text("{count} {what_en}, the oldest of {oldest}.", "{what_th} {count} รายการ เก่าสุด {oldest}"),
            do=Text(
                "So many have one cause: look at the statements they come from (page Reconciliation).",
                "มากขนาดนี้มักมีสาเหตุเดียว ให้ดูรายการเดินบัญชีต้นทาง (หน้ากระทบยอด)",
            ),
            who=Fixer.TREASURER,
        ),
    },
)

CHECKS: Final = (
    Check(
        name="reconciliation.exceptions",
        title=_EXCEPTIONS.title,
        measures="results of reconciliation that a person must look at",
        unit="results",
        warns=1,
        bad=20,
        cases=_EXCEPTIONS.cases,
        read=_exceptions,
    ),
    _proof("audit"),
    _proof("ledger"),
)
