"""What an executor may conclude when a confirm may still be on its way, and who cares for what was left under way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import psycopg

from lab.sandbox_bank.bank import RunningBank
from lab.sandbox_bank.faults import Fault, FaultRule
from server.channels import open_channel
from server.channels.base import NOT_SENT, Accepted, Channel, PaymentOrder, Pending, Rejected, Unknown
from server.channels.scb import ScbChannel
from server.context import Actor
from server.database.roles import EXECUTOR, role_url
from server.database.transaction import Database
from server.executing import sending
from server.workers.payments import Executor
from shared.evidence import Evidence
from shared.wire.payments import IntentView
from tests.conftest import ROLE_SECRET
from tests.lab.sandbox_bank.fixtures import running_bank, scb_settings
from tests.members.world import CODES, SERVICES
from tests.payments.farm import QUICK, Farm, bank_dir, now
from tests.waiting import eventually

PATIENT = replace(QUICK, idle_poll=60.0)
"""Looks for something to send once at its start, and then only inquires and keeps house."""


class _LateConfirm(ScbChannel):
    """The first confirm is on its way until `arrives` is set; the second one never leaves."""

    def __init__(self, real: Channel) -> None:
        self.__dict__ = real.__dict__
        self.arrives = asyncio.Event()
        self.confirms = 0
        self.first: asyncio.Task[Accepted | Pending | Rejected | Unknown] | None = None

    async def confirm(self, order: PaymentOrder, token: str, now: datetime) -> Accepted | Pending | Rejected | Unknown:
        self.confirms += 1
        if self.confirms == 1:
            self.first = asyncio.create_task(self._later(order, token, now))
            return Unknown(Evidence.NO_ANSWER)
        return Rejected(NOT_SENT, "the bank does not answer", retryable_as_new_attempt=True)

    async def _later(self, order: PaymentOrder, token: str, now: datetime) -> Accepted | Pending | Rejected | Unknown:
        await self.arrives.wait()
        return await super().confirm(order, token, now)


@asynccontextmanager
async def _executor(farm: Farm, channel: Channel) -> AsyncIterator[Executor]:
    url = role_url(farm.url, EXECUTOR, ROLE_SECRET)
    database, stop = Database(url, SERVICES, connections=5), asyncio.Event()
    executor = Executor(database, url, SERVICES, {"scb": channel}, QUICK)
    running = asyncio.create_task(executor.run(stop))
    try:
        yield executor
    finally:
        stop.set()
        await running
        await channel.close()
        await database.close()


async def _authorized(farm: Farm, bank: RunningBank) -> IntentView:
    member = await farm.payee()
    bank.books.put_accounts([farm.bank_account_of(member)])
    intent = await farm.submit(member)
    await farm.sign(farm.manager, [intent.id])
    return intent


def _paid(bank: RunningBank) -> list[int]:
    return [one.amount for one in bank.books.transactions() if one.status == "CONFIRM_COMPLETED"]


def _attempts(farm: Farm, intent_id: UUID) -> int:
    sent = "select count(*) from sheaf.intent_event where intent_id = %s and state = 'sent'"
    return int(farm.query(sent, intent_id)[0][0])


async def test_a_second_confirm_that_was_not_sent_proves_nothing_about_the_first(farm: Farm, tmp_path: Path) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        intent = await _authorized(farm, bank)
        channel = _LateConfirm(open_channel("scb", scb_settings(bank.description)))
        async with _executor(farm, channel):
            await eventually(lambda: channel.confirms >= 2)
            channel.arrives.set()
            assert await farm.reaches(intent.id, "settled", "failed") == "settled"
        assert _paid(bank) == [10000]
    assert _attempts(farm, intent.id) == 1


async def test_what_is_no_longer_approved_is_not_confirmed_again(farm: Farm, tmp_path: Path) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        member = await farm.payee()
        bank.books.put_accounts([farm.bank_account_of(member)])
        intent = await farm.submit(member)
        await farm.sign(farm.second_manager, [intent.id])
        bank.faults.set(FaultRule(fault=Fault.TLS_RESET, call="confirm"))
        async with farm.executor_at(bank, replace(QUICK, inquiry_schedule=(3600.0,))):
            await farm.reaches(intent.id, "in_doubt")
        bank.faults.clear()
        farm.query("update sheaf.device set state = 'revoked' where id = %s", farm.second_manager.actor.device)
        async with farm.executor_at(bank):
            await eventually(lambda: _evidence(farm, intent.id) == Evidence.NOT_APPROVED)
        assert farm.state(intent.id) == "in_doubt"
        assert not _paid(bank)


def _evidence(farm: Farm, intent_id: UUID) -> str:
    return str(farm.query("select evidence from sheaf.attempt where intent_id = %s", intent_id)[0][0])


async def test_a_claim_whose_commit_was_cut_off_is_not_forgotten(farm: Farm, tmp_path: Path) -> None:
    """The attempt stands in the database under the living executor's own id, and nobody works on it."""
    async with running_bank(bank_dir(tmp_path)) as bank, farm.executor_at(bank, PATIENT):
        executor = await _registered(farm)
        intent = await _authorized(farm, bank)
        database = Database(role_url(farm.url, EXECUTOR, ROLE_SECRET), SERVICES, connections=1)
        async with database.transaction(tuple(CODES.values())) as tx:
            claimed_at = now() - timedelta(minutes=3)
            # the bank had vouched for the account by then
            farm.query("update sheaf.account_check set checked_at = %s", claimed_at - timedelta(minutes=1))
            await sending.claim(
                tx, Actor(name="executor"), executor, {sending.Lane(CODES["NSN"], "scb"): 1}, (), claimed_at
            )
        await database.close()
        assert farm.state(intent.id) == "sent"
        assert await farm.reaches(intent.id, "authorized", "in_doubt", "failed") == "authorized"


async def _registered(farm: Farm) -> int:
    """The id of the executor that has just been started."""
    before = _executors(farm)
    await eventually(lambda: _executors(farm) > before)
    return _executors(farm)


def _executors(farm: Farm) -> int:
    return int(farm.query("select coalesce(max(id), 0) from sheaf.executor")[0][0])


async def test_a_younger_dead_executors_work_is_taken_over_by_an_older_living_one(farm: Farm, tmp_path: Path) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        async with farm.executor_at(bank, PATIENT):
            await _registered(farm)
            intent = await _authorized(farm, bank)
            bank.faults.set(FaultRule(fault=Fault.LOST_ANSWER, times=1))
            async with farm.executor_at(bank, replace(QUICK, inquiry_schedule=(3600.0,))):
                await farm.reaches(intent.id, "in_doubt")
            assert await farm.reaches(intent.id, "settled", "failed") == "settled"
        assert _paid(bank) == [10000]


async def test_a_signer_who_has_left_the_branch_sends_nothing_there(farm: Farm, tmp_path: Path) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        intent = await _authorized(farm, bank)
        with psycopg.connect(farm.url) as owner:
            owner.execute("set session_replication_role = replica")
            owner.execute("update sheaf.app_user set branch_id = 0 where id = %s", [farm.manager.actor.user])
        async with farm.executor_at(bank):
            assert await farm.reaches(intent.id, "settled", "cancelled", "failed") == "cancelled"
        assert bank.books.transactions() == []
