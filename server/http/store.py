"""Idempotency keys, the refusal log and the callback inbox, and all SQL about them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from server.context import Actor
from server.database.transaction import Row, Transaction
from server.executing.callbacks import reference_of
from server.failpoints import failpoint
from server.sync import store as feed


@failpoint("http.claim_key")
async def claim_key(tx: Transaction, actor: Actor, verb: str, key: str, fingerprint: str, now: datetime) -> Row | None:
    """None when the key is ours now, else what it was used for: body_digest, status and reply.

    The unique index makes a second caller wait until the first one's transaction has ended.
    """
    claimed = await tx.execute(
        """
        insert into sheaf.idempotency_key (user_id, branch_id, verb, key, body_digest, at)
        values (%(user)s, %(branch)s, %(verb)s, %(key)s, %(fingerprint)s, %(now)s)
        on conflict do nothing
        """,
        user=actor.user,
        branch=actor.branch_id,
        verb=verb,
        key=key,
        fingerprint=fingerprint,
        now=now,
    )
    if claimed:
        return None
    return await tx.one(
        """
        select body_digest, status, reply from sheaf.idempotency_key
        where user_id = %(user)s and verb = %(verb)s and key = %(key)s
        """,
        user=actor.user,
        verb=verb,
        key=key,
    )


@failpoint("http.store_reply")
async def store_reply(tx: Transaction, actor: Actor, verb: str, key: str, status: int, reply: bytes) -> None:
    """Keep what the key's first use was answered."""
    await tx.execute(
        """
        update sheaf.idempotency_key set status = %(status)s, reply = %(reply)s
        where user_id = %(user)s and verb = %(verb)s and key = %(key)s
        """,
        user=actor.user,
        verb=verb,
        key=key,
        status=status,
        reply=reply,
    )


async def log_refusal(
    tx: Transaction,
    *,
    verb: str,
    code: str,
    user_id: UUID | None,
    device_id: UUID | None,
    correlation_id: str,
    now: datetime,
) -> None:
    """Write one refusal into its journal."""
    await tx.execute(
        """
        insert into sheaf.refusal_log (id, at, verb, code, user_id, device_id, correlation_id)
        values (%(id)s, %(now)s, %(verb)s, %(code)s, %(user)s, %(device)s, %(correlation)s)
        """,
        id=tx.services.new_id(now),
        now=now,
        verb=verb,
        code=code,
        user=user_id,
        device=device_id,
        correlation=correlation_id,
    )


@failpoint("http.store_callback")
async def store_callback(tx: Transaction, body: bytes, now: datetime) -> UUID | None:
    """Keep a callback's raw bytes, on which the executor acts later; None when there is no room for it."""
    callback_id = tx.services.new_id(now)
    kept = await tx.value(
        "select sheaf.keep_callback(%(id)s, %(now)s, %(body)s, %(reference)s)",
        id=callback_id,
        now=now,
        body=body,
        reference=reference_of(body),
    )
    return callback_id if kept else None


async def take(tx: Transaction, key: bytes, burst: int, seconds: float, now: datetime) -> float:
    """Take one from a shared bucket: 0, or the seconds until it has one."""
    wait: float = await tx.value(
        "select sheaf.take(%(key)s, %(burst)s, %(seconds)s, %(now)s)", key=key, burst=burst, seconds=seconds, now=now
    )
    return wait


async def forget_full_buckets(tx: Transaction, now: datetime) -> None:
    """Delete what says nothing any more, a little at a time."""
    await tx.execute(
        """
        delete from sheaf.bucket where key in (
          select key from sheaf.bucket where full_at < %(now)s order by full_at limit 2000 for update skip locked)
        """,
        now=now,
    )


class Place(msgspec.Struct, frozen=True):
    """How far the feed was read for those who listen, and in which life of the server."""

    turn: int
    id: int
    life: str


async def news(tx: Transaction, after: Place | None) -> tuple[Place, set[int] | None]:
    """The place to read on from, and the branches that have news since `after`; None where all may have some.

    That is so in another life of the server, whose database may be another one.
    """
    seen = await feed.look(tx, feed.Position())
    if after is None or after.life != seen.life:
        # ids begin at 1, so this is before everything that the oldest running transaction may write
        return Place(seen.before, 0, seen.life), set() if after is None else None
    rows = await tx.rows(
        """
        select branch_id, turn::text::bigint, id
        from sheaf.feed_news(%(turn)s::text::xid8, %(id)s, %(before)s::text::xid8)
        """,
        turn=str(after.turn),
        id=after.id,
        before=str(seen.before),
    )
    if not rows:
        return after, set()
    return Place(rows[-1]["turn"], rows[-1]["id"], seen.life), {row["branch_id"] for row in rows}
