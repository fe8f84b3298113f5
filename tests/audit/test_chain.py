"""The audit chains: Python and the database hash alike, every tampering is found, and auditors read in pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest

from server.audit import store, verbs
from server.audit.verification import AuditReport, BadEntry, entry_hash, verify
from server.context import Actor, Services, Vault
from server.database.roles import API, AUDITOR, role_url
from server.database.transaction import Database
from shared.audit_tags import AuditTag
from shared.refusals import RefusalCode, Refused
from shared.wire.records import AuditList, ListAuditRequest
from tests.conftest import ROLE_SECRET
from tests.support.calls import call

NOW = datetime(2026, 11, 21, 2, 0, 0, 123456, tzinfo=UTC)
CODES = {"HQ": 0, "NSN": 1, "KKN": 2}
ALL = tuple(CODES.values())
AUDITOR_ACTOR = Actor(name="auditor", branch_codes=CODES)
SERVICES = Services(vault=Vault(bytes(32)))


class Trail:
    """Three chains in a migrated database."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.api = Database(role_url(url, API, ROLE_SECRET), SERVICES, connections=2)
        self.auditor = Database(role_url(url, AUDITOR, ROLE_SECRET), SERVICES, connections=2)

    async def append(self, branch: str, count: int, start: int = 0, device: UUID | None = None) -> None:
        actor = Actor(name="สมหญิง", device_id=device, branch_codes=CODES)
        async with self.api.transaction(ALL) as tx:
            for n in range(start, start + count):
                tag = AuditTag.SIGN_OFF if n % 2 else AuditTag.SUBMIT_INTENT
                at = NOW + timedelta(seconds=n)
                await store.append(tx, actor, CODES[branch], tag, f"intent {n}", {"n": n, "state": "validated"}, at)

    async def verified(self) -> AuditReport:
        async with self.auditor.transaction(ALL) as tx:
            return await verify(tx)

    def tamper(self, sql: str) -> None:
        """What a superuser can do who turns the triggers off."""
        with psycopg.connect(self.url) as admin:
            admin.execute("set session_replication_role = replica")
            admin.execute(sql.encode())

    def anchor(self) -> None:
        with psycopg.connect(self.url) as admin:
            admin.execute("set sheaf.branches = '{0,1,2}'")
            admin.execute("select sheaf.anchor_audit(%s)", [NOW])


@pytest.fixture
async def trail(database_url: str) -> AsyncIterator[Trail]:
    with psycopg.connect(database_url) as admin:
        for code, branch in CODES.items():
            admin.execute("insert into sheaf.branch values (%s, %s, %s, %s, %s)", [branch, code, code, code, NOW])
            admin.execute("insert into sheaf.audit_head values (%s, 0, %s)", [branch, store.GENESIS])
    trail = Trail(database_url)
    await trail.append("NSN", 8, device=UUID(int=7))
    await trail.append("KKN", 5)
    yield trail
    await trail.api.close()
    await trail.auditor.close()


async def test_python_and_the_database_make_the_same_hash(trail: Trail) -> None:
    with psycopg.connect(trail.url, row_factory=psycopg.rows.dict_row) as admin:
        rows = admin.execute(
            "select *, sheaf.audit_hash(previous, branch_id, sequence, at, actor, device_id, tag, subject, detail) made"
            " from sheaf.audit_entry"
        ).fetchall()
    assert len(rows) == 13
    for row in rows:
        assert entry_hash(row["previous"], row["branch_id"], row) == row["made"] == row["hash"]


async def test_an_untouched_trail_is_whole(trail: Trail) -> None:
    trail.anchor()
    assert await trail.verified() == AuditReport(13, 3, None)


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("update sheaf.audit_entry set actor = 'x' where branch_id = 1 and sequence = 3", (1, 3, "changed")),
        (
            "update sheaf.audit_entry set at = at + interval '1 us' where branch_id = 2 and sequence = 5",
            (2, 5, "changed"),
        ),
        ("update sheaf.audit_entry set device_id = null where branch_id = 1 and sequence = 1", (1, 1, "changed")),
        ("delete from sheaf.audit_entry where branch_id = 1 and sequence = 4", (1, 4, "is missing")),
        ("delete from sheaf.audit_entry where branch_id = 1 and sequence > 5", (1, 6, "are missing")),
        ("delete from sheaf.audit_entry where branch_id = 1", (1, 1, "are missing")),
        ("delete from sheaf.audit_head where branch_id = 1", (1, 0, "no head")),
        (
            "update sheaf.audit_head set hash = sha256('x') where branch_id = 2",
            (2, 5, "the head is not the last entry's hash"),
        ),
        ("update sheaf.audit_head set sequence = 6 where branch_id = 1", (1, 6, "the head is not")),
        (
            """delete from sheaf.audit_entry where branch_id = 1 and sequence > 5;
               update sheaf.audit_head h set sequence = 5, hash = e.hash from sheaf.audit_entry e
               where h.branch_id = 1 and e.branch_id = 1 and e.sequence = 5""",
            (1, 6, "knew are missing"),
        ),
        (
            """update sheaf.audit_entry set subject = 'other', hash = sheaf.audit_hash(
                 previous, branch_id, sequence, at, actor, device_id, tag, 'other', detail)
               where branch_id = 2 and sequence = 5;
               update sheaf.audit_head h set hash = e.hash from sheaf.audit_entry e
               where h.branch_id = 2 and e.branch_id = 2 and e.sequence = 5""",
            (2, 5, "knew another entry"),
        ),
        ("update sheaf.audit_anchor set heads = '{}'", (0, 0, "anchor")),
    ],
)
async def test_tampering_is_found_where_it_begins(trail: Trail, sql: str, found: tuple[int, int, str]) -> None:
    trail.anchor()
    trail.tamper(sql)
    bad = (await trail.verified()).first_bad
    assert isinstance(bad, BadEntry)
    assert (bad.branch_id, bad.sequence) == found[:2]
    assert found[2] in bad.what


async def test_others_may_append_while_a_trail_is_verified(trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    heads = store.heads

    async def heads_then_more(tx: object) -> object:
        rows = await heads(tx)  # type: ignore[arg-type]  # the test stands in the way of one call
        await trail.append("NSN", 3, start=20)
        trail.anchor()
        return rows

    monkeypatch.setattr(store, "heads", heads_then_more)
    assert await trail.verified() == AuditReport(13, 3, None)


async def test_entries_are_listed_newest_first_in_pages_without_gaps(trail: Trail) -> None:
    seen: list[tuple[str, int]] = []
    cursor = ""
    while True:
        page = await call(trail.api, AUDITOR_ACTOR, verbs.list_audit, ListAuditRequest(limit=4, cursor=cursor), NOW)
        assert isinstance(page, AuditList)
        seen += [(entry.branch, entry.sequence) for entry in page.entries]
        cursor = page.cursor
        if not cursor:
            break
    assert len(seen) == len(set(seen)) == 13
    assert seen[:4] == [("NSN", 8), ("NSN", 7), ("NSN", 6), ("KKN", 5)]


async def test_a_list_is_narrowed_by_branch_and_tag(trail: Trail) -> None:
    page = await call(trail.api, AUDITOR_ACTOR, verbs.list_audit, ListAuditRequest(branch="KKN", tag="sign_off"), NOW)
    assert isinstance(page, AuditList)
    assert [(entry.branch, entry.subject) for entry in page.entries] == [("KKN", "intent 3"), ("KKN", "intent 1")]


async def test_a_branch_sees_its_own_entries_only(trail: Trail) -> None:
    actor = Actor(name="manager", branch_codes={"KKN": 2})
    page = await call(trail.api, actor, verbs.list_audit, ListAuditRequest(), NOW)
    assert isinstance(page, AuditList)
    assert {entry.branch for entry in page.entries} == {"KKN"}
    foreign = await call(trail.api, actor, verbs.list_audit, ListAuditRequest(branch="NSN"), NOW)
    assert foreign == Refused(RefusalCode.NOT_FOUND, field="branch")


@pytest.mark.parametrize("cursor", ["x", "1-2", "1-2-3-4", "١-1-1", "1-1-9999999999999999999", "-1-1-1"])
async def test_a_cursor_that_is_none_is_refused(trail: Trail, cursor: str) -> None:
    reply = await call(trail.api, AUDITOR_ACTOR, verbs.list_audit, ListAuditRequest(cursor=cursor), NOW)
    assert reply == Refused(RefusalCode.CURSOR, field="cursor")
