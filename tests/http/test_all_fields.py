"""A request with several mistakes is told all of them, whichever verb it is; dates beyond sense are one of them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from multidict import MultiDict

from server.http.decode import decode
from server.http.problems import problem
from server.wire_time import read_day, read_instant
from shared.refusals import RefusalCode, Refused
from shared.wire.table import BY_NAME, VERBS, Verb

GIVEN = {verb.name: {part.strip("{}") for part in verb.path.split("/") if part.startswith("{")} for verb in VERBS}
UUID_TEXT = "0192f0c2-0000-7000-8000-000000000000"
NEEDY = [
    verb
    for verb in VERBS
    if not verb.raw_request
    and any(
        field.required and field.encode_name not in GIVEN[verb.name] for field in msgspec.structs.fields(verb.request)
    )
]
ENDS = ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00", "9999-12-31", "0000-00-00T00:00:00Z", "+10000-01-01"]


def asked(verb: Verb, body: bytes, **query: str) -> Any:
    path = {name: UUID_TEXT if name == "id" else "a" * 64 for name in GIVEN[verb.name]}
    return decode(verb, path, MultiDict(query), body)


def told(refused: Refused) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(problem(refused, "-", "en").body)  # type: ignore[arg-type]
    return found


@pytest.mark.parametrize("verb", NEEDY, ids=lambda verb: verb.name)
def test_an_empty_request_names_every_field_that_it_needs(verb: Verb) -> None:
    refused = asked(verb, b"{}")
    assert isinstance(refused, Refused)
    needed = {
        field.encode_name
        for field in msgspec.structs.fields(verb.request)
        if field.required and field.encode_name not in GIVEN[verb.name]
    }
    answer = told(refused)
    assert set(answer["fields"]) == needed
    assert answer["field"] in needed
    assert {one["field"] for one in answer.get("problems", [{"field": answer["field"]}])} == needed


def test_missing_wrong_and_unknown_fields_are_told_together_with_their_reasons() -> None:
    body = b'{"branch": 7, "member_id": "x", "amount": 5, "surprise": 1, "note": "\xe0\xb8\x82"}'
    answer = told(asked(BY_NAME["submit_intent"], body))
    assert set(answer["fields"]) >= {"branch", "member_id", "amount", "surprise"}
    assert len(answer["fields"]) == len(set(answer["fields"]))
    codes = {one["field"]: one["code"] for one in answer["problems"]}
    assert codes["surprise"] == "request.unknown_field"
    assert codes["amount"] == "money.invalid"
    assert all(one["detail_th"] and one["detail_en"] for one in answer["problems"])


def test_what_is_wrong_inside_of_a_list_is_told_with_its_place() -> None:
    body = (
        b'{"effective_from": "soon", "reason": 3, "routes": [{"operation": "gift", "highest": "1", "channel": "scb"}]}'
    )
    answer = told(asked(BY_NAME["propose_routes"], body))
    assert set(answer["fields"]) == {"effective_from", "reason", "routes[...].operation"} or {
        "effective_from",
        "reason",
    } < set(answer["fields"])


def test_one_mistake_is_one_field() -> None:
    answer = told(asked(BY_NAME["cancel_intent"], b'{"version": "1"}'))
    assert (answer["fields"], "problems" in answer) == (["version"], False)


@pytest.mark.parametrize("text", ENDS)
def test_no_verb_meets_the_end_of_time(text: str) -> None:
    body = msgspec.json.encode({"effective_from": text, "reason": "-", "routes": []})
    for name in ("propose_routes", "propose_rule"):
        refused = asked(BY_NAME[name], body)
        assert isinstance(refused, Refused)
        assert "effective_from" in told(refused)["fields"]
    preview = {"operation": "disbursement", "amount": "1.00", "at": text}
    refused = asked(BY_NAME["preview_routes"], b"", **preview)
    assert isinstance(refused, Refused)
    assert (refused.code, refused.field) == (RefusalCode.INVALID, "at")
    assert read_instant(text) is None
    assert read_day(text) is None


def test_days_of_this_century_are_read() -> None:
    assert read_instant("2026-11-30T12:00:00+07:00") is not None
    assert read_instant("2099-12-31T23:59:59Z") is not None
    assert read_instant("2026-11-30T12:00:00") is None
    assert read_day("2026-02-29") is None
    assert str(read_day("2028-02-29")) == "2028-02-29"
