"""New payment: name before amount, amount twice, any edit voids the checks, typing survives kill -9."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import msgspec

from desktop.core import texts
from desktop.core.desk import Desk
from desktop.core.device_key import DeviceKey, open_device_key
from desktop.core.forms import PaymentForm
from desktop.core.screens.payment import NewPayment
from desktop.core.screens.sync_screen import SyncScreen
from desktop.core.store.outbox import EventState, Outbox
from tests.desktop.core.fake_server import REQUEST, FakeServer, intent, member, uid, validation
from tests.waiting import eventually


async def filled(desk: Desk) -> NewPayment:
    screen = NewPayment(desk)
    await screen.choose_member(uid(1))
    screen.edit(amount="48,250", amount_again="48250.00", weigh_ticket="W-1")
    return screen


async def test_the_name_comes_before_the_amount(ready: Desk) -> None:
    screen = NewPayment(ready)
    assert screen.may_type_amount.why_not == texts.CHOOSE_MEMBER
    await screen.choose_member(uid(1))
    assert screen.may_type_amount.enabled
    assert screen.member is not None


async def test_the_amount_is_typed_twice_and_the_difference_is_said(ready: Desk) -> None:
    screen = await filled(ready)
    screen.edit(amount_again="48,520")
    assert screen.difference == 27_000
    assert screen.may_check.why_not == texts.AMOUNT_TWICE
    screen.edit(amount_again="๔๘๒๕๐")
    assert screen.difference == 0
    assert screen.words is not None
    assert screen.words.th == "สี่หมื่นแปดพันสองร้อยห้าสิบบาทถ้วน"


async def test_any_edit_makes_the_checks_void(ready: Desk) -> None:
    screen = await filled(ready)
    assert screen.may_submit.why_not == texts.CHECK_FIRST
    await screen.check()
    assert screen.may_submit.enabled
    screen.edit(note="one more word")
    assert screen.may_submit.why_not == texts.CHECK_FIRST
    assert await screen.submit() is None


async def test_a_changed_account_makes_the_checks_void(ready: Desk, server: FakeServer) -> None:
    screen = await filled(ready)
    await screen.check()
    server.publish(member(1, version=2, last4="9999"))
    await ready.sync.once()
    await eventually(lambda: screen.form.account_version == 2)
    assert not screen.may_submit.enabled


async def test_a_member_who_may_not_be_paid_says_why(ready: Desk, server: FakeServer) -> None:
    server.extra["GET", f"/members/{uid(1)}/validation"] = lambda request, body: validation(1, payable=False)
    screen = await filled(ready)
    await screen.check()
    assert screen.may_submit.why_not is not None
    assert screen.may_submit.why_not.en == "Not active"


async def test_a_possible_duplicate_needs_a_reason(ready: Desk, server: FakeServer) -> None:
    server.publish(intent(1, msgspec.structs.replace(REQUEST, weigh_ticket="W-1")))
    await ready.sync.once()
    screen = await filled(ready)
    await screen.check()
    assert screen.checks is not None
    assert len(screen.checks.duplicates) == 1
    assert screen.may_submit.why_not == texts.NEEDS_REASON
    screen.edit(duplicate_reason="second delivery")
    await screen.check()
    assert screen.may_submit.enabled


async def test_undo_within_the_window_gives_the_form_back(ready: Desk, server: FakeServer) -> None:
    ready.settings = msgspec.structs.replace(ready.settings, undo_seconds=8)
    screen = await filled(ready)
    await screen.check()
    event_id = await screen.submit()
    assert event_id is not None
    await ready.sync.once()
    assert server.intents == []
    assert await screen.undo()
    assert screen.form.amount == "48,250"
    assert screen.form.request is None


async def test_a_submitted_payment_is_what_was_typed(ready: Desk, server: FakeServer) -> None:
    screen = await filled(ready)
    await screen.check()
    await screen.submit()
    await ready.sync.once()
    assert [(i.amount, i.weigh_ticket) for i in server.intents] == [("48250.00", "W-1")]


async def test_a_refused_payment_can_be_mended_as_a_new_event(ready: Desk, server: FakeServer) -> None:
    screen = await filled(ready)
    await screen.check()
    old = await screen.submit()
    server.members = [member(1, version=2)]
    await ready.sync.once()
    outbox = SyncScreen(ready)
    await outbox.load()
    row = outbox.rows[0]
    assert row.answer is not None
    assert row.mend.enabled
    mended = NewPayment(ready)
    await mended.resume(row.event)
    assert mended.form.amount == "48,250"
    assert mended.draft.event_id != old


CHILD = """
import asyncio, sys
from pathlib import Path
from desktop.core.desk import Desk
from desktop.core.device_key import open_device_key
from desktop.core.screens.payment import NewPayment
from desktop.core.settings import Settings

async def main():
    directory = Path(sys.argv[1])
    desk = Desk(directory, open_device_key(directory, pin="246810"), Settings(server="http://127.0.0.1:9"))
    screen = NewPayment(desk)
    screen.edit(amount="48,250", weigh_ticket="W-7")
    while not await desk.outbox.events():
        await asyncio.sleep(0.01)
    print(screen.draft.event_id, flush=True)
    await asyncio.Event().wait()  # until it is killed

asyncio.run(main())
"""


def typed_and_killed(directory: Path) -> str:
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(directory)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    event_id = child.stdout.readline().strip()
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    return event_id


async def test_what_was_typed_is_there_after_kill_9(tmp_path: Path) -> None:
    event_id = typed_and_killed(tmp_path)
    key = open_device_key(tmp_path, pin="246810")
    assert isinstance(key, DeviceKey)
    outbox = Outbox(tmp_path, key.store_key, key.sign)
    (event,) = await outbox.events()
    outbox.close()
    form = msgspec.json.decode(event.body, type=PaymentForm)
    assert (event.id, event.state) == (event_id, EventState.DRAFT)
    assert (form.amount, form.weigh_ticket) == ("48,250", "W-7")
