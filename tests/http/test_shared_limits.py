"""Limits and one-time numbers are shared by all workers, counted for each address: a stranger blocks only himself."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import httpx
import psycopg
import pytest

from server.http.limits import address_of
from shared.permissions import Role
from shared.refusals import RefusalCode
from shared.wire.auth import CreateEnrolmentCodeRequest, EnrolDeviceRequest, SignInRequest
from shared.wire.encode import encode
from shared.wire.table import BY_NAME
from tests.conftest import FreshDatabase
from tests.support.api import LIMITS, RunningApi, running_api
from tests.support.client import SignedClient
from tests.support.world import PASSWORD, Person, device_key, found_now

FEW = replace(LIMITS, sign_in_burst=5, sign_in_seconds=3600)
UNKNOWN = b'{"partnerTransactionID": "S0000000000000R1", "transactionId": "T1"}'


@pytest.fixture(scope="module")
def workers(fresh_database: FreshDatabase) -> Iterator[tuple[RunningApi, RunningApi]]:
    """Two workers over one database."""
    with fresh_database() as url:
        company = found_now(url)
        with running_api(company, limits=FEW) as one, running_api(company, limits=FEW) as other:
            yield one, other


def from_address(desk: SignedClient, address: str) -> SignedClient:
    """The same desk, calling from another address of this machine."""
    desk.http.close()
    transport = httpx.HTTPTransport(local_address=address)
    desk.http = httpx.Client(base_url=desk.http.base_url, timeout=30, trust_env=False, transport=transport)
    return desk


def stranger(api: RunningApi, address: str) -> SignedClient:
    person = Person("nobody", "NSN", Role.CASHIER, UUID(int=0), UUID(int=0), device_key(address))
    return from_address(SignedClient(api.base_url, person, api.company.clock), address)


def enrolment(desk: SignedClient, code: str) -> EnrolDeviceRequest:
    public = desk.person.key.public_key().public_bytes_raw()
    return EnrolDeviceRequest(code=code, name="Desk", public_key=base64.b64encode(public).decode())


def tries(desk: SignedClient, count: int, code: str = "AAAA-BBBB-{:04d}") -> list[int]:
    return [desk.call("enrol_device", enrolment(desk, code.format(n))).status_code for n in range(count)]


def test_forty_five_tries_of_a_stranger_block_no_other_address(workers: tuple[RunningApi, RunningApi]) -> None:
    one, other = workers
    attacker = stranger(one, "127.0.0.2")
    assert set(tries(attacker, 45)[5:]) == {429}
    # the second worker knows it too
    there = stranger(other, "127.0.0.2")
    refused = there.call("enrol_device", enrolment(there, "AAAA-BBBB-CCCC"))
    assert (refused.status_code, refused.json()["code"]) == (429, RefusalCode.TOO_MANY)
    assert 0 < int(refused.headers["Retry-After"]) <= 3600
    code = one.client("administrator").ask("create_enrolment_code", CreateEnrolmentCodeRequest(branch="NSN")).code
    honest = stranger(other, "127.0.0.3")
    assert honest.call("enrol_device", enrolment(honest, code)).status_code == 201
    for desk in (attacker, there, honest):
        desk.close()


def test_one_code_can_not_be_tried_from_everywhere(workers: tuple[RunningApi, RunningApi]) -> None:
    statuses = []
    for number in range(7):
        desk = stranger(workers[number % 2], f"127.0.1.{number + 1}")
        statuses += tries(desk, 1, "ZZZZ-ZZZZ-ZZZZ")
        desk.close()
    assert statuses[5:] == [429, 429]
    assert 429 not in statuses[:5]


def test_sign_ins_of_one_desk_are_counted_over_all_workers(workers: tuple[RunningApi, RunningApi]) -> None:
    desks = [api.client("cashier.kkn", signed_in=False) for api in workers]
    request = SignInRequest(username="nobody", password="x")
    statuses = [desks[number % 2].call("sign_in", request).status_code for number in range(7)]
    assert statuses == [401] * 5 + [429] * 2
    # the next desk is not concerned
    assert workers[1].client("manager.nsn").session is not None


def test_a_call_that_was_made_at_one_worker_is_refused_at_the_other(workers: tuple[RunningApi, RunningApi]) -> None:
    desk, verb = workers[0].client("cashier.nsn", signed_in=False), BY_NAME["sign_in"]
    sent = encode(verb, SignInRequest(username="cashier.nsn", password=PASSWORD))
    headers = desk.proof("POST", sent.target, sent.body) | {"Content-Type": "application/json"}
    assert desk.http.post(sent.target, content=sent.body, headers=headers).status_code == 200
    again = httpx.post(workers[1].base_url + sent.target, content=sent.body, headers=headers, trust_env=False)
    assert (again.status_code, again.json()["code"]) == (401, RefusalCode.DEVICE_PROOF)


def test_without_the_shared_store_a_worker_allows_less(fresh_database: FreshDatabase) -> None:
    with fresh_database() as url:
        company = found_now(url)
        with running_api(company, limits=replace(FEW, sign_in_burst=8)) as api:
            with psycopg.connect(url, autocommit=True) as admin:
                admin.execute("alter table sheaf.bucket rename to away")
            attacker = stranger(api, "127.0.0.9")
            statuses = tries(attacker, 5)
            attacker.close()
    assert statuses[2:] == [429, 429, 429]


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "expected"),
    [
        ("203.0.113.9", [], [], "203.0.113.9"),
        ("203.0.113.9", ["198.51.100.1"], [], "203.0.113.9"),
        ("127.0.0.1", ["198.51.100.1"], ["127.0.0.1"], "198.51.100.1"),
        ("127.0.0.1", ["6.6.6.6, 198.51.100.1"], ["127.0.0.1"], "198.51.100.1"),
        ("127.0.0.1", ["6.6.6.6, 198.51.100.1, 10.0.0.7"], ["127.0.0.1", "10.0.0.0/8"], "198.51.100.1"),
        ("127.0.0.1", ["6.6.6.6", "198.51.100.1"], ["127.0.0.1"], "198.51.100.1"),
        ("127.0.0.1", ["not an address"], ["127.0.0.1"], "127.0.0.1"),
        ("127.0.0.1", [], ["127.0.0.1"], "127.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", [], [], "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", [], [], "203.0.113.9"),
        ("fe80::1%eth0", [], [], "fe80::/64"),
        (None, [], [], "-"),
    ],
)
def test_only_a_trusted_proxy_says_who_calls(
    peer: str | None, forwarded: list[str], trusted: list[str], expected: str
) -> None:
    assert address_of(peer, forwarded, trusted) == expected


def kept(api: RunningApi) -> tuple[int, int]:
    """Callbacks in the inbox and their bytes."""
    with psycopg.connect(api.company.admin_url) as admin:
        row = admin.execute("select count(*), coalesce(sum(length(body)), 0) from sheaf.callback_inbox").fetchone()
    assert row is not None
    return int(row[0]), int(row[1])


def test_whatever_strangers_post_little_is_kept(fresh_database: FreshDatabase) -> None:
    with fresh_database() as url, running_api(found_now(url)) as api:
        http = httpx.Client(base_url=api.base_url, trust_env=False)
        body = b'{"partnerTransactionID": "NOBODYS", "x": "' + b"y" * 3900 + b'"}'
        answers = [http.post("/callbacks/scb", content=body).status_code for _ in range(230)]
        assert http.post("/callbacks/scb", content=b"x" * 5000).status_code == 413
        assert http.post("/callbacks/scb", content=UNKNOWN).status_code == 429
        http.close()
        assert set(answers[:200]) == {200}
        assert set(answers[200:]) == {429}
        assert kept(api) == (200, 200 * len(body))


def test_a_clock_that_was_set_back_shuts_nobody_out(database_url: str) -> None:
    take = "select sheaf.take(%s, 3, 60, %s)"
    with psycopg.connect(database_url) as admin:
        ahead = [admin.execute(take, (b"k" * 16, "2027-06-01 00:00+00")).fetchone() for _ in range(4)]
        assert [row is not None and row[0] > 0 for row in ahead] == [False, False, False, True]
        back = [admin.execute(take, (b"k" * 16, "2027-05-01 00:00+00")).fetchone() for _ in range(4)]
        assert [row is not None and row[0] > 0 for row in back] == [False, False, False, True]
