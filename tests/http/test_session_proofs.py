"""A reading call proves its desk by its session's key: who has less than token, desk and key reads nothing."""

from __future__ import annotations

import base64
from datetime import timedelta

import httpx
import msgspec
import psycopg
import pytest

from server.context import Vault
from server.identity.tokens import ShopClaims, keys_of
from server.wire_time import wire_time
from shared.canonical import device_proof_bytes, session_proof
from shared.refusals import RefusalCode as R
from shared.wire.auth import RefreshRequest, SessionReply
from shared.wire.common import Nothing
from shared.wire.table import PREFIX, VERBS
from shared.wire.verb import Auth
from tests.support.api import RunningApi, running_api
from tests.support.client import SignedClient
from tests.support.world import VAULT_KEY
from tests.waiting import wait_until

DEVICES = "/api/v1/devices"
CODES = "/api/v1/devices/codes"


@pytest.fixture
def desk(api: RunningApi) -> SignedClient:
    return api.client("administrator")


def read(desk: SignedClient, headers: dict[str, str] | None = None) -> tuple[int, str]:
    answer = desk.http.get(DEVICES, headers=headers or desk.session_proof("GET", DEVICES))
    return answer.status_code, answer.json().get("code", "")


def proved_again(headers: dict[str, str], key: str, target: str = DEVICES) -> dict[str, str]:
    """The same headers with a proof by another key."""
    proved = device_proof_bytes("GET", target, headers["Device-Time"], headers["Device-Nonce"], b"")
    return headers | {"Device-Mac": base64.b64encode(session_proof(base64.b64decode(key), proved)).decode()}


def refreshed(desk: SignedClient) -> SessionReply:
    assert desk.session is not None
    answer: httpx.Response = desk.call("refresh", RefreshRequest(refresh_token=desk.session.refresh_token))
    return msgspec.json.decode(answer.content, type=SessionReply)


def test_the_sessions_key_proves_the_desk_where_nothing_is_changed(desk: SignedClient) -> None:
    assert read(desk) == (200, "")


def test_a_stolen_bearer_token_alone_reads_nothing(desk: SignedClient) -> None:
    stolen = desk.session_proof("GET", DEVICES)
    del stolen["Device-Mac"]
    assert read(desk, stolen) == (401, R.DEVICE_PROOF)
    for made_up in ("", "AAAA", base64.b64encode(bytes(32)).decode(), "not base64", "\u00e9" * 44):
        headers = [(name.encode(), value.encode()) for name, value in (stolen | {"Device-Mac": made_up}).items()]
        answer = desk.http.get(DEVICES, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, R.DEVICE_PROOF)


def test_another_sessions_key_proves_nothing(api: RunningApi, desk: SignedClient) -> None:
    other = api.client("auditor")
    assert other.session is not None
    mine = desk.session_proof("GET", DEVICES)
    assert read(desk, proved_again(mine, other.session.proof_key)) == (401, R.DEVICE_PROOF)
    # nor does a whole proof of another desk with this one's token, or this one's with the other desk's name
    theirs = other.session_proof("GET", DEVICES) | {"Authorization": mine["Authorization"]}
    assert read(desk, theirs) == (401, R.TOKEN)
    named = desk.session_proof("GET", DEVICES) | {"Device-Id": str(other.person.device_id)}
    assert read(desk, named) == (401, R.TOKEN)


def test_another_session_of_the_same_person_and_desk_has_another_key(api: RunningApi, desk: SignedClient) -> None:
    again = api.client("administrator")
    assert desk.session is not None
    assert again.session is not None
    assert again.session.proof_key != desk.session.proof_key
    stolen = proved_again(desk.session_proof("GET", DEVICES), again.session.proof_key)
    assert read(desk, stolen) == (401, R.DEVICE_PROOF)


def test_each_refresh_brings_a_new_key_and_the_old_one_proves_only_for_its_own_token(desk: SignedClient) -> None:
    before = desk.session
    assert before is not None
    desk.session = refreshed(desk)
    assert desk.session.proof_key != before.proof_key
    assert read(desk) == (200, "")
    assert read(desk, proved_again(desk.session_proof("GET", DEVICES), before.proof_key)) == (401, R.DEVICE_PROOF)


def test_the_key_dies_with_its_token(api: RunningApi) -> None:
    desk, before = api.client("administrator"), api.company.clock.offset
    try:
        api.company.clock.forward(timedelta(minutes=15, seconds=1))
        assert read(desk) == (401, R.TOKEN)
    finally:
        api.company.clock.offset = before


def test_the_key_dies_with_its_session_and_its_desk(api: RunningApi, desk: SignedClient) -> None:
    gone = api.client("administrator")
    assert read(gone) == (200, "")
    assert gone.call("sign_out", Nothing()).status_code == 200
    wait_until(lambda: read(gone) == (401, R.TOKEN), seconds=5)
    assert read(desk) == (200, "")


def test_a_proof_is_good_once(desk: SignedClient) -> None:
    headers = desk.session_proof("GET", DEVICES)
    assert read(desk, headers) == (200, "")
    assert read(desk, headers) == (401, R.DEVICE_PROOF)


@pytest.mark.parametrize(("seconds", "status"), [(-61, 401), (-55, 200), (55, 200), (61, 401)])
def test_the_window_is_that_of_the_signature(desk: SignedClient, seconds: int, status: int) -> None:
    assert desk.session is not None
    headers = desk.session_proof("GET", DEVICES)
    headers["Device-Time"] = wire_time(desk.clock() + timedelta(seconds=seconds))
    answer = desk.http.get(DEVICES, headers=proved_again(headers, desk.session.proof_key))
    assert answer.status_code == status
    if status == 401:
        assert wire_time(desk.clock())[:16] in answer.json()["detail_en"]


def test_every_proved_part_counts(desk: SignedClient) -> None:
    good = desk.session_proof("GET", DEVICES)
    assert desk.http.get(DEVICES + "?x=1", headers=good).json()["code"] == R.DEVICE_PROOF
    assert desk.http.get("/api/v1/users", headers=good).json()["code"] == R.DEVICE_PROOF
    later = good | {"Device-Time": wire_time(desk.clock() + timedelta(seconds=1))}
    assert read(desk, later) == (401, R.DEVICE_PROOF)


def test_what_changes_something_wants_the_desks_signature(desk: SignedClient) -> None:
    body = b'{"branch":"NSN"}'
    headers = desk.session_proof("POST", CODES, body) | {"Content-Type": "application/json"}
    answer = desk.http.post(CODES, content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, R.DEVICE_PROOF)
    assert {verb.method for verb in VERBS if verb.reading} == {"GET"}
    assert not any(verb.reading and (verb.money or verb.idempotent or verb.auth is not Auth.SESSION) for verb in VERBS)


def test_signing_in_and_refreshing_want_the_desks_signature(desk: SignedClient) -> None:
    assert desk.session is not None
    body = msgspec.json.encode(RefreshRequest(refresh_token=desk.session.refresh_token))
    headers = desk.session_proof("POST", PREFIX + "/auth/refresh", body) | {"Content-Type": "application/json"}
    answer = desk.http.post(PREFIX + "/auth/refresh", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, R.DEVICE_PROOF)


def test_every_worker_knows_the_key_and_one_that_was_started_again_too(api: RunningApi, desk: SignedClient) -> None:
    with running_api(api.company) as another:
        at_another = another.client("administrator", signed_in=False)
        at_another.session = desk.session
        assert read(at_another) == (200, "")
    with running_api(api.company) as started_again:
        at_another = started_again.client("administrator", signed_in=False)
        at_another.session = desk.session
        assert read(at_another) == (200, "")


def test_under_another_installation_key_no_key_of_before_proves_anything(api: RunningApi, desk: SignedClient) -> None:
    assert desk.session is not None
    own, other = keys_of(Vault(VAULT_KEY)), keys_of(Vault(bytes(32)))
    claims = own.read(desk.session.shop_token, ShopClaims, api.company.clock())
    assert claims is not None
    assert own.proof_key(claims) == base64.b64decode(desk.session.proof_key)
    assert other.proof_key(claims) != own.proof_key(claims)
    assert other.read(desk.session.shop_token, ShopClaims, api.company.clock()) is None


def test_the_server_keeps_no_key(api: RunningApi, desk: SignedClient) -> None:
    assert desk.session is not None
    assert read(desk) == (200, "")
    key = base64.b64decode(desk.session.proof_key)
    with psycopg.connect(api.company.admin_url) as admin:
        tables = admin.execute(
            "select quote_ident(relname) from pg_class where relnamespace = 'sheaf'::regnamespace and relkind = 'r'"
        ).fetchall()
        stored = "\n".join(
            str(row[0])
            for (table,) in tables
            for row in admin.execute(f"select t::text from sheaf.{table} t")  # type: ignore[arg-type]
        )
    assert str(desk.person.user_id) in stored
    assert key.hex() not in stored
    assert desk.session.proof_key not in stored
