"""Sync gives everything that changed, each thing once, and never skips a transaction that commits late."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

import psycopg
import pytest

from server.context import Actor
from server.database.transaction import Database
from server.http import store
from server.http.store import Place
from server.sync.store import Position
from server.sync.verbs import sync
from shared.permissions import Role
from shared.refusals import RefusalCode, Refused
from shared.wire.records import SyncReply, SyncRequest
from tests.support.calls import call
from tests.support.world import Company, found

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
CODES = {"HQ": 0, "NSN": 1, "KKN": 2, "CRI": 3}


class Feed:
    """A company whose register changes, and a desk that follows."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.api: Database = company.database(connections=2)

    def member(self, admin: psycopg.Connection, n: int, branch: str = "NSN") -> UUID:
        """Add one member on a connection."""
        vault = self.company.services.vault
        admin.execute("select set_config('sheaf.branches', '{0,1,2,3}', true)")
        admin.execute(
            """insert into sheaf.member (id, branch_id, code, name, name_sort, national_id_cipher, national_id_digest,
                 national_id_last4, status, created_at, changed_at, code_key, name_key)
               values (%s, %s, %s, %s, %s, %s, %s, '0000', 'active', %s, %s, %s, %s)""",
            [
                UUID(int=n),
                CODES[branch],
                f"M{n}",
                f"n{n}",
                f"n{n}",
                vault.encrypt_text("0"),
                b"",
                NOW,
                NOW,
                f"M{n}",
                f"N{n}",
            ],
        )
        return UUID(int=n)

    def members(self, numbers: range, branch: str = "NSN") -> None:
        """Add members, each in a transaction of its own or all in one."""
        with psycopg.connect(self.company.admin_url) as admin:
            for n in numbers:
                self.member(admin, n, branch)

    def touch(self, n: int) -> None:
        """Change a member."""
        with psycopg.connect(self.company.admin_url) as admin:
            admin.execute("select set_config('sheaf.branches', '{0,1,2,3}', true)")
            admin.execute(
                "update sheaf.member set name = 'changed', version = version + 1 where id = %s", [UUID(int=n)]
            )

    async def sync(
        self, cursor: str = "", limit: int = 1000, branch: str | None = None, role: Role = Role.CASHIER
    ) -> SyncReply | Refused:
        """One page."""
        codes = CODES if branch is None else {branch: CODES[branch]}
        actor = Actor(name="desk", roles=frozenset({role}), branch_codes=codes)
        return await call(self.api, actor, sync, SyncRequest(cursor=cursor, limit=limit), NOW)

    async def page(self, cursor: str = "", limit: int = 1000, branch: str | None = None) -> SyncReply:
        """One page that is not refused."""
        reply = await self.sync(cursor, limit, branch)
        assert isinstance(reply, SyncReply)
        return reply


@pytest.fixture
async def feed(database_url: str) -> AsyncIterator[Feed]:
    feed = Feed(await found(database_url))
    yield feed
    await feed.api.close()


async def test_a_transaction_that_commits_late_is_not_skipped(feed: Feed) -> None:
    with psycopg.connect(feed.company.admin_url) as late:
        feed.member(late, 1)
        feed.members(range(2, 5))
        page = await feed.page()
        # Nothing beyond the open transaction is told yet, or the cursor would pass it.
        assert page.members == []
        cursor = page.cursor
        late.commit()
    page = await feed.page(cursor)
    assert {member.code for member in page.members} == {"M1", "M2", "M3", "M4"}
    assert (await feed.page(page.cursor)).members == []


async def test_pages_tell_each_thing_once_and_the_last_has_no_more(feed: Feed) -> None:
    for start in range(0, 50, 10):
        feed.members(range(start + 1, start + 11))
    for n in (3, 3, 17, 40):
        feed.touch(n)
    seen: list[str] = []
    remaining: list[int] = []
    cursor = ""
    while True:
        page = await feed.page(cursor, limit=7)
        seen += [member.code for member in page.members]
        remaining.append(page.remaining)
        cursor = page.cursor
        if not page.more:
            break
    assert sorted(seen) == sorted(f"M{n}" for n in range(1, 51))
    assert seen[-3:] == ["M3", "M17", "M40"]
    assert remaining == [43, 36, 29, 22, 15, 8, 1, 0]


async def test_a_change_after_a_page_is_told_again_as_it_stands_now(feed: Feed) -> None:
    feed.members(range(1, 3))
    first = await feed.page()
    feed.touch(1)
    second = await feed.page(first.cursor)
    assert [(member.code, member.name, member.version) for member in second.members] == [("M1", "changed", 2)]


async def test_a_branch_is_told_of_its_own(feed: Feed) -> None:
    feed.members(range(1, 3))
    feed.members(range(3, 4), "KKN")
    assert [member.code for member in (await feed.page(branch="KKN")).members] == ["M3"]
    assert len((await feed.page()).members) == 3


async def test_who_may_not_read_the_register_does_not_get_it_by_sync(feed: Feed) -> None:
    feed.members(range(1, 3))
    reply = await feed.sync(role=Role.ADMINISTRATOR)
    assert isinstance(reply, SyncReply)
    assert not reply.members
    assert reply.cursor == (await feed.page()).cursor


@pytest.mark.parametrize("cursor", ["x", "1", "1-", "-1-2", "1-2-3", "١-١", "1-99999999999999999999"])
async def test_what_is_no_cursor_is_refused(feed: Feed, cursor: str) -> None:
    assert await feed.sync(cursor) == Refused(RefusalCode.CURSOR, field="cursor")


async def test_a_cursor_from_before_a_restore_is_gone(feed: Feed) -> None:
    assert await feed.sync("999999999999-1") == Refused(RefusalCode.CURSOR_GONE, field="cursor")
    assert await feed.sync("9999999999999999999-1") == Refused(RefusalCode.CURSOR_GONE, field="cursor")


async def test_a_desk_that_has_seen_more_than_this_database_stops_the_payments(feed: Feed) -> None:
    """Only a place that this installation gave is a proof: one that somebody made up is not."""
    feed.members(range(1, 3))
    turn, number, sealed = (await feed.page()).cursor.split("-")
    ahead = Position(int(turn) + 10**6, int(number)).cursor(sealed[-12:], feed.company.services.vault)
    told = []
    for cursor in (f"{int(turn) + 10**6}-{number}-{sealed}", ahead, ahead):
        assert await feed.sync(cursor) == Refused(RefusalCode.CURSOR_GONE, field="cursor")
        with psycopg.connect(feed.company.admin_url) as admin:
            told.append(admin.execute("select kind, restore_id from sheaf.restore_witness").fetchall())
    assert told == [[], [("desk", None)], [("desk", None)]]


async def test_a_cursor_of_before_the_feed_had_its_own_numbers_is_gone(feed: Feed) -> None:
    feed.members(range(1, 3))
    turn, number, _ = (await feed.page()).cursor.split("-")
    assert await feed.sync(f"{turn}-{number}") == Refused(RefusalCode.CURSOR_GONE, field="cursor")


async def test_a_cursor_of_another_server_or_another_history_is_gone(feed: Feed) -> None:
    feed.members(range(1, 3))
    cursor = (await feed.page()).cursor
    strange = cursor[:-12] + "0123456789ab"
    assert await feed.sync(strange) == Refused(RefusalCode.CURSOR_GONE, field="cursor")
    with psycopg.connect(feed.company.admin_url) as admin:
        admin.execute("select sheaf.begin_feed_history()")
    assert await feed.sync(cursor) == Refused(RefusalCode.CURSOR_GONE, field="cursor")
    page = await feed.page()
    assert len(page.members) == 2
    assert (await feed.page(page.cursor)).members == []


async def test_who_waits_for_news_hears_of_another_history_and_goes_on(feed: Feed) -> None:
    async def news(after: Place | None) -> tuple[Place, set[int] | None]:
        async with feed.api.transaction(()) as tx:
            return await store.news(tx, after)

    place, concerned = await news(None)
    assert concerned == set()
    feed.members(range(1, 2), "KKN")
    place, concerned = await news(place)
    assert concerned == {2}
    with psycopg.connect(feed.company.admin_url) as admin:
        admin.execute("select sheaf.begin_feed_history()")
    place, concerned = await news(place)
    assert concerned is None
    feed.members(range(2, 3))
    place, concerned = await news(place)
    assert concerned == {1}
    assert (await news(place))[1] == set()


async def test_five_thousand_members_take_seconds(feed: Feed) -> None:
    feed.members(range(1, 5001))
    begun = time.monotonic()
    cursor, count, pages = "", 0, 0
    while True:
        page = await feed.page(cursor)
        count, pages, cursor = count + len(page.members), pages + 1, page.cursor
        if not page.more:
            break
    taken = time.monotonic() - begun
    print(f"{count} members in {pages} pages: {taken:.2f} s")  # noqa: T201  # shown with -s
    assert (count, pages) == (5000, 5)
    assert taken < 10
