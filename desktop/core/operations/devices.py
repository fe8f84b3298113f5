"""Devices and users."""

from __future__ import annotations

from uuid import UUID

from desktop.core.answers import Failure
from desktop.core.client import ApiClient
from shared.wire import auth as wire
from shared.wire.common import ById, Nothing


async def enrol_device(client: ApiClient, code: str, name: str) -> wire.DeviceView | Failure:
    """Bring this desk's public key and head office's one-time code; the device then waits for approval."""
    request = wire.EnrolDeviceRequest(code=code, name=name, public_key=client.key.public_key)
    answer: wire.DeviceView | Failure = await client.call("enrol_device", request)
    if isinstance(answer, wire.DeviceView):
        client.device_id = str(answer.id)
    return answer


async def create_enrolment_code(client: ApiClient, branch: str) -> wire.CreateEnrolmentCodeReply | Failure:
    """A one-time code for a branch's new desk."""
    request = wire.CreateEnrolmentCodeRequest(branch=branch)
    answer: wire.CreateEnrolmentCodeReply | Failure = await client.call("create_enrolment_code", request)
    return answer


async def list_devices(client: ApiClient) -> wire.DeviceList | Failure:
    """All desks and their state."""
    answer: wire.DeviceList | Failure = await client.call("list_devices", Nothing())
    return answer


async def approve_device(client: ApiClient, device: UUID, totp: str) -> wire.DeviceView | Failure:
    """Let a desk in after its fingerprint was compared."""
    answer: wire.DeviceView | Failure = await client.perform("approve_device", ById(id=device), totp=totp)
    return answer


async def revoke_device(client: ApiClient, device: UUID) -> wire.DeviceView | Failure:
    """Shut a desk out."""
    answer: wire.DeviceView | Failure = await client.perform("revoke_device", ById(id=device))
    return answer


async def list_users(client: ApiClient) -> wire.UserList | Failure:
    """All users with branch and roles."""
    answer: wire.UserList | Failure = await client.call("list_users", Nothing())
    return answer


async def create_user(client: ApiClient, request: wire.CreateUserRequest, totp: str) -> wire.NewSecretReply | Failure:
    """Make a user; the secrets are shown once."""
    answer: wire.NewSecretReply | Failure = await client.perform("create_user", request, totp=totp)
    return answer


async def reset_password(client: ApiClient, user: UUID, totp: str) -> wire.NewSecretReply | Failure:
    """Give a user a new password and second factor."""
    request = wire.ResetPasswordRequest(id=user)
    answer: wire.NewSecretReply | Failure = await client.perform("reset_password", request, totp=totp)
    return answer
