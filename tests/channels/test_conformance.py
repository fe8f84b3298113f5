"""What every channel must do, over its real wire: the same tests for each, so that the core never looks which it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from server.channels import manifests
from server.channels.base import (
    Accepted,
    AccountName,
    AccountStatus,
    Channel,
    Initiated,
    InitiateLost,
    Moves,
    NotFound,
    Pending,
    Probing,
    Rejected,
    StillOpen,
    Unknown,
)
from tests.channels.rigs import ALL, WIRE, Peer, Rig, announced, ended, paid, rig_of
from tests.lab.sandbox_bank.fixtures import BOONMEE, CLOSED, SOMCHAI, now, order
from tests.waiting import eventually

wired = pytest.mark.parametrize("kind", WIRE)


@pytest.fixture(params=ALL)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def rig(kind: str, tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig_of(kind, tmp_path) as opened:
        yield opened


@pytest.fixture
async def channel(rig: Rig) -> AsyncIterator[Channel]:
    opened = rig.open()
    yield opened
    await opened.close()


def test_every_channel_of_the_package_is_in_this_suite() -> None:
    assert {name.split("-")[0] for name in ALL} == set(manifests())


async def test_announcing_moves_nothing_and_confirming_moves_it_once(rig: Rig, channel: Channel) -> None:
    token = await announced(channel, order(1))
    assert rig.moved() == {}
    assert isinstance(await channel.confirm(order(1), token, now()), Accepted | Pending)
    assert isinstance(await ended(channel, order(1), token), Accepted)
    assert rig.moved() == ({order(1).bank_ref: 1} if channel.manifest.moves is Moves.AT_THE_BANK else {})


async def test_the_manifest_is_honest(rig: Rig, channel: Channel) -> None:
    said = channel.manifest
    assert said == msgspec.structs.replace(manifests()[channel.name], concurrency=said.concurrency)
    assert {"disbursement", "withdrawal", "transfer"} >= said.operations != set()
    token = await announced(channel, order(1))
    answer = await channel.confirm(order(1), token, now())
    assert isinstance(answer, Accepted if said.instant else Pending)
    named = await channel.verify("034", SOMCHAI_NUMBER, now())
    assert isinstance(named, AccountName if said.names_accounts else Unknown)
    foreign = await channel.initiate(msgspec.structs.replace(order(2), currency="USD"), now())
    assert isinstance(foreign, Rejected)
    for number, amount in enumerate((said.min_amount, said.max_amount), 3):
        payee = SOMCHAI if said.takes("disbursement", SOMCHAI.bank_code, amount) else BOONMEE
        assert isinstance(await paid(channel, order(number, amount, payee)), Accepted)


SOMCHAI_NUMBER = order(1).payee_account_number


async def test_many_orders_at_once_are_each_paid_once(rig: Rig, channel: Channel) -> None:
    orders = [order(number, 100 + number) for number in range(1, 33)]
    answers = await asyncio.gather(*(paid(channel, one) for one in orders))
    assert [type(answer) for answer in answers] == [Accepted] * len(orders)
    if channel.manifest.moves is Moves.AT_THE_BANK:
        assert rig.moved() == {one.bank_ref: 1 for one in orders}


async def test_a_confirm_said_again_moves_nothing_again(rig: Rig, channel: Channel) -> None:
    token = await announced(channel, order(1))
    await channel.confirm(order(1), token, now())
    other = rig.open()
    for who in (channel, other):
        again = await who.confirm(order(1), token, now())
        assert isinstance(again, Accepted | Pending | Unknown), again
    assert isinstance(await ended(other, order(1), token), Accepted)
    assert set(rig.moved().values()) <= {1}
    await other.close()


async def test_another_process_finds_out_how_it_ended(rig: Rig, channel: Channel) -> None:
    token = await announced(channel, order(1))
    await channel.confirm(order(1), token, now())
    await channel.close()
    other = rig.open()
    assert isinstance(await ended(other, order(1), token), Accepted)
    await other.close()


@pytest.mark.parametrize(
    "token", ["SCBX0", "nobody issued this", "AAAAAAAAAAAA.20261121.1.1", "INTERNALS0", "", "x" * 500]
)
async def test_a_token_that_nobody_issued_proves_nothing(token: str, rig: Rig, channel: Channel) -> None:
    answer = await channel.inquire(order(1), token, now())
    assert isinstance(answer, NotFound | Unknown | StillOpen), answer
    confirmed = await channel.confirm(order(1), token, now())
    assert not isinstance(confirmed, Accepted | Pending), confirmed
    assert rig.moved() == {}


@wired
async def test_a_lost_answer_is_unknown_until_the_inquiry_tells(rig: Rig, channel: Channel) -> None:
    token = await announced(channel, order(1))
    rig.lose_the_next_answer()
    assert isinstance(await channel.confirm(order(1), token, now()), Unknown)
    assert isinstance(await ended(channel, order(1), token), Accepted)
    assert rig.moved() == {order(1).bank_ref: 1}


@wired
async def test_a_refused_account_is_proof_that_nothing_moved(rig: Rig, channel: Channel) -> None:
    answers = await asyncio.gather(paid(channel, order(1, 100, CLOSED)), paid(channel, order(2, 200)))
    assert isinstance(answers[0], Rejected)
    assert (answers[0].code, answers[0].retryable_as_new_attempt, answers[0].stop_channel) == ("182", False, False)
    assert isinstance(answers[1], Accepted)
    assert rig.moved() == {order(2).bank_ref: 1}


@wired
@pytest.mark.parametrize("manner", ["garbage", "huge", "slow", "silent", "absent"])
async def test_a_peer_that_lies_is_never_believed_and_never_raises(manner: Peer, rig: Rig) -> None:
    honest = rig.open()
    token = await announced(honest, order(1))
    await honest.close()
    async with asyncio.timeout(20), rig.peer(manner) as channel:
        confirmed = await channel.confirm(order(1), token, now())
        assert isinstance(confirmed, Rejected | Unknown), confirmed
        assert isinstance(await channel.inquire(order(1), token, now()), Unknown)
        assert isinstance(await channel.verify("034", SOMCHAI_NUMBER, now()), Unknown)
        assert isinstance(channel, Probing)
        assert isinstance(await channel.probe(now()), Unknown)
        begun = await channel.initiate(order(2), now())
        if isinstance(begun, Initiated):
            confirmed = await channel.confirm(order(2), begun.token, now())
            assert isinstance(confirmed, Rejected | Unknown), confirmed
        else:
            assert isinstance(begun, Rejected | InitiateLost), begun
    assert rig.moved() == {}


@wired
async def test_a_cancelled_confirm_leaves_the_truth_to_the_inquiry(rig: Rig, channel: Channel) -> None:
    first, second = await asyncio.gather(announced(channel, order(1)), announced(channel, order(2)))
    confirming = asyncio.create_task(channel.confirm(order(1), first, now()))
    await asyncio.sleep(0)
    confirming.cancel()
    with pytest.raises(asyncio.CancelledError):
        await confirming
    await channel.confirm(order(2), second, now())
    standing = await channel.inquire(order(1), first, now())
    assert isinstance(standing, Accepted) == (order(1).bank_ref in rig.moved())
    assert isinstance(await paid(channel, order(3)), Accepted)


async def test_closing_leaves_nothing_open(rig: Rig) -> None:
    before = asyncio.all_tasks()
    channel = rig.open()
    await paid(channel, order(1))
    await channel.close()
    await eventually(lambda: not rig.bank.connections())
    await eventually(lambda: len(asyncio.all_tasks() - before) == 0)


async def test_a_question_finds_the_bank_there_and_leaves_nothing_behind(rig: Rig, channel: Channel) -> None:
    assert isinstance(channel, Probing)
    folders = sorted(str(one) for one in (rig.bank.settings.data_dir / "sftp").rglob("*"))
    for _ in range(3):
        assert await channel.probe(now()) is None
    assert rig.bank.books.transactions() == []
    assert rig.moved() == {}
    assert sorted(str(one) for one in (rig.bank.settings.data_dir / "sftp").rglob("*")) == folders
    assert isinstance(await paid(channel, order(1)), Accepted)


@wired
async def test_an_account_is_named_or_the_question_is_left_open(rig: Rig, channel: Channel) -> None:
    named = await channel.verify(CLOSED.bank_code, order(1, 1, CLOSED).payee_account_number, now())
    if channel.manifest.names_accounts:
        assert named == AccountName(CLOSED.name, AccountStatus.CLOSED)
    else:
        assert isinstance(named, Unknown)
