"""People: who works where in which role, and their secrets, which are made here and shown once."""

from __future__ import annotations

import asyncio
from datetime import datetime

from server.audit import store as audit
from server.context import Actor
from server.database.transaction import Transaction
from server.identity import passwords, rules, second_factor, session_store, store
from shared.audit_tags import AuditTag
from shared.permissions import Role
from shared.refusals import RefusalCode, Refused
from shared.wire.auth import CreateUserRequest, NewSecretReply, ResetPasswordRequest, UserList, UserRow
from shared.wire.common import Nothing


async def list_users(tx: Transaction, actor: Actor, request: Nothing, now: datetime) -> UserList:
    """All users, by name."""
    return UserList(users=[UserRow(**row) for row in await store.all_users(tx)])


async def create_user(
    tx: Transaction, actor: Actor, request: CreateUserRequest, now: datetime
) -> NewSecretReply | Refused:
    """A new user. Refuses NOT_FOUND for the branch, INVALID for roles that don't fit it, ALREADY_EXISTS."""
    branch_id = actor.branch_codes.get(request.branch)
    if branch_id is None:
        return Refused(RefusalCode.NOT_FOUND, field="branch")
    known = {role.value for role in Role}
    if not known.issuperset(request.roles) or not rules.roles_fit(frozenset(map(Role, request.roles)), branch_id):
        return Refused(RefusalCode.INVALID, field="roles", params={"problem": ", ".join(sorted(known))})
    username = request.username.lower()
    password, totp = passwords.new_password(), second_factor.new_secret()
    user_id = tx.services.new_id(now)
    added = await store.add_user(
        tx,
        user_id=user_id,
        branch_id=branch_id,
        username=username,
        name=request.name,
        password_hash=await asyncio.to_thread(passwords.hash_password, password),
        totp_secret=tx.services.vault.encrypt_text(totp),
        roles=sorted(set(request.roles)),
        now=now,
    )
    if not added:
        return Refused(RefusalCode.ALREADY_EXISTS, field="username", params={"what": username})
    detail = {"roles": sorted(set(request.roles))}
    await audit.append(tx, actor, branch_id, AuditTag.USER_CREATED, str(user_id), detail, now)
    return NewSecretReply(user_id=user_id, username=username, password=password, totp_secret=totp)


async def reset_password(
    tx: Transaction, actor: Actor, request: ResetPasswordRequest, now: datetime
) -> NewSecretReply | Refused:
    """New secrets; all sessions of the user end. Refuses NOT_FOUND."""
    password, totp = passwords.new_password(), second_factor.new_secret()
    hashed = await asyncio.to_thread(passwords.hash_password, password)
    user = await store.set_secrets(tx, request.id, hashed, tx.services.vault.encrypt_text(totp))
    if user is None:
        return Refused(RefusalCode.NOT_FOUND)
    await session_store.revoke_user(tx, request.id, now)
    # what opens the lock of wrong passwords: a try that counts as right
    await store.add_attempt(tx, user["username"], actor.device_id, "ok", now)
    await audit.append(tx, actor, user["branch_id"], AuditTag.PASSWORD_RESET, str(request.id), {}, now)
    return NewSecretReply(user_id=request.id, username=user["username"], password=password, totp_secret=totp)
