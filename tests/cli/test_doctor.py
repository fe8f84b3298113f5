"""`sheaf doctor` names what is wrong with settings, files and the way to the database, with what to do about it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from server import pki
from server.cli import app
from server.database.away import why_away
from server.health.diagnosis import Mistake, diagnose
from server.installation import prepare_folder
from shared.health import Level
from tests.alarms.test_when_told import finding

AWAY_URL = "postgresql://nobody@127.0.0.1:1/none"
NOW = datetime.now(UTC)


def doctor(config: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["doctor", "--config", str(config), *words], env={"COLUMNS": "300"})


def installed(folder: Path, url: str = AWAY_URL) -> Path:
    """A whole installation but for its database."""
    config = folder / "sheaf.toml"
    prepare_folder(config, url)
    authority = pki.open_authority(folder, "authority", NOW)
    client = pki.issue_client(authority, folder, "AGRI001", NOW)
    section = '[bank]\nbase_url = "https://bank.example"\napi_key = "k"\napi_secret = "s"\ncorporate_id = "AGRI001"\n'
    section += 'payer_account = "1112223338"\npayer_tax_id = "0105561000017"\n'
    section += f'client_certificate = "{client.certificate.name}"\nclient_key = "{client.key.name}"\n'
    pki.write_secret(folder / "sftp.key", b"x")
    section += '[sftp]\nhost = "127.0.0.1"\nport = 1\nusername = "u"\nprivate_key = "sftp.key"\n'
    section += 'host_keys = ["ssh-ed25519 AAAA"]\n'
    pki.write_secret(config, (config.read_text("utf-8") + section).encode())
    return config


def test_a_database_that_is_away_is_one_line_and_not_one_for_each_check(tmp_path: Path) -> None:
    shown = doctor(installed(tmp_path))
    assert shown.exit_code == 1
    lines = [line for line in shown.output.splitlines() if re.match("[0-9]+[.]", line)]
    assert lines[0].startswith("1. bad database.url: the database can't be reached")
    assert lines[-1].endswith("could not be looked at without the database.")
    assert "systemctl start postgresql" in shown.output
    assert not [line for line in lines if "not known, for" in line]
    assert len(lines) <= 5


def test_a_section_that_nobody_has_filled_in_is_one_thing_to_do(tmp_path: Path) -> None:
    config = tmp_path / "sheaf.toml"
    prepare_folder(config, AWAY_URL)
    lines = [line for line in doctor(config).output.splitlines() if re.match("[0-9]+[.]", line)]
    (bank,) = [line for line in lines if "[bank]" in line]
    assert "base_url, api_key, api_secret" in bank
    assert sum("[sftp]" in line for line in lines) == 1
    one = [Mistake("bank.api_key", "is missing", missing=True), Mistake("bank.base_url", "is no address")]
    assert [each.what for each in diagnose(one, [])] == ["bank.api_key", "bank.base_url"]


def test_a_program_gets_both_languages(tmp_path: Path) -> None:
    config = installed(tmp_path)
    told = json.loads(doctor(config, "--json").output)
    assert told[0]["what"] == "database.url"
    assert set(told[0]["do"]) == {"en", "th"}
    shown = doctor(config, "--thai")
    assert "ไม่มีสิ่งใดรออยู่ที่นั่น" in shown.output


def unreadable(config: Path) -> None:
    config.write_bytes(b"\xff\xfe[database")


def open_to_all(config: Path) -> None:
    config.chmod(0o644)


def keys_open_to_all(config: Path) -> None:
    (config.parent / "keys.json").chmod(0o640)


def without_keys(config: Path) -> None:
    (config.parent / "keys.json").unlink()


def torn_keys(config: Path) -> None:
    (config.parent / "keys.json").write_text("{")


def gone(config: Path) -> None:
    config.unlink()


def a_folder(config: Path) -> None:
    config.unlink()
    config.mkdir()


def misspelt(config: Path) -> None:
    config.write_text(config.read_text().replace("[api]", "[apii]"))


def without_certificate(config: Path) -> None:
    next(config.parent.glob("*AGRI001*.pem"), config.parent / "AGRI001.pem").unlink()


def another_key(config: Path) -> None:
    other = pki.issue_client(pki.open_authority(config.parent, "authority", NOW), config.parent, "OTHER", NOW)
    config.write_text(re.sub('client_key = ".*"', f'client_key = "{other.key.name}"', config.read_text()))


def ran_out(config: Path) -> None:
    old = pki.issue_expired_client(
        pki.open_authority(config.parent, "authority", NOW - timedelta(days=900)),
        config.parent,
        "OLD",
        NOW - timedelta(days=900),
    )
    text = re.sub('client_certificate = ".*"', f'client_certificate = "{old.certificate.name}"', config.read_text())
    config.write_text(re.sub('client_key = ".*"', f'client_key = "{old.key.name}"', text))


def no_bank(config: Path) -> None:
    config.write_text(config.read_text().partition("[bank]\nbase_url")[0])


@pytest.mark.parametrize(
    ("harm", "what", "says"),
    [
        (unreadable, "sheaf.toml", "is not TOML"),
        (open_to_all, "sheaf.toml", "chmod 600"),
        (keys_open_to_all, "keys.json", "chmod 600"),
        (without_keys, "keys.vault_key", "is missing"),
        (torn_keys, "keys.json", "is not JSON"),
        (gone, "sheaf.toml", "sheaf init"),
        (a_folder, "sheaf.toml", "there is no file"),
        (misspelt, "sheaf.toml: [apii]", "did you mean api"),
        (without_certificate, "bank.client_certificate", "there is no file"),
        (another_key, "bank.client_key", "is not the key of bank.client_certificate"),
        (ran_out, "bank.certificate scb", "ran out"),
        (no_bank, "[bank]", "is not filled in"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_each_fault_of_the_settings_is_named(
    tmp_path: Path, harm: Callable[[Path], None], what: str, says: str
) -> None:
    config = installed(tmp_path)
    harm(config)
    shown = doctor(config)
    assert shown.exit_code == 1, shown.output
    assert any(what in line and says in line for line in shown.output.splitlines()), shown.output
    assert shown.exception is None or isinstance(shown.exception, SystemExit)


@pytest.mark.parametrize(
    ("said", "do"),
    [
        ("connection refused", "Nothing listens there"),
        ('FATAL: password authentication failed for user "x"', "user and password"),
        ('database "sheaf" does not exist', "sheaf backup restore"),
        ("FATAL: sorry, too many clients already", "max_connections"),
        ("the database system is starting up", "Wait"),
        ("the database system is in recovery mode", "Wait"),
        ("connection timeout expired", "hangs"),
        ('could not translate host name "x" to address', "name server"),
    ],
)
def test_what_to_do_fits_why_the_database_is_not_reached(said: str, do: str) -> None:
    (trouble,) = diagnose([Mistake("database.url", said, away=why_away(said))], [])
    assert do in trouble.do.en
    assert trouble.do.th


def test_causes_come_first_and_what_both_find_is_told_once() -> None:
    found = [
        finding(Level.WELL, "a"),
        finding(Level.UNKNOWN, "b"),
        finding(Level.WARNS, "c"),
        finding(Level.BAD, "bank.certificate", "scb"),
    ]
    mistakes = [Mistake("bank.client_certificate", "ran out"), Mistake("alarm.mail_to", "soon", warning=True)]
    assert [one.what for one in diagnose(mistakes, found)] == ["bank.certificate scb", "b", "alarm.mail_to", "c"]
    assert diagnose([], [finding(Level.WELL)]) == []
