"""How often a hot call asks the database, counted on the wire between the API and PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from shared.wire.common import ById
from shared.wire.members import ListMembersRequest, ValidateMembersRequest
from shared.wire.payments import SubmitIntentRequest
from tests.conftest import FreshDatabase
from tests.http.test_intents_over_http import stock
from tests.support.api import RunningApi, running_api
from tests.support.wire import CountingWire
from tests.support.world import found_now

WARM = 8
"""Calls after which a statement is prepared on the one connection that hot calls use here."""


@pytest.fixture(scope="module")
def shop(fresh_database: FreshDatabase) -> Iterator[tuple[RunningApi, UUID, CountingWire]]:
    with fresh_database() as url:
        company = found_now(url)
        member = asyncio.run(stock(company))
        with (
            CountingWire(url).running() as wire,
            running_api(replace(company, admin_url=wire.url), connections=2) as api,
        ):
            yield api, member, wire


def trips(wire: CountingWire, call: Callable[[], object]) -> int:
    """How many round trips a call takes once everything is warm."""
    for _ in range(WARM):
        call()
    before = wire.round_trips
    call()
    return wire.round_trips - before


def test_a_hot_read_is_one_round_trip(shop: tuple[RunningApi, UUID, CountingWire]) -> None:
    api, member, wire = shop
    desk = api.client("cashier.nsn")
    found = desk.ask("list_members", ListMembersRequest(query="M000001"))
    assert [one.id for one in found.members] == [member]
    assert trips(wire, lambda: desk.ask("validate_member", ById(id=member))) == 1
    assert trips(wire, lambda: desk.ask("get_member", ById(id=member))) == 1
    assert trips(wire, lambda: desk.ask("list_members", ListMembersRequest(query="M000001"))) == 1
    codes = ValidateMembersRequest(codes=[f"M{number:06d}" for number in range(1, 101)])
    assert trips(wire, lambda: desk.ask("validate_members", codes)) == 1


def test_a_submission_is_two_round_trips(shop: tuple[RunningApi, UUID, CountingWire]) -> None:
    api, member, wire = shop
    desk = api.client("cashier.nsn")
    asked = [request(member, number) for number in range(WARM + 1)]
    tokens = [desk.mint("submit_intent", one) for one in asked]
    todo = iter(zip(asked, tokens, strict=True))

    def submit() -> None:
        one, token = next(todo)
        answer = desk.call("submit_intent", one, key=uuid4().hex, operation_token=token)
        assert answer.status_code == 201, answer.text

    assert trips(wire, submit) == 2


def test_many_at_once_share_their_round_trips(shop: tuple[RunningApi, UUID, CountingWire]) -> None:
    api, _, wire = shop
    desk = api.client("cashier.nsn")
    members = desk.ask("list_members", ListMembersRequest()).members
    asked = [request(one.id, 100 + number) for number, one in enumerate(members)]
    tokens = [desk.mint("submit_intent", one) for one in asked]
    before = wire.round_trips

    def submit(one: SubmitIntentRequest, token: str) -> int:
        return desk.call("submit_intent", one, key=uuid4().hex, operation_token=token).status_code

    with ThreadPoolExecutor(32) as pool:
        assert set(pool.map(submit, asked, tokens)) == {201}
    assert 2 <= wire.round_trips - before < len(asked)


def request(member: UUID, number: int) -> SubmitIntentRequest:
    """A payment like no other: the radar looks at member and amount."""
    return SubmitIntentRequest(
        branch="NSN", member_id=member, account_version=1, amount=f"{1000 + number}.00", weigh_ticket=f"R-{number}"
    )
