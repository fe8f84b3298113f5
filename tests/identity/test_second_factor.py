"""The code behind an operation token: once, in time, and five wrong ones lock."""

from __future__ import annotations

from datetime import timedelta

import httpx

from server.identity.second_factor import STEP_SECONDS, code_at, matching_step, step_of
from tests.support.api import RunningApi
from tests.support.client import SignedClient
from tests.support.samples import CHALLENGED
from tests.support.world import TOTP_SECRET


def mint(desk: SignedClient, totp: str) -> httpx.Response:
    return desk.call("mint_operation_token", desk.mint_request("sign_funding", CHALLENGED["sign_funding"], totp=totp))


def test_a_code_is_good_one_step_either_way(api: RunningApi) -> None:
    now = api.company.clock()
    step = step_of(now)
    for away, accepted in ((-2, False), (-1, True), (0, True), (1, True), (2, False)):
        assert (matching_step(TOTP_SECRET, code_at(TOTP_SECRET, step + away), now) is not None) is accepted
    assert matching_step(TOTP_SECRET, "๑๒๓๔๕๖", now) is None


def test_a_code_is_needed_and_good_once(api: RunningApi) -> None:
    desk = api.client("treasurer")
    assert mint(desk, "").json()["code"] == "auth.code_needed"
    code = desk.person.totp(desk.clock)
    assert mint(desk, code).status_code == 200
    assert mint(desk, code).json()["code"] == "auth.code"


def test_five_wrong_codes_lock_the_right_one_out_for_a_quarter_of_an_hour(api: RunningApi) -> None:
    desk = api.client("administrator")
    request = desk.mint_request("approve_device", CHALLENGED["approve_device"], totp="000000x")
    answers = [desk.call("mint_operation_token", request) for _ in range(5)]
    assert [answer.json()["code"] for answer in answers] == ["auth.code"] * 5
    assert "4" in answers[0].json()["detail_en"]

    def right() -> httpx.Response:
        return desk.call("mint_operation_token", desk.mint_request("approve_device", CHALLENGED["approve_device"]))

    locked = right()
    assert (locked.status_code, locked.json()["code"]) == (429, "auth.locked")
    assert int(locked.headers["Retry-After"]) <= 15 * 60
    api.company.clock.forward(timedelta(minutes=14))
    assert right().status_code == 429
    api.company.clock.forward(timedelta(minutes=1, seconds=STEP_SECONDS))
    desk.sign_in()
    assert right().status_code == 200


def test_only_the_desks_own_signature_over_this_action_mints(api: RunningApi) -> None:
    desk, other = api.client("manager.nsn"), api.client("manager.kkn")
    good = desk.mint_request("request_funding", CHALLENGED["request_funding"])
    forged = other.mint_request("request_funding", CHALLENGED["request_funding"])
    assert desk.call("mint_operation_token", good).status_code == 200
    assert desk.call("mint_operation_token", forged).json()["code"] == "signature.invalid"
    cashier = api.client("cashier.nsn")
    request = cashier.mint_request("request_funding", CHALLENGED["request_funding"])
    assert cashier.call("mint_operation_token", request).json()["code"] == "auth.forbidden"
