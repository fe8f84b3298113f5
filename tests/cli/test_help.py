"""Every command explains itself."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path

import pytest
import typer.main
from typer.testing import CliRunner

from server.cli import app
from server.commands import lab
from tests.meta.sources import ROOT


def paths(command: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command and group by the words that lead to it."""
    yield path
    for name, inner in getattr(command, "commands", {}).items():
        yield from paths(inner, (*path, name))


LAB = {entry.name: entry.load() for entry in entry_points(group=lab.GROUP)}
COMMANDS = sorted(
    {*paths(typer.main.get_command(app))}
    | {words for name, inner in LAB.items() for words in paths(typer.main.get_command(inner), (name,))}
)


def test_the_promised_commands_are_there() -> None:
    promised = (
        "serve, worker payments, worker statements, bank, desk, demo, demo code, init, migrate, import members, "
        "config check, status, audit verify, ledger check, ledger balance, bench, "
        "user reset-password, user create, user disable, user enable, user roles, user move, branch create, "
        "device revoke, device approve, device list, device code, call"
    )
    assert {tuple(words.split()) for words in promised.split(", ")} - set(COMMANDS) == set()


@pytest.mark.parametrize("words", [each for each in COMMANDS if each != ("desk",)], ids=" ".join)
def test_help_says_what_a_command_does(words: tuple[str, ...]) -> None:
    shown = CliRunner().invoke(app, [*words, "--help"], env={"COLUMNS": "120"})
    assert shown.exit_code == 0
    assert "Usage:" in shown.output
    sentences = [line.strip() for line in shown.output.splitlines() if line.strip() and "Usage:" not in line]
    assert not sentences[0].startswith("╭"), "the help begins with what the command does"


def test_the_lab_speaks_for_itself() -> None:
    assert LAB.keys() == lab.COMMANDS.keys()
    shown = CliRunner().invoke(app, ["bank", "--help"], env={"COLUMNS": "120"})
    assert shown.exit_code == 0
    assert "statement" in shown.output


def test_a_program_without_a_lab_says_so_and_does_everything_else(tmp_path: Path) -> None:
    for package in ("shared", "server", "desktop", "resources"):
        (tmp_path / package).symlink_to(ROOT / package)
    alone = f"import sys; sys.path.remove({str(ROOT)!r}); from server.cli import main; main()"

    def said(*words: str) -> tuple[int, str]:
        done = subprocess.run([sys.executable, "-c", alone, *words], cwd=tmp_path, capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    status, refused = said("simulate", "--schedules", "1")
    assert status == 1
    assert refused.startswith("This installation has no lab, so it has no sheaf simulate;")
    assert refused.count("\n") == 1
    assert said("call", "list")[0] == 0


def test_an_installation_that_never_heard_of_a_lab_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lab, "GROUP", "sheaf.no_lab")
    shown = CliRunner().invoke(app, ["demo", "--headless"])
    assert (shown.exit_code, "has no sheaf demo" in " ".join(shown.output.split())) == (1, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["call", "no_such_verb", "--as", "cashier.nsn"], "no verb no_such_verb"),
        (["demo", "--report", "out"], "--headless"),
        (["init", "--branch", "x y", "--database-url", "postgresql://nowhere/x"], "2 to 8 capital letters"),
    ],
)
def test_wrong_usage_is_told_in_words_and_ends_with_2(words: list[str], said: str) -> None:
    names = ["--branch-name-th", "ก", "--branch-name-en", "A", "--admin", "a", "--admin-name", "A"]
    shown = CliRunner().invoke(app, words + (names if words[0] == "init" else []))
    assert shown.exit_code == 2
    assert said in " ".join(shown.output.split())
