"""Refusals on the wire: problem details for everything, in both languages, never the inside of the server."""

from __future__ import annotations

import psycopg
import pytest

from server.http.handlers import HANDLERS
from shared.wire.common import Nothing
from tests.conftest import FreshDatabase
from tests.support.api import RunningApi, running_api
from tests.support.client import SignedClient
from tests.support.world import found_now

CODES = "/api/v1/devices/codes"


@pytest.fixture(scope="module")
def desk(api: RunningApi) -> SignedClient:
    return api.client("administrator")


def refusal(desk: SignedClient, body: bytes, **headers: str) -> tuple[int, str, str]:
    answer = desk.send("POST", CODES, body, headers=headers)
    details = answer.json()
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert details["status"] == answer.status_code
    assert details["detail_th"]
    assert details["detail_en"]
    assert details["correlation_id"] == answer.headers["Correlation-Id"]
    return answer.status_code, details["code"], details.get("field", "")


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'"NSN"',
        b'{"branch":"NSN","branch":"KKN"}',
        b'{"branch":"\xff"}',
        b'{"branch":"N\x00"}',
        b'{"branch":"N\\u0000"}',
        b'{"branch":"\\ud800"}',
        b'{"branch":NaN}',
        b"[" * 60_000,
        b'{"branch":' + b"9" * 10_000 + b"}",
    ],
)
def test_what_cannot_be_read_is_malformed(desk: SignedClient, body: bytes) -> None:
    assert refusal(desk, body)[:2] == (400, "request.malformed")


def test_content_that_is_wrong_names_its_field(desk: SignedClient) -> None:
    assert refusal(desk, b"{}") == (422, "request.invalid", "branch")
    assert refusal(desk, b'{"branch":1}') == (422, "request.invalid", "branch")
    assert refusal(desk, b'{"branch":"NSN","extra":1}') == (422, "request.unknown_field", "extra")
    assert refusal(desk, b'{"branch":"ZZZ"}') == (404, "not_found", "branch")


def test_size_and_type_are_looked_at_first(desk: SignedClient) -> None:
    assert refusal(desk, b'{"branch":"' + b"x" * 70_000 + b'"}')[:2] == (413, "request.too_large")
    assert refusal(desk, b"branch=NSN", **{"Content-Type": "text/plain"})[:2] == (415, "request.content_type")
    assert refusal(desk, b"{}", **{"Content-Encoding": "gzip"})[:2] == (415, "request.content_type")


def test_a_money_amount_that_is_a_number_is_called_invalid_money(api: RunningApi) -> None:
    manager = api.client("manager.nsn")
    body = b'{"branch":"NSN","amount":5000.0,"reason":"x"}'
    answer = manager.send("POST", "/api/v1/funding", body, headers={"Idempotency-Key": "k"})
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, "money.invalid", "amount")


def test_unknown_addresses_and_methods(desk: SignedClient) -> None:
    for target in ("/api/v1/nothing", "/api/v1/../../etc/passwd", "/api/v1/%2e%2e%2fx", "/"):
        answer = desk.http.get(target)
        assert (answer.status_code, answer.json()["code"]) == (404, "no_such_call")
    answer = desk.http.delete("/api/v1/devices")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, POST")
    assert desk.send("POST", "/api/v1/devices/not-an-id/revoke").json()["code"] == "not_found"


@pytest.mark.parametrize(
    ("accept", "language"), [("en-GB,th;q=0.5", "en"), ("th", "th"), ("", "th"), ("fr,en", "en"), ("de", "th")]
)
def test_detail_follows_the_callers_language(desk: SignedClient, accept: str, language: str) -> None:
    answer = desk.http.get("/api/v1/nothing", headers={"Accept-Language": accept})
    assert answer.json()["detail"] == answer.json()[f"detail_{language}"]


def test_a_correlation_id_is_kept_when_it_is_harmless(desk: SignedClient) -> None:
    assert desk.http.get("/healthz", headers={"Correlation-Id": "abc-1"}).headers["Correlation-Id"] == "abc-1"
    assert desk.http.get("/healthz", headers={"Correlation-Id": "a b<"}).headers["Correlation-Id"] != "a b<"


def test_every_refusal_is_in_its_journal(api: RunningApi, desk: SignedClient) -> None:
    answer = desk.call("list_devices", Nothing(), headers={"Correlation-Id": "journal-1", "Device-Nonce": "x"})
    assert answer.status_code == 401
    api.client("auditor").call("list_devices", Nothing(), headers={"Correlation-Id": "journal-2"})
    with psycopg.connect(api.company.admin_url) as connection:
        found = connection.execute(
            "select verb, code, user_id from sheaf.refusal_log where correlation_id like 'journal-%' order by id"
        ).fetchall()
    assert found == [
        ("list_devices", "device.proof", None),
        ("list_devices", "auth.forbidden", api.company.people["auditor"].user_id),
    ]


def test_a_bug_is_answered_without_its_inside(fresh_database: FreshDatabase) -> None:
    async def broken(*_: object) -> object:
        raise RuntimeError("secret inside")

    with fresh_database() as url, running_api(found_now(url), handlers=HANDLERS | {"list_devices": broken}) as api:
        answer = api.client("administrator").call("list_devices", Nothing())
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


def test_reading_verbs_take_numbers_from_the_query(api: RunningApi) -> None:
    cashier = api.client("cashier.nsn")
    assert cashier.send("GET", "/api/v1/members?limit=5").status_code == 200
    answer = cashier.send("GET", "/api/v1/members?limit=0")
    assert (answer.json()["code"], answer.json()["field"]) == ("request.invalid", "limit")
    assert cashier.send("GET", "/api/v1/members?limit=5&limit=6").json()["code"] == "request.unknown_field"
