"""The control door answers only to the secret, and tells oracles what the bank's books hold."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from lab.sandbox_bank.bank import RunningBank
from lab.sandbox_bank.books import Account
from lab.sandbox_bank.faults import DESCRIPTIONS, Fault
from server.channels.base import Initiated
from server.channels.scb import ScbChannel
from tests.lab.sandbox_bank.fixtures import now, order, running_bank, scb_settings


class Control:
    """Asks the control door."""

    def __init__(self, bank: RunningBank) -> None:
        self._url = bank.control_url
        self.headers = {"authorization": f"Bearer {bank.description.control_secret}"}

    async def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, self._url + path, json=body, headers=self.headers) as reply,
        ):
            return reply.status, await reply.json()


@pytest.fixture
async def bank(tmp_path: Path) -> AsyncIterator[RunningBank]:
    async with running_bank(tmp_path) as running:
        yield running


@pytest.fixture
def control(bank: RunningBank) -> Control:
    return Control(bank)


async def test_strangers_are_turned_away(control: Control) -> None:
    for wrong in ("", "Bearer ", "Bearer wrong"):
        control.headers = {"authorization": wrong}
        assert (await control.ask("GET", "/transactions"))[0] == 401
        assert (await control.ask("POST", "/statements"))[0] == 401


async def test_accounts_given_over_the_control_door_can_be_paid(bank: RunningBank, control: Control) -> None:
    added = [{"bankCode": "006", "accountNo": "1112223334", "name": "Mr. Somchai Jaidee", "status": "ACTIVE"}]
    assert await control.ask("POST", "/accounts", added) == (200, {"accounts": 1})
    channel = ScbChannel(scb_settings(bank.description))
    answer = await channel.initiate(order(1, 100, Account("006", "1112223334", "")), now())
    await channel.close()
    assert isinstance(answer, Initiated)
    assert answer.payee_name_masked == "Mr. S*** J***"
    _, (listed,) = await control.ask("GET", "/transactions")
    assert (listed["reference"], listed["amount"], listed["status"]) == (order(1).bank_ref, 100, "INITIATE_COMPLETED")


async def test_malformed_orders_are_explained(control: Control) -> None:
    for method, path, body in (
        ("POST", "/accounts", [{"bankCode": "006"}]),
        ("POST", "/faults", {"fault": "earthquake"}),
        ("POST", "/faults", {"fault": "slow", "surprise": 1}),
        ("DELETE", "/faults/earthquake", None),
        ("POST", "/clock", {"offset_seconds": "late"}),
    ):
        status, answer = await control.ask(method, path, body)
        assert (status, bool(answer["error"])) == (400, True), path


async def test_faults_are_set_listed_counted_down_and_cleared(bank: RunningBank, control: Control) -> None:
    await control.ask("POST", "/faults", {"fault": "cut_off", "times": 2})
    channel = ScbChannel(scb_settings(bank.description))
    await channel.initiate(order(1), now())
    _, listed = await control.ask("GET", "/faults")
    assert [(rule["fault"], rule["times"]) for rule in listed["active"]] == [("cut_off", 1)]
    assert set(listed["known"]) == {fault.value for fault in Fault} == {fault.value for fault in DESCRIPTIONS}
    await channel.initiate(order(2), now())
    assert (await control.ask("GET", "/faults"))[1]["active"] == []
    assert isinstance(await channel.initiate(order(3), now()), Initiated)
    await channel.close()


async def test_unknown_accounts_get_the_same_invented_holder_every_time(tmp_path: Path) -> None:
    names = []
    for start in ("one", "two"):
        async with running_bank(tmp_path / start, unknown_accounts="accept", seed=7) as bank:
            channel = ScbChannel(scb_settings(bank.description))
            names.append(await channel.verify("006", order(1).payee_account_number, now()))
            await channel.close()
    assert names[0] == names[1]
