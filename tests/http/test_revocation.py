"""What is revoked is shut out on every worker within a second; a silent push stops money and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from server.bootstrap import see_everything
from server.identity.standing import Standing, UserChange, change_user
from shared.refusals import RefusalCode, Refused
from shared.wire.auth import RefreshRequest, ResetPasswordRequest, SignInRequest
from shared.wire.common import ById, Nothing
from shared.wire.payments import ListIntentsRequest
from tests.conftest import FreshDatabase
from tests.support.api import LIMITS, RunningApi, running_api
from tests.support.client import SignedClient
from tests.support.samples import CHALLENGED
from tests.support.world import PASSWORD, Company, found_now
from tests.waiting import wait_until

_LIST = ListIntentsRequest()


@pytest.fixture(scope="module")
def workers(fresh_database: FreshDatabase) -> Iterator[tuple[RunningApi, RunningApi]]:
    """Two workers of one company."""
    with fresh_database() as url:
        company = found_now(url)
        with running_api(company) as one, running_api(company) as two:
            yield one, two


def on_both(workers: tuple[RunningApi, RunningApi], username: str) -> tuple[SignedClient, SignedClient]:
    """One session of one desk, used on both workers until both have it in their caches."""
    first, second = workers[0].client(username), workers[1].client(username, signed_in=False)
    second.session = first.session
    assert [desk.call("list_intents", _LIST).status_code for desk in (first, second)] == [200, 200]
    return first, second


def codes(desks: tuple[SignedClient, SignedClient]) -> list[str]:
    return [desk.call("list_intents", _LIST).json().get("code", "") for desk in desks]


def test_a_revoked_desk_is_out_on_both_workers_within_a_second(workers: tuple[RunningApi, RunningApi]) -> None:
    desks = on_both(workers, "cashier.cri")
    administrator = workers[0].client("administrator")
    view = administrator.ask("revoke_device", ById(id=desks[0].person.device_id))
    assert view.state == "revoked"
    wait_until(lambda: codes(desks) == ["device.unknown"] * 2, seconds=1)
    assert administrator.call("revoke_device", ById(id=view.id)).json()["code"] == "device.state"


def test_signing_out_ends_the_session_on_both_workers(workers: tuple[RunningApi, RunningApi]) -> None:
    desks = on_both(workers, "cashier.nsn")
    assert desks[1].session is not None
    assert desks[0].call("sign_out", Nothing()).status_code == 200
    wait_until(lambda: codes(desks) == ["auth.token"] * 2, seconds=1)
    refresh = RefreshRequest(refresh_token=desks[1].session.refresh_token)
    assert desks[1].call("refresh", refresh).json()["code"] == "auth.token"


def test_a_password_reset_ends_all_sessions_of_the_person(workers: tuple[RunningApi, RunningApi]) -> None:
    desks = on_both(workers, "manager.kkn")
    other = on_both(workers, "manager.nsn")
    administrator = workers[1].client("administrator")
    secrets = administrator.ask("reset_password", ResetPasswordRequest(id=desks[0].person.user_id))
    wait_until(lambda: codes(desks) == ["auth.token"] * 2, seconds=1)
    assert codes(other) == ["", ""]
    assert desks[0].sign_in(secrets.password).user.username == "manager.kkn"
    assert desks[0].call("list_intents", _LIST).status_code == 200


def change(company: Company, username: str, **what: Any) -> Standing | Refused:
    """As `sheaf user` does, at the server itself."""

    async def run() -> Standing | Refused:
        async with company.administration() as database, database.transaction(()) as tx:
            actor = await see_everything(tx, "tests")
            request = UserChange(id=company.people[username].user_id, **what)
            return await change_user(tx, actor, request, company.clock())

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("what", "back", "code"),
    [
        ({"enabled": False}, {"enabled": True}, "auth.disabled"),
        ({"roles": ("cashier",)}, {"roles": ("manager",)}, ""),
        ({"branch": "KKN"}, {"branch": "CRI"}, "auth.forbidden"),
    ],
    ids=["disabled", "another role", "moved"],
)
def test_who_is_shut_out_or_changed_ends_on_both_workers_within_a_second(
    workers: tuple[RunningApi, RunningApi], what: dict[str, Any], back: dict[str, Any], code: str
) -> None:
    desks, company = on_both(workers, "manager.cri"), workers[0].company
    session = desks[0].session
    assert session is not None
    assert not isinstance(change(company, "manager.cri", **what), Refused)
    wait_until(lambda: codes(desks) == ["auth.token"] * 2, seconds=1)
    refresh = RefreshRequest(refresh_token=session.refresh_token)
    assert desks[1].call("refresh", refresh).json()["code"] == "auth.token"
    answer = desks[0].call("sign_in", SignInRequest(username="manager.cri", password=PASSWORD)).json()
    assert answer.get("code", "") == code
    assert code or answer["user"]["roles"] == ["cashier"]
    assert not isinstance(change(company, "manager.cri", **back), Refused)
    assert desks[0].sign_in().user.roles == ["manager"]


def test_a_session_that_began_while_its_owner_was_shut_out_ends_too(workers: tuple[RunningApi, RunningApi]) -> None:
    """Its token is younger than the moment at which the shutting out began."""
    desks, company = on_both(workers, "manager.nsn"), workers[0].company

    async def run() -> None:
        async with company.administration() as database, database.transaction(()) as tx:
            actor, early = await see_everything(tx, "tests"), company.clock() - timedelta(seconds=30)
            await change_user(tx, actor, UserChange(id=desks[0].person.user_id, enabled=False), early)

    asyncio.run(run())
    wait_until(lambda: codes(desks) == ["auth.token"] * 2, seconds=1)
    change(company, "manager.nsn", enabled=True)


def test_the_last_administrator_stays(workers: tuple[RunningApi, RunningApi]) -> None:
    for what in ({"enabled": False}, {"roles": ("auditor",)}, {"branch": "NSN", "roles": ("cashier",)}):
        refused = change(workers[0].company, "administrator", **what)
        assert isinstance(refused, Refused)
        assert refused.code is RefusalCode.LAST_ADMINISTRATOR
    for what in ({"branch": "ZZZ"}, {"roles": ("king",)}, {"roles": ()}, {"branch": "NSN"}):
        assert isinstance(change(workers[0].company, "auditor", **what), Refused)


def test_silence_stops_money_and_not_reading_until_the_push_is_back(fresh_database: FreshDatabase) -> None:
    with fresh_database() as url:
        company = found_now(url)
        with running_api(company, limits=replace(LIMITS, silence_seconds=1.5)) as api:
            manager = api.client("manager.nsn")
            token = manager.mint("request_funding", CHALLENGED["request_funding"])

            def answer() -> tuple[int, str]:
                given = manager.call(
                    "request_funding", CHALLENGED["request_funding"], key="silent", operation_token=token
                )
                return given.status_code, given.json().get("code", "")

            with no_listener(company):
                wait_until(lambda: manager.http.get("/readyz").json()["push"] is False, seconds=5)
                assert answer() == (503, "revocation.silent")
                assert manager.call("list_intents", _LIST).status_code == 200
                assert manager.http.get("/readyz").status_code == 503
            wait_until(lambda: manager.http.get("/readyz").status_code == 200, seconds=5)
            assert answer() == (201, "")


@contextmanager
def no_listener(company: Company) -> Iterator[None]:
    """Cuts the workers' listening connections and lets no new one in; open ones of the pool stay."""
    name = sql.Identifier(str(conninfo_to_dict(company.admin_url)["dbname"]))
    allow = sql.SQL("alter database {} allow_connections {}")
    with psycopg.connect(company.admin_url, dbname="postgres", autocommit=True) as admin:
        admin.execute(allow.format(name, sql.SQL("false")))
        admin.execute(
            """
            select pg_terminate_backend(pid) from pg_stat_activity
            where datname = %s and application_name = 'sheaf-push'
            """,
            [name.as_string()[1:-1]],
        )
        yield
        admin.execute(allow.format(name, sql.SQL("true")))
