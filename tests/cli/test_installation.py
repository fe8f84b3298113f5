"""An installation from nothing by command: company, branch, people, desks, members; refusals are told in words."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import psycopg
import pytest
from typer.testing import CliRunner

from lab.demo.people import members_of
from server.cli import app
from server.installation import Keys
from server.pki import write_secret
from tests.conftest import ROLE_SECRET, FreshDatabase

COLUMNS = ("code", "name", "national_id", "phone", "bank", "account_number", "account_name")


class Installation:
    """One settings file and its database."""

    def __init__(self, folder: Path, url: str) -> None:
        self.config, self.url = folder / "sheaf.toml", url
        # Roles belong to the cluster that all tests share, and so does the secret of their passwords.
        write_secret(folder / "keys.json", msgspec.json.encode(Keys(role_secret=ROLE_SECRET, vault_key=bytes(32))))

    def run(self, *words: str) -> tuple[int, str]:
        """Exit code, and everything said with its spaces evened out."""
        shown = CliRunner().invoke(app, [*words, "--config", str(self.config)], env={"COLUMNS": "200"})
        assert shown.exception is None or isinstance(shown.exception, SystemExit), shown.exception
        return shown.exit_code, " ".join(shown.output.split())

    def count(self, table: str) -> int:
        with psycopg.connect(self.url) as connection:
            row = connection.execute(f"select count(*) from sheaf.{table}").fetchone()
        return int(row[0]) if row else 0


@pytest.fixture
def installation(empty_database: FreshDatabase, tmp_path: Path) -> Iterator[Installation]:
    with empty_database() as url:
        made = Installation(tmp_path, url)
        names = ("--branch-name-th", "นครสวรรค์", "--branch-name-en", "Nakhon Sawan")
        admin = ("--admin", "admin", "--admin-name", "ชนินทร์ รุ่งเรือง")
        status, said = made.run("init", "--database-url", url, "--branch", "NSN", *names, *admin)
        assert status == 0, said
        assert "password:" in said
        yield made


def test_people_branches_and_desks_are_made_by_command(installation: Installation) -> None:
    names = ("--name-th", "ขอนแก่น", "--name-en", "Khon Kaen")
    assert installation.run("branch", "create", "KKN", *names)[0] == 0
    assert installation.run("branch", "create", "KKN", *names) == (1, "There is a branch KKN already.")
    user = ("user", "create", "cashier.kkn", "--name", "พรนภา", "--branch", "KKN", "--role")
    assert installation.run(*user, "treasurer")[0] == 1
    assert installation.run(*user, "cashier")[0] == 0
    assert "cashier.kkn" in installation.run("user", "list")[1]
    status, first = installation.run("user", "reset-password", "cashier.kkn")
    assert status == 0
    assert installation.run("user", "reset-password", "cashier.kkn")[1] != first
    assert installation.run("user", "reset-password", "nobody") == (
        1,
        "Not there, or not yours to see. Look it up again.",
    )
    assert installation.run("user", "disable", "CASHIER.KKN") == (0, "cashier.kkn is disabled: cashier.")
    assert installation.run("user", "enable", "cashier.kkn") == (0, "cashier.kkn is enabled: cashier.")
    assert installation.run("user", "roles", "cashier.kkn", "--role", "manager")[0] == 0
    moved = installation.run("user", "move", "cashier.kkn", "--branch", "NSN", "--role", "cashier")
    assert moved == (0, "cashier.kkn is enabled: cashier.")
    assert installation.run("user", "roles", "cashier.kkn", "--role", "treasurer")[0] == 1
    assert installation.run("user", "disable", "nobody") == (1, "Not there, or not yours to see. Look it up again.")
    assert installation.run("user", "disable", "admin") == (
        1,
        "The last administrator can't be removed. Make another one first.",
    )
    assert installation.run("device", "code", "KKN")[0] == 0
    assert installation.run("device", "approve", "01920000-0000-7000-8000-000000000000")[0] == 1
    assert installation.run("audit", "verify") == (0, "13 entries of 3 branches verified.")
    assert installation.run("ledger", "check")[0] == 0
    funding = ("ledger", "balance", "branch/NSN/funding/THB", "--at")
    assert ": 0.00 THB, of which 0.00 set aside." in installation.run(*funding, "2026-01-01T00:00:00+07:00")[1]
    assert installation.run(*funding, "2026-01-01T00:00:00")[0] == 2


def test_two_administrators_must_say_who_acts(installation: Installation) -> None:
    second = ("user", "create", "second", "--name", "B", "--branch", "HQ", "--role", "administrator")
    assert installation.run(*second)[0] == 0
    assert installation.run("device", "code", "NSN") == (
        1,
        "Say with --as which administrator does this: admin, second.",
    )
    assert installation.run("device", "code", "NSN", "--as", "second")[0] == 0


def test_init_again_changes_nothing(installation: Installation) -> None:
    names = ("--branch-name-th", "ข", "--branch-name-en", "B", "--admin", "admin", "--admin-name", "A")
    status, said = installation.run("init", "--database-url", installation.url, "--branch", "KKN", *names)
    assert status == 1
    assert "with 2 branches, and admin is one of its people; nothing was changed. To work with it" in said
    another = [*names[:-3], "another", *names[-2:]]
    status, said = installation.run("init", "--database-url", installation.url, "--branch", "KKN", *another)
    assert status == 1
    assert "has a company already" in said
    assert installation.count("branch") == 2
    assert installation.count("app_user") == 1
    assert installation.run("migrate")[0] == 0


def test_init_of_another_installation_over_a_living_database_leaves_it_and_makes_nothing(
    installation: Installation, tmp_path: Path
) -> None:
    folder = tmp_path / "elsewhere"
    names = ("--branch-name-th", "ข", "--branch-name-en", "B", "--admin", "other", "--admin-name", "A")
    words = ["init", "--database-url", installation.url, "--branch", "KKN", *names]
    shown = CliRunner().invoke(app, [*words, "--config", str(folder / "sheaf.toml")], env={"COLUMNS": "200"})
    assert shown.exit_code == 1
    assert "has a company already" in shown.output
    assert not folder.exists()
    assert installation.run("config", "check")[1].count("keys.") == 0


def test_no_command_works_with_another_vault_key(installation: Installation) -> None:
    file = installation.config.parent / "keys.json"
    file.write_bytes(msgspec.json.encode(Keys(role_secret=ROLE_SECRET, vault_key=bytes(range(32)))))
    for words in ("config check", "migrate", "user list"):
        status, said = installation.run(*words.split())
        assert status == 78, (words, said)
        assert "keys.vault_key is not the key with which this database was written" in said


def test_a_register_is_imported_once_and_whole_or_not_at_all(installation: Installation, tmp_path: Path) -> None:
    file = tmp_path / "members.csv"
    rows = [
        (one.code, one.name, one.national_id, one.phone, one.bank, one.account, one.name if one.bank else "")
        for one in members_of("NSN", 1, 60, 1)
    ]

    def write(*, last_id: str) -> None:
        with file.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([COLUMNS, *rows[:-1], (*rows[-1][:2], last_id, *rows[-1][3:])])

    write(last_id="3600100387161")
    status, said = installation.run("import", "members", str(file), "--branch", "NSN")
    assert status == 1
    assert "61" in said
    assert "check_digit" in said
    assert installation.count("member") == 0
    write(last_id=rows[-1][2])
    imported = installation.run("import", "members", str(file), "--branch", "NSN")
    assert imported == (0, "60 members imported, 0 were there already.")
    again = installation.run("import", "members", str(file), "--branch", "NSN")
    assert again == (0, "0 members imported, 60 were there already.")
    assert installation.run("import", "members", str(file), "--branch", "ZZZ")[0] == 1


def test_status_says_what_is_not_well(installation: Installation) -> None:
    status, said = installation.run("status")
    assert status == 1
    assert "No executor lives: no payment leaves." in said
    assert "sheaf worker payments" in said
    assert "ไม่มีตัวส่งเงินทำงาน เงินจะไม่ออก" in installation.run("status", "--thai")[1]
    status, said = installation.run("status", "--json")
    assert status == 1
    levels = {(one["name"], one["subject"]): one["level"] for one in json.loads(said)}
    assert levels["database.schema", ""] == "well"
    assert levels["processes.executors", ""] == "bad"
