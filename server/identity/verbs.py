"""The verbs of this room, each from the file that is about its noun."""

from __future__ import annotations

from server.identity.devices import approve_device, create_enrolment_code, enrol_device, list_devices, revoke_device
from server.identity.operations import mint_operation_token
from server.identity.sessions import refresh, sign_in, sign_out
from server.identity.users import create_user, list_users, reset_password

__all__ = [
    "approve_device",
    "create_enrolment_code",
    "create_user",
    "enrol_device",
    "list_devices",
    "list_users",
    "mint_operation_token",
    "refresh",
    "reset_password",
    "revoke_device",
    "sign_in",
    "sign_out",
]
