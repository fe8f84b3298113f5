"""Shop tokens: only ours, only alive, only with the one algorithm."""

from __future__ import annotations

import base64
import json
import random
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import jwt
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from server.context import Vault
from server.identity.tokens import OperationClaims, ShopClaims, TokenKeys, keys_of
from shared.wire.common import Nothing
from tests.support.api import RunningApi
from tests.support.world import VAULT_KEY

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
KEYS = keys_of(Vault(VAULT_KEY))


def shop_claims(now: datetime = NOW, minutes: int = 15) -> ShopClaims:
    return ShopClaims(
        sub=uuid4(),
        sid=uuid4(),
        did=uuid4(),
        bid=1,
        usr="cashier.nsn",
        name="กมลวรรณ",
        roles=["cashier"],
        jti=uuid4(),
        iat=now.timestamp(),
        exp=(now + timedelta(minutes=minutes)).timestamp(),
    )


def mutated(token: str, dice: random.Random) -> str:
    """The token with one to three characters changed, dropped, doubled or swapped."""
    letters = list(token)
    for _ in range(dice.randint(1, 3)):
        at = dice.randrange(len(letters) - 1)
        match dice.randrange(4):
            case 0:
                letters[at] = dice.choice(BASE64 + ".=é ")
            case 1:
                del letters[at]
            case 2:
                letters.insert(at, letters[at])
            case _:
                letters[at], letters[at + 1] = letters[at + 1], letters[at]
    return "".join(letters)


def test_no_mutated_token_is_accepted() -> None:
    dice = random.Random(1)
    token = KEYS.issue(shop_claims())
    assert KEYS.read(token, ShopClaims, NOW) is not None
    tried = {mutated(token, dice) for _ in range(2300)} - {token}
    last = {token[:-1] + letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"} - {
        token
    }
    assert len(tried) >= 2000
    assert [text for text in tried | last if KEYS.read(text, ShopClaims, NOW) is not None] == []


def forged(claims: ShopClaims, algorithm: str, key: str | bytes | Ed25519PrivateKey, kid: str) -> str:
    payload = msgspec.to_builtins(claims) | {"iss": "sheaf", "aud": "sheaf-shop", "nbf": claims.iat}
    return jwt.encode(payload, key, algorithm=algorithm, headers={"kid": kid})


def unsigned(claims: ShopClaims, algorithm: str) -> str:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    payload = msgspec.to_builtins(claims) | {"iss": "sheaf", "aud": "sheaf-shop", "nbf": claims.iat}
    return f"{part({'alg': algorithm, 'typ': 'JWT', 'kid': KEYS.kid})}.{part(payload)}."


def test_only_our_key_and_algorithm_are_believed() -> None:
    claims, stranger = shop_claims(), Ed25519PrivateKey.generate()
    public = KEYS._public.public_bytes_raw()
    fakes = [
        unsigned(claims, "none"),
        unsigned(claims, "None"),
        unsigned(claims, "EdDSA"),
        forged(claims, "HS256", public, KEYS.kid),
        forged(claims, "EdDSA", stranger, KEYS.kid),
        forged(claims, "EdDSA", KEYS._private, "another"),
        TokenKeys(bytes(32)).issue(claims),
        "",
        ".",
        "a.b.c",
        "[" * 5000,
        KEYS.issue(claims) + ".x",
    ]
    assert [fake for fake in fakes if KEYS.read(fake, ShopClaims, NOW) is not None] == []


def test_a_token_ends_to_the_second_and_does_not_come_from_the_future() -> None:
    token = KEYS.issue(shop_claims())
    assert KEYS.read(token, ShopClaims, NOW + timedelta(minutes=14, seconds=59)) is not None
    assert KEYS.read(token, ShopClaims, NOW + timedelta(minutes=15)) is None
    assert KEYS.read(token, ShopClaims, NOW - timedelta(seconds=59)) is not None
    assert KEYS.read(token, ShopClaims, NOW - timedelta(seconds=61)) is None


def test_one_kind_of_token_is_not_another() -> None:
    assert KEYS.read(KEYS.issue(shop_claims()), OperationClaims, NOW) is None
    assert KEYS.read(KEYS.issue(operation_claims()), ShopClaims, NOW) is None


def operation_claims() -> OperationClaims:
    return OperationClaims(
        sub=UUID(int=1),
        did=UUID(int=2),
        verb="submit_intent",
        resources="0" * 64,
        content="1" * 64,
        jti=UUID(int=3),
        iat=NOW.timestamp(),
        exp=(NOW + timedelta(seconds=120)).timestamp(),
    )


def test_an_operation_token_is_ours_to_the_letter() -> None:
    dice = random.Random(2)
    token, claims = KEYS.issue(operation_claims()), operation_claims()
    assert KEYS.read(token, OperationClaims, NOW) == KEYS.read(KEYS.issue(claims), OperationClaims, NOW) is not None
    tried = {mutated(token, dice) for _ in range(500)} - {token}
    payload = msgspec.to_builtins(claims) | {"iss": "sheaf", "aud": "sheaf-operation", "nbf": claims.iat}
    public, header = KEYS._public.public_bytes_raw(), {"kid": KEYS.kid}
    fakes = {
        jwt.encode(payload, KEYS._private, algorithm="EdDSA", headers=header),
        jwt.encode(payload, public + bytes(32), algorithm="HS256", headers=header),
        forged(shop_claims(), "HS256", KEYS._operation_key, KEYS.kid),
        TokenKeys(bytes(32)).issue(claims),
        token.rpartition(".")[0] + ".",
    }
    assert [text for text in tried | fakes if KEYS.read(text, OperationClaims, NOW) is not None] == []
    shop = forged(shop_claims(), "HS256", KEYS._operation_key, KEYS.kid)
    assert KEYS.read(shop, ShopClaims, NOW) is None


@pytest.mark.parametrize("spoil", [lambda t: "x", lambda t: t[:-2], lambda t: t + "A", lambda t: t.replace(".", "..")])
def test_a_bad_token_is_401_on_a_real_call(api: RunningApi, spoil) -> None:  # type: ignore[no-untyped-def]
    desk = api.client("treasurer")
    assert desk.session is not None
    desk.session = msgspec.structs.replace(desk.session, shop_token=spoil(desk.session.shop_token))
    answer = desk.call("list_funding", Nothing())
    assert (answer.status_code, answer.json()["code"]) == (401, "auth.token")


def test_a_cached_token_ends_too(api: RunningApi) -> None:
    desk = api.client("treasurer")
    assert desk.call("list_funding", Nothing()).status_code == 200
    api.company.clock.forward(timedelta(minutes=15))
    assert desk.call("list_funding", Nothing()).json()["code"] == "auth.token"
