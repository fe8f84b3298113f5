"""Desks: enrolment with a one-time code, approval by head office, revocation."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from uuid import UUID

from server.audit import store as audit
from server.context import Actor
from server.database.transaction import Row, Transaction
from server.identity import rules, store
from server.identity.signatures import from_base64
from server.identity.standing import News, shut_desk_out, tell
from server.wire_time import wire_time
from shared.audit_tags import AuditTag
from shared.refusals import RefusalCode, Refused
from shared.wire.auth import (
    CreateEnrolmentCodeReply,
    CreateEnrolmentCodeRequest,
    DeviceList,
    DeviceView,
    EnrolDeviceRequest,
)
from shared.wire.common import ById, Nothing

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


async def create_enrolment_code(
    tx: Transaction, actor: Actor, request: CreateEnrolmentCodeRequest, now: datetime
) -> CreateEnrolmentCodeReply | Refused:
    """A code of 60 bits for one desk of a branch, good for a day. Refuses NOT_FOUND for an unknown branch."""
    branch_id = actor.branch_codes.get(request.branch)
    if branch_id is None:
        return Refused(RefusalCode.NOT_FOUND, field="branch")
    code = "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(3))
    expires_at = now + rules.ENROLMENT_CODE_LIFE
    digest = code_digest(tx, code)
    await store.add_enrolment_code(tx, digest, branch_id, actor.user, expires_at)
    await audit.append(tx, actor, branch_id, AuditTag.ENROLMENT_CODE_CREATED, digest.hex()[:16], {}, now)
    return CreateEnrolmentCodeReply(code=code, expires_at=wire_time(expires_at))


async def enrol_device(
    tx: Transaction, actor: Actor, request: EnrolDeviceRequest, now: datetime
) -> DeviceView | Refused:
    """A new desk that waits for approval. Refuses ENROLMENT_CODE, and INVALID for a key that can't be or is known."""
    public_key = public_key_of(request)
    branch_id = await store.use_enrolment_code(tx, code_digest(tx, request.code), now)
    if branch_id is None:
        return Refused(RefusalCode.ENROLMENT_CODE, field="code")
    device_id = tx.services.new_id(now)
    if public_key is None or not await store.add_device(
        tx, device_id=device_id, branch_id=branch_id, name=request.name, public_key=public_key, now=now
    ):
        return Refused(RefusalCode.INVALID, field="public_key", params={"problem": "new_device_key"})
    detail = {"fingerprint": fingerprint(public_key)}
    await audit.append(tx, actor, branch_id, AuditTag.ENROL_DEVICE, str(device_id), detail, now)
    return await _view(tx, device_id)


async def list_devices(tx: Transaction, actor: Actor, request: Nothing, now: datetime) -> DeviceList:
    """All desks, newest first."""
    return DeviceList(devices=[_as_view(row) for row in await store.all_devices(tx)])


async def approve_device(tx: Transaction, actor: Actor, request: ById, now: datetime) -> DeviceView | Refused:
    """Let a waiting desk in. Refuses NOT_FOUND and DEVICE_STATE."""
    return await _move(tx, actor, request, "approved", ["pending"], AuditTag.APPROVE_DEVICE, now)


async def revoke_device(tx: Transaction, actor: Actor, request: ById, now: datetime) -> DeviceView | Refused:
    """Shut a desk out with every session on it. Refuses NOT_FOUND and DEVICE_STATE."""
    return await _move(tx, actor, request, "revoked", ["pending", "approved"], AuditTag.REVOKE_DEVICE, now)


def public_key_of(request: EnrolDeviceRequest) -> bytes | None:
    """The 32 raw bytes, or None when the text is not that."""
    raw = from_base64(request.public_key)
    return raw if len(raw) == 32 else None


def fingerprint(public_key: bytes) -> str:
    """What two people compare by voice: SHA-256 of the public key, 4 groups of 4 hex digits."""
    text = hashlib.sha256(public_key).hexdigest()[:16]
    return "-".join(text[at : at + 4] for at in range(0, 16, 4))


def code_digest(tx: Transaction, code: str) -> bytes:
    """What is stored of an enrolment code; hyphens, spaces and case don't matter."""
    digest: bytes = tx.services.vault.digest("enrolment " + plain_code(code))
    return digest


def plain_code(code: str) -> str:
    """An enrolment code in its one writing."""
    return code.upper().replace("-", "").replace(" ", "")


async def _move(
    tx: Transaction, actor: Actor, request: ById, state: str, expected: list[str], tag: AuditTag, now: datetime
) -> DeviceView | Refused:
    desk = await store.device(tx, request.id)
    if desk is None:
        return Refused(RefusalCode.NOT_FOUND)
    approver = actor.user if state == "approved" else None
    if not await store.set_device_state(tx, request.id, state, expected, approver):
        return Refused(RefusalCode.DEVICE_STATE, params={"state": desk["state"]})
    voided = await shut_desk_out(tx, request.id, now) if state == "revoked" else []
    view = await _view(tx, request.id)
    news: News = (desk["branch_id"], tag, {"version": view.version})
    await tell(tx, actor, str(request.id), [news, *voided], now)
    return view


async def _view(tx: Transaction, device_id: UUID) -> DeviceView:
    row = await store.device(tx, device_id)
    if row is None:
        raise LookupError("the desk that was just written is gone")
    return _as_view(row)


def _as_view(row: Row) -> DeviceView:
    return DeviceView(
        id=row["id"],
        name=row["name"],
        branch=row["branch"],
        state=row["state"],
        fingerprint=fingerprint(row["public_key"]),
        enrolled_at=wire_time(row["enrolled_at"]),
        version=row["version"],
    )
