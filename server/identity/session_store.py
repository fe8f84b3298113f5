"""The tables of sessions, revocations and operation tokens, and all SQL about them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from server.database.transaction import Row, Transaction
from server.failpoints import failpoint
from server.identity.rules import REVOCATION_KEPT

# --- sessions


async def add_refresh_token(
    tx: Transaction,
    *,
    digest: bytes,
    branch_id: int,
    family: UUID,
    user_id: UUID,
    device_id: UUID,
    now: datetime,
    expires_at: datetime,
) -> None:
    """Store a refresh token's digest."""
    await tx.execute(
        """
        insert into sheaf.refresh_token (digest, branch_id, family_id, user_id, device_id, issued_at, expires_at)
        values (%(digest)s, %(branch)s, %(family)s, %(user)s, %(device)s, %(now)s, %(expires)s)
        """,
        digest=digest,
        branch=branch_id,
        family=family,
        user=user_id,
        device=device_id,
        now=now,
        expires=expires_at,
    )


async def refresh_token_owner(tx: Transaction, digest: bytes) -> UUID | None:
    """Whose token this is, without a lock: the user is locked first, then the token."""
    owner: UUID | None = await tx.value(
        "select user_id from sheaf.refresh_token where digest = %(digest)s", digest=digest
    )
    return owner


async def refresh_token_for_update(tx: Transaction, digest: bytes) -> Row:
    """The token; two who present it wait for each other here."""
    return await tx.one(
        """
        select branch_id, family_id, user_id, device_id, expires_at, used_at, revoked_at
        from sheaf.refresh_token where digest = %(digest)s for update
        """,
        digest=digest,
    )


async def use_refresh_token(tx: Transaction, digest: bytes, now: datetime) -> None:
    """Use up a refresh token."""
    await tx.execute(
        "update sheaf.refresh_token set used_at = %(now)s where digest = %(digest)s", digest=digest, now=now
    )


async def revoke_session(tx: Transaction, family: UUID, now: datetime) -> None:
    """End one session: its refresh tokens here, its shop tokens on all workers."""
    await tx.execute(
        "update sheaf.refresh_token set revoked_at = %(now)s where family_id = %(family)s and revoked_at is null",
        family=family,
        now=now,
    )
    await _revoke(tx, "session", family, now)


async def revoke_device(tx: Transaction, device_id: UUID, now: datetime) -> None:
    """End all sessions on a desk, and the desk's proofs on all workers."""
    await tx.execute(
        "update sheaf.refresh_token set revoked_at = %(now)s where device_id = %(device)s and revoked_at is null",
        device=device_id,
        now=now,
    )
    await _revoke(tx, "device", device_id, now)


async def revoke_user(tx: Transaction, user_id: UUID, now: datetime) -> None:
    """End all sessions that a person has until now.

    A session that began while this waited for it is later than `now`, and ends too.
    """
    last = await tx.value(
        "select greatest(max(issued_at), %(now)s) from sheaf.refresh_token where user_id = %(user)s",
        now=now,
        user=user_id,
    )
    await tx.execute(
        "update sheaf.refresh_token set revoked_at = %(now)s where user_id = %(user)s and revoked_at is null",
        user=user_id,
        now=now,
    )
    await _revoke(tx, "user", user_id, last)


async def _revoke(tx: Transaction, kind: str, subject: UUID, now: datetime) -> None:
    await tx.execute(
        """
        insert into sheaf.revocation (id, kind, at, until) values (%(id)s, %(kind)s, %(now)s, %(until)s)
        on conflict do nothing
        """,
        id=subject,
        kind=kind,
        now=now,
        until=now + REVOCATION_KEPT,
    )


async def revocations(tx: Transaction, now: datetime) -> list[Row]:
    """What is shut out at present: kind, id and time."""
    return await tx.rows("select kind, id, at from sheaf.revocation where until > %(now)s", now=now)


# --- operation tokens


@failpoint("token.add")
async def add_operation_token(
    tx: Transaction,
    *,
    token_id: UUID,
    branch_id: int,
    user_id: UUID,
    device_id: UUID,
    verb: str,
    resources_digest: str,
    content_digest: str,
    signature: bytes,
    with_code: bool,
    now: datetime,
    expires_at: datetime,
) -> None:
    """Store what an operation token stands for, with the desk's signature."""
    await tx.execute(
        """
        insert into sheaf.operation_token (id, branch_id, user_id, device_id, verb, resources_digest, content_digest,
                                           signature, with_code, issued_at, expires_at)
        values (%(id)s, %(branch)s, %(user)s, %(device)s, %(verb)s, %(resources)s, %(content)s,
                %(signature)s, %(with_code)s, %(now)s, %(expires)s)
        """,
        id=token_id,
        branch=branch_id,
        user=user_id,
        device=device_id,
        verb=verb,
        resources=resources_digest,
        content=content_digest,
        signature=signature,
        with_code=with_code,
        now=now,
        expires=expires_at,
    )


@failpoint("token.use")
async def use_operation_token(tx: Transaction, token_id: UUID, now: datetime) -> bool:
    """Use up an operation token; the row's lock lets exactly one of many through."""
    used = await tx.execute(
        "update sheaf.operation_token set used_at = %(now)s where id = %(id)s and used_at is null",
        id=token_id,
        now=now,
    )
    return bool(used)
