"""Signing in: right, wrong, too often, elsewhere, disabled; and what a refresh token is good for."""

from __future__ import annotations

import statistics
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import msgspec
import psycopg
import pytest

from server.database.roles import AUDITOR, role_url
from shared.wire.auth import RefreshRequest, SessionReply, SignInRequest
from shared.wire.payments import ListIntentsRequest
from tests.conftest import ROLE_SECRET
from tests.support.api import RunningApi, running_api
from tests.support.client import SignedClient
from tests.support.world import PASSWORD


def try_in(desk: SignedClient, username: str, password: str) -> tuple[int, str]:
    answer = desk.call("sign_in", SignInRequest(username=username, password=password))
    return answer.status_code, answer.json().get("code", "")


def test_a_wrong_user_and_a_wrong_password_cannot_be_told_apart(api: RunningApi) -> None:
    desk = api.client("cashier.nsn", signed_in=False)
    bodies, seconds = [], []
    for username in ("manager.nsn", "nobody.at.all"):
        answers = [desk.call("sign_in", SignInRequest(username=username, password="wrong")) for _ in range(4)]
        seconds.append(statistics.median(answer.elapsed.total_seconds() for answer in answers))
        bodies.append({**answers[0].json(), "correlation_id": ""})
    assert bodies[0] == bodies[1]
    assert bodies[0]["code"] == "auth.credentials"
    # the machine is shared: what matters is that an unknown user costs a password check too
    assert seconds[1] > seconds[0] / 3


def test_five_wrong_passwords_lock_for_a_quarter_of_an_hour_and_a_restart_does_not_help(api: RunningApi) -> None:
    desk = api.client("cashier.kkn", signed_in=False)
    assert [try_in(desk, "cashier.kkn", f"wrong {number}") for number in range(5)] == [(401, "auth.credentials")] * 5
    assert try_in(desk, "cashier.kkn", PASSWORD) == (429, "auth.locked")
    assert try_in(desk, "CASHIER.KKN", PASSWORD) == (429, "auth.locked")
    with running_api(api.company) as restarted:
        assert try_in(restarted.client("cashier.kkn", signed_in=False), "cashier.kkn", PASSWORD)[0] == 429
    api.company.clock.forward(timedelta(minutes=14))
    assert try_in(desk, "cashier.kkn", PASSWORD)[0] == 429
    api.company.clock.forward(timedelta(minutes=1, seconds=1))
    assert try_in(desk, "cashier.kkn", PASSWORD)[0] == 200


def test_guessing_in_parallel_gets_no_extra_guess(api: RunningApi) -> None:
    desk = api.client("manager.kkn", signed_in=False)
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda number: try_in(desk, "manager.kkn", f"guess {number}"), range(12)))
    assert answers.count((401, "auth.credentials")) == 5
    assert answers.count((429, "auth.locked")) == 7


def test_a_right_password_forgives_the_wrong_ones(api: RunningApi) -> None:
    desk = api.client("cashier.cri", signed_in=False)
    for _ in range(2):
        for _ in range(4):
            assert try_in(desk, "cashier.cri", "wrong")[0] == 401
        assert try_in(desk, "cashier.cri", PASSWORD)[0] == 200


def test_a_person_signs_in_at_the_own_branch_only(api: RunningApi) -> None:
    far = api.client("manager.cri", signed_in=False)
    assert try_in(far, "cashier.nsn", PASSWORD) == (403, "auth.forbidden")
    assert try_in(far, "treasurer", PASSWORD) == (403, "auth.forbidden")
    office = api.client("treasurer", signed_in=False)
    assert try_in(office, "administrator", PASSWORD)[0] == 200
    assert try_in(office, "cashier.nsn", PASSWORD) == (403, "auth.forbidden")


def test_a_disabled_user_hears_it_only_with_the_right_password(api: RunningApi) -> None:
    desk = api.client("manager.cri", signed_in=False)
    with psycopg.connect(api.company.admin_url) as connection:
        connection.execute("update sheaf.app_user set enabled = false where username = 'manager.cri'")
    assert try_in(desk, "manager.cri", "wrong") == (401, "auth.credentials")
    assert try_in(desk, "manager.cri", PASSWORD) == (403, "auth.disabled")


def test_a_damaged_hash_lets_nobody_in_and_is_no_crash(api: RunningApi) -> None:
    desk = api.client("auditor", signed_in=False)
    with psycopg.connect(api.company.admin_url) as connection:
        connection.execute("update sheaf.app_user set password_hash = 'damaged' where username = 'auditor'")
    assert try_in(desk, "auditor", PASSWORD) == (401, "auth.credentials")


def test_no_role_but_the_api_reads_password_hashes(api: RunningApi) -> None:
    with (
        psycopg.connect(role_url(api.company.admin_url, AUDITOR, ROLE_SECRET)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("select password_hash from sheaf.app_user")


def renew(desk: SignedClient, session: SessionReply) -> SessionReply | str:
    answer = desk.call("refresh", RefreshRequest(refresh_token=session.refresh_token))
    if answer.status_code != 200:
        return str(answer.json()["code"])
    return msgspec.json.decode(answer.content, type=SessionReply)


def test_a_refresh_token_is_good_once_and_its_second_use_ends_the_session(api: RunningApi) -> None:
    desk = api.client("treasurer")
    first = desk.session
    assert first is not None
    second = renew(desk, first)
    assert isinstance(second, SessionReply)
    assert second.refresh_token != first.refresh_token
    assert renew(desk, first) == "auth.token"
    assert renew(desk, second) == "auth.token"
    desk.session = second
    assert desk.call("list_intents", ListIntentsRequest()).json()["code"] == "auth.token"
    with psycopg.connect(api.company.admin_url) as connection:
        entries = connection.execute("select count(*) from sheaf.audit_entry where tag = 'session_reused'")
        assert entries.fetchone() == (1,)


def test_of_many_who_present_one_refresh_token_at_once_one_at_most_wins(api: RunningApi) -> None:
    desk = api.client("treasurer")
    session = desk.session
    assert session is not None
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: renew(desk, session), range(8)))
    assert sum(isinstance(answer, SessionReply) for answer in answers) == 1


def test_a_refresh_token_ends_after_a_week_and_works_on_its_own_desk_only(api: RunningApi) -> None:
    desk, other = api.client("treasurer"), api.client("administrator", signed_in=False)
    session = desk.session
    assert session is not None
    api.company.clock.forward(timedelta(days=6, hours=23))
    renewed = renew(desk, session)
    assert isinstance(renewed, SessionReply)
    assert renew(other, renewed) == "auth.token"
    assert renew(desk, renewed) == "auth.token", "a stolen token ends the session for the thief and the owner"
    desk.sign_in()
    assert desk.session is not None
    api.company.clock.forward(timedelta(days=7))
    assert renew(desk, desk.session) == "auth.token"
    assert renew(desk, msgspec.structs.replace(session, refresh_token="unknown")) == "auth.token"
