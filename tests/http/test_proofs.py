"""What proves a call: the desk's signature over exactly these bytes, now, once, and nothing that a caller claims."""

from __future__ import annotations

from datetime import timedelta

import pytest

from server.wire_time import wire_time
from shared.canonical import device_proof_bytes
from shared.refusals import RefusalCode
from shared.wire.common import Nothing
from tests.support.api import RunningApi
from tests.support.client import SignedClient

DEVICES = "/api/v1/devices"


@pytest.fixture(scope="module")
def desk(api: RunningApi) -> SignedClient:
    return api.client("administrator")


def resigned(desk: SignedClient, **changed: str) -> dict[str, str]:
    """A proof for GET /devices with some of what is signed changed, and the signature made anew."""
    headers = desk.proof("GET", DEVICES) | changed
    signed = device_proof_bytes("GET", DEVICES, headers["Device-Time"], headers["Device-Nonce"], b"")
    return headers | {"Device-Signature": desk.sign(signed)}


def test_a_proof_is_good_once(desk: SignedClient) -> None:
    headers = desk.proof("GET", DEVICES)
    assert desk.http.get(DEVICES, headers=headers).status_code == 200
    again = desk.http.get(DEVICES, headers=headers)
    assert (again.status_code, again.json()["code"]) == (401, RefusalCode.DEVICE_PROOF)


@pytest.mark.parametrize("seconds", [-61, 61])
def test_a_proof_of_another_minute_is_refused_with_the_servers_time(desk: SignedClient, seconds: int) -> None:
    time = wire_time(desk.clock() + timedelta(seconds=seconds))
    answer = desk.http.get(DEVICES, headers=resigned(desk, **{"Device-Time": time}))
    assert (answer.status_code, answer.json()["code"]) == (401, RefusalCode.DEVICE_PROOF)
    assert wire_time(desk.clock())[:16] in answer.json()["detail_en"]


@pytest.mark.parametrize("seconds", [-55, 55])
def test_a_clock_that_is_a_little_wrong_is_good_enough(desk: SignedClient, seconds: int) -> None:
    time = wire_time(desk.clock() + timedelta(seconds=seconds))
    assert desk.http.get(DEVICES, headers=resigned(desk, **{"Device-Time": time})).status_code == 200


@pytest.mark.parametrize("time", ["", "yesterday", "2026-11-21T10:00:00", "9" * 400])
def test_a_time_that_is_none_is_refused(desk: SignedClient, time: str) -> None:
    answer = desk.http.get(DEVICES, headers=resigned(desk, **{"Device-Time": time}))
    assert (answer.status_code, answer.json()["code"]) == (401, RefusalCode.DEVICE_PROOF)


def test_every_signed_part_counts(desk: SignedClient) -> None:
    good = desk.proof("GET", DEVICES)
    assert desk.http.get(DEVICES + "?x=1", headers=good).json()["code"] == RefusalCode.DEVICE_PROOF
    assert desk.http.post(DEVICES + "/codes", headers=good).json()["code"] == RefusalCode.DEVICE_PROOF
    body = {"content": b'{"branch":"NSN"}', "headers": desk.proof("POST", DEVICES + "/codes", b'{"branch":"KKN"}')}
    body["headers"] |= {"Content-Type": "application/json"}  # type: ignore[operator]
    assert desk.http.post(DEVICES + "/codes", **body).json()["code"] == RefusalCode.DEVICE_PROOF  # type: ignore[arg-type]
    flipped = good | {"Device-Nonce": good["Device-Nonce"][:-1] + ("0" if good["Device-Nonce"][-1] != "0" else "1")}
    assert desk.http.get(DEVICES, headers=flipped).json()["code"] == RefusalCode.DEVICE_PROOF


@pytest.mark.parametrize("device", ["", "x", "0192f0c2-0000-7000-8000-000000000001", "é" * 36])
def test_a_desk_that_nobody_knows_reads_nothing(desk: SignedClient, device: str) -> None:
    headers = desk.proof("GET", DEVICES) | {"Device-Id": device}
    answer = desk.http.get(DEVICES, headers=[(name.encode(), value.encode()) for name, value in headers.items()])
    assert (answer.status_code, answer.json()["code"]) == (401, RefusalCode.DEVICE_UNKNOWN)


def test_a_shop_token_works_only_on_its_own_desk(api: RunningApi, desk: SignedClient) -> None:
    other = api.client("auditor", signed_in=False)
    other.session = desk.session
    answer = other.call("list_devices", Nothing())
    assert (answer.status_code, answer.json()["code"]) == (401, RefusalCode.TOKEN)


@pytest.mark.parametrize("name", ["X-User-Id", "x-user-id", "X_User_Id", "X-Branch-Id", "X-User-Roles"])
def test_nobody_is_who_a_header_says(api: RunningApi, name: str) -> None:
    cashier = api.client("cashier.nsn")
    spoof = str(api.company.people["administrator"].user_id)
    answer = cashier.call("list_devices", Nothing(), headers={name: spoof, name.lower(): "administrator"})
    assert (answer.status_code, answer.json()["code"]) == (403, RefusalCode.FORBIDDEN)
