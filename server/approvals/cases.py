"""What every case under sign-off shares: the case and its signer as the rules see them, and whose signature it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString, Protocol
from uuid import UUID

from server.approvals.rules import Signed, Signer, Subject, signing_roles
from server.approvals.signatures import sign_off_is_valid
from server.context import Actor
from server.database.transaction import Transaction
from server.identity import store as identity
from server.identity.signatures import from_base64
from server.wire_time import wire_time
from shared.permissions import Role
from shared.wire.bank_changes import SignatureView


class Decision(Protocol):
    """What a desk sends to decide: approve or reject, why, and the signature (base64) over the digest it was shown."""

    @property
    def decision(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def digest(self) -> str: ...
    @property
    def signature(self) -> str: ...


def given(rows: Sequence[Mapping[str, Any]]) -> list[Signed]:
    """Approvals read as user_id, role and whether they still stand (sheaf.signature_stands)."""
    return [Signed(row["user_id"], Role(row["role"]), row["stands"]) for row in rows]


def signature_view(row: Mapping[str, Any]) -> SignatureView:
    """A sign-off as people see it: a row with user, user_id, role, decision, reason, at and stands."""
    return SignatureView(
        user=row["user"],
        user_id=row["user_id"],
        role=row["role"],
        decision=row["decision"],
        reason=row["reason"],
        at=wire_time(row["at"]),
        stands=row["stands"],
    )


def subject_of(
    row: Mapping[str, Any], signed: Sequence[Signed], open_state: str, quorum: Sequence[Role] | None = None
) -> Subject:
    """A row as the rules see it; its own `quorum` counts where none is given."""
    return Subject(
        state=row["state"],
        open_state=open_state,
        version=row["version"],
        maker_id=row["maker_id"],
        expires_at=row["expires_at"],
        quorum=tuple(Role(role) for role in row["quorum"]) if quorum is None else tuple(quorum),
        signed=tuple(signed),
    )


def signer_of(actor: Actor, request: Decision, branch_id: int, version_seen: int) -> Signer:
    """Who decides about something of a branch, and the version that they saw."""
    return Signer(
        user_id=actor.user,
        roles=signing_roles(actor.roles, actor.branch_id, branch_id),
        decision=request.decision,
        reason=request.reason,
        version_seen=version_seen,
    )


async def approvals_of(tx: Transaction, kind: LiteralString, case_id: UUID) -> list[Signed]:
    """Who has approved a case, and whether each approval still stands; `kind` is the word before `_sign_off`."""
    rows = await tx.rows(
        "select user_id, role, sheaf.signature_stands(user_id, role, branch_id, device_id, at) stands from sheaf."
        + kind
        + "_sign_off where "
        + kind
        + "_id = %(case)s and decision = 'approve'",
        case=case_id,
    )
    return given(rows)


async def record_sign_off(
    tx: Transaction,
    kind: LiteralString,
    case: tuple[UUID, int],
    actor: Actor,
    request: Decision,
    role: Role,
    signature: bytes,
    now: datetime,
) -> None:
    """Store one person's signed decision about a case (its id and branch); it never changes."""
    case_id, branch_id = case
    await tx.execute(
        "insert into sheaf."
        + kind
        + "_sign_off (id, branch_id, "
        + kind
        + """_id, user_id, role, device_id, decision, reason, digest, signature, at)
        values (%(id)s, %(branch)s, %(case)s, %(user)s, %(role)s, %(device)s, %(decision)s, %(reason)s, %(digest)s,
          %(signature)s, %(now)s)
        """,
        id=tx.services.new_id(now),
        branch=branch_id,
        case=case_id,
        user=actor.user,
        role=role.value,
        device=actor.device,
        decision=request.decision,
        reason=request.reason,
        digest=request.digest,
        signature=signature,
        now=now,
    )


async def verified_signature(tx: Transaction, actor: Actor, request: Decision, digest: str) -> bytes | None:
    """The signature, when it is of the actor's desk and over exactly this digest; None otherwise."""
    desk = await identity.device(tx, actor.device)
    if desk is None or request.digest != digest:
        return None
    signature = from_base64(request.signature)
    holds = sign_off_is_valid(bytes(desk["public_key"]), request.decision, digest, request.reason, signature)
    return signature if holds else None
