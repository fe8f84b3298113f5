"""What the bank has under one of our references: asked without a token, compared with what we would pay."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from lab.sandbox_bank.bank import RunningBank
from lab.sandbox_bank.faults import Fault, FaultRule
from server.channels.base import (
    Accepted,
    Found,
    Initiated,
    Mismatch,
    NotFound,
    OpenStatus,
    PaymentOrder,
    Rejected,
    StillOpen,
    Unknown,
    is_duplicate,
    refusal,
)
from server.channels.scb import ScbChannel
from server.channels.scb_codes import Verdict, confirm_verdict, verdict
from server.channels.scb_replies import ended_unpaid, is_ours
from shared.banks import AccountNumber
from shared.money import Satang
from tests.lab.sandbox_bank.fixtures import BOONMEE, now, order, running_bank, scb_settings


@pytest.fixture
async def bank(tmp_path: Path) -> AsyncIterator[RunningBank]:
    async with running_bank(tmp_path) as running:
        yield running


@pytest.fixture
async def channel(bank: RunningBank) -> AsyncIterator[ScbChannel]:
    opened = ScbChannel(scb_settings(bank.description))
    yield opened
    await opened.close()


async def announced(channel: ScbChannel) -> str:
    answer = await channel.initiate(order(1), now())
    assert isinstance(answer, Initiated), answer
    return answer.token


async def test_nothing_is_found_before_it_is_announced(channel: ScbChannel) -> None:
    assert await channel.find(order(1), now()) == NotFound()


async def test_what_was_announced_is_found_with_its_token_and_the_payees_name(channel: ScbChannel) -> None:
    token = await announced(channel)
    found = await channel.find(order(1), now())
    assert isinstance(found, Found)
    assert (found.token, found.standing) == (token, StillOpen(OpenStatus.AWAITING_CONFIRM))
    assert found.payee_name_masked
    assert isinstance(await channel.confirm(order(1), found.token, now()), Accepted)


async def test_what_was_paid_is_found_paid_by_who_never_saw_the_token(bank: RunningBank, channel: ScbChannel) -> None:
    token = await announced(channel)
    await channel.confirm(order(1), token, now())
    other = ScbChannel(scb_settings(bank.description))
    found = await other.find(order(1), now())
    assert isinstance(found, Found)
    assert isinstance(found.standing, Accepted)
    await other.close()


async def test_what_is_under_way_is_found_under_way(bank: RunningBank, channel: ScbChannel) -> None:
    token = await announced(channel)
    bank.faults.set(FaultRule(fault=Fault.PENDING, times=1, seconds=2700))
    await channel.confirm(order(1), token, now())
    found = await channel.find(order(1), now())
    assert isinstance(found, Found)
    assert found.standing == StillOpen(OpenStatus.PROCESSING)


@pytest.mark.parametrize(("code", "again"), [("112", False), ("116", True)])
async def test_what_failed_has_spent_its_reference(
    code: str, again: bool, bank: RunningBank, channel: ScbChannel
) -> None:
    token = await announced(channel)
    bank.faults.set(FaultRule(fault=Fault.CONFIRM_FAILED, times=1, code=code))
    await channel.confirm(order(1), token, now())
    found = await channel.find(order(1), now())
    assert isinstance(found, Found)
    assert isinstance(found.standing, Rejected)
    assert (found.standing.code, found.standing.retryable_as_new_attempt, found.standing.spent) == (code, again, True)


async def test_what_lapsed_has_spent_its_reference(bank: RunningBank, channel: ScbChannel) -> None:
    await announced(channel)
    bank.move_clock(901)
    found = await channel.find(order(1), now())
    assert isinstance(found, Found)
    assert isinstance(found.standing, Rejected)
    assert (found.standing.code, found.standing.spent) == ("CANCELED", True)


@pytest.mark.parametrize(
    "changed",
    [
        replace(order(1), amount=Satang(48_250_01)),
        replace(order(1), payee_account_number=AccountNumber("012345674413")),
        order(1, payee=BOONMEE),
        replace(order(1), payee_bank_code="006"),
    ],
    ids=["amount", "account", "payee", "bank"],
)
@pytest.mark.parametrize("confirmed", [False, True])
async def test_another_payment_under_our_reference_is_a_mismatch(
    changed: PaymentOrder, confirmed: bool, channel: ScbChannel
) -> None:
    token = await announced(channel)
    if confirmed:
        await channel.confirm(order(1), token, now())
    assert isinstance(await channel.find(changed, now()), Mismatch)


@pytest.mark.parametrize(("days", "found"), [(0, True), (3, True), (7, True), (30, True), (33, False)])
async def test_days_are_looked_through_back_to_when_the_payment_was_asked_for(
    days: int, found: bool, bank: RunningBank, channel: ScbChannel
) -> None:
    """The bank looks at three days at once."""
    token = await announced(channel)
    await channel.confirm(order(1), token, now())
    later: datetime = now() + timedelta(days=days)
    asked = replace(order(1), created_at=later, since=later - timedelta(days=30))
    assert isinstance(await channel.find(asked, later), Found) is found


async def test_a_bank_that_is_not_asked_by_reference_leaves_the_question_open(bank: RunningBank) -> None:
    channel = ScbChannel(scb_settings(bank.description, inquiry_by_reference=False))
    assert isinstance(await channel.find(order(1), now()), Unknown)
    assert not channel.manifest.finds
    await channel.close()


async def test_a_bank_that_does_not_know_the_question_is_not_asked_again(tmp_path: Path) -> None:
    async with running_bank(tmp_path, finds_references=False) as bank:
        channel = ScbChannel(scb_settings(bank.description))
        for _ in range(2):
            assert isinstance(await channel.find(order(1), now()), Unknown)
        assert not channel.manifest.finds
        assert bank.api.calls["inquiry"] == 1
        await channel.close()


@pytest.mark.parametrize("code", ["1111", "030", "H030"])
def test_a_duplicate_is_never_a_refusal_wherever_it_stands(code: str) -> None:
    assert is_duplicate(code)
    assert isinstance(ended_unpaid(code, "duplicate"), Unknown)
    assert verdict(400, 8102, code) is Verdict.DUPLICATE
    assert confirm_verdict(400, 8102, code) is Verdict.UNKNOWN


def test_other_codes_are_no_duplicates() -> None:
    assert not any(map(is_duplicate, ["112", "116", "182", "8102", "CANCELED", "not_sent", "4711", ""]))
    assert ended_unpaid("112", "no") == refusal("112", "no", spent=True)


@pytest.mark.parametrize(
    ("told", "same"),
    [
        ("012345674412", True),
        ("0-1234-56744-12", True),
        ("12345674412", True),
        ("xxxxxxxx4412", True),
        ("xxx-x-xx441-2", True),
        ("012345674413", False),
        ("xxxxxxxx4413", False),
        ("9012345674412", False),
        ("", False),
        ("-", False),
    ],
)
def test_an_account_is_ours_in_any_writing(told: str, same: bool) -> None:
    assert is_ours(told, "012345674412") is same
