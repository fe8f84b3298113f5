"""Health, metrics, the API's description and its page, and the bank's callbacks."""

from __future__ import annotations

import re
from dataclasses import replace

import psycopg
from openapi_spec_validator import validate

from shared.wire.table import VERBS, Challenge
from tests.conftest import FreshDatabase
from tests.support.api import LIMITS, RunningApi, running_api
from tests.support.world import found_now
from tests.waiting import wait_until


def test_the_description_is_valid_and_says_what_the_table_says(api: RunningApi) -> None:
    desk = api.client("auditor", signed_in=False)
    description = desk.http.get("/openapi.json").json()
    validate(description)
    for verb in VERBS:
        operation = description["paths"]["/api/v1" + verb.path][verb.method.lower()]
        headers = {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "header"}
        assert operation["operationId"] == verb.name
        assert str(verb.status) in operation["responses"]
        assert ("Idempotency-Key" in headers) == verb.idempotent
        assert ("Operation-Token" in headers) == (verb.challenge is not Challenge.NONE)


def test_the_page_of_the_description_takes_nothing_from_elsewhere(api: RunningApi) -> None:
    http = api.client("auditor", signed_in=False).http
    page = http.get("/docs")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    sources = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert sources
    for source in sources:
        assert source.startswith("/docs/")
        assert http.get(source).status_code == 200


def test_health_and_figures(api: RunningApi) -> None:
    http = api.client("auditor", signed_in=False).http
    assert http.get("/healthz").json() == {"ok": True}
    ready = http.get("/readyz").json()
    assert {name for name, told in ready.items() if told is True} == {"database", "schema", "writes", "push"}
    wait_until(lambda: 'sheaf_process_up{kind="api"' in http.get("/metrics").text)
    text = http.get("/metrics").text
    assert 'sheaf_http_requests_total{status="200",verb="healthz"}' in text
    assert "sheaf_revocation_push_age_seconds{" in text
    assert 'sheaf_health{check="processes.executors",subject=""} 3.0' in text
    assert "sheaf_channels_known 1.0" in text


def test_a_callback_is_stored_as_it_came_and_acknowledged(api: RunningApi) -> None:
    http = api.client("auditor", signed_in=False).http
    body = b'{"transactionId": "x", \xff not even JSON'
    answer = http.post("/callbacks/scb", content=body)
    assert (answer.status_code, answer.json()["resCode"]) == (200, "00")
    assert http.post("/callbacks/scb", content=b"x" * 70_000).status_code == 413
    with psycopg.connect(api.company.admin_url) as connection:
        stored = connection.execute("select body, outcome from sheaf.callback_inbox").fetchall()
    assert stored == [(body, "stored")]


def test_a_flood_of_callbacks_is_not_all_stored(fresh_database: FreshDatabase) -> None:
    few = replace(LIMITS, callbacks_burst=2, callbacks_seconds=3600)
    with fresh_database() as url, running_api(found_now(url), limits=few) as api:
        http = api.client("auditor", signed_in=False).http
        answers = [http.post("/callbacks/scb", content=b"{}") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert int(answers[2].headers["Retry-After"]) > 0
