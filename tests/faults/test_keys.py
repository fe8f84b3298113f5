"""Keys that are not the database's: every process and command refuses with 78 and says which; nothing is touched."""

from __future__ import annotations

import base64
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
from typer.testing import CliRunner

from lab.demo.installation import free_port
from server import pki
from server.cli import app
from server.context import system_clock
from server.database.roles import API, role_name, role_url
from server.installation import Keys
from server.pki import write_secret
from tests.faults.moving import Server, new_server

NAMES = ("--branch-name-th", "นครสวรรค์", "--branch-name-en", "Nakhon Sawan", "--admin", "admin", "--admin-name", "A")
SECTIONS = """
[api]
port = {port}
workers = 1
[bank]
base_url = "https://127.0.0.1:1"
api_key = "k"
api_secret = "s"
corporate_id = "AGRI001"
payer_account = "1112223338"
payer_tax_id = "0105500000000"
client_certificate = "{certificate}"
client_key = "{key}"
[sftp]
host = "127.0.0.1"
port = 1
username = "us"
private_key = "drop.key"
host_keys = ["ssh-ed25519 AAAA"]
"""
PROCESSES = ("serve", "worker payments", "worker statements")
COMMANDS = ("config check", "migrate", "user list", "audit verify", "status")
HARMS: dict[str, tuple[str, dict[str, Any]]] = {
    "another vault key": ("keys.vault_key", {"vault_key": base64.b64encode(bytes(range(32))).decode()}),
    "both of another installation": (
        "keys.vault_key",
        {"vault_key": base64.b64encode(bytes(range(32))).decode(), "role_secret": "r" * 40},
    ),
    "another role secret": ("keys.role_secret", {"role_secret": "r" * 40}),
    "a vault key cut off": ("keys.vault_key", {"vault_key": base64.b64encode(bytes(16)).decode()}),
    "a role secret cut off": ("keys.role_secret", {"role_secret": "short"}),
    "no vault key": ("keys.vault_key", {"vault_key": None}),
    "no role secret": ("keys.role_secret", {"role_secret": None}),
}


class Installation:
    """A folder of a real installation and its database, which the page's administrator owns."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url, self.config = folder, url, folder / "sheaf.toml"

    def init(self, admin: str = "admin") -> None:
        names = [word if word != "admin" else admin for word in NAMES]
        status, said = self.run("init", "--database-url", self.url, "--branch", "NSN", *names)
        assert status == 0, said
        now = system_clock()
        client = pki.issue_client(pki.open_authority(self.folder, "authority", now), self.folder, "AGRI001", now)
        pki.open_ssh_key(self.folder / "drop.key")
        with self.config.open("a") as file:
            content = self.config.read_text().partition("[api]")
            file.seek(0)
            file.truncate()
            sections = SECTIONS.format(port=free_port(), certificate=client.certificate, key=client.key)
            file.write(content[0] + sections)

    @property
    def secret(self) -> str:
        """What its roles' names and passwords are made of."""
        return str(msgspec.json.decode((self.folder / "keys.json").read_bytes())["role_secret"])

    def run(self, *words: str) -> tuple[int, str]:
        shown = CliRunner().invoke(app, [*words, "--config", str(self.config)], env={"COLUMNS": "200"})
        assert shown.exception is None or isinstance(shown.exception, SystemExit), shown.exception
        return shown.exit_code, " ".join(shown.output.split())

    def process(self, words: str) -> tuple[int, str]:
        """A real process, which must end by itself."""
        command = [sys.executable, "-m", "server.cli", *words.split(), "--config", str(self.config)]
        ended = subprocess.run(command, capture_output=True, check=False, timeout=60)
        return ended.returncode, " ".join(ended.stderr.decode().split())

    def state(self) -> list[Any]:
        """What must stay as it is: rows, and the keys' proofs and the roles' passwords."""
        with psycopg.connect(self.url) as connection:
            counted = [
                connection.execute(f"select count(*) from sheaf.{table}").fetchall()
                for table in ("branch", "app_user", "audit_entry", "process")
            ]
            return [counted, connection.execute("select * from sheaf.key_canary order by key").fetchall()]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with ExitStack() as stack:
        yield new_server("18", stack)


@pytest.fixture
def installation(server: Server, tmp_path: Path) -> Installation:
    made = Installation(tmp_path / "sheaf", server.make())
    made.init()
    return made


def test_nobody_works_with_keys_that_are_not_the_databases(installation: Installation) -> None:
    file = installation.folder / "keys.json"
    content = file.read_bytes()
    before = installation.state()
    for harm, (named, changed) in HARMS.items():
        own = {**msgspec.json.decode(content), **changed}
        file.write_bytes(msgspec.json.encode({key: value for key, value in own.items() if value is not None}))
        for words in PROCESSES if harm in ("another vault key", "another role secret") else ():
            status, said = installation.process(words)
            assert (status, named in said) == (78, True), (harm, words, said)
        for words in COMMANDS:
            if harm == "another role secret" and words not in ("config check", "migrate"):
                continue  # the administrator's own work needs no role's password
            if words == "status" and harm != "another vault key":
                continue  # it takes seconds, and refuses like the others
            status, said = installation.run(*words.split())
            assert status in (78, 1) if words == "status" else status == 78, (harm, words, said)
            assert named in said, (harm, words, said)
    file.unlink()
    for words in COMMANDS:
        status, said = installation.run(*words.split())
        assert status == 78, (words, said)
        assert "keys.vault_key is missing" in said
    file.write_bytes(content)
    file.chmod(0o600)
    assert installation.state() == before
    assert installation.run("migrate")[0] == 0
    assert installation.run("user", "list")[0] == 0


def test_a_role_secret_that_was_changed_on_purpose_is_taken_when_it_is_said(installation: Installation) -> None:
    file = installation.folder / "keys.json"
    own = msgspec.json.decode(file.read_bytes())
    names = "".join(installation.secret.partition(":")[:2]) if ":" in installation.secret else ""
    file.write_bytes(msgspec.json.encode({**own, "role_secret": "sheaf_0a0a0a:" + "r" * 40}))
    assert installation.run("migrate", "--new-role-secret")[0] == 78  # the names stay
    file.write_bytes(msgspec.json.encode({**own, "role_secret": names + "r" * 40}))
    assert installation.run("migrate")[0] == 78
    assert installation.run("migrate", "--new-role-secret")[0] == 0
    assert installation.run("migrate")[0] == 0
    assert "keys." not in installation.run("config", "check")[1]


def test_init_over_a_living_database_is_refused_and_makes_nothing(installation: Installation, tmp_path: Path) -> None:
    before = installation.state()
    other = Installation(tmp_path / "elsewhere", installation.url)
    words = ["init", "--database-url", other.url, "--branch", "KKN", *NAMES[:4]]
    for admin in ("admin", "another"):
        status, said = other.run(*words, "--admin", admin, "--admin-name", "B")
        assert status == 1
        assert "already" in said
    assert not other.folder.exists()
    assert installation.state() == before
    assert installation.run("migrate")[0] == 0


def test_a_database_of_before_gets_a_canary_only_of_keys_that_open_it(installation: Installation) -> None:
    file = installation.folder / "keys.json"
    content = file.read_bytes()
    with psycopg.connect(installation.url) as connection:
        connection.execute("delete from sheaf.key_canary")
    wrong = {**msgspec.json.decode(content), "vault_key": base64.b64encode(bytes(range(32))).decode()}
    file.write_bytes(msgspec.json.encode(wrong))
    status, said = installation.run("migrate")
    assert (status, "keys.vault_key" in said) == (78, True)
    file.write_bytes(content)
    assert installation.run("migrate")[0] == 0
    with psycopg.connect(installation.url) as connection:
        assert connection.execute("select count(*) from sheaf.key_canary").fetchall() == [(2,)]


def test_a_second_installation_has_roles_of_its_own_and_leaves_the_first_ones(
    installation: Installation, server: Server, tmp_path: Path
) -> None:
    before = installation.state()
    second, third = (Installation(tmp_path / name, server.make()) for name in ("second", "third"))
    second.init()
    third.init()
    assert installation.state() == before
    everyone = (installation, second, third)
    assert len({role_name(one.secret, API) for one in everyone}) == 3
    for one in everyone:
        assert "keys." not in one.run("config", "check")[1]
        assert one.run("migrate")[0] == 0
        assert one.run("audit", "verify")[0] == 0
    first = rights(installation)
    assert len(first) > 300
    assert rights(second) == rights(third) == first
    # What another installation knows opens nothing here.
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(role_url(third.url, API, second.secret.partition(":")[0] + ":" + third.secret)).close()
    stranger = psycopg.connect(role_url(third.url, API, second.secret))
    with stranger, pytest.raises(psycopg.errors.InsufficientPrivilege):
        stranger.execute("select count(*) from sheaf.branch")
    with psycopg.connect(role_url(third.url, API, third.secret)) as api:
        assert api.execute("select count(*) from sheaf.branch").fetchall() == [(0,)]


def test_role_names_of_another_installation_are_never_taken_over(
    installation: Installation, server: Server, tmp_path: Path
) -> None:
    second = Installation(tmp_path / "second", server.make())
    second.folder.mkdir()
    write_secret(second.folder / "keys.json", msgspec.json.encode(Keys(role_secret="t" * 40, vault_key=bytes(32))))
    status, said = second.run("init", "--database-url", second.url, "--branch", "NSN", *NAMES)
    assert status == 78
    assert "keys.role_secret names roles that another installation on this PostgreSQL has" in said
    assert "keys." not in installation.run("config", "check")[1]


def rights(one: Installation) -> set[str]:
    """Who may do what, who owns what, and what each function says, in the names that all SQL is written with."""
    with psycopg.connect(one.url) as connection:
        lines = connection.execute(
            """
            select concat_ws(' ', relname, relkind, relowner::regrole, array_to_string(relacl, ','))
              from pg_class where relnamespace = 'sheaf'::regnamespace
            union all
            select concat_ws(' ', proname, proowner::regrole, array_to_string(proacl, ','), prosrc)
              from pg_proc where pronamespace = 'sheaf'::regnamespace
            union all
            select concat_ws(' ', c.relname, a.attname, array_to_string(a.attacl, ','))
              from pg_attribute a join pg_class c on c.oid = a.attrelid
              where c.relnamespace = 'sheaf'::regnamespace and a.attacl is not null
            union all
            select concat_ws(' ', tablename, policyname, array_to_string(roles, ','), qual, with_check)
              from pg_policies where schemaname = 'sheaf'
            """
        ).fetchall()
    own = role_name(one.secret, API).removesuffix("api")
    return {line.replace(own, "sheaf_") for (line,) in lines}
