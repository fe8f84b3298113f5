"""Sessions, operation tokens, devices and users on the wire."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from shared.wire.common import Base64, Code, Hex64, ShortText, Totp, Wire

Password = Annotated[str, Meta(min_length=1, max_length=200)]


class BranchView(Wire, frozen=True, kw_only=True):
    """A branch as every desk may know it."""

    id: int
    code: str
    name_th: str
    name_en: str


class UserView(Wire, frozen=True, kw_only=True):
    """Who is signed in; `permissions` only lets the desk hide what the server would refuse."""

    id: UUID
    username: str
    name: str
    roles: list[str]
    permissions: list[str]
    branch: BranchView


class SignInRequest(Wire, frozen=True, kw_only=True):
    username: Code
    password: Password


class RefreshRequest(Wire, frozen=True, kw_only=True):
    refresh_token: Annotated[str, Meta(max_length=200)]


class SessionReply(Wire, frozen=True, kw_only=True):
    """A shop token (15 min) and its refresh token (7 days, one use).

    `proof_key` (base64) proves the desk in calls that only read, for as long as this shop token lives.
    """

    shop_token: str
    refresh_token: str
    proof_key: str
    expires_at: str
    server_time: str
    user: UserView
    branches: list[BranchView]


class MintRequest(Wire, frozen=True, kw_only=True):
    """Ask for one operation token.

    `resources` names what the action touches, in order; `content_digest` is the SHA-256 of the request body that will
    be sent; `signature` is the device key's over `shared.canonical.operation_bytes`. `totp` where the verb asks for it.
    """

    verb: Code
    resources: Annotated[list[ShortText], Meta(max_length=50_000)] = []
    content_digest: Hex64
    signature: Base64
    totp: Totp = ""


class MintReply(Wire, frozen=True, kw_only=True):
    operation_token: str
    expires_at: str


class CreateEnrolmentCodeRequest(Wire, frozen=True, kw_only=True):
    branch: Code


class CreateEnrolmentCodeReply(Wire, frozen=True, kw_only=True):
    """The one-time code is shown once and stored hashed."""

    code: str
    expires_at: str


class EnrolDeviceRequest(Wire, frozen=True, kw_only=True):
    """The new desk's Ed25519 public key (base64 of 32 bytes) and the code that head office gave."""

    code: Annotated[str, Meta(max_length=40)]
    name: ShortText
    public_key: Base64


class DeviceView(Wire, frozen=True, kw_only=True):
    id: UUID
    name: str
    branch: str
    state: str
    fingerprint: str
    enrolled_at: str
    version: int


class DeviceList(Wire, frozen=True, kw_only=True):
    devices: list[DeviceView]


class CreateUserRequest(Wire, frozen=True, kw_only=True):
    username: Code
    name: ShortText
    branch: Code
    roles: Annotated[list[Code], Meta(min_length=1, max_length=5)]


class NewSecretReply(Wire, frozen=True, kw_only=True):
    """A password and a TOTP secret made by the server, shown once."""

    user_id: UUID
    username: str
    password: str
    totp_secret: str


class ResetPasswordRequest(Wire, frozen=True, kw_only=True):
    id: UUID


class UserRow(Wire, frozen=True, kw_only=True):
    id: UUID
    username: str
    name: str
    branch: str
    roles: list[str]
    enabled: bool


class UserList(Wire, frozen=True, kw_only=True):
    users: list[UserRow]
