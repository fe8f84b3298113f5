"""The demonstration as a person starts it: the main line by command, and nothing left running however it ends."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lab.demo.installation import wipe
from server.database.embedded import EmbeddedPostgresError
from tests.end_to_end.running_demo import RunningDemo
from tests.waiting import wait_until


def alive(groups: set[int]) -> list[str]:
    """Every process of the groups that still runs; one that ended and waits to be collected does not."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):
            name, _, rest = status.read_text().rpartition(")")
            state, _parent, group = rest.split()[:3]
            if int(group) in groups and state != "Z":
                found.append(name)
    return found


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A demo's folder, wiped at the end: under root its cluster lies elsewhere."""
    folder = tmp_path_factory.mktemp("demo") / "data"
    yield folder
    with suppress(EmbeddedPostgresError):
        wipe(folder)


@pytest.fixture(scope="module")
def running(data: Path) -> Iterator[RunningDemo]:
    demo = RunningDemo(data)
    yield demo
    demo.end()


def sheaf(*words: str, given: Mapping[str, Any] | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run a command of `sheaf`; `given` is what --json - reads."""
    return subprocess.run(
        [sys.executable, "-m", "server.cli", *words],
        input=msgspec.json.encode(given or {}),
        capture_output=True,
        timeout=60,
        check=False,
    )


def call(demo: RunningDemo, verb: str, user: str, **given: Any) -> dict[str, Any]:
    done = sheaf("call", verb, "--as", user, "--data", str(demo.data), "--json", "-", given=given)
    assert done.returncode == 0, done.stderr.decode()
    return msgspec.json.decode(done.stdout, type=dict[str, Any])


def states(demo: RunningDemo, intent: str) -> list[str]:
    return [event["state"] for event in call(demo, "get_intent", "manager.nsn", id=intent)["timeline"]]


@pytest.mark.timeout(300)
def test_a_farmer_is_paid_from_the_command_line_and_the_statement_proves_it(running: RunningDemo) -> None:
    [member] = call(running, "list_members", "cashier.nsn", query="NSN-00001")["members"]
    assert call(running, "validate_member", "cashier.nsn", id=member["id"])["payable"]
    line = {"branch": "NSN", "member_id": member["id"], "account_version": 1, "amount": "48250.00"}
    intent = call(running, "submit_intent", "cashier.nsn", **line, weigh_ticket="W-1")
    signed = {"decision": "approve", "items": [{"id": intent["id"], "version": intent["version"]}]}
    [result] = call(running, "sign_off", "manager.nsn", **signed)["results"]
    assert result["state"] == "authorized"
    wait_until(lambda: "settled" in states(running, intent["id"]), 30)
    assert sheaf("bank", "--data", str(running.data / "bank"), "statement").returncode == 0
    call(running, "fetch_statements", "cashier.nsn")
    wait_until(lambda: "reconciled" in states(running, intent["id"]), 30)
    assert states(running, intent["id"]) == ["validated", "authorized", "sent", "settled", "reconciled"]

    again = sheaf(
        *("call", "sign_off", "--as", "manager.nsn", "--data", str(running.data), "--json", "-"), given=signed
    )
    assert again.returncode == 1
    assert "state.refused" in again.stderr.decode()


@pytest.mark.timeout(120)
def test_a_desk_that_flags_describe_is_as_good_as_the_demos_own(running: RunningDemo, tmp_path: Path) -> None:
    user = running.demo.user("manager.nsn")
    assert user is not None
    for name, secret in (("seed", user.device_seed), ("password", user.password), ("totp", user.totp_secret)):
        (tmp_path / name).write_text(secret + "\n")
    who = ("--server", running.demo.url, "--as", user.username, "--device-id", str(user.device_id))
    files = ("--device-seed-file", str(tmp_path / "seed"), "--password-file", str(tmp_path / "password"))
    done = sheaf("call", "get_liquidity", *who, *files, "--totp-file", str(tmp_path / "totp"))
    assert done.returncode == 0, done.stderr.decode()
    assert b'"NSN"' in done.stdout
    (tmp_path / "seed").write_text("00" * 32)
    stranger = sheaf("call", "get_liquidity", *who, *files)
    assert stranger.returncode == 1
    assert b"device." in stranger.stderr


@pytest.mark.timeout(120)
def test_the_person_on_call_sees_that_all_is_well(running: RunningDemo) -> None:
    config = ("--config", running.demo.config)
    for words in (("status",), ("audit", "verify"), ("ledger", "check"), ("config", "check"), ("device", "list")):
        done = sheaf(*words, *config)
        assert done.returncode == 0, (words, done.stdout.decode(), done.stderr.decode())
    # as it is printed, word by word
    typed = next(line for line in running.said().splitlines() if line.startswith("A code for a sign-off: "))
    code = sheaf(*shlex.split(typed.partition(": ")[2])[1:]).stdout.decode().strip()
    assert len(code) == 6
    assert code.isdigit()


@pytest.mark.timeout(120)
def test_the_same_folder_is_not_used_twice(running: RunningDemo) -> None:
    second = sheaf("demo", "--headless", "--data", str(running.data))
    assert second.returncode == 1
    assert "in use by another process" in " ".join(second.stderr.decode().split())


@pytest.mark.timeout(120)
def test_a_crashed_process_is_started_again(running: RunningDemo) -> None:
    executor = next(each for each in running.demo.processes if each.name == "executor")
    os.killpg(executor.pid, signal.SIGKILL)
    wait_until(lambda: "executor ended (killed by SIGKILL)" in running.said())
    wait_until(lambda: Path(executor.log).read_text().count('"started"') == 2, 30)


@pytest.mark.timeout(120)
def test_nothing_is_left_running_after_sigterm(running: RunningDemo) -> None:
    groups = running.groups()
    assert len(alive(groups)) > len(groups)
    running.end()
    assert running.process.returncode == 0
    assert alive(groups) == []


@pytest.mark.timeout(200)
def test_nothing_is_left_running_after_the_demo_is_killed_and_its_state_is_kept(
    running: RunningDemo, data: Path
) -> None:
    running.end()
    second = RunningDemo(data)
    groups = second.groups()
    assert len(alive(groups)) > len(groups)
    assert second.demo.users == running.demo.users
    second.process.kill()
    second.process.wait()
    wait_until(lambda: alive(groups) == [], 30)
