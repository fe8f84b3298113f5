"""Real processes of the server for the matrix: an API worker or an executor that the kernel kills at a failpoint."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from multidict import MultiDict

from lab.simulation.bank import SimulatedChannel
from lab.simulation.company import VAULT, Slot, account_of, slot
from lab.simulation.link import FastLoop, Link
from lab.simulation.schedule import quiet
from lab.simulation.servers import PatientExecutor, dispatcher
from server import failpoints
from server.channels.base import AccountName, Announcement, Confirmation, Finding, PaymentOrder, Standing, Unknown
from server.channels.internal import InternalChannel, InternalSettings
from server.context import Policy, Services
from server.database.roles import API, EXECUTOR, role_url
from server.database.transaction import Database, Row
from server.http import store
from server.http.asked import Asked
from server.workers.payments import ExecutorSettings
from shared.banks import AccountNumber
from shared.ids import uuid7_from
from shared.wire.table import BY_NAME

SETTINGS = ExecutorSettings(
    idle_poll=15.0,
    housekeeping=20.0,
    lease=600.0,
    retry_delay=5.0,
    inquiry_schedule=(5.0, 10.0, 10.0, 20.0, 40.0),
)
POLLS = {"_inquire": 6.0, "_answer_checks": 3600.0, "learn_branches": 3600.0}


@dataclass(frozen=True)
class Job:
    """What a process is started with; `begun` is the fast loop's time at which the slot's day began."""

    kind: str
    point: str
    url: str
    secret: str
    slot: int
    begun: float
    policy: Policy


class OneBranch(Database):
    """Sees only the branches of its day: the others of this database are other days'."""

    def __init__(self, url: str, services: Services, branches: Sequence[Row]) -> None:
        super().__init__(url, services, connections=10, name="sheaf simulation")
        self._branches = list(branches)

    async def all_branches(self) -> list[Row]:
        return self._branches


class DistantChannel(SimulatedChannel):
    """The channel of a real process: the bank is in another one."""

    def __init__(self, link: Link, place: Slot) -> None:
        self._link = link
        self.payer_account = account_of(place)

    async def initiate(self, order: PaymentOrder, now: datetime) -> Announcement:
        answer: Announcement = await self._link.ask("initiate", order, now)
        return answer

    async def confirm(self, order: PaymentOrder, token: str, now: datetime) -> Confirmation:
        answer: Confirmation = await self._link.ask("confirm", order, token, now)
        return answer

    async def inquire(self, order: PaymentOrder, token: str, now: datetime) -> Standing:
        answer: Standing = await self._link.ask("inquire", order, token, now)
        return answer

    async def find(self, order: PaymentOrder, now: datetime) -> Finding:
        found: Finding = await self._link.ask("find", order, now)
        return found

    async def verify(self, bank_code: str, account_number: AccountNumber, now: datetime) -> AccountName | Unknown:
        answer: AccountName | Unknown = await self._link.ask("verify", bank_code, account_number, now)
        return answer

    async def probe(self, now: datetime) -> Unknown | None:
        answer: Unknown | None = await self._link.ask("probe", now)
        return answer


def services(place: Slot, begun: float, policy: Policy) -> Services:
    """What a real process of a day is given."""
    return Services(
        vault=VAULT,
        clock=lambda: place.begins + timedelta(seconds=asyncio.get_running_loop().time() - begun),
        new_id=lambda now: uuid7_from(int(now.timestamp() * 1000), os.urandom(10)),
        policy=policy,
    )


def main(job: Job, end: socket.socket) -> None:
    """Work until killed, by itself or by whoever started it."""
    quiet()
    if job.point:
        failpoints.kill_at(job.point)
    work = _api if job.kind == "api" else _executor
    with asyncio.Runner(loop_factory=FastLoop) as runner:
        runner.run(work(job, end))


async def _api(job: Job, end: socket.socket) -> None:
    place = slot(job.slot)
    own = services(place, job.begun, job.policy)
    database = OneBranch(role_url(job.url, API, job.secret), own, place.branches)
    dispatch = dispatcher(database, place)

    async def answer(what: str, *args: Any) -> Any:
        if what == "callback":
            async with database.transaction(()) as tx:
                return await store.store_callback(tx, args[0], own.clock())
        verb, call, path, query = args
        return await dispatch.run(Asked(verb=BY_NAME[verb], call=call, path=path, query=MultiDict(query)))

    await Link(answer).run(end)


async def _executor(job: Job, end: socket.socket) -> None:
    url = role_url(job.url, EXECUTOR, job.secret)
    place = slot(job.slot)
    own = services(place, job.begun, job.policy)

    async def answer(what: str) -> None:
        executor.wake()

    link = Link(answer)
    channels = {"scb": DistantChannel(link, place), "internal": InternalChannel(InternalSettings())}
    executor = PatientExecutor(OneBranch(url, own, place.branches), url, own, channels, SETTINGS, polls=POLLS)
    line = asyncio.create_task(link.run(end))
    running = asyncio.create_task(executor.run(asyncio.Event()))
    await asyncio.wait((line, running), return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        running.result()
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
