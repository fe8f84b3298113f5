"""Every verb of the table that wants an operation token, and what a thief without one gets: nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import LiteralString

import msgspec
import psycopg
import pytest

from shared.wire.payments import OpenBatchRequest, RequestFundingRequest
from shared.wire.table import BY_NAME, VERBS, Challenge
from tests.support.api import RunningApi
from tests.support.samples import CHALLENGED, WHO_MAY, challenged_verbs

FUNDING = RequestFundingRequest(branch="NSN", amount="5000.00", reason="harvest")
MOVED = "select (select count(*) from sheaf.ledger_transfer), (select count(*) from sheaf.intent), "
MOVED += "(select count(*) from sheaf.funding), (select count(*) from sheaf.app_user), "
MOVED += "(select sum(sequence) from sheaf.audit_head)"


def rows(api: RunningApi, sql: LiteralString) -> list[tuple[object, ...]]:
    with psycopg.connect(api.company.admin_url) as connection:
        return connection.execute(sql).fetchall()


def test_every_verb_that_moves_money_wants_an_operation_token() -> None:
    assert [verb.name for verb in VERBS if verb.money and verb.challenge is Challenge.NONE] == []
    assert set(CHALLENGED) == set(WHO_MAY) == set(challenged_verbs())


@pytest.mark.parametrize("name", challenged_verbs())
def test_a_stolen_session_moves_nothing(api: RunningApi, name: str) -> None:
    thief = api.client(WHO_MAY[name])
    assert thief.session is not None
    before = rows(api, MOVED)
    token_only = {"Authorization": f"Bearer {thief.session.shop_token}", "Content-Type": "application/json"}
    verb = BY_NAME[name]
    target = "/api/v1" + verb.path.replace("{id}", "0192f0c2-0000-7000-8000-000000000001")
    assert thief.http.request(verb.method, target, headers=token_only, content=b"{}").status_code == 401
    answer = thief.call(name, CHALLENGED[name], key="k")
    assert (answer.status_code, answer.json()["code"]) == (401, "operation_token.missing")
    answer = thief.call(name, CHALLENGED[name], key="k", operation_token=thief.session.shop_token)
    assert (answer.status_code, answer.json()["code"]) == (401, "operation_token.invalid")
    assert rows(api, MOVED) == before


def test_a_token_is_for_one_verb_one_content_one_person_and_two_minutes(api: RunningApi) -> None:
    manager, other = api.client("manager.nsn"), api.client("manager.kkn")
    token = manager.mint("request_funding", FUNDING)
    before = rows(api, MOVED)
    more = msgspec.structs.replace(FUNDING, amount="5000.01")
    for desk, verb, request in (
        (manager, "request_funding", more),
        (manager, "submit_intent", CHALLENGED["submit_intent"]),
        (other, "request_funding", FUNDING),
    ):
        answer = desk.call(verb, request, key="k", operation_token=token)
        assert (answer.status_code, answer.json()["code"]) == (403, "operation_token.mismatch")
    api.company.clock.forward(timedelta(seconds=120))
    answer = manager.call("request_funding", FUNDING, key="k", operation_token=token)
    assert (answer.status_code, answer.json()["code"]) == (401, "operation_token.invalid")
    assert rows(api, MOVED) == before


def test_of_a_hundred_uses_of_one_token_exactly_one_succeeds(api: RunningApi) -> None:
    manager = api.client("manager.nsn")
    token = manager.mint("request_funding", FUNDING)

    def use(number: int) -> tuple[int, str]:
        answer = manager.call("request_funding", FUNDING, key=f"race-{number}", operation_token=token)
        return answer.status_code, answer.json().get("code", "")

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(use, range(100)))
    assert answers.count((201, "")) == 1
    assert answers.count((409, "operation_token.used")) == 99


def test_fifty_calls_with_one_new_key_have_one_effect_and_one_answer(api: RunningApi) -> None:
    cashier = api.client("cashier.nsn")
    request = OpenBatchRequest(branch="NSN", count=3, total="300.00", note="fifty")

    def open_it(_: int) -> tuple[int, bytes, str]:
        answer = cashier.call("open_batch", request, key="fifty")
        return answer.status_code, answer.content, answer.headers.get("Idempotent-Replay", "")

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(open_it, range(50)))
    assert {(status, body) for status, body, _ in answers} == {(201, answers[0][1])}
    assert sorted(replay for _, _, replay in answers) == [""] + ["true"] * 49
    assert rows(api, "select count(*) from sheaf.batch where note = 'fifty'") == [(1,)]


def test_a_replay_needs_no_operation_token_and_survives_two_days(api: RunningApi) -> None:
    manager = api.client("manager.nsn")
    first = manager.do("request_funding", FUNDING, key="replayed")
    assert first.status_code == 201, first.text
    api.company.clock.forward(timedelta(hours=48))
    manager.sign_in()
    again = manager.call("request_funding", FUNDING, key="replayed")
    assert (again.status_code, again.content, again.headers["Idempotent-Replay"]) == (201, first.content, "true")


def test_a_key_with_other_content_names_the_field(api: RunningApi) -> None:
    cashier = api.client("cashier.nsn")
    request = OpenBatchRequest(branch="NSN", count=3, total="300.00")
    assert cashier.call("open_batch", request, key="differs").status_code == 201
    answer = cashier.call("open_batch", msgspec.structs.replace(request, total="300.01"), key="differs")
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (
        422,
        "idempotency.mismatch",
        "total",
    )


@pytest.mark.parametrize("key", [None, "", "x" * 256, "a b", "é"])
def test_a_verb_that_wants_a_key_gets_a_proper_one(api: RunningApi, key: str | None) -> None:
    cashier = api.client("cashier.nsn")
    body = msgspec.json.encode(OpenBatchRequest(branch="NSN", count=3, total="300.00"))
    headers = cashier.proof("POST", "/api/v1/batches", body) | {"Content-Type": "application/json"}
    sent = [(name.encode(), value.encode()) for name, value in headers.items()]
    sent += [] if key is None else [(b"Idempotency-Key", key.encode())]
    answer = cashier.http.post("/api/v1/batches", content=body, headers=sent)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency.missing")


def test_a_refusal_uses_up_neither_key_nor_token(api: RunningApi) -> None:
    manager = api.client("manager.nsn")
    nowhere = msgspec.structs.replace(FUNDING, branch="KKN")
    token = manager.mint("request_funding", nowhere)
    for _ in range(2):
        refused = manager.call("request_funding", nowhere, key="kept", operation_token=token)
        assert refused.status_code in (403, 404), refused.text
        assert refused.json()["code"] != "operation_token.used"
    assert manager.do("request_funding", FUNDING, key="kept").status_code == 201
