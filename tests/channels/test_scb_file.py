"""Paying by file: deterministic files, nothing uploaded twice or in part, results that are late, torn or missing."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lab.sandbox_bank.faults import Fault, FaultRule
from lab.sandbox_bank.statements import publish
from lab.sandbox_bank.uploads import _Line
from server import pki
from server.channels.base import (
    NOT_SENT,
    Accepted,
    Channel,
    NotFound,
    OpenStatus,
    PaymentOrder,
    Pending,
    Rejected,
    StillOpen,
    Unknown,
)
from server.channels.scb_file_drop import FileDrop, Look, Place, Put
from server.channels.scb_file_format import build, read_result, value_date
from tests.channels.rigs import Rig, announced, ended, rig_of
from tests.lab.sandbox_bank.fixtures import BOONMEE, CLOSED, SOMCHAI, now, order
from tests.meta.sources import ROOT
from tests.waiting import eventually

FRIDAY = datetime(2026, 11, 20, 3, tzinfo=UTC)
LATER = timedelta(hours=1)


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig_of("scb_file", tmp_path) as opened:
        yield opened


@pytest.fixture
async def channel(rig: Rig) -> AsyncIterator[Channel]:
    opened = rig.open()
    yield opened
    await opened.close()


def files(rig: Rig) -> list[str]:
    """Every upload that the bank was ever given."""
    inbox = rig.bank.settings.data_dir / "sftp" / "inbox"
    return sorted(file.name for folder in (inbox, inbox / "done") for file in folder.glob("*.txt*"))


async def announced_all(channel: Channel, orders: list[PaymentOrder]) -> list[str]:
    return list(await asyncio.gather(*(announced(channel, one) for one in orders)))


async def confirmed_all(channel: Channel, orders: list[PaymentOrder], tokens: list[str]) -> list[object]:
    asked = (channel.confirm(one, token, now()) for one, token in zip(orders, tokens, strict=True))
    return list(await asyncio.gather(*asked))


async def uploaded(channel: Channel, orders: list[PaymentOrder]) -> list[str]:
    tokens = await announced_all(channel, orders)
    assert [type(one) for one in await confirmed_all(channel, orders, tokens)] == [Pending] * len(orders)
    return tokens


def test_bytes_and_name_follow_from_the_orders_alone() -> None:
    orders = [order(number, 100 + number) for number in (1, 2, 3)]
    later = [msgspec.structs.replace(one, created_at=now() + LATER) for one in reversed(orders)]
    once, again = (build(some, "1112223338", value_date(FRIDAY)) for some in (orders, later))
    assert once == again
    for change in (orders[:2], [*orders[:2], order(3, 104)], [*orders[:2], order(3, 103, BOONMEE)]):
        assert build(change, "1112223338", value_date(FRIDAY)).name != once.name
    assert build(orders, "1112223338", value_date(FRIDAY + timedelta(days=3))).name != once.name


def test_the_layout_is_the_banks() -> None:
    named = msgspec.structs.replace(order(1, 123_456), payee_name="นาย ส|ม*ชาย\r\n")
    rows = build([named], "1112223338", value_date(FRIDAY)).content.decode().split("\r\n")
    assert rows[1].split("|")[2:] == ["RFT", "20261120", "1112223338", "1112223338", "1234.56", "1", "", ""]
    detail = rows[2].split("|")
    assert len(detail) == 28
    assert detail[:9] == ["TXNDET", named.bank_ref, SOMCHAI.account_no, "", "034", "0000", "1234.56", "", "OUR"]
    assert detail[13] == "นาย ส ม ชาย"
    assert rows[3:] == ["TRAILR|1|1|1234.56", ""]


@pytest.mark.parametrize(
    ("days", "expected"), [(0, "2026-11-20"), (1, "2026-11-23"), (2, "2026-11-23"), (3, "2026-11-23")]
)
def test_the_value_date_is_no_weekend(days: int, expected: str) -> None:
    assert value_date(FRIDAY + timedelta(days=days)).isoformat() == expected


async def test_orders_that_arrive_together_become_one_file_for_each_product(rig: Rig, channel: Channel) -> None:
    orders = [order(1), order(2), order(3, 100, BOONMEE)]
    tokens = await uploaded(channel, orders)
    assert len({token.split(".")[0] for token in tokens}) == 2
    for one, token in zip(orders, tokens, strict=True):
        assert isinstance(await ended(channel, one, token), Accepted)
    assert len(files(rig)) == 2


async def test_a_file_may_be_rejected_in_part(rig: Rig, channel: Channel) -> None:
    rig.bank.faults.set(FaultRule(fault=Fault.CONFIRM_FAILED, reference=order(2).bank_ref, code="184"))
    orders = [order(1), order(2), order(3, 100, CLOSED), order(4)]
    tokens = await uploaded(channel, orders)
    answers = [await ended(channel, one, token) for one, token in zip(orders, tokens, strict=True)]
    assert [type(answer) for answer in answers] == [Accepted, Rejected, Rejected, Accepted]
    assert answers[1] == Rejected("184", "Cut-off time", retryable_as_new_attempt=True, stop_channel=True, spent=True)
    assert isinstance(answers[2], Rejected)
    assert (answers[2].code, answers[2].retryable_as_new_attempt) == ("182", False)
    assert rig.moved() == {order(1).bank_ref: 1, order(4).bank_ref: 1}


async def test_a_file_of_which_one_order_is_not_confirmed_is_never_uploaded(rig: Rig, channel: Channel) -> None:
    orders = [order(1), order(2), order(3)]
    tokens = await announced_all(channel, orders)
    answers = await confirmed_all(channel, orders[:2], tokens[:2])
    assert [getattr(answer, "code", "") for answer in answers] == [NOT_SENT, NOT_SENT]
    late = await channel.confirm(orders[2], tokens[2], now())
    assert isinstance(late, Rejected)
    assert files(rig) == []


async def test_a_token_with_other_orders_than_its_own_uploads_nothing(rig: Rig, channel: Channel) -> None:
    token = await announced(channel, order(1))
    answer = await channel.confirm(order(1, 99), token, now())
    assert isinstance(answer, Rejected)
    assert (answer.code, files(rig)) == (NOT_SENT, [])


async def test_a_write_that_only_looked_successful_is_read_back_and_not_renamed(rig: Rig, channel: Channel) -> None:
    token = await announced(channel, order(1))
    rig.bank.faults.set(FaultRule(fault=Fault.UPLOAD_CUT, times=1))
    answer = await channel.confirm(order(1), token, now())
    assert isinstance(answer, Rejected)
    assert (answer.code, answer.retryable_as_new_attempt) == (NOT_SENT, True)
    assert [name for name in files(rig) if name.endswith(".txt")] == []
    assert isinstance(await channel.confirm(order(1), token, now()), Pending)
    assert isinstance(await ended(channel, order(1), token), Accepted)


async def test_a_refused_rename_is_proof_and_a_lost_one_is_not(rig: Rig, channel: Channel) -> None:
    token = await announced(channel, order(1))
    rig.bank.faults.set(FaultRule(fault=Fault.UPLOAD_REFUSED, times=1))
    assert isinstance(await channel.confirm(order(1), token, now()), Rejected)
    assert await channel.inquire(order(1), token, now()) == StillOpen(OpenStatus.AWAITING_CONFIRM)
    rig.bank.faults.set(FaultRule(fault=Fault.UPLOAD_ANSWER_LOST, times=1))
    assert isinstance(await channel.confirm(order(1), token, now()), Unknown)
    assert isinstance(await ended(channel, order(1), token), Accepted)
    assert rig.moved() == {order(1).bank_ref: 1}


async def test_without_a_result_the_order_stays_pending_however_late(rig: Rig, channel: Channel) -> None:
    rig.bank.faults.set(FaultRule(fault=Fault.RESULT_LATE, times=1, seconds=7200))
    token = (await uploaded(channel, [order(1)]))[0]
    await eventually(lambda: rig.moved() == {order(1).bank_ref: 1})
    assert isinstance(await channel.inquire(order(1), token, now() + LATER), Pending)
    rig.bank.move_clock(7201)
    assert isinstance(await ended(channel, order(1), token), Accepted)


async def test_a_result_that_never_comes_proves_nothing(rig: Rig, channel: Channel) -> None:
    rig.bank.faults.set(FaultRule(fault=Fault.RESULT_MISSING))
    token = (await uploaded(channel, [order(1)]))[0]
    await eventually(lambda: rig.moved() == {order(1).bank_ref: 1})
    assert isinstance(await channel.inquire(order(1), token, now() + 48 * LATER), Pending)


async def test_a_truncated_result_is_not_believed_until_it_is_whole(rig: Rig, channel: Channel) -> None:
    rig.bank.faults.set(FaultRule(fault=Fault.RESULT_TRUNCATED, times=1, seconds=3600))
    orders = [order(1), order(2, 100, SOMCHAI)]
    tokens = await uploaded(channel, orders)
    results = rig.bank.settings.data_dir / "sftp" / "outbox" / "result"
    await eventually(lambda: len(list(results.glob("*.sha256"))) == 1)
    assert isinstance(await channel.inquire(orders[0], tokens[0], now()), Pending)
    rig.bank.move_clock(3601)
    for one, token in zip(orders, tokens, strict=True):
        assert isinstance(await ended(channel, one, token), Accepted)


async def test_a_result_that_comes_twice_counts_once_and_a_contradiction_proves_nothing(
    rig: Rig, channel: Channel
) -> None:
    rig.bank.faults.set(FaultRule(fault=Fault.RESULT_DUPLICATE))
    token = (await uploaded(channel, [order(1)]))[0]
    assert isinstance(await ended(channel, order(1), token), Accepted)
    results = rig.bank.settings.data_dir / "sftp" / "outbox" / "result"
    await eventually(lambda: len(list(results.glob("*_2.txt.sha256"))) == 1)
    assert isinstance(await channel.inquire(order(1), token, now()), Accepted)
    second = next(results.glob("*_2.txt"))
    refused = (
        second.read_bytes().replace(b"|ACCC||", b"|RJCT|112|no").replace(b"TRAILR|1|1|48250.00", b"TRAILR|1|0|0.00")
    )
    assert read_result(refused) is not None
    publish(results, second.name, refused)
    assert isinstance(await channel.inquire(order(1), token, now()), Unknown)


@pytest.mark.parametrize("cut", range(1, 80, 7))
async def test_a_result_cut_anywhere_is_no_result(cut: int) -> None:
    whole = b"RESULT|AAAAAAAAAAAA|20261120100000|\r\nTXNRES|S1|1.00|ACCC||\r\nTRAILR|1|1|1.00\r\n"
    assert read_result(whole) is not None
    assert read_result(whole[: -min(cut + 2, len(whole))]) is None


async def test_a_file_given_up_can_not_be_uploaded_by_a_process_that_wakes_up_late(rig: Rig, channel: Channel) -> None:
    token = await announced(channel, order(1))
    given_up = await channel.inquire(order(1), token, now() + LATER)
    assert isinstance(given_up, Rejected)
    assert given_up.retryable_as_new_attempt
    upload = build([order(1)], rig.bank.description.company_account, value_date(now()))
    late = FileDrop(rig.open()._settings)  # type: ignore[attr-defined]  # the late process's own hands
    assert await asyncio.to_thread(late.put, upload) is Put.GIVEN_UP
    await eventually(lambda: (rig.bank.settings.data_dir / "sftp/inbox/done" / upload.name).exists())
    assert await asyncio.to_thread(late.put, upload) is Put.GIVEN_UP
    assert isinstance(await ended(channel, order(1), token), Rejected)
    assert rig.moved() == {}


async def test_the_bank_takes_a_name_once(rig: Rig, channel: Channel) -> None:
    token = (await uploaded(channel, [order(1)]))[0]
    assert isinstance(await ended(channel, order(1), token), Accepted)
    done = rig.bank.settings.data_dir / "sftp" / "inbox" / "done"
    file = next(done.glob("*.txt"))
    (done.parent / file.name).write_bytes(file.read_bytes())
    await eventually(lambda: len(list(done.glob("*.again-*"))) == 1)
    assert rig.moved() == {order(1).bank_ref: 1}


async def test_a_wrong_host_key_stops_the_channel_before_anything_is_shown(rig: Rig) -> None:
    other = rig.bank.settings.data_dir / "other"
    channel = rig.open(host_keys=(pki.open_ssh_key(other),))
    token = await announced(channel, order(1))
    answer = await channel.confirm(order(1), token, now())
    assert answer == Rejected(NOT_SENT, "host_key_changed", retryable_as_new_attempt=True, stop_channel=True)
    assert isinstance(await channel.inquire(order(1), token, now()), Unknown)
    await channel.close()


async def test_a_channel_that_keeps_hours_takes_no_orders_outside_them(rig: Rig) -> None:
    channel = rig.open(opens="08:30:00", closes="16:00:00")
    assert channel.manifest.hours is not None
    evening = FRIDAY.replace(hour=12)
    answer = await channel.initiate(order(1), evening)
    assert isinstance(answer, Rejected)
    assert (answer.code, answer.retryable_as_new_attempt) == ("184", True)
    await channel.close()


async def child(rig: Rig) -> tuple[asyncio.subprocess.Process, list[str]]:
    """A process that has announced three orders."""
    settings: dict[str, Any] = rig.file_settings()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.channels.file_process", cwd=ROOT,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps({**settings, "private_key": str(settings["private_key"])}).encode() + b"\n")
    return process, json.loads(await process.stdout.readline())


async def killed(process: asyncio.subprocess.Process) -> None:
    process.kill()
    await process.communicate()


async def test_killed_before_the_upload_the_orders_are_given_up_and_nothing_moves(rig: Rig, channel: Channel) -> None:
    process, tokens = await child(rig)
    await killed(process)
    for number, token in enumerate(tokens, 1):
        assert await channel.inquire(order(number), token, now()) == StillOpen(OpenStatus.AWAITING_CONFIRM)
    for number, token in enumerate(tokens, 1):
        assert isinstance(await channel.inquire(order(number), token, now() + LATER), Rejected)
    assert rig.moved() == {}


async def test_killed_after_the_upload_another_process_finds_it_by_its_name(rig: Rig, channel: Channel) -> None:
    process, tokens = await child(rig)
    assert process.stdin is not None
    process.stdin.write(b"confirm\n")
    await eventually(lambda: any(name.endswith(".txt") for name in files(rig)))
    await killed(process)
    for number, token in enumerate(tokens, 1):
        assert isinstance(await ended(channel, order(number), token), Accepted)
    assert rig.moved() == {order(number).bank_ref: 1 for number in (1, 2, 3)}
    assert len(files(rig)) == 1


async def test_the_bank_killed_while_it_takes_a_file_pays_every_line_once(rig: Rig, channel: Channel) -> None:
    orders = [order(1), order(2)]
    upload = build(orders, rig.bank.description.company_account, value_date(now()))
    taking = rig.bank.uploads
    taking._rows.begin(upload.name, upload.batch_ref, "", rig.bank.clock.now())
    taking._execute(_Line(orders[0].bank_ref, SOMCHAI.bank_code, SOMCHAI.account_no, orders[0].amount), 0)
    (rig.bank.settings.data_dir / "sftp" / "inbox" / upload.name).write_bytes(upload.content)
    for one in orders:
        assert isinstance(await ended(channel, one, upload.tokens[one.bank_ref]), Accepted)
    assert rig.moved() == {one.bank_ref: 1 for one in orders}


async def test_a_look_that_breaks_off_gives_nothing_up(
    rig: Rig, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await announced(channel, order(1))
    monkeypatch.setattr(FileDrop, "look", lambda self, batch_ref: Look(Place.UNKNOWN))
    assert isinstance(await channel.inquire(order(1), token, now() + LATER), Unknown)
    assert files(rig) == []


def folder_of(rig: Rig, name: str) -> Path:
    return rig.bank.settings.data_dir / "sftp" / name


@pytest.mark.parametrize("name", ["inbox/done", "outbox/result"])
async def test_a_folder_that_is_missing_proves_nothing(rig: Rig, channel: Channel, name: str) -> None:
    rig.bank.faults.set(FaultRule(fault=Fault.RESULT_MISSING))
    token = (await uploaded(channel, [order(1)]))[0]
    await eventually(lambda: rig.moved() == {order(1).bank_ref: 1})
    await eventually(lambda: len(list(folder_of(rig, "inbox/done").iterdir())) == 1)
    folder = folder_of(rig, name)
    folder.rename(folder.parent.parent / "elsewhere")
    assert isinstance(await channel.inquire(order(1), token, now()), Unknown)
    assert isinstance(await channel.inquire(order(1), token, now() + LATER), Unknown)
    (folder.parent.parent / "elsewhere").rename(folder)
    assert len(files(rig)) == 1
    assert isinstance(await channel.inquire(order(1), token, now() + LATER), Pending)


async def test_nothing_is_uploaded_while_it_can_not_be_seen_what_was_taken(rig: Rig, channel: Channel) -> None:
    token = await announced(channel, order(1))
    folder_of(rig, "inbox/done").rename(folder_of(rig, "elsewhere"))
    answer = await channel.confirm(order(1), token, now())
    assert isinstance(answer, Rejected)
    assert (answer.code, files(rig)) == (NOT_SENT, [])


async def test_what_was_pending_and_is_gone_is_in_doubt_and_never_given_up(rig: Rig, channel: Channel) -> None:
    rig.bank.faults.set(FaultRule(fault=Fault.RESULT_MISSING))
    token = (await uploaded(channel, [order(1)]))[0]
    await eventually(lambda: len(list(folder_of(rig, "inbox/done").iterdir())) == 1)
    (cleared,) = folder_of(rig, "inbox/done").iterdir()
    cleared.unlink()
    had = msgspec.structs.replace(order(1), taken=True)
    for later in (0, 1, 200):
        assert isinstance(await channel.inquire(had, token, now() + later * LATER), Unknown)
    assert files(rig) == []
    cleared.write_bytes(b"")
    assert isinstance(await channel.inquire(had, token, now() + LATER), Unknown)
    assert rig.moved() == {order(1).bank_ref: 1}


async def test_on_a_later_day_an_absent_file_may_have_been_cleared_away(rig: Rig, channel: Channel) -> None:
    token = await announced(channel, order(1))
    assert await channel.inquire(order(1), token, now() + timedelta(days=4)) == NotFound()
    assert files(rig) == []


async def test_a_token_of_another_channel_is_not_found(channel: Channel) -> None:
    assert await channel.inquire(order(1), "SCBX20261121195039000000001", now()) == NotFound()
