"""A desk's way in, and people made by the administrator."""

from __future__ import annotations

import base64
from uuid import UUID

import psycopg
import pytest

from server.identity.devices import fingerprint
from shared.permissions import Role
from shared.wire.auth import (
    CreateEnrolmentCodeRequest,
    CreateUserRequest,
    DeviceView,
    EnrolDeviceRequest,
    SignInRequest,
)
from shared.wire.common import ById, Nothing
from tests.support.api import RunningApi
from tests.support.client import SignedClient
from tests.support.world import Person, device_key


def new_desk(api: RunningApi, name: str, branch: str = "NSN") -> SignedClient:
    """A desk that nobody knows yet."""
    person = Person("cashier.nsn", branch, Role.CASHIER, UUID(int=0), UUID(int=0), device_key(name))
    return SignedClient(api.base_url, person, api.company.clock)


def enrolment(desk: SignedClient, code: str) -> EnrolDeviceRequest:
    public = desk.person.key.public_key().public_bytes_raw()
    return EnrolDeviceRequest(code=code, name="New desk", public_key=base64.b64encode(public).decode())


def test_a_desk_enrols_waits_is_approved_and_works(api: RunningApi) -> None:
    administrator, desk = api.client("administrator"), new_desk(api, "fresh")
    code = administrator.ask("create_enrolment_code", CreateEnrolmentCodeRequest(branch="NSN")).code
    view: DeviceView = desk.ask("enrol_device", enrolment(desk, code.lower()))
    assert (view.state, view.branch) == ("pending", "NSN")
    assert view.fingerprint == fingerprint(desk.person.key.public_key().public_bytes_raw())
    desk.person.device_id = view.id
    signing_in = SignInRequest(username="cashier.nsn", password="x")
    assert desk.call("sign_in", signing_in).json()["code"] == "device.unknown"
    assert administrator.ask("approve_device", ById(id=view.id)).state == "approved"
    assert desk.sign_in().user.username == "cashier.nsn"
    assert administrator.do("approve_device", ById(id=view.id)).json()["code"] == "device.state"
    assert desk.call("enrol_device", enrolment(desk, code)).json()["code"] == "device.code"
    desk.close()


def test_a_code_is_not_used_up_by_a_key_that_is_known(api: RunningApi) -> None:
    administrator, known = api.client("administrator"), api.client("cashier.kkn", signed_in=False)
    code = administrator.ask("create_enrolment_code", CreateEnrolmentCodeRequest(branch="KKN")).code
    assert known.call("enrol_device", enrolment(known, code)).json()["field"] == "public_key"
    desk = new_desk(api, "second", "KKN")
    assert desk.ask("enrol_device", enrolment(desk, code)).branch == "KKN"
    desk.close()


def test_enrolment_proves_the_key_that_it_brings(api: RunningApi) -> None:
    administrator, desk, other = api.client("administrator"), new_desk(api, "third"), new_desk(api, "fourth")
    code = administrator.ask("create_enrolment_code", CreateEnrolmentCodeRequest(branch="NSN")).code
    answer = desk.call("enrol_device", enrolment(other, code))
    assert (answer.status_code, answer.json()["code"]) == (401, "device.proof")
    desk.close()
    other.close()


def test_only_the_administrator_manages_devices_and_users(api: RunningApi) -> None:
    for username in ("cashier.nsn", "manager.nsn", "treasurer", "auditor"):
        desk = api.client(username)
        assert desk.call("list_devices", Nothing()).json()["code"] == "auth.forbidden"
        assert desk.call("list_users", Nothing()).json()["code"] == "auth.forbidden"


def test_a_new_user_signs_in_with_the_password_that_was_shown(api: RunningApi) -> None:
    administrator, desk = api.client("administrator"), api.client("cashier.cri", signed_in=False)
    request = CreateUserRequest(username="Somchai.J", name="สมชาย", branch="CRI", roles=["cashier"])
    made = administrator.ask("create_user", request)
    assert made.username == "somchai.j"
    answer = desk.call("sign_in", SignInRequest(username="somchai.j", password=made.password))
    assert answer.json()["user"]["name"] == "สมชาย"
    assert administrator.do("create_user", request).json()["code"] == "already_exists"
    assert "somchai.j" in {user.username for user in administrator.ask("list_users", Nothing()).users}
    with psycopg.connect(api.company.admin_url) as connection:
        secrets_of = "select password_hash, totp_secret from sheaf.app_user where id = %s"
        stored = connection.execute(secrets_of, [made.user_id])
        password_hash, totp = stored.fetchone() or ("", b"")
    assert password_hash.startswith("$argon2id$")
    assert made.totp_secret.encode() not in totp


@pytest.mark.parametrize(
    ("branch", "roles", "code", "field"),
    [
        ("NSN", ["treasurer"], "request.invalid", "roles"),
        ("NSN", ["king"], "request.invalid", "roles"),
        ("ZZZ", ["cashier"], "not_found", "branch"),
    ],
)
def test_roles_and_branch_of_a_user_must_fit(
    api: RunningApi, branch: str, roles: list[str], code: str, field: str
) -> None:
    request = CreateUserRequest(username="nobody", name="N", branch=branch, roles=roles)
    answer = api.client("administrator").do("create_user", request).json()
    assert (answer["code"], answer["field"]) == (code, field)
