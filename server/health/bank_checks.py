"""The bank as this machine reaches it, and the certificate with which it knows us."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from server.health import store
from server.health.beats import LATE
from server.health.finding import SECONDS, Case, Check, Finding, Ground, Text
from server.health.rules import graded_down, lives
from shared.health import Level

if TYPE_CHECKING:
    from server.channels.scb import ScbSettings

Result = TypeVar("Result")
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
    if ground.settings is None:
        async with ground.look() as tx:
            told = [one for one in await store.processes(tx, "executor") if lives(one, LATE)]
        # what the executors hear of the bank is told by the channels' breakers
        return [check.found("told" if told else "untold")]
    bank = ground.settings.bank
    if bank is None:
        return [check.found("not_set_up")]
    return [await _probe(check, bank)]


async def _probe(check: Check, bank: ScbSettings) -> Finding:
    from server.channels.scb_line import BankLine, Reply

    line = BankLine(bank.line(), lambda: "0" * 32)
    try:
        answer = await line.send("probe", "GET", "/v1/util/echo", b"", {}, SECONDS * 0.75)
    finally:
        await line.close()
    if isinstance(answer, Reply):
        return check.found("well" if answer.http < 500 else "fails", value=answer.http, http=answer.http)
    return check.found("silent", why=answer.reason)


async def aside(work: Callable[[], Result]) -> Result:
    """What may block, in a thread that nobody waits for at the end: a name server or a network disk can hang."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Result] = loop.create_future()

    def settle(act: Callable[[], None]) -> None:
        if not done.done():
            act()

    def run() -> None:
        try:
            result = work()
        except BaseException as error:
            failed = error
            _tell(loop, lambda: settle(lambda: done.set_exception(failed)))
        else:
            _tell(loop, lambda: settle(lambda: done.set_result(result)))

    threading.Thread(target=run, daemon=True).start()
    return await done


def _tell(loop: asyncio.AbstractEventLoop, act: Callable[[], None]) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(act)


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
                level=Level.WELL, says=Text("The bank answers this machine ({http}).", "ธนาคารตอบเครื่องนี้ ({http})")
            ),
            "told": Case(
                level=Level.WELL,
                says=Text("Executors tell of the bank by its channel.", "ตัวส่งเงินบอกสถานะธนาคารผ่านช่องทาง"),
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
                says=Text("The bank does not answer this machine: {why}.", "ธนาคารไม่ตอบเครื่องนี้: {why}"),
                do=Text(
                    "See that the network, our certificate and [bank] in the settings are right; call the bank.",
                    "ตรวจเครือข่าย ใบรับรอง และ [bank] ในค่าตั้ง แล้วโทรหาธนาคาร",
                ),
            ),
            "not_set_up": Case(
                level=Level.BAD,
                says=Text("No [bank] in the settings.", "ไม่มี [bank] ในค่าตั้ง"),
                do=Text("Fill in [bank]; `sheaf config check` helps.", "กรอก [bank] แล้วรัน `sheaf config check`"),
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
