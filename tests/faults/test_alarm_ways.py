"""Alarms leave by a real mail server and a real program; what goes wrong there is told in a few words and in time."""

from __future__ import annotations

import asyncio
import json
import socket
import stat
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest

from server.alarm_settings import AlarmSection
from server.alarms.message import Message, document, harmless, mail
from server.alarms.rules import Stage, Telling, plan
from server.alarms.ways import Command, Mail, ways_of
from server.health.finding import Finding, Text
from shared.health import Level
from shared.refusals import Fixer
from tests.alarms.post_office import PASSWORD, post_office
from tests.waiting import eventually

AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


def telling(
    name: str = "bank.certificate", subject: str = "scb", says: str = "It ran out.", level: Level = Level.BAD
) -> Telling:
    finding = Finding(
        name=name,
        case="over",
        subject=subject,
        level=level,
        since=None,
        says=Text(says, "หมดอายุแล้ว"),
        do=Text("Put the new one in place.", "ใส่ใบใหม่"),
        who=Fixer.OPERATOR,
        value=None,
        unit="",
    )
    (standing,) = plan({}, [finding], AT).keep
    after = msgspec.structs.replace(standing, told=level, told_at=AT, count=1)
    return Telling(stage=Stage.BAD, level=level, says=finding.says, do=finding.do, after=after)


def message(*tellings: Telling) -> Message:
    return Message(installation="Ban Mai", at=AT, tellings=tellings or (telling(),))


def text_of(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


@pytest.mark.parametrize("tls", ["starttls", "tls", "none"])
async def test_a_mail_arrives_in_both_languages_with_a_number(
    tmp_path: Path, tls: Literal["starttls", "tls", "none"]
) -> None:
    async with post_office(tmp_path, tls) as office:
        assert await Mail(office.section()).send(message()) is None
    (letter,) = office.letters
    assert office.signed_in == [tls != "none"]
    assert letter["To"] == "duty@coop.example, head@coop.example"
    assert letter["Subject"] == "[Sheaf Ban Mai] BAD: bank.certificate scb"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Message-ID"] == f"<{message().id}@coop.example>"
    assert letter["X-Sheaf-Alarms"] == telling().after.id
    said = text_of(letter)
    for part in ("It ran out.", "Put the new one in place.", "หมดอายุแล้ว", "ใส่ใบใหม่", "เสีย", telling().after.id):
        assert part in said


def test_told_again_it_bears_the_same_number_and_another_one_does_not() -> None:
    assert message().id == message().id
    assert message().id != message(telling("other")).id


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"mail_password": "wrong"}, "does not accept our user and password (535)"),
        ({"mail_authority_file": None}, "certificate or TLS is not accepted"),
        ({"mail_host": "127.0.0.1"}, "certificate or TLS is not accepted"),
        ({"mail_tls": "tls"}, "certificate or TLS is not accepted"),
        ({"mail_tls": "none", "mail_host": "mail.coop.example"}, "no password is sent without TLS"),
        ({"mail_host": "nobody.invalid"}, "is not reached"),
        ({"mail_user": "", "mail_password": ""}, "refused with 530"),
    ],
)
async def test_why_a_mail_was_not_taken(tmp_path: Path, change: dict[str, Any], why: str) -> None:
    async with post_office(tmp_path) as office:
        answer = await Mail(office.section(**change)).send(message())
    assert answer is not None
    assert why in answer
    assert PASSWORD not in answer
    assert office.letters == []


async def test_a_refused_recipient_is_told(tmp_path: Path) -> None:
    async with post_office(tmp_path) as office:
        office.refuses = "550 nobody here"
        assert await Mail(office.section()).send(message()) == "the mail server refused all recipients"


@pytest.mark.parametrize("manner", ["silent", "drips", "absent", "hangs up"])
async def test_a_dead_mail_server_holds_nobody_up(manner: str) -> None:
    """One that sends a byte now and then would keep a socket's timeout from ever running out."""
    open_: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_.append(writer)
        while manner == "drips" and not writer.is_closing():
            writer.write(b"2")
            with suppress(TimeoutError):
                async with asyncio.timeout(0.05):
                    await reader.read()
        if manner == "hangs up":
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    if manner == "absent":
        server.close()
        await server.wait_closed()
    section = AlarmSection(mail_host="127.0.0.1", mail_port=port, mail_to=("a@b.example",), mail_seconds=0.5)
    begun = time.monotonic()
    answer = await Mail(section).send(message())
    assert time.monotonic() - begun < 2
    assert answer is not None
    assert "mail server" in answer
    for writer in open_:
        writer.transport.abort()
    server.close()


def program(folder: Path, body: str) -> tuple[str, ...]:
    """A command that runs `body`, Python, with its folder in `here`."""
    file = folder / "alarm command.py"
    file.write_text(f"import os, sys, time, json, pathlib\nhere = pathlib.Path(__file__).parent\n{body}\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return (sys.executable, str(file), "$(touch shell)", "; touch shell", "ไทย")


async def test_a_command_gets_json_and_its_arguments_as_they_are(tmp_path: Path) -> None:
    argv = program(tmp_path, "json.dump([sys.argv[1:], json.load(sys.stdin), dict(os.environ)], open(here/'got', 'w'))")
    environment = {"PATH": "/usr/bin", "SHEAF_KEYS_VAULT_KEY": "secret", "PGPASSWORD": "secret", "LANG": "C.UTF-8"}
    command = Command(AlarmSection(command=argv), environment)
    assert await command.send(message(telling(), telling("z", "", "x" * 100_000))) is None
    arguments, body, seen = json.loads((tmp_path / "got").read_text())
    assert arguments == ["$(touch shell)", "; touch shell", "ไทย"]
    assert body == json.loads(document(message(telling(), telling("z", "", "x" * 100_000))))
    assert [one["name"] for one in body["alarms"]] == ["bank.certificate", "z"]
    assert body["alarms"][0]["says"] == {"en": "It ran out.", "th": "หมดอายุแล้ว"}
    assert {"SHEAF_KEYS_VAULT_KEY", "PGPASSWORD"}.isdisjoint(seen)
    assert not (tmp_path / "shell").exists()


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("sys.exit(3)", "ended with status 3"),
        ("os.kill(os.getpid(), 9)", "ended with status -9"),
        ("sys.stdin.close(); sys.exit(0)", None),
        ("print('x' * 10_000_000); print('y' * 10_000_000, file=sys.stderr)", None),
        ("time.sleep(60)", "not done within"),
        ("os.fork(); time.sleep(60)", "not done within"),
    ],
)
async def test_how_a_command_may_end(tmp_path: Path, body: str, why: str | None) -> None:
    argv = program(tmp_path, f"(here / 'began').write_text(str(os.getpgid(0)))\n{body}")
    begun = time.monotonic()
    answer = await Command(AlarmSection(command=argv, command_seconds=1), {}).send(message())
    assert time.monotonic() - begun < 5
    assert (answer is None) if why is None else (answer is not None and why in answer)
    if why == "not done within":
        # it is gone with all that it started
        group = int((tmp_path / "began").read_text())
        await eventually(lambda: not _members(group))


def _members(group: int) -> list[str]:
    found = []
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = file.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] != "Z":
            found.append(file.parent.name)
    return found


@pytest.mark.parametrize("argv", [("/no/such/program",), ("/etc/passwd",), ("a\0b",), ("",)])
async def test_a_command_that_can_not_be_started_is_told(argv: tuple[str, ...]) -> None:
    answer = await Command(AlarmSection(command=argv), {}).send(message())
    assert answer is not None
    assert "can't be started" in answer


def test_only_what_is_set_up_is_a_way() -> None:
    assert [way.name for way in ways_of(AlarmSection(), {})] == []
    assert [way.name for way in ways_of(AlarmSection(mail_host="m"), {})] == []
    assert [way.name for way in ways_of(AlarmSection(mail_host="m", mail_to=("a@b",), command=("x",)), {})] == [
        "mail",
        "command",
    ]
    assert "secret" not in repr(AlarmSection(mail_host="m", mail_password="secret"))


NUMBERS: Sequence[tuple[str, str]] = [
    ("account 1112223334", "account x3334"),
    ("account 111-2-22333-4 of", "account x3334 of"),
    ("1 1014 00123 45 6", "x3456"),
    ("card 1101400123456.", "card x3456."),
    ("phone 081 234 5678", "phone x5678"),
    ("since 2026-11-21 10:30 and 2026-11-21T10:30:00", "since 2026-11-21 10:30 and 2026-11-21T10:30:00"),
    ("of 21 Nov 2026 10:30", "of 21 Nov 2026 10:30"),
    ("PV2611-0000123 waits", "PV2611-0000123 waits"),
    ("1234567 lines", "1234567 lines"),
    ("account *4412", "account *4412"),
    ("2,164,174.50 THB", "2,164,174.50 THB"),
]


@pytest.mark.parametrize(("text", "told"), NUMBERS)
def test_no_account_number_and_no_id_leaves(text: str, told: str) -> None:
    assert harmless(text) == told
    letter = mail(message(telling(subject=text, says=text)), "a@b.example", ["c@d.example"])
    assert told in text_of(letter)
    for whole in ("1112223334", "1101400123456", "111-2-22333-4"):
        assert whole not in text_of(letter)
        assert whole not in str(letter["Subject"])
        assert whole not in document(message(telling(subject=text, says=text))).decode()


def test_a_hundred_at_once_are_one_mail_that_can_be_read() -> None:
    crowd = [telling(f"check{number}") for number in range(100)]
    letter = mail(message(*crowd), "a@b.example", ["c@d.example"])
    assert letter["Subject"].endswith("(+99)")
    assert "60 more" in text_of(letter)
    assert len(json.loads(document(message(*crowd)))["alarms"]) == 100


@pytest.mark.parametrize("name", ["a\nBcc: x@y.example", "a\r\n\r\nbody", "ไทย", "", " "])
def test_an_installations_name_is_one_line(name: str) -> None:
    letter = mail(Message(installation=name, at=AT, tellings=[telling(subject=name)]), "a@b.example", ["c@d.example"])
    assert letter["Bcc"] is None
    assert "\n" not in letter["Subject"]


def test_this_machine_has_a_name() -> None:
    assert socket.gethostname()
