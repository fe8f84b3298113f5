"""The bank as this machine reaches it, and the certificate with which it knows us."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from server.health import store
from server.health.aside import aside
from server.health.beats import LATE
from server.health.finding import Case, Check, Finding, Ground, Text
from server.health.rules import graded_down, lives
from server.health.watches import Seen, seen_of
from shared.health import Level

_DAY: Final = timedelta(days=1)


async def _certificates(ground: Ground, check: Check) -> list[Finding]:
    """Read here where the settings are, else what living executors say of theirs."""
    if ground.settings is not None:
        ends = await aside(lambda: certificates_of(ground.settings.channels if ground.settings else {}))
    else:
        async with ground.look() as tx:
            told = [one.facts.get("certificates") for one in await store.processes(tx, "executor") if lives(one, LATE)]
        if not told:
            return [check.found("untold")]
        ends = {name: str(end) for one in told if isinstance(one, dict) for name, end in one.items()}
    return [_certificate(check, name, end, ground.now) for name, end in sorted(ends.items())] or [check.found("none")]


def certificates_of(channels: Mapping[str, msgspec.Struct]) -> dict[str, str]:
    """When each channel's own certificate ends, as ISO 8601; empty for one that can't be read."""
    from cryptography import x509

    ends = {}
    for name, settings in channels.items():
        file = getattr(settings, "client_certificate", None)
        if file is None:
            continue
        try:
            ends[name] = x509.load_pem_x509_certificate(Path(file).read_bytes()).not_valid_after_utc.isoformat()
        except (OSError, ValueError):
            ends[name] = ""
    return ends


def _certificate(check: Check, name: str, end: str, now: datetime) -> Finding:
    if not end:
        return check.found("unreadable", name)
    at = datetime.fromisoformat(end)
    left = (at - now) // _DAY
    if at <= now:
        return check.found("over", name, since=at, value=left, at=at)
    level = graded_down(left, check.warns, None)
    urgent = left <= _URGENT
    case = "well" if level is Level.WELL else "urgent" if urgent else "soon"
    return check.found(case, name, value=left, at=at, days=left)


_URGENT: Final = 14
"""Days: banks take weeks to sign a new one."""


async def _answers(ground: Ground, check: Check) -> list[Finding]:
    """What living executors hear of it, and what this machine does where the settings are."""
    async with ground.look() as tx:
        known = [one for one in await store.processes(tx, "executor") if lives(one, LATE)]
    found = [
        _answer(check, one.name, seen)
        for one in known
        if (seen := msgspec.convert(one.facts.get("bank") or {}, Seen)).at
    ]
    bank = None if ground.settings is None else ground.settings.bank
    if bank is not None:
        found.append(_answer(check, ground.who, await seen_of(bank)))
    elif ground.settings is not None:
        found.append(check.found("not_set_up"))
    return found or [check.found("untold")]


def _answer(check: Check, who: str, seen: Seen) -> Finding:
    since = datetime.fromisoformat(seen.since) if seen.code and seen.since else None
    return check.found(seen.code or "well", who, since=since, value=seen.value or None, http=seen.value)


CHECKS: Final = (
    Check(
        name="bank.certificate",
        title=Text("Certificate", "ใบรับรอง"),
        measures="whole days until the certificate with which a bank knows us ends",
        unit="days",
        warns=30,
        bad=-1,
        cases={
            "well": Case(
                level=Level.WELL,
                says=Text("{subject}: our certificate is good until {at}.", "{subject}: ใบรับรองของเราใช้ได้ถึง {at}"),
            ),
            "soon": Case(
                level=Level.WARNS,
                says=Text(
                    "{subject}: our certificate ends in {days} days, {at}.",
                    "{subject}: ใบรับรองของเราจะหมดอายุใน {days} วัน {at}",
                ),
                do=Text("Ask the bank for a new one.", "ขอใบใหม่จากธนาคาร"),
            ),
            "urgent": Case(
                level=Level.WARNS,
                says=Text(
                    "{subject}: our certificate ends in only {days} days, {at}; no payment leaves by it afterwards.",
                    "{subject}: ใบรับรองของเราเหลือเพียง {days} วัน หมดอายุ {at} หลังจากนั้นจ่ายไม่ได้",
                ),
                do=Text("Get the new one from the bank this week.", "รับใบใหม่จากธนาคารภายในสัปดาห์นี้"),
            ),
            "over": Case(
                level=Level.BAD,
                says=Text(
                    "{subject}: our certificate ran out {at}: the bank refuses us.",
                    "{subject}: ใบรับรองของเราหมดอายุแล้ว {at} ธนาคารจะปฏิเสธเรา",
                ),
                do=Text(
                    "Put the bank's new certificate in place and reload the executor.",
                    "ใส่ใบรับรองใหม่ของธนาคาร แล้วโหลดตัวส่งเงินใหม่",
                ),
            ),
            "unreadable": Case(
                level=Level.BAD,
                says=Text(
                    "{subject}: our certificate can't be read, or is not one.", "{subject}: อ่านใบรับรองของเราไม่ได้"
                ),
                do=Text("Run: sheaf config check.", "รัน: sheaf config check"),
            ),
            "untold": Case(
                level=Level.UNKNOWN,
                says=Text("No living executor tells of its certificate.", "ไม่มีตัวส่งเงินที่ทำงานอยู่บอกอายุใบรับรอง"),
                do=Text("Start an executor: sheaf worker payments.", "เปิด: sheaf worker payments"),
            ),
            "none": Case(level=Level.WELL, says=Text("No channel uses a certificate.", "ไม่มีช่องทางที่ใช้ใบรับรอง")),
        },
        read=_certificates,
    ),
    Check(
        name="bank.answers",
        title=Text("Bank", "ธนาคาร"),
        measures="the bank's HTTP status to a harmless question",
        unit="HTTP",
        bad=500,
        cases={
            "well": Case(
                level=Level.WELL, says=Text("The bank answers {subject} ({http}).", "ธนาคารตอบ {subject} ({http})")
            ),
            "fails": Case(
                level=Level.BAD,
                says=Text(
                    "The bank answers with an error of its own ({http}).", "ธนาคารตอบด้วยข้อผิดพลาดของธนาคาร ({http})"
                ),
                do=Text(
                    "Wait a while; if it stays, call the bank. Payments wait meanwhile.",
                    "รอสักครู่ ถ้ายังเป็นให้โทรหาธนาคาร ระหว่างนี้รายการจะรอ",
                ),
            ),
            "silent": Case(
                level=Level.BAD,
                says=Text("The bank does not answer {subject}.", "ธนาคารไม่ตอบ {subject}"),
                do=Text(
                    "See that the network, our certificate and [bank] in the settings are right; call the bank.",
                    "ตรวจเครือข่าย ใบรับรอง และ [bank] ในค่าตั้ง แล้วโทรหาธนาคาร",
                ),
            ),
            "untrusted": Case(
                level=Level.BAD,
                says=Text(
                    "TLS with the bank fails, says {subject}: its certificate is not of the authority or the pins that"
                    " the settings name, or it refuses ours.",
                    "{subject} เชื่อมต่อ TLS กับธนาคารไม่ได้: ใบรับรองธนาคารไม่ตรงกับผู้ออกหรือ pin ในค่าตั้ง หรือธนาคารปฏิเสธใบของเรา",
                ),
                do=Text(
                    "Compare [bank] authority_file and spki_pins with what the bank has announced; call it before you"
                    " take a new one.",
                    "เทียบ authority_file และ spki_pins ใน [bank] กับประกาศของธนาคาร และโทรถามธนาคารก่อนเปลี่ยน",
                ),
            ),
            "not_set_up": Case(
                level=Level.BAD,
                says=Text("No [bank] in the settings.", "ไม่มี [bank] ในค่าตั้ง"),
                do=Text("Fill in [bank]; `sheaf config check` helps.", "กรอก [bank] แล้วรัน `sheaf config check`"),
            ),
            "unreachable": Case(
                level=Level.BAD,
                says=Text("{subject} can't ask the bank.", "{subject} ถามธนาคารไม่ได้"),
                do=Text("Run: sheaf config check; see the executor's log.", "รัน: sheaf config check และดูบันทึกตัวส่งเงิน"),
            ),
            "untold": Case(
                level=Level.UNKNOWN,
                says=Text("No living executor tells of the bank.", "ไม่มีตัวส่งเงินที่ทำงานอยู่บอกสถานะธนาคาร"),
                do=Text("Start an executor: sheaf worker payments.", "เปิด: sheaf worker payments"),
            ),
        },
        read=_answers,
    ),
)
