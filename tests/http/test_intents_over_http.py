"""Money's only door over a real socket: one key is one intent, whoever asks however often."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import psycopg
import pytest

from shared.wire.payments import SubmitIntentRequest
from tests.conftest import FreshDatabase
from tests.http import shop as shelves
from tests.support.api import RunningApi, running_api
from tests.support.world import Company, found_now


async def stock(company: Company) -> UUID:
    """A funded branch with 40 verified members; the first one's id."""
    return (await shelves.stock(company, 40))[0]


@pytest.fixture(scope="module")
def shop(fresh_database: FreshDatabase) -> Iterator[tuple[RunningApi, UUID]]:
    with fresh_database() as url:
        company = found_now(url)
        member = asyncio.run(stock(company))
        with running_api(company) as api:
            yield api, member


def _count(api: RunningApi) -> int:
    with psycopg.connect(api.company.admin_url) as connection:
        row = connection.execute("select count(*) from sheaf.intent").fetchone()
    assert row is not None
    return int(row[0])


def _request(member: UUID, ticket: str, amount: str = "48250.00") -> SubmitIntentRequest:
    return SubmitIntentRequest(
        branch="NSN", member_id=member, account_version=1, amount=amount, produce="ข้าวหอมมะลิ", weigh_ticket=ticket
    )


def test_fifty_threads_with_one_new_key_make_one_intent_and_get_equal_answers(shop: tuple[RunningApi, UUID]) -> None:
    api, member = shop
    before = _count(api)
    request, key = _request(member, "W-50"), uuid4().hex
    cashier = api.client("cashier.nsn")
    tokens = [cashier.mint("submit_intent", request) for _ in range(50)]

    def submit(token: str) -> tuple[int, bytes]:
        answer = cashier.call("submit_intent", request, key=key, operation_token=token)
        return answer.status_code, answer.content

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(submit, tokens))
    assert set(answers) == {answers[0]}
    assert answers[0][0] == 201
    assert _count(api) == before + 1


def test_a_lost_answer_is_asked_for_again_with_the_used_token(shop: tuple[RunningApi, UUID]) -> None:
    api, member = shop
    request, key = _request(member, "W-51", "48251.00"), uuid4().hex
    cashier = api.client("cashier.nsn")
    token = cashier.mint("submit_intent", request)
    first = cashier.call("submit_intent", request, key=key, operation_token=token)
    second = cashier.call("submit_intent", request, key=key, operation_token=token)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert second.headers["Idempotent-Replay"] == "true"


def test_the_same_key_with_another_content_names_the_field(shop: tuple[RunningApi, UUID]) -> None:
    api, member = shop
    key = uuid4().hex
    cashier = api.client("cashier.nsn")
    assert cashier.do("submit_intent", _request(member, "W-52", "48252.00"), key=key).status_code == 201
    answer = cashier.do("submit_intent", _request(member, "W-52", "1.00"), key=key)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency.mismatch")


def test_a_refusal_uses_up_neither_the_key_nor_the_token(shop: tuple[RunningApi, UUID]) -> None:
    api, member = shop
    before = _count(api)
    request, key = _request(member, "W-53", "2000000.00"), uuid4().hex
    cashier = api.client("cashier.nsn")
    token = cashier.mint("submit_intent", request)
    for _ in range(2):
        answer = cashier.call("submit_intent", request, key=key, operation_token=token)
        assert (answer.status_code, answer.json()["code"]) == (409, "funds.insufficient")
        assert "ใช้ได้" in answer.json()["detail_th"]
    assert _count(api) == before
