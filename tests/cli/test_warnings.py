"""What is right for now is a warning of `sheaf config check` and no mistake; what can't work is a mistake."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from typer.testing import CliRunner

from server import pki
from server.cli import app
from server.connections import HEALTH_POOL, HELD, needed, room
from server.installation import prepare_folder
from server.settings_check import certificate_problems, connection_problems
from tests.conftest import FreshDatabase

NOW = datetime(2026, 11, 30, 5, tzinfo=UTC)
DAY = timedelta(days=1)


def ends_of(certificate: Path) -> datetime:
    return pki.x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc


@pytest.mark.parametrize(
    ("before_its_end", "warns", "says"),
    [
        (31 * DAY, None, ""),
        (30 * DAY, True, "in 30 days"),
        (7 * DAY, True, "in 7 days"),
        (DAY, True, "in 1 days"),
        (DAY - timedelta(seconds=1), True, "today"),
        (timedelta(seconds=1), True, "today"),
        (timedelta(0), False, "ran out"),
        (-DAY, False, "ran out"),
    ],
)
def test_a_certificate_warns_until_the_moment_it_ends(
    tmp_path: Path, before_its_end: timedelta, warns: bool | None, says: str
) -> None:
    client = pki.issue_client(pki.open_authority(tmp_path, "authority", NOW), tmp_path, "AGRI001", NOW)
    found = certificate_problems("x", client.certificate, ends_of(client.certificate) - before_its_end)
    assert [(problem.warning, says in problem.text) for problem in found] == ([] if warns is None else [(warns, True)])


def test_of_a_chain_the_first_that_ends_counts(tmp_path: Path) -> None:
    authority = pki.open_authority(tmp_path, "authority", NOW)
    ended = pki.issue_expired_client(authority, tmp_path, "OLD", NOW).certificate.read_bytes()
    client = pki.issue_client(authority, tmp_path, "AGRI001", NOW)
    client.certificate.write_bytes(client.certificate.read_bytes() + ended)
    [problem] = certificate_problems("x", client.certificate, NOW)
    assert "ran out" in problem.text
    assert not problem.warning


def config_check(folder: Path, **bank: str) -> Any:
    """`sheaf config check` on an installation with these files of the bank; only the database is not there."""
    config = folder / "sheaf.toml"
    prepare_folder(config, "postgresql://nobody@127.0.0.1:1/none")
    lines = [f'{key} = "{value}"' for key, value in bank.items()]
    section = '[bank]\nbase_url = "https://bank.example"\napi_key = "k"\napi_secret = "s"\ncorporate_id = "AGRI001"\n'
    section += 'payer_account = "1112223338"\npayer_tax_id = "0105561000017"\n' + "\n".join(lines) + "\n"
    pki.write_secret(config, (config.read_text("utf-8") + section).encode())
    return CliRunner().invoke(app, ["config", "check", "--config", str(config)], env={"COLUMNS": "250"})


def test_a_certificate_in_its_last_month_does_not_end_the_check_with_a_mistake(tmp_path: Path) -> None:
    issued = datetime.now(UTC) - 800 * DAY
    client = pki.issue_client(pki.open_authority(tmp_path, "authority", issued), tmp_path, "AGRI001", issued)
    shown = config_check(tmp_path, client_certificate=client.certificate.name, client_key=client.key.name)
    assert "warning: bank.client_certificate runs out in" in shown.output
    assert "\nbank.client_certificate" not in shown.output
    assert shown.exit_code == 78  # for the database is away


def test_a_key_of_another_certificate_is_a_mistake(tmp_path: Path) -> None:
    authority = pki.open_authority(tmp_path, "authority", NOW)
    client = pki.issue_client(authority, tmp_path, "AGRI001", NOW)
    other = pki.issue_client(authority, tmp_path, "OTHER", NOW)
    shown = config_check(tmp_path, client_certificate=client.certificate.name, client_key=other.key.name)
    assert "bank.client_key is not the key of bank.client_certificate" in shown.output


def test_an_installation_that_needs_more_connections_than_there_are_is_told(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        found = room(connection, 2)
        reserved = connection.execute("show superuser_reserved_connections").fetchone()
        most = connection.execute("show max_connections").fetchone()
    assert reserved is not None
    assert most is not None
    assert found.free <= int(most[0]) - int(reserved[0])
    fitting = next(workers for workers in range(64, 0, -1) if needed(workers) <= found.free - 10)
    assert connection_problems(database_url, fitting) == []
    [problem] = connection_problems(database_url, 64)
    assert problem.warning
    assert f"up to {needed(64)}:" in problem.text


def test_a_limit_of_the_database_itself_counts(fresh_database: FreshDatabase) -> None:
    with fresh_database() as url, psycopg.connect(url, autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(sql.SQL("alter database {} connection limit 20").format(sql.Identifier(name)))
        [problem] = connection_problems(url, 1)
        assert "has 20 connections" in problem.text


def test_each_kind_of_process_is_counted_at_its_most() -> None:
    # and what the one holds that a reload brings up beside it
    assert needed(4) - needed(3) == HELD["api_worker"] + HEALTH_POOL + 2
    assert needed(2, executors=3) == needed(2) + 2 * HELD["executor"]
