"""What is wrong, in the order in which it is to be mended: settings, the machine, the database, and then the table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from server.database.away import Away
from server.health.examine import worst_first
from server.health.finding import Finding, Text
from shared.health import Level, severity
from shared.refusals import Fixer


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is not well, with what to do. `what` names it: a place in the settings, or a check."""

    what: str
    level: Level
    says: Text
    do: Text
    who: Fixer = Fixer.OPERATOR
    since: datetime | None = None


class Mistake(msgspec.Struct, frozen=True):
    """Something wrong with the settings, or with what they name: where, what, and whether it works for now."""

    place: str
    text: str
    warning: bool = False
    away: Away | None = None
    """Why the database is not reached, where that is the mistake."""
    missing: bool = False
    """A setting that must be there is not."""


_ADVICE: Final[dict[Away, Text]] = {
    Away.REFUSED: Text(
        "PostgreSQL runs and does not let us in: compare user and password in [database] url, and its pg_hba.conf.",
        "PostgreSQL ทำงานแต่ไม่ให้เข้า: ตรวจผู้ใช้และรหัสผ่านใน [database] url และ pg_hba.conf",
    ),
    Away.NO_DATABASE: Text(
        "PostgreSQL runs without this database: see the name in [database] url; a lost one comes back by"
        " `sheaf backup restore`, a new one is made by `sheaf init`.",
        "PostgreSQL ทำงานแต่ไม่มีฐานข้อมูลนี้: ตรวจชื่อใน [database] url กู้คืนด้วย `sheaf backup restore` หรือสร้างใหม่ด้วย"
        " `sheaf init`",
    ),
    Away.FULL: Text(
        "All its connections are taken: end what does not need them, or raise max_connections.",
        "การเชื่อมต่อเต็ม: ปิดสิ่งที่ไม่จำเป็น หรือเพิ่ม max_connections",
    ),
    Away.STARTING: Text(
        "Wait: it is starting or ending. Read its log if that lasts.", "รอสักครู่: กำลังเริ่มหรือกำลังปิด ถ้านานให้ดูบันทึก"
    ),
    Away.SILENT: Text(
        "It does not answer: it hangs, or the network to it does. Look at its machine; restart PostgreSQL there.",
        "ฐานข้อมูลไม่ตอบ: ค้างหรือเครือข่ายขัดข้อง ตรวจเครื่องนั้นแล้วเปิด PostgreSQL ใหม่",
    ),
    Away.NO_NAME: Text(
        "Its name is not known: see [database] url and the name server.",
        "ไม่รู้จักชื่อเครื่อง: ตรวจ [database] url และ DNS",
    ),
    Away.NOBODY: Text(
        "Nothing listens there: start PostgreSQL (systemctl start postgresql) and read its log; a full disk is the"
        " usual reason why it ends. Compare [database] url.",
        "ไม่มีสิ่งใดรออยู่ที่นั่น: เปิด PostgreSQL (systemctl start postgresql) แล้วดูบันทึก สาเหตุที่พบบ่อยคือดิสก์เต็ม"
        " และตรวจ [database] url",
    ),
}
_CORRECT: Final = Text(
    "Put it right; `sheaf config check` tells every mistake. Then restart what runs (systemctl restart sheaf.target).",
    "แก้ให้ถูก แล้วตรวจด้วย `sheaf config check` จากนั้นเปิดใหม่ (systemctl restart sheaf.target)",
)
_KEYS: Final = Text(
    "Put the keys.json back that belongs to this database (its second copy, kept apart). Never make a new one: account"
    " numbers and ids could not be read any more.",
    "นำ keys.json ของฐานข้อมูลนี้กลับมา (สำเนาที่เก็บแยกไว้) ห้ามสร้างใหม่ เพราะจะอ่านเลขบัญชีและเลขประจำตัวไม่ได้อีก",
)
_IN_THE_TABLE: Final = {
    "bank.client_certificate": "bank.certificate",
    "database.url": "database.schema",
    "keys.role_secret": "database.schema",
    "keys.vault_key": "database.keys",
}
"""What both the settings' check and the table find: told once, as the table has it."""


def of_mistake(mistake: Mistake) -> Trouble:
    """A mistake with what to do about it."""
    level = Level.WARNS if mistake.warning else Level.BAD
    do = _ADVICE[mistake.away] if mistake.away else _KEYS if mistake.place.startswith("keys.") else _CORRECT
    return Trouble(what=mistake.place, level=level, says=Text(mistake.text, mistake.text), do=do)


def _of_settings(mistakes: Sequence[Mistake]) -> list[Trouble]:
    """Each mistake; but a section of which several settings are missing was not filled in, and that is one thing."""
    lacking: dict[str, list[str]] = {}
    for one in mistakes:
        section, _, key = one.place.partition(".")
        if one.missing and section != "keys":
            lacking.setdefault(section, []).append(key)
    troubles = []
    for one in mistakes:
        section, _, key = one.place.partition(".")
        names = lacking.get(section, []) if one.missing else []
        if len(names) < 2:
            troubles.append(of_mistake(one))
        elif key == names[0]:
            troubles.append(_not_filled_in(section, ", ".join(names)))
    return troubles


def _not_filled_in(section: str, names: str) -> Trouble:
    says = Text(f"is not filled in, for these are missing: {names}", f"ยังกรอกไม่ครบ ขาด: {names}")
    return Trouble(what=f"[{section}]", level=Level.BAD, says=says, do=_CORRECT)


def of_finding(finding: Finding) -> Trouble:
    """A row of the table that is not well."""
    what = f"{finding.name} {finding.subject}".rstrip()
    return Trouble(
        what=what, level=finding.level, says=finding.says, do=finding.do, who=finding.who, since=finding.since
    )


def diagnose(mistakes: Sequence[Mistake], found: Sequence[Finding]) -> list[Trouble]:
    """Everything that is not well, causes first: who mends from the top down mends no symptom.

    What nobody could look at because the database is away is one line, not one for each check.
    """
    unwell = [one for one in worst_first(found) if one.level is not Level.WELL]
    is_away = any(one.away for one in mistakes)
    blind = [one for one in unwell if one.level is Level.UNKNOWN] if is_away else []
    told = {one.name for one in unwell if one not in blind}
    of_settings = _of_settings([one for one in mistakes if _IN_THE_TABLE.get(one.place) not in told])
    troubles = [*of_settings, *(of_finding(one) for one in unwell if one not in blind)]
    troubles.sort(key=lambda one: -severity(one.level))  # stable: settings come before what follows from them
    return [*troubles, *([_not_looked_at(len(blind))] if blind else [])]


def _not_looked_at(count: int) -> Trouble:
    return Trouble(
        what="everything else",
        level=Level.UNKNOWN,
        says=Text(
            f"{count} further things could not be looked at without the database.",
            f"อีก {count} เรื่องตรวจไม่ได้เพราะไม่มีฐานข้อมูล",
        ),
        do=Text("Mend the database, then run sheaf doctor again.", "แก้ฐานข้อมูลก่อน แล้วรัน sheaf doctor อีกครั้ง"),
    )
