"""Callbacks arrive once, early, twice, wrongly or never, and are tried three times."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from lab.sandbox_bank.bank import RunningBank
from lab.sandbox_bank.faults import Fault, FaultRule
from server.channels.base import Initiated
from server.channels.scb import ScbChannel
from tests.lab.sandbox_bank.fixtures import now, order, running_bank, scb_settings
from tests.waiting import eventually


class Partner:
    """Hears callbacks; refuses the first `deaf` of them."""

    def __init__(self) -> None:
        self.url = ""
        self.heard: list[dict[str, Any]] = []
        self.deaf = 0
        self.answered = False
        self.heard_before_answer = 0

    async def hear(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.heard.append(body)
        self.heard_before_answer += not self.answered
        if len(self.heard) <= self.deaf:
            return web.Response(status=500)
        return web.json_response({"resCode": "00", "resDesc": "success", "transactionId": body["transactionId"]})


@pytest.fixture
async def partner() -> AsyncIterator[Partner]:
    made = Partner()
    app = web.Application()
    app.router.add_post("/callbacks/scb", made.hear)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/callbacks/scb"
    yield made
    await runner.cleanup()


@pytest.fixture
async def bank(tmp_path: Path, partner: Partner) -> AsyncIterator[RunningBank]:
    async with running_bank(tmp_path, callback_url=partner.url, callback_interval_seconds=0.02) as running:
        yield running


async def pay(bank: RunningBank, partner: Partner) -> None:
    channel = ScbChannel(scb_settings(bank.description))
    answer = await channel.initiate(order(1), now())
    assert isinstance(answer, Initiated)
    await channel.confirm(order(1), answer.token, now())
    partner.answered = True
    await channel.close()


async def idle(bank: RunningBank) -> None:
    """Until the bank has nothing left to tell."""
    await eventually(lambda: bank.callbacks.pending() == 0)


async def test_a_finished_payment_is_told_once(bank: RunningBank, partner: Partner) -> None:
    await pay(bank, partner)
    await idle(bank)
    (heard,) = partner.heard
    payment = bank.books.transactions()[0]
    assert heard.pop("transactionDateandTime").endswith("+07:00")
    assert heard == {
        "transactionId": payment.bank_reference,
        "partnerTransactionID": order(1).bank_ref,
        "tokenizerId": payment.token,
        "amount": "48250.00",
        "currencyCode": "764",
        "transactionType": "Domestic Transfers",
        "sendingBankCode": "014",
        "receivingBankCode": "034",
        "payeeAccountNumber": payment.account_no,
        "payeeName": payment.payee_name,
        "channelCode": "PMH",
        "status": "CONFIRM_COMPLETED",
        "code": "000",
    }


@pytest.mark.parametrize(("deaf", "tries"), [(1, 2), (2, 3), (9, 3)])
async def test_a_callback_is_tried_three_times(deaf: int, tries: int, bank: RunningBank, partner: Partner) -> None:
    partner.deaf = deaf
    await pay(bank, partner)
    await idle(bank)
    assert len(partner.heard) == tries
    assert all(heard == partner.heard[0] for heard in partner.heard)


async def test_an_early_callback_comes_before_the_answer(bank: RunningBank, partner: Partner) -> None:
    bank.faults.set(FaultRule(fault=Fault.CALLBACK_EARLY, times=1))
    await pay(bank, partner)
    await idle(bank)
    assert (len(partner.heard), partner.heard_before_answer) == (1, 1)


async def test_a_duplicate_callback_is_the_same_twice(bank: RunningBank, partner: Partner) -> None:
    bank.faults.set(FaultRule(fault=Fault.CALLBACK_DUPLICATE, times=1))
    await pay(bank, partner)
    await idle(bank)
    assert len(partner.heard) == 2
    assert partner.heard[0] == partner.heard[1]


async def test_a_missing_callback_never_comes(bank: RunningBank, partner: Partner) -> None:
    bank.faults.set(FaultRule(fault=Fault.CALLBACK_MISSING, times=1))
    await pay(bank, partner)
    await idle(bank)
    assert partner.heard == []
    assert bank.books.transactions()[0].status == "CONFIRM_COMPLETED"


async def test_a_wrong_callback_names_another_amount_than_was_paid(bank: RunningBank, partner: Partner) -> None:
    bank.faults.set(FaultRule(fault=Fault.CALLBACK_WRONG_AMOUNT, times=1))
    await pay(bank, partner)
    await idle(bank)
    assert partner.heard[0]["amount"] == "48251.00"


async def test_a_failed_payment_is_told_as_failed(bank: RunningBank, partner: Partner) -> None:
    bank.faults.set(FaultRule(fault=Fault.CONFIRM_FAILED, times=1, code="112"))
    await pay(bank, partner)
    await idle(bank)
    assert (partner.heard[0]["status"], partner.heard[0]["code"]) == ("CONFIRM_FAILED", "112")


async def test_a_pending_payment_is_told_when_it_completes(bank: RunningBank, partner: Partner) -> None:
    bank.faults.set(FaultRule(fault=Fault.PENDING, times=1, seconds=0.1))
    await pay(bank, partner)
    assert partner.heard == []
    await eventually(lambda: bool(partner.heard))
    assert partner.heard[0]["status"] == "CONFIRM_COMPLETED"


async def test_a_false_callback_says_paid_of_what_is_not(bank: RunningBank, partner: Partner) -> None:
    bank.faults.set(FaultRule(fault=Fault.CALLBACK_FALSE))
    bank.faults.set(FaultRule(fault=Fault.CONFIRM_FAILED, call="confirm", times=1, code="112"))
    await pay(bank, partner)
    await idle(bank)
    assert [(heard["status"], heard["code"]) for heard in partner.heard] == [("CONFIRM_COMPLETED", "000")] * 2
    assert bank.books.transactions()[0].status == "CONFIRM_FAILED"
