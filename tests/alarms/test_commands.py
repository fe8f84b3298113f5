"""`sheaf alarm test` reaches people or says why not; `sheaf heartbeat` tells who watches from outside."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import Result
from typer.testing import CliRunner

from server import pki
from server.alarm_settings import AlarmSection
from server.alarms.sender import HEARTBEAT, Heartbeat
from server.cli import app
from server.installation import prepare_folder, toml_text
from server.settings_check import alarm_problems
from tests.alarms.post_office import post_office


def installed(folder: Path, alarm: dict[str, Any]) -> Path:
    """The settings of an installation whose database is away."""
    config = folder / "sheaf.toml"
    prepare_folder(config, "postgresql://nobody@127.0.0.1:1/none")
    pki.write_secret(config, f"{config.read_text('utf-8')}\n{toml_text({'alarm': alarm})}".encode())
    return config


async def sheaf(*words: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, app, list(words), env={"COLUMNS": "250"})


async def test_a_test_goes_out_in_every_way_without_a_database(tmp_path: Path) -> None:
    async with post_office(tmp_path) as office:
        section = {name: value for name, value in msgspec.to_builtins(office.section(), enc_hook=str).items() if value}
        section |= {"mail_authority_file": "mail-ca.pem", "command": ["/usr/bin/tee", str(tmp_path / "told")]}
        config = installed(tmp_path, section)
        shown = await sheaf("alarm", "test", "--config", str(config))
        assert shown.exit_code == 0, shown.output
        assert shown.output.count("taken") == 2
        (letter,) = office.letters
        assert letter["Subject"].startswith("[Sheaf Ban Mai] Test of the alarms")
        assert '"test":true' in (tmp_path / "told").read_text()
        office.refuses = "550 no"
        shown = await sheaf("alarm", "test", "--config", str(config))
        assert shown.exit_code == 1
        assert "refused all recipients" in shown.output


async def test_a_test_without_a_way_is_no_success(tmp_path: Path) -> None:
    shown = await sheaf("alarm", "test", "--config", str(installed(tmp_path, {})))
    assert shown.exit_code == 1
    assert "No way is set up" in shown.output


@pytest.mark.parametrize(
    ("age", "database", "status", "said"),
    [
        (5, True, 0, "executor@farm/1 looked"),
        (5, False, 0, "does not reach the database"),
        (119, True, 0, "looked"),
        (600, True, 1, "No worker has looked since"),
        (-600, True, 1, "No worker has looked since"),
    ],
)
async def test_the_heartbeat_is_as_old_as_the_last_look(
    tmp_path: Path, age: float, database: bool, status: int, said: str
) -> None:
    config = installed(tmp_path, {})
    beat = Heartbeat(at=datetime.now(UTC) - timedelta(seconds=age), process="executor@farm/1", database=database)
    (tmp_path / HEARTBEAT).write_bytes(msgspec.json.encode(beat))
    shown = await sheaf("heartbeat", "--config", str(config))
    assert (shown.exit_code, said in shown.output) == (status, True)


@pytest.mark.parametrize("content", [None, b"", b"{}", b"torn {"])
async def test_no_heartbeat_is_not_well(tmp_path: Path, content: bytes | None) -> None:
    config = installed(tmp_path, {})
    if content is not None:
        (tmp_path / HEARTBEAT).write_bytes(content)
    assert (await sheaf("heartbeat", "--config", str(config))).exit_code == 1


@pytest.mark.parametrize(
    ("section", "places"),
    [
        ({}, []),
        ({"mail_host": "m", "mail_to": ("a@b",)}, []),
        ({"mail_host": "m"}, ["alarm.mail_to"]),
        ({"mail_to": ("a@b",)}, ["alarm.mail_host"]),
        ({"mail_host": "m", "mail_to": ("ab", "c")}, ["alarm.mail_to"]),
        ({"mail_password": "x"}, ["alarm.mail_user"]),
        ({"mail_host": "m", "mail_to": ("a@b",), "mail_user": "u", "mail_tls": "none"}, ["alarm.mail_tls"]),
        ({"mail_host": "localhost", "mail_to": ("a@b",), "mail_user": "u", "mail_tls": "none"}, []),
        ({"command": ("/no/such",)}, ["alarm.command"]),
        ({"command": ("/bin/true", "--x")}, []),
    ],
)
def test_alarms_that_would_reach_nobody_are_mistakes(section: dict[str, Any], places: list[str]) -> None:
    assert [one.place for one in alarm_problems(AlarmSection(**section))] == places


async def test_a_wrong_alarm_section_is_told_as_any_other(tmp_path: Path) -> None:
    config = installed(tmp_path, {"mail_tls": "ssl3", "mail_prot": 25, "every_seconds": 0})
    shown = await sheaf("config", "check", "--config", str(config))
    assert shown.exit_code == 78
    for said in (
        "alarm.mail_tls is wrong",
        "alarm.mail_prot is not a setting; did you mean mail_port",
        "every_seconds",
    ):
        assert said in shown.output
