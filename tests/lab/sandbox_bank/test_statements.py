"""Statement files over real SFTP: every booked line once, and opening + lines = closing over any number of cuts."""

from __future__ import annotations

import asyncio
import base64
import csv
import hashlib
import io
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import paramiko
import pytest

from lab.sandbox_bank.bank import RunningBank
from lab.sandbox_bank.faults import Fault, FaultRule
from lab.sandbox_bank.settings import BankDescription
from lab.sandbox_bank.statements import CSV_HEADER
from server import pki
from server.channels.base import Accepted, Initiated
from server.channels.scb import ScbChannel
from tests.lab.sandbox_bank.fixtures import now, order, running_bank, scb_settings

FOLDER = "/outbox/statement"
OPENING = 500_000_000_00
NINE_O_CLOCK = 9 * 3600
"""When what is returned is booked, in seconds of the Bangkok day: the next one, whatever the time of this day is."""
LINE = re.compile(r":61:([0-9]{6})([0-9]{4})(RD|C|D)([0-9]+),([0-9]{2})(N[A-Z]{3})([^/]*)//(.{1,16})")


@pytest.fixture
async def bank(tmp_path: Path) -> AsyncIterator[RunningBank]:
    async with running_bank(tmp_path / "bank") as running:
        yield running


@pytest.fixture
async def channel(bank: RunningBank) -> AsyncIterator[ScbChannel]:
    opened = ScbChannel(scb_settings(bank.description))
    yield opened
    await opened.close()


async def pay(channel: ScbChannel, number: int, satang: int = 48_250_00) -> None:
    answer = await channel.initiate(order(number, satang), now())
    assert isinstance(answer, Initiated)
    assert isinstance(await channel.confirm(order(number, satang), answer.token, now()), Accepted)


@contextmanager
def session(
    bank: BankDescription, user: str | None = None, key_file: str | None = None
) -> Iterator[paramiko.SFTPClient]:
    transport = paramiko.Transport((bank.sftp_host, bank.sftp_port))
    try:
        host_key = paramiko.Ed25519Key(data=base64.b64decode(bank.sftp_host_key.split()[1]))
        key = paramiko.Ed25519Key.from_private_key_file(key_file or bank.sftp_client_key)
        transport.connect(host_key, user or bank.sftp_user, pkey=key)
        client = paramiko.SFTPClient.from_transport(transport)
        assert client is not None
        yield client
    finally:
        transport.close()


async def at_the_drop(bank: RunningBank, work: Callable[[paramiko.SFTPClient], object]) -> object:
    def run() -> object:
        with session(bank.description) as client:
            return work(client)

    return await asyncio.to_thread(run)


def _download(client: paramiko.SFTPClient) -> dict[str, bytes]:
    found = {}
    for name in sorted(client.listdir(FOLDER)):
        with client.open(f"{FOLDER}/{name}") as stream:
            found[name] = stream.read()
    return found


async def download(bank: RunningBank) -> dict[str, bytes]:
    files = await at_the_drop(bank, _download)
    assert isinstance(files, dict)
    return files


def satang(text: str) -> int:
    return int(text.replace(",", "").replace(".", ""))


def read_mt940(raw: bytes) -> tuple[int, list[tuple[str, int]], int]:
    """Opening, (reference, signed amount) of each line, closing; and the order of the tags."""
    rows = raw.decode("ascii").split("\r\n")
    assert rows.pop() == ""
    assert [row.split(":")[1] for row in rows if row.split(":")[1] not in ("61", "86")] == [
        "20", "25", "28C", "60F", "62F", "64",
    ]  # fmt: skip
    balances = {row[:5]: row for row in rows if row.startswith((":60F:", ":62F:"))}
    lines = []
    for entry, text in zip(rows[4:-2:2], rows[5:-2:2], strict=True):
        found = LINE.fullmatch(entry)
        assert found, entry
        assert text.startswith(":86:")
        assert found[7] in text
        assert max(len(entry), len(text)) <= 65 + 4
        lines.append((found[7], (-1 if found[3] == "D" else 1) * satang(found[4] + found[5])))
    return satang(balances[":60F:"][15:]), lines, satang(balances[":62F:"][15:])


async def test_several_cuts_show_every_line_once_and_add_up(bank: RunningBank, channel: ScbChannel) -> None:
    expected, day = [], ""
    for cut, count in enumerate([3, 0, 2], start=1):
        for index in range(count):
            number = cut * 10 + index
            await pay(channel, number, number * 1_00)
            expected.append((order(number).bank_ref, -number * 1_00))
        statement = bank.cut_statement()
        assert statement.number == cut
        day = day or statement.stem
        assert statement.stem == (day if cut == 1 else f"{day}_{cut:02d}")
    files = await download(bank)
    assert sorted(files) == sorted(
        f"{day}{suffix}.{kind}{mark}"
        for suffix in ("", "_02", "_03")
        for kind in ("csv", "mt940")
        for mark in ("", ".sha256")
    )
    balance, shown = OPENING, []
    for suffix in ("", "_02", "_03"):
        opening, lines, closing = read_mt940(files[f"{day}{suffix}.mt940"])
        assert opening == balance
        assert closing == opening + sum(amount for _, amount in lines)
        balance = closing
        shown += lines
        assert read_csv(files[f"{day}{suffix}.csv"], bank, opening) == lines
    assert shown == expected
    assert balance == bank.books.fact("balance")


def read_csv(raw: bytes, bank: RunningBank, opening: int) -> list[tuple[str, int]]:
    header, *rows = csv.reader(io.StringIO(raw.decode("utf-8"), newline=""))
    assert tuple(header) == CSV_HEADER
    lines, balance = [], opening
    for row in rows:
        account, _date, _time, code, channel, cheque, debit, credit, sign, left, text = row
        assert (account, channel, cheque, sign) == (bank.settings.company_account, "ENET", "", "+")
        amount = -satang(debit) if code == "X2" else satang(credit)
        balance += amount
        assert satang(left) == balance
        lines.append((text.split(" REF ")[1].split()[0], amount))
    return lines


async def test_every_file_has_its_hash(bank: RunningBank, channel: ScbChannel) -> None:
    await pay(channel, 1)
    bank.cut_statement()
    files = await download(bank)
    data = [name for name in files if not name.endswith(".sha256")]
    assert len(data) == 2
    for name in data:
        assert files[f"{name}.sha256"].decode() == f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n"


async def cut(bank: RunningBank) -> tuple[int, list[tuple[str, int]], int]:
    stem = bank.cut_statement().stem
    return read_mt940((await download(bank))[f"{stem}.mt940"])


async def test_a_returned_payment_comes_back_as_a_credit_on_the_next_day(
    bank: RunningBank, channel: ScbChannel
) -> None:
    bank.faults.set(FaultRule(fault=Fault.RETURNED_NEXT_DAY, times=1))
    await pay(channel, 1)
    await pay(channel, 2)
    _, lines, closing = await cut(bank)
    assert lines == [(order(1).bank_ref, -48_250_00), (order(2).bank_ref, -48_250_00)]
    bank.move_clock(86_400 + NINE_O_CLOCK)
    opening, lines, closing_next = await cut(bank)
    assert (opening, closing_next) == (closing, OPENING - 48_250_00)
    assert lines == [(order(1).bank_ref, 48_250_00)]
    first, second = bank.books.statements()
    assert first.stem[:-8] == second.stem[:-8]
    assert int(second.stem[-8:]) > int(first.stem[-8:])


async def test_a_wrong_amount_stands_on_the_statement_and_still_adds_up(bank: RunningBank, channel: ScbChannel) -> None:
    bank.faults.set(FaultRule(fault=Fault.STATEMENT_WRONG_AMOUNT, times=1, difference=-50_00))
    await pay(channel, 1)
    opening, lines, closing = await cut(bank)
    assert lines == [(order(1).bank_ref, -48_200_00)]
    assert closing == opening - 48_200_00


async def test_a_missing_line_never_appears(bank: RunningBank, channel: ScbChannel) -> None:
    bank.faults.set(FaultRule(fault=Fault.STATEMENT_MISSING_LINE, times=1))
    await pay(channel, 1)
    await pay(channel, 2)
    opening, lines, closing = await cut(bank)
    assert lines == [(order(2).bank_ref, -48_250_00)]
    assert closing == opening - 48_250_00
    assert (await cut(bank))[1] == []


async def test_a_line_without_a_call_appears_and_adds_up(bank: RunningBank, channel: ScbChannel) -> None:
    await pay(channel, 1)
    bank.faults.set(FaultRule(fault=Fault.STATEMENT_EXTRA_LINE, times=1, difference=35_00))
    opening, lines, closing = await cut(bank)
    assert [amount for _, amount in lines] == [-48_250_00, -35_00]
    assert closing == opening - 48_285_00


async def test_spoiled_files_are_spoiled_once(bank: RunningBank, channel: ScbChannel) -> None:
    await pay(channel, 1)
    bank.faults.set(FaultRule(fault=Fault.STATEMENT_WRONG_TOTAL, times=1))
    opening, lines, closing = await cut(bank)
    assert closing == opening + lines[0][1] + 1
    bank.faults.set(FaultRule(fault=Fault.STATEMENT_TRUNCATED, times=1))
    stem = bank.cut_statement().stem
    assert b":64:" not in (await download(bank))[f"{stem}.mt940"]
    assert (await cut(bank))[0] == closing - 1


async def test_the_drop_is_read_only_but_for_its_inbox_and_ends_at_its_root(bank: RunningBank) -> None:
    bank.cut_statement()
    secret = bank.settings.data_dir / "api-secret"

    def try_everything(client: paramiko.SFTPClient) -> None:
        name = f"{FOLDER}/{client.listdir(FOLDER)[0]}"
        for forbidden in (
            lambda: client.open(f"{FOLDER}/new", "w"),
            lambda: client.open(name, "r+"),
            lambda: client.remove(name),
            lambda: client.rename(name, f"{name}.old"),
            lambda: client.mkdir(f"{FOLDER}/new"),
            lambda: client.symlink(str(secret), f"{FOLDER}/link"),
            lambda: client.open("/../api-secret"),
            lambda: client.open(f"{FOLDER}/../../../api-secret"),
            lambda: client.open(str(secret)),
        ):
            with pytest.raises(OSError):
                forbidden()
        assert sorted(client.listdir("/..")) == ["inbox", "outbox"]

    await at_the_drop(bank, try_everything)


@pytest.mark.parametrize("stranger", ["user", "key"])
async def test_strangers_cannot_sign_in_to_the_drop(stranger: str, bank: RunningBank, tmp_path: Path) -> None:
    pki.open_ssh_key(tmp_path / "stranger.key")

    def sign_in() -> None:
        user = "somebody" if stranger == "user" else None
        with session(bank.description, user, str(tmp_path / "stranger.key") if stranger == "key" else None):
            pass

    with pytest.raises(paramiko.AuthenticationException):
        await asyncio.to_thread(sign_in)


async def test_files_of_a_cut_that_a_crash_interrupted_are_written_at_the_next_start(tmp_path: Path) -> None:
    async with running_bank(tmp_path) as bank:
        stem = bank.cut_statement().stem
        for file in (tmp_path / "sftp" / "outbox" / "statement").iterdir():
            file.unlink()
    async with running_bank(tmp_path) as bank:
        assert f"{stem}.mt940.sha256" in await download(bank)
