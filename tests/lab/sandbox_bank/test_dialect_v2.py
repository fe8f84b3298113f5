"""The older dialect: its shapes on the wire, and one payment seen in both dialects."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from lab.sandbox_bank.bank import RunningBank
from lab.sandbox_bank.faults import Fault, FaultRule
from server.channels.base import (
    Accepted,
    Duplicate,
    Found,
    Initiated,
    NotFound,
    OpenStatus,
    Rejected,
    StillOpen,
    Unknown,
)
from server.channels.scb import ScbChannel
from shared.evidence import Evidence
from tests.lab.sandbox_bank.fixtures import now, order, running_bank, scb_settings
from tests.lab.sandbox_bank.test_contract import CONFIRM, MOMENT, Partner, initiate_body, partner

__all__ = ["partner"]
INITIATE_V2 = "/v2/payment/transfer/credit/initiate"
CONFIRM_V2 = "/v2/payment/transfer/confirm"
INQUIRY_V2 = "/v1/payment/transfer/inquiry"


@pytest.fixture
async def bank(tmp_path: Path) -> AsyncIterator[RunningBank]:
    async with running_bank(tmp_path) as running:
        yield running


@pytest.fixture
async def channel(bank: RunningBank) -> AsyncIterator[ScbChannel]:
    opened = ScbChannel(scb_settings(bank.description, dialect="v2"))
    yield opened
    await opened.close()


def body(bank: RunningBank, **changed: Any) -> dict[str, Any]:
    same = {name: initiate_body(bank)[name] for name in ("corporateId", "payer", "payee", "tranAmount")}
    own = {"transactionType": "DR", "fee": {"amount1": 0.0}, "instructionIdentification": "S1"}
    return {**same, **own, **changed}


async def test_the_whole_way_has_the_documented_shapes(bank: RunningBank, partner: Partner) -> None:
    _, envelope = await partner.post(INITIATE_V2, body(bank, annotation="x", additionalNote="y", corporateName="z"))
    (made,) = envelope["data"]
    assert set(made) == {"tokenizerId", "transactionDateTime", "customerRefNum"}
    assert len(made["customerRefNum"]) == 30
    named = {name: made[name] for name in ("tokenizerId", "transactionDateTime")}
    asked = {**named, "instructionIdentification": "S1"}
    assert await status_of(partner, asked) == ("PDNG", "")
    _, envelope = await partner.post(CONFIRM_V2, named)
    assert envelope["data"] == [named]
    assert await status_of(partner, asked) == ("ACCC", "000")
    assert [(line.reference, line.amount) for line in bank.books.lines(None)] == [("S1", -2000050)]


async def status_of(partner: Partner, asked: dict[str, Any]) -> tuple[str, str]:
    _, envelope = await partner.post(INQUIRY_V2, asked)
    (data,) = envelope["data"]
    told = data["paymentInformation"][0]["originalPaymentInformationAndStatus"][0]["transactionInformation"]
    assert told["businessTransactionReference"] == "S1"
    return told["transactionStatus"], told["errorCode"]


@pytest.mark.parametrize(
    ("changed", "outcome"),
    [
        ({"transactionType": "CR"}, (400, 1102)),
        ({"instructionIdentification": ""}, (400, 1103)),
        ({"partnerTransactionID": "S1"}, (400, 1105)),
        ({"fee": {}}, (400, 1101)),
        ({"corporateId": "SOMEBODY"}, (400, 1102)),
        ({"payee": {"accountInfo": {"accountNo": "999999999999", "bankCode": "034"}}}, (400, 8102)),
    ],
)
async def test_a_wrong_body_is_told_as_in_the_other_dialect(
    changed: dict[str, Any], outcome: tuple[int, int], bank: RunningBank, partner: Partner
) -> None:
    assert await partner.outcome(INITIATE_V2, body(bank, **changed)) == outcome


async def test_a_token_of_one_dialect_needs_its_own_time(bank: RunningBank, partner: Partner) -> None:
    _, envelope = await partner.post(INITIATE_V2, body(bank))
    token = envelope["data"][0]["tokenizerId"]
    wrong = {"tokenizerId": token, "transactionDateTime": MOMENT}
    assert await partner.outcome(CONFIRM_V2, wrong) == (409, 8101)
    assert bank.books.lines(None) == []
    assert await partner.outcome(CONFIRM, {"channelDateTime": MOMENT, "tokenizerId": token}) == (200, 1000)


async def test_a_reference_is_used_once_in_both_dialects(bank: RunningBank, channel: ScbChannel) -> None:
    today = ScbChannel(scb_settings(bank.description))
    assert isinstance(await today.initiate(order(1), now()), Initiated)
    assert await channel.initiate(order(1), now()) == Duplicate("400/1111")
    await today.close()


async def announced(channel: ScbChannel) -> str:
    answer = await channel.initiate(order(1), now())
    assert isinstance(answer, Initiated), answer
    return answer.token


async def test_what_is_under_way_is_told_from_what_waits_for_its_confirm(
    bank: RunningBank, channel: ScbChannel
) -> None:
    token = await announced(channel)
    assert await channel.inquire(order(1), token, now()) == StillOpen(OpenStatus.AWAITING_CONFIRM)
    bank.faults.set(FaultRule(fault=Fault.PENDING, times=1, seconds=2700))
    assert await channel.confirm(order(1), token, now()) == Unknown(Evidence.UNEXPLAINED, "409/8101 LB9002", "LB9002")
    assert await channel.inquire(order(1), token, now()) == StillOpen(OpenStatus.PROCESSING)
    bank.move_clock(2701)
    assert isinstance(await channel.inquire(order(1), token, now()), Accepted)


async def test_rejections_and_lapsed_tokens_are_proof(bank: RunningBank, channel: ScbChannel) -> None:
    token = await announced(channel)
    bank.faults.set(FaultRule(fault=Fault.CONFIRM_FAILED, times=1, code="112"))
    at_once = await channel.confirm(order(1), token, now())
    assert at_once == Rejected("112", "Invalid transaction", retryable_as_new_attempt=False)
    assert await channel.inquire(order(1), token, now()) == replace(at_once, spent=True)
    assert await channel.find(order(1), now()) == Found(token, None, replace(at_once, spent=True))
    answer = await channel.initiate(order(2), now())
    assert isinstance(answer, Initiated)
    bank.move_clock(901)
    lapsed = await channel.inquire(order(2), answer.token, now())
    assert lapsed == Rejected("CANC", "", retryable_as_new_attempt=True, spent=True)


async def test_by_reference_this_dialect_proves_only_what_ended_unpaid(channel: ScbChannel) -> None:
    assert await channel.find(order(1), now()) == NotFound()
    token = await announced(channel)
    assert isinstance(await channel.find(order(1), now()), Unknown)
    await channel.confirm(order(1), token, now())
    assert isinstance(await channel.find(order(1), now()), Unknown)


async def test_a_token_that_is_asked_about_under_another_reference_is_not_found(channel: ScbChannel) -> None:
    token = await announced(channel)
    assert await channel.inquire(order(2), token, now()) == NotFound()
