"""The bank as a process of its own: what it executed survives kill -9, and its commands drive it."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from lab.sandbox_bank.commands import app
from lab.sandbox_bank.settings import BankDescription, read_description
from server.channels.base import Accepted, Initiated, Unknown
from server.channels.scb import ScbChannel
from server.channels.scb_line import Timeouts
from tests.lab.sandbox_bank.fixtures import SOMCHAI, now, order, scb_settings
from tests.waiting import eventually, wait_until


class Process:
    """A bank started from the command line in one directory."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.child: subprocess.Popen[bytes] | None = None

    def start(self) -> BankDescription:
        (self.data / "bank.json").unlink(missing_ok=True)
        accounts = self.data.with_name("accounts.json")
        accounts.write_text(
            f'{{"bankCode":"034","accountNo":"{SOMCHAI.account_no}","name":"{SOMCHAI.name}","status":"ACTIVE"}}\n',
            encoding="utf-8",
        )
        command = [sys.executable, "-m", "lab.sandbox_bank", "--data", str(self.data), "--accounts", str(accounts)]
        self.child = subprocess.Popen([*command, "--latency-ms", "0"], stdout=subprocess.DEVNULL)
        wait_until((self.data / "bank.json").exists)
        return read_description(self.data)

    def end(self, number: signal.Signals) -> int:
        assert self.child is not None
        self.child.send_signal(number)
        return self.child.wait(10)


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    made = Process(tmp_path / "bank")
    yield made
    if made.child is not None and made.child.poll() is None:
        made.end(signal.SIGKILL)


def ask(bank: BankDescription, path: str) -> httpx.Response:
    headers = {"authorization": f"Bearer {bank.control_secret}"}
    return httpx.get(bank.control_url + path, headers=headers, trust_env=False)


def status_of(bank: BankDescription) -> str:
    return str(ask(bank, "/transactions").json()[0]["status"])


async def test_an_executed_payment_survives_kill_9_before_its_reply(process: Process) -> None:
    bank = await asyncio.to_thread(process.start)
    held = await asyncio.to_thread(
        CliRunner().invoke, app, ["--data", str(process.data), "fault", "timeout_after_execution"]
    )
    assert held.exit_code == 0, held.output
    channel = ScbChannel(scb_settings(bank, timeouts=Timeouts(confirm=30)))
    answer = await channel.initiate(order(1), now())
    assert isinstance(answer, Initiated)
    confirming = asyncio.create_task(channel.confirm(order(1), answer.token, now()))
    await eventually(lambda: status_of(bank) == "CONFIRM_COMPLETED")
    assert not confirming.done()
    process.end(signal.SIGKILL)
    assert isinstance(await confirming, Unknown)
    await channel.close()

    again = await asyncio.to_thread(process.start)
    assert (again.api_key, again.spki_pins, again.sftp_host_key) == (bank.api_key, bank.spki_pins, bank.sftp_host_key)
    channel = ScbChannel(scb_settings(again))
    assert isinstance(await channel.inquire(order(1), answer.token, now()), Accepted)
    assert isinstance(await channel.confirm(order(1), answer.token, now()), Accepted)
    await channel.close()
    assert len(ask(again, "/lines").json()) == 1
    assert process.end(signal.SIGTERM) == 0


def test_bank_json_is_private_and_the_commands_drive_the_bank(process: Process) -> None:
    bank = process.start()
    assert (process.data / "bank.json").stat().st_mode & 0o777 == 0o600
    assert bank.process_id == (process.child.pid if process.child else 0)
    runner = CliRunner()

    def run(*words: str) -> str:
        result = runner.invoke(app, ["--data", str(process.data), *words])
        assert result.exit_code == 0, result.output
        return result.output

    run("fault", "slow", "--times", "0", "--seconds", "1", "--amount", "48,250.00")
    assert ask(bank, "/faults").json()["active"][0]["amount"] == 48_250_00
    run("clear", "slow")
    assert ask(bank, "/faults").json()["active"] == []
    assert "STMT_" in run("statement")
    run("next-day")
    assert ask(bank, "/health").json()["clock_offset_seconds"] == 86_400
    assert "handshakes" in run("health")
    assert "lost_answer" in run("faults")
    assert httpx.get(f"{bank.control_url}/health", trust_env=False).status_code == 401


@pytest.mark.parametrize(
    ("command", "said"), [("statement", "No bank is running"), ("settings", "No bank was started")]
)
def test_commands_say_where_they_looked_when_no_bank_runs(tmp_path: Path, command: str, said: str) -> None:
    result = CliRunner().invoke(app, ["--data", str(tmp_path), command])
    assert result.exit_code == 1
    assert said in result.stderr
    assert result.stdout == ""  # `settings` is appended to a file
