"""Shuts people out and changes what they may do: sessions end, and signatures that were not used yet stop counting.

Nothing is written on what was signed: whether a signature stands is asked where it is used (sheaf.signature_stands). A
role that is given again counts from then on, so that what was void stays void.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from server.audit import store as audit
from server.context import Actor
from server.database.transaction import Row, Transaction
from server.identity import rules, session_store, store
from shared.audit_tags import AuditTag
from shared.permissions import Role
from shared.refusals import RefusalCode, Refused


class UserChange(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be so from now on; what is None stays as it is. `roles` are all that the person has then."""

    id: UUID
    enabled: bool | None = None
    branch: str | None = None
    roles: tuple[str, ...] | None = None


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a person may work, where, and as what."""

    enabled: bool
    branch_id: int
    roles: frozenset[str]


async def change_user(tx: Transaction, actor: Actor, change: UserChange, now: datetime) -> Standing | Refused:
    """Let a person in or out, give or take roles, move them to another branch; in force within a second everywhere.

    Refuses NOT_FOUND (user or branch), INVALID for roles that don't fit the branch, LAST_ADMINISTRATOR.
    """
    administrators = await store.lock_administrators(tx)
    row = await store.user_for_update(tx, change.id)
    if row is None:
        return Refused(RefusalCode.NOT_FOUND)
    before = Standing(enabled=row["enabled"], branch_id=row["branch_id"], roles=frozenset(row["roles"]))
    after = _after(before, change, actor)
    if isinstance(after, Refused) or after == before:
        return after
    if _is_administrator(before) and not _is_administrator(after) and administrators == [change.id]:
        return Refused(RefusalCode.LAST_ADMINISTRATOR)
    await store.set_standing(
        tx,
        change.id,
        enabled=after.enabled,
        branch_id=after.branch_id,
        roles=sorted(after.roles),
        # what was signed before stays void when the person comes back
        anew=sorted(after.roles if before.branch_id != after.branch_id or not before.enabled else ()),
        now=now,
    )
    if before.enabled:
        await session_store.revoke_user(tx, change.id, now)
    detail = {"enabled": after.enabled, "branch": after.branch_id, "roles": sorted(after.roles)}
    news = [(branch, AuditTag.USER_CHANGED, detail) for branch in {before.branch_id, after.branch_id}]
    await tell(
        tx, actor, str(change.id), [*news, *_voided(await store.void_signatures(tx, now, user_id=change.id))], now
    )
    return after


News = tuple[int, AuditTag, dict[str, object]]
"""What the trail of a branch is told."""


async def shut_desk_out(tx: Transaction, device_id: UUID, now: datetime) -> list[News]:
    """End all sessions on a revoked desk; what was signed there and not used yet counts no more: gives what to tell."""
    await session_store.revoke_device(tx, device_id, now)
    return _voided(await store.void_signatures(tx, now, device_id=device_id))


def _voided(rows: Sequence[Row]) -> list[News]:
    """One entry for each branch where something waits that has lost a signature."""
    by_branch: dict[int, list[str]] = {}
    for row in rows:
        by_branch.setdefault(row["branch_id"], []).append(f"{row['entity']}/{row['entity_id']}")
    return [
        (branch, AuditTag.SIGNATURES_VOIDED, {"count": len(found), "of": found[:100]})
        for branch, found in by_branch.items()
    ]


async def tell(tx: Transaction, actor: Actor, subject: str, news: Sequence[News], now: datetime) -> None:
    """Into the trails, in the order of their branches, in which everybody locks them."""
    for branch_id, tag, detail in sorted(news, key=lambda one: one[:2]):
        await audit.append(tx, actor, branch_id, tag, subject, detail, now)


def _after(before: Standing, change: UserChange, actor: Actor) -> Standing | Refused:
    branch_id = before.branch_id if change.branch is None else actor.branch_codes.get(change.branch)
    if branch_id is None:
        return Refused(RefusalCode.NOT_FOUND, field="branch")
    roles = before.roles if change.roles is None else frozenset(change.roles)
    known = {role.value for role in Role}
    if not known.issuperset(roles) or not rules.roles_fit(frozenset(map(Role, roles)), branch_id):
        return Refused(RefusalCode.INVALID, field="roles", params={"problem": ", ".join(sorted(known))})
    enabled = before.enabled if change.enabled is None else change.enabled
    return Standing(enabled=enabled, branch_id=branch_id, roles=roles)


def _is_administrator(standing: Standing) -> bool:
    return standing.enabled and Role.ADMINISTRATOR.value in standing.roles
