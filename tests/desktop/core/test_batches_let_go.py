"""A batch that the server refused, or that nobody went on with, holds nothing there: its tickets can be paid."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import psycopg
import pytest

from desktop.core import deliver
from desktop.core.answers import Offline
from desktop.core.desk import Desk
from desktop.core.forms import BatchForm, BatchProgress
from desktop.core.operations import payments
from desktop.core.screens.sync_screen import SyncScreen
from desktop.core.store.outbox import EventKind, EventState, PendingEvent, new_event_id
from server.context import Actor
from server.database.roles import EXECUTOR
from server.executing.expiry import expire
from server.ledger import posting
from server.treasury.funding_store import funding_transfers
from shared.money import Satang, format_amount
from shared.wire.payments import IntentLine, IntentView, SubmitIntentRequest
from tests.conftest import FreshDatabase
from tests.desktop.core.test_against_server import desk_of
from tests.http.shop import stock
from tests.support.api import RunningApi, running_api
from tests.support.world import found_now

_TICKETS = count(1)
MEMBERS: list[UUID] = []


@pytest.fixture(scope="module")
def api(fresh_database: FreshDatabase) -> Iterator[RunningApi]:
    with fresh_database() as url:
        company = found_now(url)
        MEMBERS[:] = asyncio.run(stock(company, 40))
        with running_api(company) as running:
            yield running


@pytest.fixture
async def desk(api: RunningApi, tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_of(api, "cashier.nsn", tmp_path, timedelta(0)) as opened:
        yield opened


def lines(*amounts: int) -> tuple[IntentLine, ...]:
    """Lines of different members with tickets of their own; amounts in baht."""
    return tuple(
        IntentLine(
            member_id=MEMBERS.pop(), account_version=1, amount=f"{baht}.00", weigh_ticket=f"LET-{next(_TICKETS)}"
        )
        for baht in amounts
    )


async def handed_over(desk: Desk, wanted: tuple[IntentLine, ...]) -> str:
    total = sum(int(line.amount.partition(".")[0]) * 100 for line in wanted)
    form = BatchForm(branch="NSN", total=format_amount(Satang(total)), lines=wanted)
    event_id, now = new_event_id(), desk.now()
    body, user = msgspec.json.encode(form), str(desk.session.user_id if desk.session else "")
    await desk.outbox.submit(EventKind.BATCH, body, event_id=event_id, user_id=user, now=now, due=now)
    return event_id


async def push(desk: Desk, event_id: str) -> tuple[PendingEvent, BatchProgress]:
    await desk.sender.push(str(desk.session.user_id if desk.session else ""))
    event = await desk.outbox.get(event_id)
    assert event is not None
    return event, msgspec.json.decode(event.progress, type=BatchProgress)


def rows(api: RunningApi, sql: str, *parameters: object) -> list[Any]:
    with psycopg.connect(api.company.admin_url) as admin:
        return admin.execute(sql, parameters).fetchall()


def batch_states(api: RunningApi, wanted: tuple[IntentLine, ...]) -> list[str]:
    found = rows(
        api,
        """select b.state from sheaf.batch b
           where b.id in (select batch_id from sheaf.intent where weigh_ticket = any(%s)) order by b.id""",
        [line.weigh_ticket for line in wanted],
    )
    return [state for (state,) in found]


async def pays_alone(desk: Desk, line: IntentLine) -> bool:
    """Whether the ticket can be paid by itself now."""
    fields = msgspec.structs.asdict(line) | {"amount": "7.00"}
    answer = await payments.submit_intent(desk.client, SubmitIntentRequest(branch="NSN", **fields), new_event_id())
    return isinstance(answer, IntentView)


async def give(api: RunningApi, baht: int) -> None:
    async with api.company.administration() as database:
        codes = {row["code"]: row["id"] for row in await database.all_branches()}
        async with database.transaction(list(codes.values())) as tx:
            now = api.company.clock()
            await posting.post(tx, funding_transfers(tx, codes["NSN"], "NSN", Satang(baht * 100), "more", now), now)


async def test_a_batch_that_is_refused_at_closing_lets_go_at_once(desk: Desk, api: RunningApi) -> None:
    wanted = lines(1_900_000, 1)
    event, progress = await push(desk, await handed_over(desk, wanted))
    assert (event.state, progress.batch_id, progress.attempt) == (EventState.NEEDS_ATTENTION, "", 1)
    assert b"funds.insufficient" in event.answer
    assert batch_states(api, wanted) == ["cancelled"]
    assert await pays_alone(desk, wanted[1])


async def test_what_was_let_go_of_is_sent_again_as_another_batch(desk: Desk, api: RunningApi) -> None:
    wanted = lines(1_800_000, 2)
    event_id = await handed_over(desk, wanted)
    await push(desk, event_id)
    await give(api, 2_000_000)
    await desk.outbox.retry(event_id)
    event, _ = await push(desk, event_id)
    assert (event.state, batch_states(api, wanted)) == (EventState.DONE, ["cancelled", "validated"])


async def test_a_batch_that_is_refused_in_the_middle_lets_go(
    desk: Desk, api: RunningApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver, "CHUNK", 1)
    wanted = lines(10, 11, 12)
    assert await pays_alone(desk, wanted[2])
    event, progress = await push(desk, await handed_over(desk, wanted))
    assert (event.state, [line.line for line in progress.refused]) == (EventState.NEEDS_ATTENTION, [3])
    assert batch_states(api, wanted[:2]) == ["cancelled"]
    assert await pays_alone(desk, wanted[0])


async def test_what_could_not_be_let_go_of_at_once_is_by_discarding(
    desk: Desk, api: RunningApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = payments.cancel_batch

    async def no_connection(*_: object) -> Offline:
        return Offline(reason="lost")

    monkeypatch.setattr(payments, "cancel_batch", no_connection)
    wanted = lines(1_900_001 * 2, 1)
    event_id = await handed_over(desk, wanted[1:])
    monkeypatch.setattr(payments, "close_batch", _refusing(payments.close_batch))
    event, progress = await push(desk, event_id)
    assert (event.state, progress.let_go, batch_states(api, wanted)) == (EventState.NEEDS_ATTENTION, True, ["open"])
    screen = SyncScreen(desk)
    await screen.load()
    assert next(row for row in screen.rows if row.event.id == event_id).held
    assert not await screen.discard(event_id)
    assert isinstance(screen.failure, Offline)
    monkeypatch.setattr(payments, "cancel_batch", honest)
    assert await screen.discard(event_id)
    assert (await desk.outbox.get(event_id), batch_states(api, wanted)) == (None, ["cancelled"])
    screen.close()
    assert await pays_alone(desk, wanted[1])


def _refusing(honest: Any) -> Any:
    """The server says no: the total is not the one that it counts."""

    async def close(client: Any, request: Any, key: str) -> Any:
        return await honest(client, msgspec.structs.replace(request, total="1.01"), key)

    return close


async def test_what_was_lost_halfway_and_let_go_of_by_the_server_begins_anew(
    desk: Desk, api: RunningApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = payments.close_batch

    async def no_connection(*_: object) -> Offline:
        return Offline(reason="lost")

    monkeypatch.setattr(payments, "close_batch", no_connection)
    wanted = lines(21, 22)
    event_id = await handed_over(desk, wanted)
    event, _ = await push(desk, event_id)
    assert (event.state, batch_states(api, wanted)) == (EventState.QUEUED, ["open"])
    database = api.company.database(role=EXECUTOR, connections=1)
    async with database.transaction([row["id"] for row in await database.all_branches()]) as tx:
        worker = Actor(name="executor")
        await expire(tx, worker, api.company.clock() + timedelta(hours=2))
    await database.close()
    assert batch_states(api, wanted) == ["cancelled"]
    monkeypatch.setattr(payments, "close_batch", honest)
    event, _ = await push(desk, event_id)
    assert (event.state, batch_states(api, wanted)) == (EventState.DONE, ["cancelled", "validated"])


async def test_a_batch_that_was_submitted_is_not_discarded_behind_anybodys_back(desk: Desk, api: RunningApi) -> None:
    wanted = lines(31)
    event_id = await handed_over(desk, wanted)
    event, progress = await push(desk, event_id)
    assert event.state is EventState.DONE
    assert progress.batch_id
    failure = await deliver.let_go_of(desk.client, event)
    assert failure is not None
    assert batch_states(api, wanted) == ["validated"]
