"""A bank whose callbacks lie: they say paid of what failed or was never confirmed, and name other amounts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import pytest
from aiohttp import web

from lab.sandbox_bank.bank import RunningBank
from lab.sandbox_bank.faults import Fault, FaultRule
from server.http.store import store_callback
from server.ledger.accounts import Purpose
from tests.lab.sandbox_bank.fixtures import now, running_bank
from tests.payments.farm import Farm, bank_dir
from tests.waiting import eventually


@asynccontextmanager
async def _inbox(farm: Farm) -> AsyncIterator[str]:
    """Takes callbacks in as the API does; where they are to be sent."""

    async def hear(request: web.Request) -> web.Response:
        async with farm.api.transaction(()) as tx:
            await store_callback(tx, await request.read(), now())
        return web.json_response({"resCode": "00", "resDesc": "success", "transactionId": ""})

    app = web.Application()
    app.router.add_post("/callbacks/scb", hear)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/callbacks/scb"
    finally:
        await runner.cleanup()


async def _authorized(farm: Farm, bank: RunningBank) -> UUID:
    member = await farm.payee()
    bank.books.put_accounts([farm.bank_account_of(member)])
    intent = await farm.submit(member, "100.00")
    await farm.sign(farm.manager, [intent.id])
    return intent.id


@pytest.mark.parametrize(
    ("faults", "end"),
    [
        ([FaultRule(fault=Fault.CONFIRM_FAILED, call="confirm", code="112")], "failed"),
        ([FaultRule(fault=Fault.NAME_MISMATCH)], "failed"),
        ([FaultRule(fault=Fault.CALLBACK_WRONG_AMOUNT)], "settled"),
    ],
    ids=["of what failed", "of what was never confirmed", "of another amount"],
)
async def test_a_callback_settles_nothing(farm: Farm, tmp_path: Path, faults: list[FaultRule], end: str) -> None:
    held = farm.balance("NSN", Purpose.FUNDING)
    async with _inbox(farm) as url, running_bank(bank_dir(tmp_path), callback_url=url) as bank:
        intent = await _authorized(farm, bank)
        for fault in (FaultRule(fault=Fault.CALLBACK_FALSE), *faults):
            bank.faults.set(fault)
        async with farm.executor_at(bank):
            assert await farm.reaches(intent, "settled", "failed", "in_doubt") == end
            await eventually(lambda: bank.callbacks.pending() == 0)
            read = "select count(*) filter (where outcome = 'stored'), count(*) from sheaf.callback_inbox"
            await eventually(lambda: farm.query(read)[0][0] == 0 < farm.query(read)[0][1])
        paid = [one.amount for one in bank.books.transactions() if one.status == "CONFIRM_COMPLETED"]
    assert paid == ([10000] if end == "settled" else [])
    assert farm.query("select state, failure_text from sheaf.intent where id = %s", intent)[0][0] == end
    assert held[0] - farm.balance("NSN", Purpose.FUNDING)[0] == sum(paid)
