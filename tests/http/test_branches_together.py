"""Submissions of several branches share a transaction, and what keeps one branch waiting keeps no other."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import psycopg
import pytest

from server.ledger.accounts import Purpose, account_id
from shared.wire.payments import SubmitIntentRequest
from tests.conftest import FreshDatabase
from tests.http import shop
from tests.support.api import RunningApi, running_api
from tests.support.client import SignedClient
from tests.support.world import Company, found_now
from tests.waiting import wait_until

Members = dict[str, list[UUID]]


async def stock(company: Company) -> Members:
    """Twelve members that may be paid in each of two branches with money."""
    return {"NSN": await shop.stock(company, 12), "KKN": await shop.stock(company, 12, "KKN", first=101)}


@pytest.fixture(scope="module")
def place(fresh_database: FreshDatabase) -> Iterator[tuple[RunningApi, Members]]:
    with fresh_database() as url:
        company = found_now(url)
        members = asyncio.run(stock(company))
        with running_api(company) as api:
            yield api, members


def submit(desk: SignedClient, branch: str, member: UUID, baht: str) -> int:
    request = SubmitIntentRequest(
        branch=branch, member_id=member, account_version=1, amount=baht, produce="ข้าว", weigh_ticket=f"W-{baht}"
    )
    return desk.do("submit_intent", request).status_code


def test_a_branch_whose_money_is_locked_keeps_no_other_branch_waiting(place: tuple[RunningApi, Members]) -> None:
    api, members = place
    near, far = ([api.client(f"cashier.{code}") for _ in range(6)] for code in ("nsn", "kkn"))
    with psycopg.connect(api.company.admin_url) as holder, ThreadPoolExecutor(12) as crowd:
        funding = account_id("KKN", Purpose.FUNDING)
        holder.execute("select from sheaf.ledger_account where id = %s for update", [funding])
        waiting = [
            crowd.submit(submit, desk, "KKN", member, f"{100 + n}.00")
            for n, (desk, member) in enumerate(zip(far, members["KKN"], strict=False))
        ]
        locked = "select count(*) > 0 from pg_stat_activity where wait_event_type = 'Lock'"
        with psycopg.connect(api.company.admin_url, autocommit=True) as looking:
            wait_until(lambda: looking.execute(locked).fetchone() == (True,), seconds=10)
        took = []
        for n, (desk, member) in enumerate(zip(near, members["NSN"], strict=False)):
            began = time.perf_counter()
            assert submit(desk, "NSN", member, f"{200 + n}.00") == 201
            took.append(time.perf_counter() - began)
        assert not any(one.done() for one in waiting)
        # the first one may have shared a group with the other branch, and waited with it for as long as a group does
        assert sum(one > 1.0 for one in took) <= 1
        holder.rollback()
        assert [one.result() for one in waiting] == [201] * 6


def test_two_branches_at_once_are_all_written_once(place: tuple[RunningApi, Members]) -> None:
    api, members = place
    desks = {code: api.client(f"cashier.{code.lower()}") for code in ("NSN", "KKN")}
    with psycopg.connect(api.company.admin_url, autocommit=True) as admin:
        before = admin.execute("select count(*) from sheaf.intent").fetchone()
        with ThreadPoolExecutor(12) as crowd:
            asked = [
                crowd.submit(submit, desks[code], code, members[code][6 + n], f"{amount + n}.00")
                for n in range(6)
                for code, amount in (("NSN", 300), ("KKN", 350))
            ]
        assert [one.result() for one in asked] == [201] * 12
        assert before is not None
        assert admin.execute("select count(*) from sheaf.intent").fetchone() == (before[0] + 12,)


def test_a_branch_that_is_not_the_callers_is_not_there(place: tuple[RunningApi, Members]) -> None:
    api, members = place
    assert submit(api.client("cashier.nsn"), "KKN", members["KKN"][0], "401.00") == 404
    assert submit(api.client("cashier.nsn"), "NSN", members["KKN"][0], "402.00") == 404
