"""A reply other than OK leaves the business tables as they were: for every verb of the table, whatever made it fail."""

from __future__ import annotations

import asyncio
import random
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import msgspec
import psycopg
import pytest
from msgspec import inspect

from shared.wire.table import VERBS, Challenge, Verb
from tests.conftest import FreshDatabase
from tests.http.shop import stock
from tests.support.api import running_api
from tests.support.client import SignedClient
from tests.support.effects import Effects, changed
from tests.support.world import found_now

BAD_INPUTS = 30
NOBODY = "nobody"
ROLES = ("cashier.nsn", "manager.nsn", "cashier.kkn", "treasurer", "auditor", "administrator")
TEXTS: dict[str, tuple[str, ...]] = {
    "branch": ("NSN", "NSN", "KKN", "HQ", "XX"),
    "operation": ("disbursement", "withdrawal", "transfer", "gift"),
    "currency": ("THB", "THB", "USD"),
    "channel": ("scb", "internal", "pigeon"),
    "username": ("new.person", "cashier.nsn"),
}
FALLBACK = (
    "",
    "x",
    "100.00",
    "0.001",
    "99999999999.99",
    "W-1",
    "approve",
    "034",
    "2026-11-21",
    "0" * 64,
    "A" * 86 + "==",
)
SESSIONS = {"sign_in", "refresh", "sign_out", "enrol_device", "mint_operation_token"}


@dataclass
class Shop:
    """A running company, the digest of its tables, and ids of everything there is."""

    desks: dict[str, SignedClient]
    effects: Effects
    ids: list[uuid.UUID]


@pytest.fixture(scope="module")
def shop(fresh_database: FreshDatabase) -> Iterator[Shop]:
    with fresh_database() as url:
        company = found_now(url)
        asyncio.run(stock(company, 3))
        effects = Effects(url)
        with running_api(company) as api:
            desks = {name: api.client(name) for name in ROLES}
            desks[NOBODY] = api.client("cashier.kkn", signed_in=False)
            yield Shop(desks, effects, _ids(url))
        effects.close()


def _ids(url: str) -> list[uuid.UUID]:
    # No desks: the people of this test would lose theirs to each other.
    found = [uuid.UUID(int=1)]
    with psycopg.connect(url) as admin:
        for table in ("member", "bank_account", "ledger_account"):
            found += [row[0] for row in admin.execute(f"select id from sheaf.{table}").fetchall()]  # type: ignore[arg-type]  # fixed names
    return found


def some(kind: inspect.Type, name: str, ids: list[uuid.UUID], dice: random.Random) -> Any:
    """A value of this type: what a person might send who knows the wire and means harm or does not look."""
    match kind:
        case inspect.Metadata():
            return some(kind.type, name, ids, dice)
        case inspect.ListType():
            return [some(kind.item_type, name, ids, dice) for _ in range(dice.randint(kind.min_length or 0, 3))]
        case inspect.UnionType():
            return some(dice.choice(kind.types), name, ids, dice)
        case inspect.StructType():
            return {field.encode_name: some(field.type, field.encode_name, ids, dice) for field in kind.fields}
        case inspect.StrType():
            texts = [text for text in (*TEXTS.get(name, FALLBACK), "NSN") if _fits(text, kind)]
            return dice.choice(texts or ["0" * 64])
        case inspect.IntType():
            return max(kind.ge or 0, min(kind.le or 10**6, dice.choice((0, 1, 1, 2, 100, 10**6))))
    return _plain(kind, ids, dice)


def _plain(kind: inspect.Type, ids: list[uuid.UUID], dice: random.Random) -> Any:
    values = {
        inspect.UUIDType: lambda: dice.choice(ids),
        inspect.BoolType: lambda: dice.random() < 0.5,
        inspect.BytesType: lambda: b"%PDF-1.4 " + dice.randbytes(40),
        inspect.LiteralType: lambda: dice.choice(getattr(kind, "values", ())),
        inspect.DictType: dict,
        inspect.NoneType: lambda: None,
    }
    return values[type(kind)]()


def _fits(text: str, kind: inspect.StrType) -> bool:
    long_enough = (kind.min_length or 0) <= len(text) <= (kind.max_length or 10**6)
    return long_enough and (kind.pattern is None or re.search(kind.pattern, text) is not None)


def request_of(verb: Verb, ids: list[uuid.UUID], dice: random.Random) -> Any:
    """A request that decodes, or None when the dice did not find one."""
    for _ in range(20):
        values = some(inspect.type_info(verb.request), "", ids, dice)
        try:
            return msgspec.convert(values, verb.request)
        except msgspec.ValidationError:
            continue
    return None


def send(desk: SignedClient, verb: Verb, request: Any) -> httpx.Response:
    """As a desk would do it; where no operation token is to be had, without one."""
    token = None
    if verb.challenge is not Challenge.NONE:
        minted = desk.call("mint_operation_token", desk.mint_request(verb.name, request))
        token = minted.json()["operation_token"] if minted.status_code == 200 else None
    return desk.call(verb.name, request, key=uuid.uuid4().hex, operation_token=token)


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb.name not in SESSIONS], ids=lambda verb: verb.name)
def test_what_is_refused_has_changed_nothing(shop: Shop, verb: Verb) -> None:
    dice, refused = random.Random(verb.name), 0
    before = shop.effects.digest()
    for turn in range(BAD_INPUTS):
        request = request_of(verb, shop.ids, dice)
        if request is None:
            continue
        # the first is sent by nobody: some questions are open to everybody who is somebody
        answer = send(shop.desks[dice.choice(ROLES) if turn else NOBODY], verb, request)
        assert answer.status_code < 500, answer.text
        if answer.status_code < 400:
            shop.ids += [uuid.UUID(found) for found in re.findall(r'"id":"([0-9a-f-]{36})"', answer.text)]
            before = shop.effects.digest()
            continue
        refused += 1
        after = shop.effects.digest()
        assert changed(before, after) == [], (verb.name, answer.text)
    assert refused or verb.permission is None, f"nothing was refused by {verb.name}"
