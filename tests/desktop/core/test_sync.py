"""Pull and push: pages, news, lost answers, ended sessions; no history loses or doubles a payment."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop.core.answers import Offline, Problem
from desktop.core.desk import Desk
from desktop.core.device_key import DeviceKey, open_device_key
from desktop.core.forms import PaymentForm
from desktop.core.operations import payments
from desktop.core.settings import Settings
from desktop.core.store import queries
from desktop.core.store.outbox import EventKind, EventState, Outbox, new_event_id
from desktop.core.sync import Pill
from shared.wire.payments import SubmitIntentRequest
from tests.desktop.core.conftest import MemoryGuard
from tests.desktop.core.fake_server import FakeServer, member, uid
from tests.waiting import eventually


async def pay(desk: Desk, *, member_number: int = 1, account_version: int = 1, amount: str = "100.00") -> str:
    request = SubmitIntentRequest(
        branch="NSN", member_id=uid(member_number), account_version=account_version, amount=amount
    )
    event_id = new_event_id()
    body = msgspec.json.encode(PaymentForm(member_id=str(uid(member_number)), request=request))
    await desk.outbox.submit(
        EventKind.PAYMENT, body, event_id=event_id, user_id=str(uid(7)), now=desk.now(), due=desk.now()
    )
    return event_id


async def test_pages_are_pulled_until_there_is_no_more(signed_in: Desk, server: FakeServer) -> None:
    server.feed = [member(number) for number in range(1, 9)]
    heard: list[str] = []
    seen: list[Pill] = []
    signed_in.sync.changed.add(lambda changes: heard.extend(changes["members"]))
    signed_in.sync.status_changed.add(lambda status: seen.append(status.pill))
    assert await signed_in.sync.once() is None
    assert len(heard) == 8
    assert seen == [Pill.SYNCING, Pill.SYNCING, Pill.ONLINE]
    assert await signed_in.cache.cursor() == "8"


async def test_what_a_restored_server_has_forgotten_is_listed_and_offered_again_under_its_old_key(
    signed_in: Desk, server: FakeServer
) -> None:
    server.members = [member(1)]
    event = await pay(signed_in)
    await signed_in.sync.once()
    sent = await signed_in.outbox.get(event)
    assert sent is not None
    assert sent.state is EventState.DONE
    server.feed, server.gone = [], True
    server.by_key.clear()
    assert await signed_in.sync.once() is None
    lost = await signed_in.outbox.get(event)
    assert lost is not None
    assert (lost.state, lost.progress) == (EventState.NEEDS_ATTENTION, b"{}")
    assert b"restore.lost" in lost.answer
    assert signed_in.sync.status.pill is Pill.ATTENTION
    await signed_in.outbox.retry(event)
    assert await signed_in.sync.once() is None
    again = await signed_in.outbox.get(event)
    assert again is not None
    assert (again.state, again.id) == (EventState.DONE, event)
    await signed_in.sync.once()
    done = await signed_in.outbox.get(event)
    assert done is not None
    assert done.state is EventState.DONE


async def test_a_cursor_that_is_gone_rebuilds_the_cache_and_keeps_the_outbox(
    signed_in: Desk, server: FakeServer
) -> None:
    server.feed = [member(1)]
    await signed_in.sync.once()
    await signed_in.outbox.save_draft(EventKind.PAYMENT, b"{}", draft_id="d", user_id="u", now=signed_in.now())
    server.gone, server.feed = True, [member(2)]
    assert await signed_in.sync.once() is None
    assert await signed_in.cache.read(lambda c: queries.count(c, "members")) == 1
    assert await signed_in.cache.get("members", str(uid(2))) is not None
    assert [event.id for event in await signed_in.outbox.events()] == ["d"]


async def test_news_bring_what_changed_without_polling(desk: Desk, server: FakeServer) -> None:
    await desk.sign_in("mali", "secret")
    await eventually(lambda: bool(server.listeners))
    await eventually(lambda: desk.sync.status.pill is Pill.ONLINE)
    changed: list[str] = []
    desk.sync.changed.add(lambda changes: changed.extend(changes.get("members", ())))
    server.publish(member(5))
    await eventually(lambda: changed == [str(uid(5))])


async def test_a_payment_reaches_the_server_and_the_cache(signed_in: Desk, server: FakeServer) -> None:
    server.members = [member(1)]
    event_id = await pay(signed_in)
    assert await signed_in.sync.once() is None
    event = await signed_in.outbox.get(event_id)
    assert event is not None
    assert event.state is EventState.DONE
    assert await signed_in.cache.get("intents", str(server.intents[0].id)) is not None


async def test_a_refusal_comes_back_to_the_person_with_its_reason(signed_in: Desk, server: FakeServer) -> None:
    server.members = [member(1, version=2)]
    event_id = await pay(signed_in, account_version=1)
    await signed_in.sync.once()
    event = await signed_in.outbox.get(event_id)
    assert event is not None
    assert event.state is EventState.NEEDS_ATTENTION
    assert msgspec.json.decode(event.answer, type=Problem).code == "member.changed"
    assert signed_in.sync.status.pill is Pill.ATTENTION
    assert server.intents == []


async def test_offline_keeps_the_queue_and_says_how_much(signed_in: Desk, server: FakeServer) -> None:
    await pay(signed_in)
    server.html = True
    assert await signed_in.sync.once() == Offline(reason="html")
    assert signed_in.sync.status.pill is Pill.OFFLINE
    assert signed_in.sync.status.queued == 1
    assert signed_in.sync.status.offline_since is not None


async def test_an_ended_session_with_a_full_outbox_loses_nothing(signed_in: Desk, server: FakeServer) -> None:
    server.members = [member(1)]
    for _ in range(3):
        await pay(signed_in)
    server.shop = server.refresh_token = "revoked"
    await signed_in.sync.once()
    assert signed_in.sync.status.pill is Pill.SIGN_IN
    assert signed_in.sync.status.queued == 3
    await signed_in.sign_in("mali", "secret")
    assert await signed_in.sync.once() is None
    assert len(server.intents) == 3


async def test_a_desk_that_was_shut_out_forgets_the_cache_and_keeps_the_outbox(
    signed_in: Desk, server: FakeServer
) -> None:
    server.feed = [member(1)]
    await signed_in.sync.once()
    await signed_in.outbox.save_draft(EventKind.PAYMENT, b"{}", draft_id="d", user_id="u", now=signed_in.now())
    server.extra["GET", "/sync"] = lambda request, body: server.problem(401, "device.unknown")
    await signed_in.sync.once()
    assert await signed_in.cache.read(lambda c: queries.count(c, "members")) == 0
    assert [event.id for event in await signed_in.outbox.events()] == ["d"]
    assert signed_in.sync.status.pill is Pill.SIGN_IN


async def test_another_person_at_the_desk_does_not_send_ones_work(signed_in: Desk, server: FakeServer) -> None:
    server.members = [member(1)]
    await pay(signed_in)
    assert await signed_in.sender.push(str(uid(99))) is None
    assert server.intents == []


async def test_cancelling_while_sending_puts_the_event_back(signed_in: Desk, server: FakeServer) -> None:
    server.members, server.hold = [member(1)], asyncio.Event()
    event_id = await pay(signed_in)
    task = asyncio.create_task(signed_in.sender.push(str(uid(7))))
    await eventually(lambda: "POST /intents" in server.calls)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    event = await signed_in.outbox.get(event_id)
    assert event is not None
    assert event.state is EventState.QUEUED
    server.hold.set()
    await signed_in.sync.once()
    assert len(server.intents) == 1


STEPS = st.lists(
    st.sampled_from(
        ["pay", "pay", "pay_old", "sync", "lose_answer", "lose_request", "crash", "expire", "change", "settle"]
    ),
    min_size=4,
    max_size=14,
)


class History:
    """One desk, one server, and everything that can go wrong between them."""

    def __init__(self, directory: Path, key: DeviceKey, server: FakeServer) -> None:
        self.directory, self.key, self.server = directory, key, server
        self.submitted: dict[str, int] = {}
        self.version = 1
        self.desk = self.opened()

    def opened(self) -> Desk:
        desk = Desk(self.directory, self.key, Settings(server=self.server.url, undo_seconds=0))
        desk.sync.start = lambda: None  # type: ignore[method-assign]
        return desk

    async def step(self, name: str) -> None:
        server = self.server
        if name in ("pay", "pay_old"):
            seen = self.version if name == "pay" else max(1, self.version - 1)
            self.submitted[await pay(self.desk, account_version=seen)] = seen
        elif name == "lose_answer":
            server.lose += 1
            await self.desk.sync.once()
        elif name == "lose_request":
            server.lose_before += 2
            await self.desk.sync.once()
        elif name == "crash":
            task = asyncio.create_task(self.desk.sync.once())
            await asyncio.sleep(0)
            await self.restart(task)
        elif name == "expire":
            server.shop = "expired"
        elif name == "change":
            self.version += 1
            server.members = [member(1, version=self.version)]
            server.publish(server.members[0])
        elif name == "settle" and server.intents:
            last = server.intents[-1]
            server.intents[-1] = msgspec.structs.replace(last, state="settled", version=last.version + 1)
            server.publish(server.intents[-1])
        else:
            await self.desk.sync.once()

    async def restart(self, task: asyncio.Task[object]) -> None:
        """As after kill -9: whatever the task had not written is gone."""
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await self.desk.close()
        self.desk = self.opened()
        await self.desk.sign_in("mali", "secret")

    async def finish(self) -> None:
        self.server.lose = self.server.lose_before = 0
        await self.desk.sign_in("mali", "secret")
        for _ in range(3):
            await self.desk.sync.once()

    async def judge(self) -> None:
        """The oracles: each submission is either exactly one intent or a refusal that a person can see."""
        server = self.server
        events = {event.id: event for event in await self.desk.outbox.events()}
        assert events.keys() == self.submitted.keys()
        done = [event for event in events.values() if event.state is EventState.DONE]
        refused = [event for event in events.values() if event.state is EventState.NEEDS_ATTENTION]
        assert len(done) + len(refused) == len(events)
        assert sorted(server.by_key) == sorted(event.id for event in done)
        assert len(server.intents) == len(done)
        for key, reply in server.by_key.items():
            assert msgspec.json.decode(reply)["account_version"] == self.submitted[key]
        for view in server.intents:
            assert await self.desk.cache.get("intents", str(view.id)) == view


async def play(steps: list[str]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        key = open_device_key(Path(directory), guard=MemoryGuard())
        assert isinstance(key, DeviceKey)
        server = FakeServer(key.public_key)
        runner = await server.start()
        server.members = [member(1)]
        server.publish(server.members[0])
        history = History(Path(directory), key, server)
        await history.desk.sign_in("mali", "secret")
        try:
            for step in steps:
                await history.step(step)
            await history.finish()
            await history.judge()
        finally:
            await history.desk.close()
            await runner.cleanup()


@given(STEPS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_history_loses_or_doubles_a_payment(steps: list[str]) -> None:
    asyncio.run(play(steps))


def test_a_desk_that_made_a_new_key_for_each_try_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    right = payments.submit_intent
    monkeypatch.setattr(payments, "submit_intent", lambda client, request, key: right(client, request, new_event_id()))
    with pytest.raises(AssertionError):
        asyncio.run(play(["pay", "lose_answer", "sync"]))


def test_a_desk_that_dropped_unanswered_events_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Outbox, "put_back", lambda self, event_id, answer: self.finish(event_id, "done", b""))
    with pytest.raises(AssertionError):
        asyncio.run(play(["pay", "lose_request", "sync"]))
