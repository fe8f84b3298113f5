"""What was handed over leaves when its undo window ends, however timers behave; until then it counts as a duplicate."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from desktop.core import deliver, texts
from desktop.core.answers import Offline
from desktop.core.desk import Desk
from desktop.core.forms import BatchForm, PaymentForm
from desktop.core.screens.batch import Batch
from desktop.core.screens.payment import NewPayment
from desktop.core.screens.similar import UNSENT
from desktop.core.screens.sync_screen import SyncScreen
from desktop.core.store.outbox import EventKind, EventState, new_event_id
from desktop.core.sync import Pill
from shared.money import Satang
from shared.wire.payments import IntentLine, SubmitIntentRequest
from tests.desktop.core.fake_server import REQUEST, FakeServer, intent, member, uid
from tests.waiting import eventually

SOON = 8.0
"""Seconds: far more than the windows of these tests, far less than the 30 of a poll."""


async def hold(desk: Desk, window: timedelta, *, amount: str = "100.00") -> str:
    request = SubmitIntentRequest(branch="NSN", member_id=uid(1), account_version=1, amount=amount)
    body = msgspec.json.encode(PaymentForm(member_id=str(uid(1)), request=request))
    event_id, now = new_event_id(), desk.now()
    await desk.outbox.submit(EventKind.PAYMENT, body, event_id=event_id, user_id=str(uid(7)), now=now, due=now + window)
    return event_id


def undo_seconds(desk: Desk, seconds: int) -> None:
    desk.settings = msgspec.structs.replace(desk.settings, undo_seconds=seconds)


async def filled(desk: Desk, amount: str = "48250", ticket: str = "W-1") -> NewPayment:
    screen = NewPayment(desk)
    await screen.choose_member(uid(1))
    screen.edit(amount=amount, amount_again=amount, weigh_ticket=ticket)
    await screen.check()
    return screen


async def test_what_an_earlier_run_left_in_its_window_leaves_when_that_ends(desk: Desk, server: FakeServer) -> None:
    server.members = [member(1)]
    await hold(desk, timedelta(seconds=0.7))
    await desk.sign_in("mali", "secret")
    await eventually(lambda: desk.sync.status.pill is Pill.ONLINE)
    assert server.intents == []
    await eventually(lambda: len(server.intents) == 1, SOON)


@pytest.mark.parametrize("early", [0.9, 0.99])
async def test_a_timer_that_comes_too_early_costs_nothing(
    desk: Desk, server: FakeServer, monkeypatch: pytest.MonkeyPatch, early: float
) -> None:
    server.members, server.feed = [member(1)], [member(1)]
    undo_seconds(desk, 1)
    await desk.sign_in("mali", "secret")
    await eventually(lambda: desk.sync.status.pulled_at is not None)
    loop = asyncio.get_running_loop()
    call_at = loop.call_at

    def hasty(when: float, callback: Callable[..., Any], *given: Any, **more: Any) -> asyncio.TimerHandle:
        now = loop.time()
        return call_at(now + (when - now) * early, callback, *given, **more)

    monkeypatch.setattr(loop, "call_at", hasty)
    monkeypatch.setattr(loop, "call_later", lambda delay, *given, **more: hasty(loop.time() + delay, *given, **more))
    screen = NewPayment(desk)
    await screen.choose_member(uid(1))
    screen.edit(amount="5", amount_again="5")
    server.extra["GET", f"/members/{uid(1)}/validation"] = lambda request, body: FakeServer.problem(503, "overloaded")
    await screen.check()
    handed_over = loop.time()
    assert await screen.submit() is not None
    await eventually(lambda: len(server.intents) == 1, SOON)
    assert loop.time() - handed_over > 0.9


async def test_a_pull_without_an_end_in_sight_does_not_keep_a_payment(signed_in: Desk, server: FakeServer) -> None:
    server.members = [member(1)]
    server.feed = [member(number) for number in range(1, 40)]
    pages: list[str] = []

    def page(request: Any, body: bytes) -> Any:
        pages.append(request.query.get("cursor", ""))
        if len(pages) > 2000:
            return FakeServer.problem(503, "overloaded")
        reply = msgspec.json.decode(server.do_sync(request, body).body)
        reply["more"] = not server.intents
        reply["cursor"] = str(len(pages) % 3)
        return reply

    server.extra["GET", "/sync"] = page
    await hold(signed_in, timedelta(seconds=0.2))
    assert await signed_in.sync.once() is None
    assert len(server.intents) == 1


async def test_looking_at_the_outbox_without_a_connection_does_not_say_online(
    signed_in: Desk, server: FakeServer
) -> None:
    server.html = True
    event_id = await hold(signed_in, timedelta(seconds=60))
    assert isinstance(await signed_in.sync.once(), Offline)
    assert await SyncScreen(signed_in).discard(event_id)
    assert signed_in.sync.status.pill is Pill.OFFLINE
    assert signed_in.sync.status.offline_since is not None


@pytest.mark.parametrize(
    ("amount", "ticket"),
    [("48250", "W-1"), ("48,250.00", ""), ("๔๘๒๕๐", "W-2"), ("1", "W-1"), ("1", " w-1 "), ("1", "Ｗ‑๑")],
    ids=["both", "amount", "thai digits", "ticket", "ticket in small letters", "ticket in other letters"],
)
async def test_what_waits_in_the_desk_is_a_duplicate_at_once(ready: Desk, amount: str, ticket: str) -> None:
    undo_seconds(ready, 8)
    assert await (await filled(ready)).submit() is not None
    again = await filled(ready, amount, ticket)
    assert again.checks is not None
    assert [found.state for found in again.checks.duplicates] == [UNSENT]
    assert again.may_submit.why_not == texts.NEEDS_REASON
    assert await again.submit() is None


@pytest.mark.parametrize("state", [EventState.QUEUED, EventState.SENDING])
async def test_it_stays_one_until_the_server_has_answered(ready: Desk, server: FakeServer, state: EventState) -> None:
    await (await filled(ready)).submit()
    if state is EventState.SENDING:
        server.hold = asyncio.Event()
        pushing = asyncio.create_task(ready.sync.once())
        await eventually(lambda: "POST /intents" in server.calls)
    else:
        await ready.outbox.release_due(ready.now() + timedelta(minutes=1))
    again = await filled(ready)
    assert again.may_submit.why_not == texts.NEEDS_REASON
    if server.hold is not None:
        server.hold.set()
        await pushing
        await eventually(lambda: again.checks is not None and again.checks.duplicates[0].state == "validated")
        assert again.may_submit.why_not == texts.NEEDS_REASON


async def test_drafts_refused_and_undone_ones_are_none(ready: Desk, server: FakeServer) -> None:
    undo_seconds(ready, 8)
    one = await filled(ready)
    await one.submit()
    assert await one.undo()
    assert (await filled(ready)).may_submit.enabled
    undo_seconds(ready, 0)
    server.members = [member(1, version=2)]
    await (await filled(ready, "7", "W-7")).submit()
    await ready.sync.once()
    assert ready.sync.status.attention == 1
    assert (await filled(ready, "7", "W-7")).may_submit.enabled


async def test_a_form_that_was_checked_hears_of_what_is_handed_over_meanwhile(ready: Desk, server: FakeServer) -> None:
    undo_seconds(ready, 8)
    one, other = await filled(ready), await filled(ready)
    assert one.may_submit.enabled
    await other.submit()
    assert await one.submit() is None
    assert one.may_submit.why_not == texts.NEEDS_REASON
    third = await filled(ready, "9", "W-9")
    assert third.may_submit.enabled
    server.publish(intent(1, msgspec.structs.replace(REQUEST, weigh_ticket="W-9")))
    await ready.sync.once()
    await eventually(lambda: third.may_submit.why_not == texts.NEEDS_REASON)


async def test_the_lines_of_a_waiting_batch_count_and_its_file_is_known(ready: Desk) -> None:
    line = IntentLine(member_id=uid(1), account_version=1, amount="48250.00", weigh_ticket="W-8")
    form = BatchForm(file_name="a.xlsx", file_sha256="ab" * 32, branch="NSN", total="48250.00", lines=(line,))
    now = ready.now()
    await ready.outbox.submit(
        EventKind.BATCH, msgspec.json.encode(form), event_id=new_event_id(), user_id=str(uid(7)), now=now,
        due=now + timedelta(seconds=8),
    )  # fmt: skip
    assert (await filled(ready)).may_submit.why_not == texts.NEEDS_REASON
    assert (await filled(ready, "3", "W-8")).may_submit.why_not == texts.NEEDS_REASON
    assert (await filled(ready, "3", "W-3")).may_submit.enabled
    screen = Batch(ready)
    screen.form = msgspec.structs.replace(screen.form, file_sha256="ab" * 32)
    await screen._warn_if_sent_before()
    assert screen.sent_before == texts.FILE_WAITS


async def test_a_kept_sum_is_no_duplicate_of_another_way(ready: Desk) -> None:
    undo_seconds(ready, 8)
    await (await filled(ready)).submit()
    screen = await filled(ready)
    screen.edit(way="withdraw")
    await screen.check()
    assert screen.checks is not None
    assert screen.checks.duplicates == ()
    assert Satang(4825000) == screen.amount


@pytest.mark.parametrize("becomes_due", [timedelta(seconds=-1), timedelta(seconds=0.3)], ids=["before it", "meanwhile"])
async def test_a_long_batch_keeps_no_payment_and_one_that_hangs_is_put_back(
    signed_in: Desk, server: FakeServer, monkeypatch: pytest.MonkeyPatch, becomes_due: timedelta
) -> None:
    server.members = [member(1)]
    begun, over = asyncio.Event(), asyncio.Event()

    async def endless(*_given: Any) -> Offline:
        begun.set()
        await over.wait()
        return Offline(reason="lost")

    monkeypatch.setitem(deliver._BY_KIND, EventKind.BATCH, endless)
    now, batch = signed_in.now(), new_event_id()
    body = msgspec.json.encode(BatchForm(file_sha256="ab" * 32))
    await signed_in.outbox.submit(EventKind.BATCH, body, event_id=batch, user_id=str(uid(7)), now=now, due=now)
    await hold(signed_in, becomes_due)
    pushing = asyncio.create_task(signed_in.sync.once())
    await begun.wait()
    await eventually(lambda: len(server.intents) == 1, SOON)
    assert not pushing.done()
    over.set()
    assert await pushing == Offline(reason="lost")
    event = await signed_in.outbox.get(batch)
    assert event is not None
    assert event.state is EventState.QUEUED


async def test_ending_while_a_batch_is_sent_puts_it_back(signed_in: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = asyncio.Event()

    async def endless(*_given: Any) -> Offline:
        begun.set()
        await asyncio.Event().wait()
        return Offline(reason="never")

    monkeypatch.setitem(deliver._BY_KIND, EventKind.BATCH, endless)
    now, batch = signed_in.now(), new_event_id()
    await signed_in.outbox.submit(EventKind.BATCH, b"{}", event_id=batch, user_id=str(uid(7)), now=now, due=now)
    pushing = asyncio.create_task(signed_in.sync.once())
    await begun.wait()
    pushing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await pushing
    event = await signed_in.outbox.get(batch)
    assert event is not None
    assert event.state is EventState.QUEUED
