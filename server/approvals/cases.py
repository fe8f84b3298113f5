"""What people decide together, in the database: who has signed a case, and one more signature."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString, Protocol
from uuid import UUID

from server.approvals.rules import Signed, Signer, Subject, signing_roles, still_needed
from server.approvals.signatures import sign_off_is_valid
from server.context import Actor
from server.database.transaction import Row, Transaction
from server.identity import store as identity
from server.identity.signatures import from_base64
from server.wire_time import wire_time
from shared.permissions import Role
from shared.wire.approvals import SignatureView


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


async def approvals_of(tx: Transaction, case_id: UUID) -> list[Row]:
    """Approvals of a case: user_id, role, digest, and whether each still stands."""
    return await tx.rows(
        """
        select user_id, role, digest, sheaf.signature_stands(user_id, role, branch_id, device_id, at) stands
        from sheaf.sign_off where case_id = %(case)s and decision = 'approve' order by at, id
        """,
        case=case_id,
    )


async def proven_approvals(tx: Transaction, case_id: UUID, maker_id: UUID, digest: str) -> list[Signed]:
    """Judged again where they are used: approvals by others than the maker, over exactly this digest, which verify."""
    rows = await tx.rows(
        """
        select s.user_id, s.role, s.reason, s.signature, d.public_key,
          sheaf.signature_stands(s.user_id, s.role, s.branch_id, s.device_id, s.at) stands
        from sheaf.sign_off s join sheaf.device d on d.id = s.device_id
        where s.case_id = %(case)s and s.decision = 'approve' and s.digest = %(digest)s and s.user_id <> %(maker)s
        """,
        case=case_id,
        digest=digest,
        maker=maker_id,
    )
    return given(
        [
            row
            for row in rows
            if sign_off_is_valid(bytes(row["public_key"]), "approve", digest, row["reason"], bytes(row["signature"]))
        ]
    )


async def signatures_of(tx: Transaction, ids: Sequence[UUID]) -> Mapping[UUID, list[SignatureView]]:
    """Every sign-off over these cases, oldest first, with names also of people of head office."""
    rows = await tx.rows(
        """
        select s.case_id, s.user_id, s.role, s.decision, s.reason, s.at, coalesce(u.name, '') "user",
          sheaf.signature_stands(s.user_id, s.role, s.branch_id, s.device_id, s.at) stands
        from sheaf.sign_off s left join lateral sheaf.user_names(array[s.user_id]) u on true
        where s.case_id = any(%(ids)s) order by s.at, s.id
        """,
        ids=list(ids),
    )
    found: dict[UUID, list[SignatureView]] = defaultdict(list)
    for row in rows:
        found[row["case_id"]].append(signature_view(row))
    return found


def roles_missing(quorum: Sequence[str], signatures: Sequence[SignatureView]) -> list[str]:
    """The roles that have not approved yet, in the order of the quorum."""
    approvals = [one for one in signatures if one.decision == "approve"]
    # a person signs once: still_needed asks who signed only to count roles
    approved = [Signed(UUID(int=index), Role(one.role), one.stands) for index, one in enumerate(approvals)]
    return [role.value for role in still_needed([Role(role) for role in quorum], approved)]


async def record_sign_off(
    tx: Transaction,
    kind: LiteralString,
    case: tuple[UUID | None, int],
    actor: Actor,
    request: Decision,
    signed: tuple[Role, bytes],
    now: datetime,
    set_bytes: bytes | None = None,
) -> UUID:
    """Store one person's decision about a case (its id and branch), in a role and with the verified signature.

    It never changes. A set of payments has no case: `set_bytes` are what was signed of it. Gives the sign-off's id.
    """
    sign_off_id = tx.services.new_id(now)
    await tx.execute(
        """
        insert into sheaf.sign_off (id, branch_id, kind, case_id, user_id, role, device_id, decision, reason, digest,
          signature, set_bytes, at)
        values (%(id)s, %(branch)s, %(kind)s, %(case)s, %(user)s, %(role)s, %(device)s, %(decision)s, %(reason)s,
          %(digest)s, %(signature)s, %(set)s, %(now)s)
        """,
        id=sign_off_id,
        branch=case[1],
        kind=kind,
        case=case[0],
        user=actor.user,
        role=signed[0].value,
        device=actor.device,
        decision=request.decision,
        reason=request.reason,
        digest=request.digest,
        signature=signed[1],
        set=set_bytes,
        now=now,
    )
    return sign_off_id


async def verified_signature(tx: Transaction, actor: Actor, request: Decision, digest: str) -> bytes | None:
    """The signature, when it is of the actor's approved desk and over exactly this digest; None otherwise."""
    desk = await identity.device(tx, actor.device)
    if desk is None or desk["state"] != "approved" or request.digest != digest:
        return None
    signature = from_base64(request.signature)
    holds = sign_off_is_valid(bytes(desk["public_key"]), request.decision, digest, request.reason, signature)
    return signature if holds else None
