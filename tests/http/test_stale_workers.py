"""What a worker remembers of a desk is not believed where it counts, nor after the worker was cut off."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest

from shared.wire.payments import ListIntentsRequest
from tests.conftest import FreshDatabase
from tests.http.test_revocation import no_listener
from tests.support.api import LIMITS, RunningApi, running_api
from tests.support.client import SignedClient
from tests.support.samples import CHALLENGED
from tests.support.world import found_now
from tests.waiting import wait_until


@pytest.fixture
def unaware(api: RunningApi) -> SignedClient:
    """A desk that was revoked although the worker has not heard of it."""
    desk = api.client("manager.nsn")
    with psycopg.connect(api.company.admin_url, autocommit=True) as admin:
        _shut_out_silently(admin, desk)
    return desk


def _shut_out_silently(admin: psycopg.Connection, desk: SignedClient) -> None:
    admin.execute("update sheaf.device set state = 'revoked' where id = %s", [desk.person.device_id])


def test_a_revoked_desk_gets_no_operation_token_from_a_worker_that_has_not_heard(unaware: SignedClient) -> None:
    assert unaware.call("list_intents", ListIntentsRequest()).status_code == 200
    request = unaware.mint_request("request_funding", CHALLENGED["request_funding"])
    assert unaware.call("mint_operation_token", request).json()["code"] == "device.unknown"


def test_a_worker_that_was_cut_off_looks_at_every_desk_anew(fresh_database: FreshDatabase) -> None:
    with fresh_database() as url:
        company = found_now(url)
        with running_api(company, limits=replace(LIMITS, silence_seconds=0.5)) as api:
            desk = api.client("cashier.nsn")
            with psycopg.connect(company.admin_url, autocommit=True) as admin, no_listener(company):
                wait_until(lambda: desk.http.get("/readyz").status_code == 503, seconds=5)
                _shut_out_silently(admin, desk)
                assert desk.call("list_intents", ListIntentsRequest()).status_code == 200
            wait_until(lambda: desk.http.get("/readyz").status_code == 200, seconds=5)
            assert desk.call("list_intents", ListIntentsRequest()).json()["code"] == "device.unknown"
