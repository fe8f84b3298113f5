"""The local files: encrypted, whole after kill -9 and after updates, newest version wins, no outbox is lost."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from desktop.core.store import cache as cache_module
from desktop.core.store import queries
from desktop.core.store.cache import Cache
from desktop.core.store.database import DatabaseError
from desktop.core.store.outbox import EventKind, EventState, Outbox
from shared.wire.members import AccountVerdict, MemberView
from shared.wire.payments import Approvals
from shared.wire.records import SyncReply
from tests.desktop.core.fake_server import REQUEST, intent, member, uid

KEY = bytes(range(32))
NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


def page(cursor: str, *members: MemberView) -> SyncReply:
    return SyncReply(
        cursor=cursor, more=False, remaining=0, server_time="2026-11-21T03:00:00.000Z", members=list(members),
        intents=[], batches=[], bank_changes=[], funding=[],
    )  # fmt: skip


@pytest.fixture
def cache(tmp_path: Path):
    opened = Cache(tmp_path, KEY)
    yield opened
    opened.close()


@pytest.fixture
def outbox(tmp_path: Path):
    opened = Outbox(tmp_path, KEY, lambda data: "signed")
    yield opened
    opened.close()


def all_bytes(directory: Path) -> bytes:
    return b"".join(path.read_bytes() for path in directory.iterdir())


async def found(cache: Cache, text: str) -> list[str]:
    places = await cache.ids(lambda c: queries.member_places(c, text))
    assert places is not None
    return [view.name for view in await cache.page("members", places)]


async def test_a_page_and_its_cursor_come_together(cache: Cache) -> None:
    changes = await cache.apply(page("7", member(1), member(2)))
    assert changes == {"members": {str(UUID(int=1)), str(UUID(int=2))}}
    assert await cache.cursor() == "7"


async def test_an_older_version_never_replaces_a_newer_one(cache: Cache) -> None:
    await cache.apply(page("1", member(1, version=5, last4="5555")))
    assert await cache.apply(page("2", member(1, version=4, last4="4444"))) == {}
    view = await cache.get("members", str(UUID(int=1)))
    assert view is not None
    assert view.account.last4 == "5555"


async def test_what_is_said_of_a_row_changes_without_a_new_version_of_it(cache: Cache) -> None:
    signed = intent(1, REQUEST, version=2)
    void = msgspec.structs.replace(signed, approvals=Approvals(needed=2, given=0, roles=["manager", "treasurer"]))
    again = msgspec.structs.replace(void, paid_again_number="PV2611-0000099")
    for view in (signed, void, again):
        at_first = await cache.apply(msgspec.structs.replace(page("1"), intents=[view]))
        assert at_first == {"intents": {str(view.id)}}
        assert await cache.get("intents", str(view.id)) == view
        assert await cache.apply(msgspec.structs.replace(page("2"), intents=[view])) == {}  # no news: lists stay


async def test_members_are_found_by_name_code_and_tails_in_dictionary_order(cache: Cache) -> None:
    await cache.apply(
        page("1", member(1, name="ขาว ดี"), member(2, name="เก่ง งาม"), member(3, name="แก้วมณี พร", last4="7788"))
    )
    assert await found(cache, "") == ["เก่ง งาม", "แก้วมณี พร", "ขาว ดี"]
    assert await found(cache, "แก้วมณี") == ["แก้วมณี พร"]
    assert await found(cache, "ขา") == ["ขาว ดี"]
    assert await found(cache, "M00002") == ["เก่ง งาม"]
    assert await found(cache, "7788") == ["แก้วมณี พร"]
    assert len(await found(cache, "9012")) == 3
    assert await found(cache, 'no "such" name*') == []
    assert await found(cache, "%") == []


async def test_members_are_found_in_any_writing(cache: Cache) -> None:
    await cache.apply(
        page(
            "1",
            member(1, name="ปราณี เเสงจันทร์"),
            member(2, name="สายน\u0e33\u0e49 ใจเย็น"),
            member(3, name="พ\u0e48\u0e35ดี"),
        )
    )
    for typed in ("แสงจันทร์", "เเสงจันทร์", "m๐๐๐๐๑", "แสง\u200bจันทร์\u00a0ปราณี"):
        assert await found(cache, typed) == ["ปราณี เเสงจันทร์"], typed
    assert await found(cache, "น้ำ") == await found(cache, "สายน\u0e4d\u0e49\u0e32") == ["สายน\u0e33\u0e49 ใจเย็น"]
    assert await found(cache, "พี่ดี") == ["พ\u0e48\u0e35ดี"]


async def test_a_renamed_member_is_found_by_the_new_name_only(cache: Cache) -> None:
    await cache.apply(page("1", member(1, name="สมชาย ใจดี")))
    await cache.apply(page("2", member(1, name="สมศักดิ์ ใจดี", version=2)))
    assert await found(cache, "สมชาย") == []
    assert await found(cache, "สมศักดิ์") == ["สมศักดิ์ ใจดี"]


async def test_names_are_not_readable_on_the_disk(tmp_path: Path, cache: Cache) -> None:
    await cache.apply(page("1", member(1, name="สมชาย ใจดี")))
    content = all_bytes(tmp_path)
    assert "สมชาย".encode() not in content
    assert b"SQLite format" not in content


async def test_another_key_rebuilds_the_cache_but_never_the_outbox(tmp_path: Path) -> None:
    Cache(tmp_path, KEY).close()
    Outbox(tmp_path, KEY, lambda data: "signed").close()
    other = Cache(tmp_path, bytes(32))
    assert await other.cursor() == ""
    other.close()
    with pytest.raises(DatabaseError):
        Outbox(tmp_path, bytes(32), lambda data: "signed")


async def test_a_new_schema_rebuilds_the_cache_and_keeps_the_outbox(
    tmp_path: Path, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = Cache(tmp_path, KEY)
    await old.apply(page("9", member(1)))
    await outbox.submit(EventKind.PAYMENT, b"{}", event_id="e", user_id="u", now=NOW, due=NOW)
    old.close()
    monkeypatch.setattr(cache_module, "SCHEMA", cache_module.SCHEMA + 1)
    newer = Cache(tmp_path, KEY)
    assert await newer.cursor() == ""
    assert await newer.get("members", str(UUID(int=1))) is None
    assert [event.id for event in await outbox.events()] == ["e"]
    newer.close()


async def test_a_superseded_query_is_not_answered(cache: Cache) -> None:
    first = asyncio.create_task(cache.ids(lambda c: queries.member_places(c, "a")))
    await asyncio.sleep(0)
    second = await cache.ids(lambda c: queries.member_places(c, "b"))
    assert await first is None
    assert second is not None


async def test_another_scope_gets_another_cache(cache: Cache) -> None:
    await cache.keep_for("NSN")
    await cache.apply(page("9", member(1)))
    await cache.keep_for("NSN")
    assert await cache.cursor() == "9"
    await cache.keep_for("HQ|NSN")
    assert await cache.cursor() == ""


async def test_an_event_goes_from_draft_to_sent_in_order(outbox: Outbox) -> None:
    await outbox.save_draft(EventKind.PAYMENT, b"1", draft_id="a", user_id="u", now=NOW)
    await outbox.submit(EventKind.PAYMENT, b"2", event_id="b", user_id="u", now=NOW, due=NOW)
    await outbox.submit(EventKind.PAYMENT, b"3", event_id="a", user_id="u", now=NOW, due=NOW + timedelta(seconds=8))
    assert await outbox.claim("u") is None
    await outbox.release_due(NOW)
    claimed = await outbox.claim("u")
    assert claimed is not None
    assert (claimed.id, claimed.attempts, claimed.sequence) == ("b", 1, 2)
    assert await outbox.claim("u") is None
    assert await outbox.undo("a")
    await outbox.release_due(NOW + timedelta(seconds=9))
    assert (await outbox.get("a")).state is EventState.DRAFT  # type: ignore[union-attr]


async def test_a_late_save_of_the_form_does_not_touch_what_was_submitted(outbox: Outbox) -> None:
    await outbox.submit(EventKind.PAYMENT, b"final", event_id="a", user_id="u", now=NOW, due=NOW)
    await outbox.save_draft(EventKind.PAYMENT, b"older", draft_id="a", user_id="u", now=NOW)
    event = await outbox.get("a")
    assert event is not None
    assert (event.body, event.state) == (b"final", EventState.HELD)


async def test_what_may_have_reached_the_server_cannot_be_discarded(outbox: Outbox) -> None:
    await outbox.submit(EventKind.PAYMENT, b"", event_id="a", user_id="u", now=NOW, due=NOW)
    await outbox.release_due(NOW)
    await outbox.claim("u")
    assert not await outbox.discard("a")
    assert not await outbox.undo("a")
    await outbox.finish("a", EventState.NEEDS_ATTENTION, b"{}")
    assert await outbox.discard("a")


async def test_the_counter_never_goes_back(outbox: Outbox) -> None:
    await outbox.save_draft(EventKind.PAYMENT, b"", draft_id="a", user_id="u", now=NOW)
    await outbox.discard("a")
    await outbox.save_draft(EventKind.PAYMENT, b"", draft_id="b", user_id="u", now=NOW)
    event = await outbox.get("b")
    assert event is not None
    assert event.sequence == 2


async def test_a_scan_is_kept_once_and_forgotten_with_its_event(outbox: Outbox) -> None:
    sha256 = await outbox.keep_document("a.pdf", b"%PDF-1")
    assert await outbox.keep_document("b.pdf", b"%PDF-1") == sha256
    await outbox.save_draft(EventKind.BANK_CHANGE, sha256.encode(), draft_id="a", user_id="u", now=NOW)
    await outbox.forget_done(NOW)
    assert await outbox.document(sha256) == ("a.pdf", b"%PDF-1")
    await outbox.discard("a")
    await outbox.forget_done(NOW)
    assert await outbox.document(sha256) is None


CHILD = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from desktop.core.store.outbox import EventKind, Outbox

async def main():
    outbox = Outbox(Path(sys.argv[1]), bytes(range(32)), lambda data: "signed")
    now = datetime.now(UTC)
    await outbox.submit(EventKind.PAYMENT, b"one", event_id="one", user_id="u", now=now, due=now)
    await outbox.release_due(now)
    await outbox.claim("u")
    print("sending", flush=True)
    number = 0
    while True:
        body = b"x" * 5000 + str(number).encode()
        await outbox.save_draft(EventKind.PAYMENT, body, draft_id="d", user_id="u", now=now)
        print(number, flush=True)
        number += 1

asyncio.run(main())
"""


def run_until_killed(directory: Path) -> list[str]:
    """What the child said before and until it was killed in the middle of its work."""
    process = subprocess.Popen([sys.executable, "-c", CHILD, str(directory)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = [process.stdout.readline().strip() for _ in range(40)]
    process.send_signal(signal.SIGKILL)
    said += process.stdout.read().split()
    process.stdout.close()
    process.wait()
    return said


async def test_kill_9_in_the_middle_of_writing_loses_nothing_that_was_said_to_be_kept(tmp_path: Path) -> None:
    said = run_until_killed(tmp_path)
    assert said[0] == "sending"
    outbox = Outbox(tmp_path, KEY, lambda data: "signed")
    events = {event.id: event for event in await outbox.events()}
    outbox.close()
    assert events["one"].state is EventState.QUEUED  # sent again under the same id
    assert int(events["d"].body[5000:]) >= int(said[-1])


async def test_the_banks_answer_is_kept_without_a_new_version_of_the_member(tmp_path: Path) -> None:
    cache = Cache(tmp_path, KEY)
    asked = AccountVerdict(says="asking", at="2026-11-21T03:00:00.000Z")
    answered = AccountVerdict(says="closed", at="2026-11-21T03:00:05.000Z")
    for verdict, kept in ((asked, "asking"), (answered, "closed"), (asked, "closed"), (AccountVerdict(), "closed")):
        await cache.put("members", [msgspec.structs.replace(member(1), verdict=verdict)])
        found = await cache.get("members", str(uid(1)))
        assert found is not None
        assert found.verdict.says == kept
    await cache.put("members", [member(1, version=2)])
    found = await cache.get("members", str(uid(1)))
    assert found is not None
    assert found.verdict.says == "unknown"
    cache.close()
