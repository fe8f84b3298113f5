"""Sign-in, refresh and sign-out."""

from __future__ import annotations

import base64
import hashlib
import secrets
from datetime import datetime
from uuid import UUID

from server.audit import store as audit
from server.context import Actor
from server.database.transaction import Row, Transaction
from server.identity import passwords, rules, session_store, store
from server.identity.tokens import ShopClaims, keys_of
from server.wire_time import wire_time
from shared.audit_tags import AuditTag
from shared.permissions import Role, permissions_of
from shared.refusals import RefusalCode, Refused
from shared.wire.auth import BranchView, RefreshRequest, SessionReply, SignInRequest, UserView
from shared.wire.common import Done, Nothing


async def sign_in(tx: Transaction, actor: Actor, request: SignInRequest, now: datetime) -> SessionReply | Refused:
    """A new session. Refuses CREDENTIALS alike for a wrong user and a wrong password, LOCKED, USER_DISABLED.

    FORBIDDEN where the desk is another branch's: a person signs in at the own branch only, head office at head office.
    """
    username = request.username.lower()
    await store.lock_name(tx, username)
    attempts = await store.recent_attempts(tx, username, now)
    locked = rules.locked_until(attempts)
    if locked is not None:
        return await _refuse_sign_in(tx, actor, username, "locked", _locked(locked, now), now)
    user = await _user_with_password(tx, username, request.password)
    if user is None:
        outcome = rules.outcome_of_wrong(attempts)
        return await _refuse_sign_in(tx, actor, username, outcome, Refused(RefusalCode.CREDENTIALS), now)
    if not user["enabled"]:
        refused = Refused(RefusalCode.USER_DISABLED)
        return await _refuse_sign_in(tx, actor, username, "disabled", refused, now)
    if user["branch_id"] != actor.branch_id:
        return await _refuse_sign_in(tx, actor, username, "elsewhere", Refused(RefusalCode.FORBIDDEN), now)
    if passwords.wants_rehash(user["password_hash"]):
        await store.set_password_hash(tx, user["id"], passwords.hash_password(request.password))
    await store.add_attempt(tx, username, actor.device_id, "ok", now)
    family = tx.services.new_id(now)
    reply = await _session(tx, user, actor.device, family, now)
    await audit.append(tx, named(actor, user), user["branch_id"], AuditTag.SIGN_IN, str(family), {}, now)
    return reply


async def refresh(tx: Transaction, actor: Actor, request: RefreshRequest, now: datetime) -> SessionReply | Refused:
    """A new pair for the old refresh token. A token that was used, or comes from another desk, ends its session."""
    digest = _digest(request.refresh_token)
    owner = await session_store.refresh_token_owner(tx, digest)
    if owner is None:
        return Refused(RefusalCode.TOKEN)
    user = await store.user_for_session(tx, owner)
    token = await session_store.refresh_token_for_update(tx, digest)
    if token["revoked_at"] is not None or token["expires_at"] <= now or not user["enabled"]:
        return Refused(RefusalCode.TOKEN)
    family = token["family_id"]
    if token["used_at"] is not None or token["device_id"] != actor.device_id:
        tx.remember = True
        await session_store.revoke_session(tx, family, now)
        await audit.append(tx, actor, token["branch_id"], AuditTag.SESSION_REUSED, str(family), {}, now)
        return Refused(RefusalCode.TOKEN)
    await session_store.use_refresh_token(tx, digest, now)
    return await _session(tx, user, actor.device, family, now)


async def sign_out(tx: Transaction, actor: Actor, request: Nothing, now: datetime) -> Done:
    """End this session on all workers."""
    if actor.session_id is not None:
        await session_store.revoke_session(tx, actor.session_id, now)
        await audit.append(tx, actor, actor.branch_id, AuditTag.SIGN_OUT, str(actor.session_id), {}, now)
    return Done()


async def _user_with_password(tx: Transaction, username: str, password: str) -> Row | None:
    user = await store.user_by_name(tx, username)
    if not await passwords.password_is(user["password_hash"] if user else None, password) or user is None:
        return None
    # a reset that was faster than our check of the old password has ended all sessions: don't begin one after it
    held = await store.user_for_session(tx, user["id"])
    return held if held["password_hash"] == user["password_hash"] else None


def named(actor: Actor, user: Row) -> Actor:
    """The actor of a call that began without a session, now that it is known who calls."""
    return Actor(name=user["username"], device_id=actor.device_id, correlation_id=actor.correlation_id)


async def _refuse_sign_in(
    tx: Transaction, actor: Actor, username: str, outcome: str, refused: Refused, now: datetime
) -> Refused:
    tx.remember = True
    await store.add_attempt(tx, username, actor.device_id, outcome, now)
    return refused


def _locked(until: datetime, now: datetime) -> Refused:
    return Refused(RefusalCode.LOCKED, params={"minutes": rules.minutes_left(until, now)})


async def _session(tx: Transaction, user: Row, device_id: UUID, family: UUID, now: datetime) -> SessionReply:
    refresh_token = secrets.token_urlsafe(32)
    expires_at = now + rules.SHOP_TOKEN_LIFE
    await session_store.add_refresh_token(
        tx,
        digest=_digest(refresh_token),
        branch_id=user["branch_id"],
        family=family,
        user_id=user["id"],
        device_id=device_id,
        now=now,
        expires_at=now + rules.REFRESH_TOKEN_LIFE,
    )
    claims = ShopClaims(
        sub=user["id"],
        sid=family,
        did=device_id,
        bid=user["branch_id"],
        usr=user["username"],
        name=user["name"],
        roles=user["roles"],
        jti=tx.services.new_id(now),
        iat=now.timestamp(),
        exp=expires_at.timestamp(),
    )
    keys = keys_of(tx.services.vault)
    views = {row["id"]: BranchView(**row) for row in await store.branches(tx)}
    roles = frozenset(Role(role) for role in user["roles"])
    seen = rules.visible_branches(roles, user["branch_id"], {view.code: number for number, view in views.items()})
    return SessionReply(
        shop_token=keys.issue(claims),
        refresh_token=refresh_token,
        proof_key=base64.b64encode(keys.proof_key(claims)).decode(),
        expires_at=wire_time(expires_at),
        server_time=wire_time(now),
        user=UserView(
            id=user["id"],
            username=user["username"],
            name=user["name"],
            roles=user["roles"],
            permissions=sorted(permissions_of(roles)),
            branch=views[user["branch_id"]],
        ),
        branches=[views[number] for number in sorted(seen.values())],
    )


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
