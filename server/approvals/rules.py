"""Quorum, tiers and maker != checker: pure decisions from facts that were given."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from server.context import HEAD_OFFICE, Policy
from shared.money import Satang
from shared.permissions import Role
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.text import TextProblem, clean_text


class Signed(msgspec.Struct, frozen=True):
    """A sign-off that was given; a person counts once, as the one role they signed in.

    One that does not stand any more (its signer was disabled, moved or left the role, or the desk was shut out) counts
    for nothing, and the same person does not sign again.
    """

    user_id: UUID
    role: Role
    stands: bool = True


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be decided, as it stands. `open_state` is the one in which it waits for sign-offs."""

    state: str
    open_state: str
    version: int
    maker_id: UUID
    expires_at: datetime
    quorum: tuple[Role, ...]
    signed: tuple[Signed, ...]


class Signer(msgspec.Struct, frozen=True, kw_only=True):
    """Who decides, and how."""

    user_id: UUID
    roles: frozenset[Role]
    decision: str
    reason: str
    version_seen: int


class Verdict(msgspec.Struct, frozen=True):
    """The sign-off counts, in this role; `complete` when nothing more is needed (always so for a rejection)."""

    role: Role
    complete: bool


TIER_ROLE = Role.TREASURER
"""Who signs above the lowest tier and not below."""


def payment_quorum(total: Satang, policy: Policy) -> tuple[Role, ...]:
    """Up to the manager's limit one branch manager; above it the head-office treasurer too.

    `total` is what is signed together, or all that the same member or account gets on the business day if that is more.
    Only the payment that lifts the sum needs its tier: the earlier ones were within theirs when they were signed, and
    without the later one's signatures no more goes out than they allowed.
    """
    if total <= policy.manager_limit:
        return (Role.MANAGER,)
    return BOTH


TREASURY = (Role.TREASURER,)
"""Of what the company decides: one treasurer, who is not its maker."""
BOTH = (Role.MANAGER, Role.TREASURER)
"""Of new bank details: the branch's manager and head office's treasurer."""


def signing_roles(roles: frozenset[Role], home: int, branch_id: int) -> frozenset[Role]:
    """In which of their roles a person of branch `home` may sign what is a branch's.

    A manager signs for the own branch only, a treasurer at head office only, whatever else the person may see.
    """
    homes = {Role.MANAGER: branch_id, Role.TREASURER: HEAD_OFFICE}
    return frozenset(role for role in roles if homes.get(role) == home)


def still_needed(quorum: Sequence[Role], signed: Sequence[Signed]) -> tuple[Role, ...]:
    """The roles that have not signed yet, in the order of the quorum; only a person's first sign-off counts."""
    missing = list(quorum)
    people: set[UUID] = set()
    for sign_off in signed:
        if sign_off.stands and sign_off.role in missing and sign_off.user_id not in people:
            missing.remove(sign_off.role)
        people.add(sign_off.user_id)
    return tuple(missing)


def judge(subject: Subject, signer: Signer, now: datetime) -> Verdict | Refused:
    """Whether this person's decision counts now.

    STATE, STALE_VERSION, EXPIRED, MAKER_IS_CHECKER, ALREADY_SIGNED, NOT_YOUR_TURN or REASON_NEEDED otherwise. A
    rejection needs a role that could have signed, like an approval.
    """
    refusal = _stands(subject, signer, now) or _may(subject, signer)
    if refusal is not None:
        return refusal
    missing = still_needed(subject.quorum, subject.signed)
    role = next((role for role in missing if role in signer.roles), None)
    if role is None:
        return Refused(R.NOT_YOUR_TURN)
    if signer.decision == "reject":
        return Verdict(role, complete=True) if signer.reason else Refused(R.REASON_NEEDED, field="reason")
    return Verdict(role, complete=len(missing) == 1)


def _stands(subject: Subject, signer: Signer, now: datetime) -> Refused | None:
    if subject.state != subject.open_state:
        return Refused(R.STATE, params={"state": subject.state, "allowed": "-"})
    if subject.version != signer.version_seen:
        return Refused(R.STALE_VERSION, params={"version": str(subject.version)})
    if now >= subject.expires_at:
        return Refused(R.EXPIRED)
    return None


def _may(subject: Subject, signer: Signer) -> Refused | None:
    if signer.user_id == subject.maker_id:
        return Refused(R.MAKER_IS_CHECKER)
    if any(signed.user_id == signer.user_id for signed in subject.signed):
        return Refused(R.ALREADY_SIGNED)
    return None


def reason_refusal(text: str) -> Refused | None:
    """INVALID where a reason was signed as no text is kept: what is kept would be another one."""
    cleaned = clean_reason(text)
    if isinstance(cleaned, Refused):
        return cleaned
    return None if cleaned == text else Refused(R.INVALID, field="reason", params={"problem": "not_clean"})


def clean_reason(text: str, field: str = "reason") -> str | Refused:
    """A cleaned free text of up to 500 characters, perhaps empty; INVALID when it holds what no text may."""
    cleaned = clean_text(text, 500, required=False)
    if isinstance(cleaned, TextProblem):
        return Refused(R.INVALID, field=field, params={"problem": cleaned.value})
    return cleaned
