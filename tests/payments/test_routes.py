"""Tables of routes: no gap and no choice, in Python's words and in the database's law; two people to change them."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs

from server.channels import manifests
from server.context import Actor, Services
from server.identity.devices import revoke_device
from server.identity.standing import UserChange, change_user
from server.routing import verbs as route_verbs
from server.routing.routes import OUR_BOOKS, WEEK_MINUTES, Route, route, table_problem
from shared import canonical
from shared.money import Satang
from shared.permissions import Role
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.wire.approvals import SignCaseRequest
from shared.wire.common import ById, Nothing
from shared.wire.routes import (
    PreviewRoutesRequest,
    ProposeRoutesRequest,
    RouteRow,
    RouteTableView,
    WeekPart,
)
from tests.members.world import CODES, SERVICES, WORKER, Person
from tests.payments.farm import Farm

NOW = datetime(2026, 11, 20, 3, 30, tzinfo=UTC)
WEEK = ((0, WEEK_MINUTES),)
MOST = 200_000_000


def row(lowest: int, highest: int, week: tuple[tuple[int, int], ...] = WEEK, **changed: str) -> Route:
    said = {"operation": "disbursement", "bank": "", "channel": "scb", **changed}
    return Route(lowest=Satang(lowest), highest=Satang(highest), week=week, **said)


OTHERS = (
    row(1, MOST, bank=OUR_BOOKS, channel="internal"),
    row(1, MOST, operation="withdrawal"),
    row(1, MOST, operation="transfer", channel="internal"),
)


def problem(routes: Sequence[Route]) -> str:
    """What is wrong with these rows, in a table that leads every other payment somewhere."""
    there = {(one.operation, one.bank) for one in routes}
    whole = [*routes, *(one for one in OTHERS if (one.operation, one.bank) not in there)]
    found = table_problem(whole, manifests())
    return "" if found is None else found.params.get("problem", found.code.value)


def test_a_row_for_the_bank_comes_before_a_row_for_any() -> None:
    table = [
        row(1, MOST),
        row(1, 1000, bank="034", channel="scb_file"),
        row(1, MOST, bank=OUR_BOOKS, channel="internal"),
    ]
    assert problem(table) == ""
    assert route(table, "disbursement", "034", Satang(1000), NOW) == "scb_file"
    assert route(table, "disbursement", "034", Satang(1001), NOW) == "scb"
    assert route(table, "disbursement", "004", Satang(1000), NOW) == "scb"
    assert route(table, "disbursement", OUR_BOOKS, Satang(MOST), NOW) == "internal"
    for operation, amount in (("disbursement", MOST + 1), ("withdrawal", 1)):
        refused = route(table, operation, "004", Satang(amount), NOW)
        assert isinstance(refused, Refused)
        assert refused.code is R.ROUTE_NONE


def test_the_week_is_bangkoks() -> None:
    # Friday 10:30 in Bangkok is minute 4 * 1440 + 630.
    first, rest = ((0, 6390),), ((6390, WEEK_MINUTES),)
    table = [row(1, MOST, first), row(1, MOST, rest, channel="scb_file")]
    assert problem(table) == ""
    assert route(table, "disbursement", "004", Satang(1), NOW - timedelta(minutes=1)) == "scb"
    assert route(table, "disbursement", "004", Satang(1), NOW) == "scb_file"
    assert route(table, "disbursement", "004", Satang(1), datetime(2026, 11, 22, 17, tzinfo=UTC)) == "scb"


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ([row(1, MOST)], ""),
        ([row(1, 100), row(101, MOST, channel="scb_file")], ""),
        ([row(1, 100), row(100, MOST)], "route_overlap"),
        ([row(1, 100), row(102, MOST)], "route_gap"),
        ([row(2, MOST)], "route_gap"),
        ([row(1, MOST, ((0, 5000),))], "route_gap"),
        ([row(1, MOST, ((0, 5000), (4999, WEEK_MINUTES)))], "route_overlap"),
        ([row(1, MOST, bank="034")], "route_gap"),
        ([row(1, MOST, bank="034"), row(1, MOST)], ""),
        ([row(2, 1)], "route_range"),
        ([row(1, MOST, ((5, 5),))], "route_range"),
        ([row(1, MOST + 1)], "route_channel"),
        ([row(1, MOST, channel="pigeon")], "route_channel"),
        ([row(1, MOST, channel="internal", operation="withdrawal")], "route_channel"),
        ([row(1, MOST), row(1, MOST, bank=OUR_BOOKS)], "route_channel"),
        ([row(1, MOST), row(1, MOST, operation="transfer", channel="internal")], ""),
        ([row(1, MOST, operation="transfer", channel="internal")], "route_gap"),
        ([row(1, MOST), row(1, MOST, operation="transfer")], "route_channel"),
        ([row(1, MOST), row(1, MOST, operation="transfer", channel="scb_file")], "route_channel"),
        ([row(1, MOST, channel="internal")], "route_channel"),
        ([row(1, MOST), row(1, MOST, bank="034", channel="internal")], "route_channel"),
        ([row(1, MOST), row(1, MOST, operation="withdrawal", bank=OUR_BOOKS, channel="internal")], "route_channel"),
        ([row(1, MOST), row(1, MOST, bank=OUR_BOOKS, channel="scb_file")], "route_channel"),
    ],
)
def test_a_table_with_a_mistake_is_told_in_words(table: list[Route], expected: str) -> None:
    assert problem(table) == expected


@pytest.mark.parametrize("without", [(one.operation, one.bank) for one in OTHERS])
def test_a_table_leads_every_payment_somewhere(without: tuple[str, str]) -> None:
    table = [one for one in (row(1, MOST), *OTHERS) if (one.operation, one.bank) != without]
    found = table_problem(table, manifests())
    assert found is not None
    assert (found.code, found.params) == (R.ROUTE_UNCOVERED, {"operations": "/".join(filter(None, without))})


def test_a_payment_into_our_books_never_goes_to_a_bank_whatever_a_table_says() -> None:
    table = [row(1, MOST), row(1, MOST, operation="transfer"), row(1, MOST, bank="034", channel="internal")]
    for operation, bank in (("disbursement", OUR_BOOKS), ("transfer", OUR_BOOKS)):
        refused = route(table, operation, bank, Satang(100), NOW)
        assert isinstance(refused, Refused)
        assert refused.code is R.ROUTE_NONE
    assert route(table, "disbursement", "034", Satang(100), NOW) == "scb"


EDGES = st.sampled_from([1, 50, 51, 100, 101, 150])
CUTS = st.sampled_from([0, 1440, 5000, WEEK_MINUTES])
RANGES = st.tuples(CUTS, CUTS).filter(lambda cut: cut[0] < cut[1])


@st.composite
def rows(draw: st.DrawFn) -> Route:
    low, high = sorted((draw(EDGES), draw(EDGES)))
    return row(low, high, (draw(RANGES),), bank=draw(st.sampled_from(["", "", "", "034"])))


def accepted(url: str, table: Sequence[Route]) -> bool:
    """Whether the database takes these rows; nothing stays."""
    identity = uuid4()
    with psycopg.connect(url) as admin:
        try:
            admin.execute(
                "insert into sheaf.route_table (id, effective_from, reason, state, created_at, changed_at)"
                " values (%s, %s, '', 'proposed', %s, %s)",
                [identity, NOW, NOW, NOW],
            )
            for ordinal, one in enumerate(table, 1):
                week = "{" + ",".join(f"[{begin},{end})" for begin, end in one.week) + "}"
                admin.execute(
                    "insert into sheaf.payment_route values (%s, %s, %s, %s, int8range(%s, %s, '[]'), %s, %s)",
                    [identity, ordinal, one.operation, one.bank, one.lowest, one.highest, week, one.channel],
                )
            admin.execute("set constraints all immediate")
        except psycopg.Error:
            return False
        finally:
            admin.rollback()
    return True


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=st.lists(rows(), min_size=1, max_size=5))
def test_the_database_refuses_exactly_what_is_told_in_words(company: str, table: list[Route]) -> None:
    assert accepted(company, table) == (problem(table) == "")


@given(
    table=st.lists(rows(), min_size=1, max_size=5), amount=st.integers(1, 150), minute=st.integers(0, WEEK_MINUTES - 1)
)
def test_in_a_sound_table_every_payment_has_one_row_for_any_bank(table: list[Route], amount: int, minute: int) -> None:
    if problem(table) or amount > max(one.highest for one in table if not one.bank):
        return
    fitting = [
        one
        for one in table
        if not one.bank and one.lowest <= amount <= one.highest and any(a <= minute < b for a, b in one.week)
    ]
    assert len(fitting) == 1


def proposal(*wanted: RouteRow, days: int = 3) -> ProposeRoutesRequest:
    effective = (NOW + timedelta(days=days)).isoformat()
    first = list(wanted) or [RouteRow(operation="disbursement", highest="1000.00", channel="scb_file")]
    routes = [
        *first,
        RouteRow(operation="disbursement", bank="ours", highest="1000.00", channel="internal"),
        RouteRow(operation="withdrawal", highest="1000.00", channel="scb"),
        RouteRow(operation="transfer", highest="1000.00", channel="internal"),
    ]
    return ProposeRoutesRequest(effective_from=effective, reason="files are cheaper", routes=routes)


@pytest.fixture
def colleague(farm: Farm) -> Person:
    """A second treasurer."""
    with psycopg.connect(farm.url) as admin:
        return Person(admin, "colleague", "HQ", Role.TREASURER)


async def approved(farm: Farm, colleague: Person, request: ProposeRoutesRequest) -> RouteTableView:
    proposed = await farm.done(farm.treasurer, route_verbs.propose_routes, request, NOW)
    assert (proposed.state, proposed.signatures) == ("proposed", [])
    return await farm.done(colleague, route_verbs.sign_routes, approval(colleague, proposed), NOW)


def approval(person: Person, table: RouteTableView, **changed: Any) -> SignCaseRequest:
    """What this person's desk sends to approve the table as it is shown; `changed` fields are signed, too."""
    fields: dict[str, Any] = {"decision": "approve", "reason": "", "digest": table.digest, **changed}
    signature = person.key.sign(canonical.sign_off_bytes(fields["decision"], fields["digest"], fields["reason"]))
    return SignCaseRequest(id=table.id, version=table.version, signature=b64encode(signature).decode(), **fields)


async def channel_at(farm: Farm, at: datetime, amount: str = "1000.00", table: UUID | None = None) -> str | R:
    request = PreviewRoutesRequest(
        operation="disbursement", bank="004", amount=amount, at=at.isoformat(), table_id=table
    )
    reply = await farm.ask(farm.cashier, route_verbs.preview_routes, request, NOW)
    return reply.code if isinstance(reply, Refused) else reply.channel


async def test_an_approved_table_replaces_the_other_from_its_instant_on(farm: Farm, colleague: Person) -> None:
    coming = NOW + timedelta(days=3)
    table = await approved(farm, colleague, proposal())
    assert (table.state, [one.user for one in table.signatures]) == ("coming", ["colleague"])
    sheet = canonical.parse_sheet(b64decode(table.sheet))
    assert isinstance(sheet, canonical.RoutesSheet)
    assert sheet.routes[0] == "disbursement::0.01-1000.00:0-10080:scb_file"
    assert await channel_at(farm, coming - timedelta(seconds=1)) == "scb"
    assert await channel_at(farm, coming) == "scb_file"
    assert await channel_at(farm, coming, "1000.01") is R.ROUTE_NONE
    assert await channel_at(farm, NOW, table=table.id) == "scb_file"
    listed = await farm.done(farm.treasurer, route_verbs.list_routes, Nothing(), coming)
    states = {one.id: one.state for one in listed.tables}
    assert states[table.id] == "in_force"
    assert "replaced" in states.values()


async def test_nobody_approves_their_own_what_they_did_not_see_twice_or_too_late(farm: Farm, colleague: Person) -> None:
    proposed = await farm.done(farm.treasurer, route_verbs.propose_routes, proposal(days=5), NOW)
    good = approval(colleague, proposed)
    other = approval(colleague, proposed, digest="0" * 64)
    late = NOW + timedelta(days=5)
    assert await farm.refused(farm.treasurer, route_verbs.sign_routes, good, NOW) is R.MAKER_IS_CHECKER
    assert await farm.refused(farm.manager, route_verbs.sign_routes, good, NOW) is R.NOT_YOUR_TURN
    assert await farm.refused(colleague, route_verbs.sign_routes, other, NOW) is R.SIGNATURE
    assert await farm.refused(colleague, route_verbs.sign_routes, good, late) is R.EXPIRED
    unknown = structs.replace(good, id=uuid4())
    assert await farm.refused(colleague, route_verbs.sign_routes, unknown, NOW) is R.NOT_FOUND
    await farm.done(colleague, route_verbs.sign_routes, good, NOW)
    assert await farm.refused(colleague, route_verbs.sign_routes, good, NOW) is R.STATE
    twin = await farm.done(farm.treasurer, route_verbs.propose_routes, proposal(days=5), NOW)
    again = approval(colleague, twin)
    assert await farm.refused(colleague, route_verbs.sign_routes, again, NOW) is R.ALREADY_EXISTS


@pytest.mark.parametrize(
    "request_",
    [
        proposal(days=-1),
        proposal(RouteRow(operation="disbursement", lowest="1.00", highest="9.00", channel="scb")),
        proposal(RouteRow(operation="disbursement", highest="9.00", channel="pigeon")),
        proposal(RouteRow(operation="disbursement", highest="9.00", channel="scb", week=[WeekPart(begin=0, until=9)])),
        ProposeRoutesRequest(effective_from="tomorrow", reason="-", routes=proposal().routes),
        ProposeRoutesRequest(effective_from=proposal().effective_from, reason="", routes=proposal().routes),
    ],
)
async def test_a_table_that_would_not_do_is_not_written(request_: ProposeRoutesRequest, farm: Farm) -> None:
    before = farm.query("select count(*) from sheaf.route_table")
    assert await farm.refused(farm.treasurer, route_verbs.propose_routes, request_, NOW) is R.INVALID
    assert farm.query("select count(*) from sheaf.route_table") == before


async def test_an_approved_table_never_changes_not_even_by_its_owner(farm: Farm, colleague: Person) -> None:
    table = await approved(farm, colleague, proposal(days=7))
    for statement in (
        "update sheaf.route_table set effective_from = effective_from + interval '1 day' where id = %s",
        "update sheaf.route_table set state = 'proposed' where id = %s",
        "update sheaf.payment_route set channel = 'internal' where table_id = %s",
        "delete from sheaf.payment_route where table_id = %s",
        "delete from sheaf.route_table where id = %s",
        "insert into sheaf.payment_route values (%s, 9, 'transfer', '', '[1,5]', '{[0,10080)}', 'internal')",
    ):
        with pytest.raises(psycopg.DatabaseError) as refused:
            farm.query(statement, table.id)
        assert (refused.value.sqlstate or "").startswith("SH"), statement


async def test_a_table_without_a_row_for_balances_is_refused_by_name(farm: Farm) -> None:
    only = ProposeRoutesRequest(effective_from=proposal().effective_from, reason="-", routes=proposal().routes[:1])
    reply = await farm.ask(farm.treasurer, route_verbs.propose_routes, only, NOW)
    assert isinstance(reply, Refused)
    assert (reply.code, reply.params) == (
        R.ROUTE_UNCOVERED,
        {"operations": "disbursement/ours, withdrawal, transfer"},
    )


def set_up(*channels: str) -> Services:
    """What rooms are given where the settings set up these channels."""
    return replace(SERVICES, channels=frozenset(channels))


async def test_a_channel_that_is_not_set_up_or_not_served_leads_nowhere(
    farm: Farm, colleague: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(farm.api, "services", set_up("scb", "internal"))
    wanted = proposal(days=20)
    assert await farm.refused(farm.treasurer, route_verbs.propose_routes, wanted, NOW) is R.ROUTE_NO_DOOR
    monkeypatch.setattr(farm.api, "services", set_up("scb", "internal", "scb_file"))
    proposed = await farm.done(farm.treasurer, route_verbs.propose_routes, wanted, NOW)
    # an executor lives that has no file channel: nothing would take what the table sends there
    beating = "insert into sheaf.executor (started_at, beat_at) values (%s, %s) returning id"
    executor = farm.query(beating, NOW, NOW)[0][0]
    for channel in ("internal", "scb"):
        farm.query("insert into sheaf.channel_state values (%s, %s, 'closed', '', %s)", channel, executor, NOW)
    good = approval(colleague, proposed)
    assert await farm.refused(colleague, route_verbs.sign_routes, good, NOW) is R.ROUTE_NO_DOOR
    farm.query("insert into sheaf.channel_state values ('scb_file', %s, 'closed', '', %s)", executor, NOW)
    await farm.done(colleague, route_verbs.sign_routes, good, NOW)
    farm.query("update sheaf.executor set beat_at = null where id = %s", executor)


@pytest.mark.parametrize(
    ("operation", "bank", "channel"),
    [
        ("transfer", "", "scb"),
        ("transfer", "", "scb_file"),
        ("disbursement", "ours", "scb"),
        ("disbursement", "", "internal"),
        ("disbursement", "034", "internal"),
        ("withdrawal", "", "internal"),
        ("withdrawal", "ours", "internal"),
        ("withdrawal", "ours", "scb"),
    ],
)
def test_the_database_knows_which_doors_lead_where(company: str, operation: str, bank: str, channel: str) -> None:
    with psycopg.connect(company) as admin:
        admin.execute(
            "insert into sheaf.route_table (id, effective_from, reason, state, created_at, changed_at)"
            " values (%s, %s, '', 'proposed', %s, %s)",
            [UUID(int=9), NOW, NOW, NOW],
        )
        with pytest.raises(psycopg.errors.CheckViolation):
            admin.execute(
                "insert into sheaf.payment_route values (%s, 1, %s, %s, '[1,5]', '{[0,10080)}', %s)",
                [UUID(int=9), operation, bank, channel],
            )
        admin.rollback()


async def test_a_table_that_was_said_no_to_is_approved_by_nobody(farm: Farm, colleague: Person) -> None:
    proposed = await farm.done(farm.treasurer, route_verbs.propose_routes, proposal(days=11), NOW)
    no = approval(colleague, proposed, decision="reject", reason="not so")
    rejected = await farm.done(colleague, route_verbs.sign_routes, no, NOW)
    assert (rejected.state, [one.decision for one in rejected.signatures]) == ("rejected", ["reject"])
    yes = approval(colleague, rejected)
    assert await farm.refused(colleague, route_verbs.sign_routes, yes, NOW) is R.STATE


@pytest.mark.parametrize(("what", "days"), [("person", 9), ("desk", 13)])
async def test_a_coming_table_is_void_when_its_approver_is_shut_out_before_its_day(
    farm: Farm, colleague: Person, what: str, days: int
) -> None:
    before = await channel_at(farm, NOW + timedelta(days=days))
    table = await approved(farm, colleague, proposal(days=days))
    async with farm.api.transaction(tuple(CODES.values())) as tx:
        if what == "person":
            request = UserChange(id=colleague.actor.user, roles=("auditor",))
            done: object = await change_user(tx, WORKER, request, NOW + timedelta(days=1))
        else:
            actor = Actor(name="administrator", branch_codes=CODES, user_id=farm.manager.actor.user)
            done = await revoke_device(tx, actor, ById(id=colleague.actor.device), NOW + timedelta(days=1))
        assert not isinstance(done, Refused)
    listed = await farm.done(farm.treasurer, route_verbs.list_routes, Nothing(), NOW + timedelta(days=days + 1))
    assert {one.id: one.state for one in listed.tables}[table.id] == "void"
    assert await channel_at(farm, NOW + timedelta(days=days)) == before
