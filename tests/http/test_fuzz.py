"""Whatever a signed-in person sends to whatever verb: an answer of the contract, never a 500."""

from __future__ import annotations

import json
import random
from urllib.parse import quote
from uuid import uuid4

import msgspec
import pytest

from shared.refusals import RefusalCode
from shared.wire.table import PREFIX, VERBS, Auth, Verb
from tests.support.api import RunningApi

ODD: list[object] = [
    *(None, True, -1, 0, 2**31, 2**63, 10**400, 1e308, 0.1, [], {}, [[]], {"a": 1}, ["x"] * 50),
    *("", " ", "x", "x" * 600, "0", "-1", "๑๒๓", "1e3", "NaN", "NSN", "\u202e", "'; drop table--", "%", "%00", "\n"),
    *(str(uuid4()), "2026-11-21", "9" * 30, "0" * 64, "A" * 88, "approve", "validated", "eyJhIjoxfQ", "Mjow"),
]


def value(dice: random.Random) -> object:
    return dice.choice(ODD)


def fields_of(verb: Verb) -> list[str]:
    return [field.encode_name for field in msgspec.structs.fields(verb.request)]


@pytest.mark.parametrize("username", ["cashier.nsn", "manager.nsn", "treasurer", "administrator"])
def test_nothing_that_a_person_sends_breaks_the_server(api: RunningApi, username: str) -> None:
    dice, desk = random.Random(username), api.client(username)
    codes = {code.value for code in RefusalCode}
    broken = []
    for verb in VERBS:
        if verb.auth is not Auth.SESSION or verb.name == "sign_out":
            continue
        for _ in range(12):
            sent = {name: value(dice) for name in fields_of(verb) if dice.random() < 0.8}
            target = PREFIX + verb.path
            for name in fields_of(verb):
                sample = dice.choice([str(uuid4()), quote(str(value(dice))[:80], safe="") or "x"])
                target = target.replace(f"{{{name}}}", sample)
                if f"{{{name}}}" in verb.path:
                    sent.pop(name, None)
            body = json.dumps(sent).encode()
            if verb.method == "GET" or verb.raw_request:
                target += "?" + "&".join(f"{name}={quote(str(given)[:300])}" for name, given in sent.items())
                body = b"" if verb.method == "GET" else b"%PDF-1.4 fuzz"
            kind = "application/pdf" if verb.raw_request else "application/json"
            answer = desk.send(verb.method, target, body, content_type=kind, headers={"Idempotency-Key": uuid4().hex})
            known = answer.status_code < 300 or answer.json()["code"] in codes
            if answer.status_code >= 500 or not known:
                broken.append((verb.name, target, body[:300], answer.text[:200]))
    assert broken == []
