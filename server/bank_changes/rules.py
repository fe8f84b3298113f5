"""Who may decide a bank change, and when; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from server.approvals.rules import signing_roles
from shared.lifecycle import EDGES, BankChangeState
from shared.permissions import Role
from shared.refusals import RefusalCode, Refused

NEEDED: Final = (Role.MANAGER, Role.TREASURER)
"""A bank change needs the branch's manager and head office's treasurer."""

MAX_DOCUMENTS: Final = 10


@dataclass(frozen=True, kw_only=True)
class Case:
    """A case as the rules see it; `approved` are the approvers so far by role, `signed` all who ever did."""

    branch_id: int
    state: str
    version: int
    maker_id: UUID
    expires_at: datetime
    approved: Mapping[Role, UUID]
    approved_digests: frozenset[str] = frozenset()
    """What the approvers so far have signed; one value, or somebody has changed the case in the store."""
    signed: frozenset[UUID] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What one person is about to sign."""

    user_id: UUID
    user_branch: int
    roles: frozenset[Role]
    version: int
    approve: bool
    reason: str
    unread: bool


def state_refusal(state: str, *legal: BankChangeState) -> Refused | None:
    """STATE unless the case stands in one of the legal states."""
    if state in legal:
        return None
    allowed = sorted(target for source, target in EDGES["bank_change"] if source == state)
    return Refused(RefusalCode.STATE, params={"state": state, "allowed": ", ".join(allowed) or "-"})


def maker_refusal(maker_id: UUID, user_id: UUID) -> Refused | None:
    """FORBIDDEN unless it is one's own case: nobody else documents, submits or withdraws it."""
    return None if maker_id == user_id else Refused(RefusalCode.FORBIDDEN)


def outstanding(approved: Mapping[Role, UUID]) -> list[Role]:
    """Roles whose approval is still needed, in order."""
    return [role for role in NEEDED if role not in approved]


def signing_role(case: Case, decision: Decision) -> Role | None:
    """The role that this person would sign as: a manager of the case's own branch, a treasurer of head office."""
    roles = signing_roles(decision.roles, decision.user_branch, case.branch_id)
    return next((role for role in outstanding(case.approved) if role in roles), None)


def sign_refusal(case: Case, decision: Decision, now: datetime) -> Refused | None:
    """Why this person may not decide this case now: STATE, STALE_VERSION, EXPIRED, MAKER_IS_CHECKER, ALREADY_SIGNED,
    NOT_YOUR_TURN, REASON_NEEDED or DOCUMENTS_UNREAD; None when they may."""
    return (
        state_refusal(case.state, BankChangeState.REQUESTED)
        or _timing_refusal(case, decision.version, now)
        or _person_refusal(case, decision)
        or _content_refusal(decision)
    )


def _timing_refusal(case: Case, version: int, now: datetime) -> Refused | None:
    if version != case.version:
        return Refused(RefusalCode.STALE_VERSION, field="version", params={"version": str(case.version)})
    return Refused(RefusalCode.EXPIRED) if now >= case.expires_at else None


def _person_refusal(case: Case, decision: Decision) -> Refused | None:
    if decision.user_id == case.maker_id:
        return Refused(RefusalCode.MAKER_IS_CHECKER)
    if decision.user_id in case.signed or decision.user_id in case.approved.values():
        return Refused(RefusalCode.ALREADY_SIGNED)
    return Refused(RefusalCode.NOT_YOUR_TURN) if signing_role(case, decision) is None else None


def _content_refusal(decision: Decision) -> Refused | None:
    if decision.approve:
        return Refused(RefusalCode.DOCUMENTS_UNREAD) if decision.unread else None
    return None if decision.reason else Refused(RefusalCode.REASON_NEEDED, field="reason")
