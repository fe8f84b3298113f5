"""Every command explains itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import typer.main
from typer.testing import CliRunner

from server.cli import app


def paths(command: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command and group by the words that lead to it."""
    yield path
    for name, inner in getattr(command, "commands", {}).items():
        yield from paths(inner, (*path, name))


COMMANDS = sorted(paths(typer.main.get_command(app)))


def test_the_promised_commands_are_there() -> None:
    promised = (
        "serve, worker payments, worker statements, bank, desk, demo, demo code, init, migrate, import members, "
        "config check, status, audit verify, ledger check, ledger balance, bench, "
        "user reset-password, user create, user disable, user enable, user roles, user move, branch create, "
        "device revoke, device approve, device list, device code, call"
    )
    assert {tuple(words.split()) for words in promised.split(", ")} - set(COMMANDS) == set()


@pytest.mark.parametrize("words", [each for each in COMMANDS if each not in (("bank",), ("desk",))], ids=" ".join)
def test_help_says_what_a_command_does(words: tuple[str, ...]) -> None:
    shown = CliRunner().invoke(app, [*words, "--help"], env={"COLUMNS": "120"})
    assert shown.exit_code == 0
    assert "Usage:" in shown.output
    sentences = [line.strip() for line in shown.output.splitlines() if line.strip() and "Usage:" not in line]
    assert not sentences[0].startswith("╭"), "the help begins with what the command does"


def test_the_bank_speaks_for_itself() -> None:
    shown = CliRunner().invoke(app, ["bank", "--help"], env={"COLUMNS": "120"})
    assert shown.exit_code == 0
    assert "statement" in shown.output


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
