"""What an alarm says: one mail or one JSON document for everything that is told at the same time, in both languages."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Any, Final

import msgspec

from server.alarms.rules import Stage, Telling
from shared.health import Level
from shared.thai import format_datetime

_MOST: Final = 40
"""Tellings that a message spells out; what is more is counted."""
_LONG_NUMBER: Final = re.compile(r"(?<![0-9A-Za-z])[0-9](?:[ -]?[0-9]){7,}(?![0-9A-Za-z])")
_INSTANT: Final = re.compile(r"[12][0-9]{3}-[01][0-9]-[0-3][0-9].*")

_STAGES: Final = {
    (Stage.BAD, Level.BAD): ("BAD", "เสีย"),
    (Stage.BAD, Level.UNKNOWN): ("NOT KNOWN", "ไม่ทราบ"),
    (Stage.BAD, Level.WARNS): ("WARNING", "เตือน"),
    (Stage.STILL, Level.BAD): ("STILL BAD", "ยังเสียอยู่"),
    (Stage.STILL, Level.UNKNOWN): ("STILL NOT KNOWN", "ยังไม่ทราบ"),
    (Stage.STILL, Level.WARNS): ("STILL A WARNING", "ยังเตือนอยู่"),
    (Stage.OVER, Level.WELL): ("WELL AGAIN", "กลับเป็นปกติ"),
    (Stage.OVER, Level.WARNS): ("BETTER", "ดีขึ้น"),
}


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is told at once. `at` is aware UTC."""

    installation: str
    at: datetime
    tellings: Sequence[Telling]
    is_test: bool = False

    @property
    def id(self) -> str:
        """The same when the same is told again because nobody knows whether it arrived."""
        told = "\n".join(sorted(one.once for one in self.tellings)) or self.at.isoformat()
        return hashlib.sha256(f"{self.installation}\n{told}".encode()).hexdigest()[:24]


def harmless(text: str) -> str:
    """The text without long numbers, such as an account's or a person's: the last four digits stay, and dates do."""
    return _LONG_NUMBER.sub(_masked, text)


def _masked(found: re.Match[str]) -> str:
    number = found.group()
    if _INSTANT.fullmatch(number):
        return number
    return f"x{re.sub('[^0-9]', '', number)[-4:]}"


def document(message: Message) -> bytes:
    """The message as JSON for a program; `once` tells what was told before from what is new."""
    body: dict[str, Any] = {
        "version": 1,
        "id": message.id,
        "installation": message.installation,
        "at": message.at.isoformat(timespec="seconds"),
        "test": message.is_test,
        "subject": subject(message),
        "alarms": [
            {
                "id": one.after.id,
                "once": one.once,
                "stage": one.stage,
                "level": one.level,
                "name": one.after.name,
                "subject": harmless(one.after.subject),
                "since": one.after.began_at.isoformat(timespec="seconds"),
                "count": one.after.count,
                "says": {"en": harmless(one.says.en), "th": harmless(one.says.th)},
                "do": {"en": harmless(one.do.en), "th": harmless(one.do.th)},
            }
            for one in message.tellings
        ],
    }
    return msgspec.json.encode(body)


def mail(message: Message, sender: str, to: Sequence[str]) -> EmailMessage:
    """The message as a mail in both languages. Its id is the same for the same tellings."""
    letter = EmailMessage()
    letter["From"] = sender
    letter["To"] = ", ".join(to)
    letter["Subject"] = subject(message)
    letter["Date"] = message.at
    letter["Message-ID"] = f"<{message.id}@{_domain(sender)}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter["X-Sheaf-Alarms"] = " ".join(sorted({one.after.id for one in message.tellings})) or "test"
    letter.set_content(f"{_body(message, 0)}\n\n{'-' * 40}\n\n{_body(message, 1)}\n", cte="base64")
    return letter


def subject(message: Message) -> str:
    """One line, short enough for a telephone."""
    head = f"[Sheaf {' '.join(message.installation.split())}]"
    if message.is_test:
        return f"{head} Test of the alarms / ทดสอบการแจ้งเตือน"
    first = message.tellings[0]
    what = f"{_STAGES[first.stage, first.level][0]}: {first.after.name}"
    if first.after.subject:
        what += f" {harmless(' '.join(first.after.subject.split()))}"
    return f"{head} {what}" + (f" (+{len(message.tellings) - 1})" if len(message.tellings) > 1 else "")


_TEXTS: Final = (
    (
        "This is a test: alarms of {installation} arrive here. Nothing is wrong.",
        "Since",
        "What to do",
        "… and {more} more: run sheaf status",
        "All that is wrong now: sheaf doctor. Nobody reads answers to this mail.",
    ),
    (
        "นี่คือการทดสอบ: การแจ้งเตือนของ {installation} มาถึงที่นี่ ไม่มีอะไรผิดปกติ",
        "ตั้งแต่",
        "ต้องทำ",
        "… และอีก {more} เรื่อง: ใช้คำสั่ง sheaf status",
        "สิ่งที่ผิดปกติทั้งหมดตอนนี้: sheaf doctor ไม่มีผู้อ่านคำตอบของอีเมลนี้",
    ),
)


def _body(message: Message, language: int) -> str:
    test, since, what, more, foot = _TEXTS[language]
    if message.is_test:
        return test.format(installation=message.installation)
    parts = []
    for one in message.tellings[:_MOST]:
        says, do = (one.says.th, one.do.th) if language else (one.says.en, one.do.en)
        about = f"{one.after.name} {one.after.subject}".rstrip()
        began = format_datetime(one.after.began_at, "th" if language else "en")
        lines = [f"{_STAGES[one.stage, one.level][language]}: {about}", f"  {says}"]
        lines += [f"  {what}: {do}"] if do and one.stage is not Stage.OVER else []
        parts.append(harmless("\n".join([*lines, f"  {since}: {began} [{one.after.id}]"])))
    if len(message.tellings) > _MOST:
        parts.append(more.format(more=len(message.tellings) - _MOST))
    return "\n\n".join([*parts, foot])


def _domain(sender: str) -> str:
    try:
        return Address(addr_spec=sender.rpartition("<")[2].rstrip(">")).domain or "sheaf.invalid"
    except (ValueError, IndexError):
        return "sheaf.invalid"
