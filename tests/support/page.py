"""README as somebody at a shell types it: its blocks, what its commands print, and the telephones of all."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
from typer.testing import CliRunner

from server.cli import app
from server.identity import second_factor
from tests.meta.sources import ROOT
from tests.waiting import wait_until

REAL = "Running it for real"
MACHINE = "On a machine of its own"
BACKGROUND = "in a terminal of its own"
UNTIL = re.compile("until it says (.+)$")
PASSWORD = "a-password-for-the-database"
PORT = "8350"
SIGNS = {"sign_deposit", "sign_funding", "sign_off", "sign_restore"}
ANSWERS = ("NSN", "นครสวรรค์", "Nakhon Sawan", "admin", "ชนินทร์ รุ่งเรือง")
# What a command has printed, by the word that stands for it on the page.
PRINTED = {
    "CODE": ("device code", re.compile("([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})")),
    "DESK": ("device enrol", re.compile("desk: ([0-9a-f-]{36})")),
    "DEPOSIT": ("call record_deposit", re.compile('"id": "([0-9a-f-]{36})"')),
    "FUNDING": ("call request_funding", re.compile('"id": "([0-9a-f-]{36})"')),
    "MEMBER": ("call list_members", re.compile('"id": "([0-9a-f-]{36})"')),
    "REPORT": ("restore compare", re.compile("digest: ([0-9a-f]{64})")),
    "RESTORE": ("call propose_restore", re.compile('"id": "([0-9a-f-]{36})"')),
    "PAYMENT": ("call submit_intent", re.compile('"id": "([0-9a-f-]{36})"')),
}


def blocks(kind: str, section: str = REAL) -> list[str]:
    """The page's blocks of one kind, of one section."""
    page = (ROOT / "README.md").read_text("utf-8")
    own = page.partition(f"## {section}\n")[2].partition("\n## ")[0]
    return re.findall(rf"^```{kind}\n(.*?)^```$", own, re.MULTILINE | re.DOTALL)


def lines(*typed: str) -> list[tuple[str, str]]:
    """Every command of these blocks with its comment."""
    text = "".join(typed).replace("\\\n", " ")
    split = [line.partition(" # ") for line in text.splitlines() if line.strip()]
    return [(" ".join(command.split()), comment.strip()) for command, _, comment in split]


@dataclass
class Operator:
    """Somebody at a shell, who types what stands on the page, notes what is printed, and has the telephones of all."""

    folder: Path
    url: str
    port: str
    stack: ExitStack
    patience: float = 40
    """Seconds until what the page says "until" of must be so."""
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
            wait_until(lambda: until[1] in self.look(command), self.patience)
            return
        said = self.say(command)
        for word, (verb, pattern) in PRINTED.items():
            if f"{command} ".startswith(f"sheaf {verb} "):
                found = pattern.search(said)
                assert found is not None, said
                self.known[word] = found[1]
        if found := re.search("user: (.+)\npassword: (.+)\nsecond factor.*: (.+)\n", said):
            self.secrets[found[1]] = (found[2], found[3])

    def look(self, command: str) -> str:
        """What a command that is typed again and again has printed this time."""
        return self.say(command)

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
