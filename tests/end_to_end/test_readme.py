"""README's "Running it for real", typed word by word: from an empty PostgreSQL to a farmer paid and reconciled."""

from __future__ import annotations

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import httpx
import msgspec
import psycopg
import pytest
from typer.testing import CliRunner

from server.cli import app
from server.database.embedded import EmbeddedPostgres
from server.identity import second_factor
from server.settings import SECTIONS
from tests.bank_changes.cases import png
from tests.meta.sources import ROOT
from tests.waiting import wait_until

OLDEST = Path("/usr/lib/postgresql/15/bin")
BACKGROUND = "in a terminal of its own"
UNTIL = re.compile("until it says (.+)$")
PASSWORD = "a-password-for-the-database"
PORT = "8350"
SIGNS = {"sign_deposit", "sign_funding", "sign_off"}
ANSWERS = ("NSN", "นครสวรรค์", "Nakhon Sawan", "admin", "ชนินทร์ รุ่งเรือง")
# What a command has printed, by the word that stands for it on the page.
PRINTED = {
    "CODE": ("device code", re.compile("([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})")),
    "DESK": ("device enrol", re.compile("desk: ([0-9a-f-]{36})")),
    "DEPOSIT": ("call record_deposit", re.compile('"id": "([0-9a-f-]{36})"')),
    "FUNDING": ("call request_funding", re.compile('"id": "([0-9a-f-]{36})"')),
    "MEMBER": ("call list_members", re.compile('"id": "([0-9a-f-]{36})"')),
    "PAYMENT": ("call submit_intent", re.compile('"id": "([0-9a-f-]{36})"')),
}


def blocks(kind: str) -> list[str]:
    """The page's blocks of one kind, of the section that this test is about."""
    page = (ROOT / "README.md").read_text("utf-8")
    section = page.partition("## Running it for real")[2].partition("\n## ")[0]
    return re.findall(rf"^```{kind}\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)


def lines() -> list[tuple[str, str]]:
    """Every command with its comment."""
    text = "".join(blocks("sh")).replace("\\\n", " ")
    split = [line.partition(" # ") for line in text.splitlines() if line.strip()]
    return [(" ".join(command.split()), comment.strip()) for command, _, comment in split]


@dataclass
class Operator:
    """Somebody at a shell, who types what stands on the page, notes what is printed, and has the telephones of all."""

    folder: Path
    url: str
    port: str
    stack: ExitStack
    known: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, tuple[str, str]] = field(default_factory=dict)

    def type(self, command: str, comment: str) -> None:
        """Run one line of the page."""
        for word, value in self.known.items():
            command = re.sub(rf"\b{word}\b", value, command)
        command = command.replace(f":{PORT}", f":{self.port}")
        if BACKGROUND in comment:
            self.start(command)
            return
        until = UNTIL.search(comment)
        if until is not None:
            wait_until(lambda: until[1] in self.say(command), 40)
            return
        said = self.say(command)
        for word, (verb, pattern) in PRINTED.items():
            if command.startswith(f"sheaf {verb} "):
                found = pattern.search(said)
                assert found is not None, said
                self.known[word] = found[1]
        if found := re.search("user: (.+)\npassword: (.+)\nsecond factor.*: (.+)\n", said):
            self.secrets[found[1]] = (found[2], found[3])

    def say(self, command: str) -> str:
        """What the command printed; it must succeed. Without signs of a shell it runs in this process: quicker."""
        if any(sign in command for sign in ("$(", ">>")):
            done = subprocess.run(
                ["bash", "-c", command], env=self.environment, cwd=self.folder, capture_output=True, check=False
            )
            assert done.returncode == 0, (command, done.stdout.decode(), done.stderr.decode())
            return done.stdout.decode()
        words = shlex.split(command)[1:]
        shown = CliRunner().invoke(app, words, input=self.answers(words), env={"COLUMNS": "250"})
        assert shown.exit_code == 0, (command, shown.output, shown.exception)
        return shown.output

    def answers(self, words: list[str]) -> str:
        """What a person types when asked."""
        if words == ["init"]:
            return "\n".join((self.url, *ANSWERS)) + "\n"
        if words[0] != "call":
            return ""
        password, secret = self.secrets[words[words.index("--as") + 1]]
        step = second_factor.step_of(datetime.now(UTC))
        codes = [second_factor.code_at(secret, step + ahead) for ahead in (0, 1)] if words[1] in SIGNS else []
        return "\n".join((password, *codes)) + "\n"

    def start(self, command: str) -> None:
        """In a terminal of its own: until the end of the test, then ended as a service manager does."""
        words = [sys.executable, "-m", "server.cli", *shlex.split(command)[1:]]
        log = self.stack.enter_context((self.folder / "processes.log").open("ab"))
        process = subprocess.Popen(words, env=self.environment, cwd=self.folder, stdout=log, stderr=log)
        self.stack.callback(self.end, process)
        if words[3] == "bank":
            wait_until(lambda: (self.folder / "bank" / "bank.json").exists(), 30)
        if words[3] == "serve":
            wait_until(self.answers_at_the_api, 30)

    def end(self, process: subprocess.Popen[bytes]) -> None:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) in (0, -signal.SIGTERM)

    def answers_at_the_api(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/readyz", trust_env=False).is_success
        except httpx.HTTPError:
            return False

    @property
    def environment(self) -> dict[str, str]:
        """With `sheaf` in the path, as the page says."""
        return {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


@pytest.fixture(params=["15", "18"])
def administrator_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A PostgreSQL with nothing in it but what the page's SQL has made; the URL of its administrator, no superuser."""
    binaries = OLDEST if request.param == "15" else None
    if binaries is not None and not (binaries / "initdb").exists():
        pytest.skip("PostgreSQL 15 is not here; as root: apt-get install postgresql-15")
    memory = Path("/dev/shm")
    place = memory if os.access(memory, os.W_OK | os.X_OK) else Path("/tmp")
    cluster = EmbeddedPostgres(
        Path(mkdtemp(prefix="sheaf-tests-", dir=place)), unsafe_for_tests=True, binaries=binaries
    )
    try:
        superuser = cluster.start()
        with psycopg.connect(superuser, autocommit=True) as admin:
            version = admin.execute("show server_version").fetchone()
            assert version is not None
            assert str(version[0]).startswith(request.param)
            for statement in blocks("sql")[0].strip().splitlines():
                admin.execute(statement.replace("...", PASSWORD).encode())
        yield f"postgresql://sheaf_admin:{PASSWORD}@{superuser.partition('@')[2].rpartition('/')[0]}/sheaf"
    finally:
        cluster.destroy()


@pytest.mark.timeout(300)
def test_a_real_installation_pays_a_farmer_by_the_pages_own_commands(
    administrator_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SHEAF_DATA", str(tmp_path / "sheaf"))
    monkeypatch.setenv("SHEAF_API_PORT", port)
    (tmp_path / "members.csv").write_text(blocks("csv")[0], "utf-8")
    (tmp_path / "balance.pdf").write_bytes(png("what the bank says of the account"))
    with ExitStack() as stack:
        operator = Operator(tmp_path, administrator_url, port, stack)
        for command, comment in lines():
            operator.type(command, comment)
        seen: Any = msgspec.json.decode(operator.say("sheaf call get_treasury --desk hq --as treasurer").encode())
    assert (tmp_path / "read.pdf").read_bytes() == (tmp_path / "balance.pdf").read_bytes()
    assert (seen["treasury"], seen["branches"], seen["transit"]) == ("500000.00", "451750.00", "0.00")
    assert (seen["bank_balance"], seen["difference"], seen["parts"]) == ("951750.00", "0.00", [])


def test_the_settings_on_the_page_are_settings_that_exist() -> None:
    text = "".join(blocks("toml"))
    for heading in ("bank", "sftp"):
        own = set(re.findall("^([a-z_]+) =", text.partition(f"[{heading}]\n")[2].partition("\n[")[0], re.MULTILINE))
        assert own
        assert own <= {*SECTIONS[heading].__struct_fields__}
