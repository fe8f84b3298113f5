"""The tables of people and desks, and all SQL about them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from server.database.transaction import Row, Transaction
from server.identity.rules import LOCK, Attempt

# --- branches


async def branches(tx: Transaction) -> list[Row]:
    """Every branch: id, code, name_th, name_en."""
    return await tx.rows("select id, code, name_th, name_en from sheaf.all_branches()")


# --- people


async def user_by_name(tx: Transaction, username: str) -> Row | None:
    """A user with password hash and roles."""
    return await tx.maybe(
        """
        select u.id, u.branch_id, u.username, u.name, u.password_hash, u.enabled,
               array(select r.role from sheaf.user_role r where r.user_id = u.id order by r.role) as roles
        from sheaf.app_user u where u.username = %(username)s
        """,
        username=username,
    )


async def user_for_session(tx: Transaction, user_id: UUID) -> Row:
    """A user, held until the transaction ends against whoever resets the password, shuts them out or takes a role."""
    # read in a statement of its own: one that had waited for the lock would read the roles of before the wait
    await tx.rows("select id from sheaf.app_user where id = %(user)s for share", user=user_id)
    return await tx.one(
        """
        select u.id, u.branch_id, u.username, u.name, u.password_hash, u.enabled,
               array(select r.role from sheaf.user_role r where r.user_id = u.id order by r.role) as roles
        from sheaf.app_user u where u.id = %(user)s
        """,
        user=user_id,
    )


async def all_users(tx: Transaction) -> list[Row]:
    """Users with branch code and roles, by name."""
    return await tx.rows(
        """
        select u.id, u.username, u.name, u.enabled, b.code as branch,
               array(select r.role from sheaf.user_role r where r.user_id = u.id order by r.role) as roles
        from sheaf.app_user u join sheaf.branch b on b.id = u.branch_id order by u.username limit 5000
        """
    )


async def add_user(
    tx: Transaction,
    *,
    user_id: UUID,
    branch_id: int,
    username: str,
    name: str,
    password_hash: str,
    totp_secret: bytes,
    roles: list[str],
    now: datetime,
) -> bool:
    """Insert a user with roles; False when the user name is taken."""
    added = await tx.execute(
        """
        insert into sheaf.app_user (id, branch_id, username, name, password_hash, totp_secret, created_at)
        values (%(id)s, %(branch)s, %(username)s, %(name)s, %(hash)s, %(totp)s, %(now)s)
        on conflict (username) do nothing
        """,
        id=user_id,
        branch=branch_id,
        username=username,
        name=name,
        hash=password_hash,
        totp=totp_secret,
        now=now,
    )
    if added:
        await tx.execute(
            """
            insert into sheaf.user_role (user_id, branch_id, role)
            select %(user)s, %(branch)s, unnest(%(roles)s::text[])
            """,
            user=user_id,
            branch=branch_id,
            roles=roles,
        )
    return bool(added)


async def lock_administrators(tx: Transaction) -> list[UUID]:
    """Everybody who may administer now, alone in this transaction until it ends: the last one can't be lost."""
    rows = await tx.rows(
        """
        select u.id from sheaf.app_user u
        where u.enabled and exists (select from sheaf.user_role r where r.user_id = u.id and r.role = 'administrator')
        order by u.id for no key update
        """
    )
    return [row["id"] for row in rows]


async def user_for_update(tx: Transaction, user_id: UUID) -> Row | None:
    """A user, alone in this transaction: sessions that begin meanwhile wait and see what became of them."""
    locked = await tx.maybe("select id from sheaf.app_user where id = %(user)s for no key update", user=user_id)
    return None if locked is None else await user_for_session(tx, user_id)


async def set_standing(
    tx: Transaction,
    user_id: UUID,
    *,
    enabled: bool,
    branch_id: int,
    roles: list[str],
    anew: list[str],
    now: datetime,
) -> None:
    """Set what a person may do. Roles that are new, or `anew`, count from now on. The user is locked."""
    await tx.execute(
        "delete from sheaf.user_role where user_id = %(user)s and (role <> all(%(roles)s) or role = any(%(anew)s))",
        user=user_id,
        roles=roles,
        anew=anew,
    )
    await tx.execute(
        """
        update sheaf.app_user set enabled = %(enabled)s, branch_id = %(branch)s, version = version + 1
        where id = %(user)s
        """,
        user=user_id,
        enabled=enabled,
        branch=branch_id,
    )
    await tx.execute(
        """
        insert into sheaf.user_role (user_id, branch_id, role, since)
        select %(user)s, %(branch)s, role, %(now)s from unnest(%(roles)s::text[]) role on conflict do nothing
        """,
        user=user_id,
        branch=branch_id,
        roles=roles,
        now=now,
    )


async def void_signatures(
    tx: Transaction, now: datetime, *, user_id: UUID | None = None, device_id: UUID | None = None
) -> list[Row]:
    """What waits with a signature of this person or desk that counts no more (branch_id, entity, entity_id).

    The desks of those branches are told that it has changed. What was approved for a later day never takes force.
    """
    return await tx.rows(
        "select * from sheaf.tell_void_signatures(%(user)s::uuid, %(device)s::uuid, %(now)s::timestamptz)",
        user=user_id,
        device=device_id,
        now=now,
    )


async def set_secrets(tx: Transaction, user_id: UUID, password_hash: str, totp_secret: bytes) -> Row | None:
    """Replace password and second factor and open all locks; the user, or None when there is no such user."""
    return await tx.maybe(
        """
        update sheaf.app_user
        set password_hash = %(hash)s, totp_secret = %(totp)s, wrong_codes = 0, locked_until = null,
            version = version + 1
        where id = %(user)s returning id, branch_id, username
        """,
        user=user_id,
        hash=password_hash,
        totp=totp_secret,
    )


async def set_password_hash(tx: Transaction, user_id: UUID, password_hash: str) -> None:
    """Replace a hash that was made with weaker parameters."""
    await tx.execute(
        "update sheaf.app_user set password_hash = %(hash)s where id = %(user)s", user=user_id, hash=password_hash
    )


# --- tries to sign in


async def lock_name(tx: Transaction, username: str) -> None:
    """Make tries for one user name, known or not, wait for each other until the transaction ends."""
    await tx.execute("select pg_advisory_xact_lock(hashtextextended(%(name)s, 7235444))", name=username)


async def recent_attempts(tx: Transaction, username: str, now: datetime) -> list[Attempt]:
    """The newest tries that count, newest first; of tries at once, in the order of their clocks."""
    rows = await tx.rows(
        """
        select outcome, at from sheaf.sign_in_attempt
        where username = %(username)s and at > %(since)s and outcome in ('ok', 'wrong', 'lock')
        order by at desc, id desc limit 50
        """,
        username=username,
        since=now - LOCK,
    )
    return [(row["outcome"], row["at"]) for row in rows]


async def add_attempt(tx: Transaction, username: str, device_id: UUID | None, outcome: str, now: datetime) -> None:
    """Write one try into the journal."""
    await tx.execute(
        """
        insert into sheaf.sign_in_attempt (id, at, username, device_id, outcome)
        values (%(id)s, %(now)s, %(username)s, %(device)s, %(outcome)s)
        """,
        id=tx.services.new_id(now),
        now=now,
        username=username,
        device=device_id,
        outcome=outcome,
    )


# --- second factor


async def factor_for_update(tx: Transaction, user_id: UUID) -> Row:
    """The second factor and its counters; tries of one user wait for each other here."""
    return await tx.one(
        "select totp_secret, wrong_codes, locked_until from sheaf.app_user where id = %(user)s for update",
        user=user_id,
    )


async def set_factor_counters(tx: Transaction, user_id: UUID, wrong_codes: int, locked_until: datetime | None) -> None:
    """Remember wrong codes, or forget them after a right one."""
    await tx.execute(
        "update sheaf.app_user set wrong_codes = %(wrong)s, locked_until = %(until)s where id = %(user)s",
        user=user_id,
        wrong=wrong_codes,
        until=locked_until,
    )


async def use_step(tx: Transaction, user_id: UUID, branch_id: int, step: int) -> bool:
    """Use up one step of the second factor; False when it was used before."""
    used = await tx.execute(
        """
        insert into sheaf.used_code (user_id, branch_id, step) values (%(user)s, %(branch)s, %(step)s)
        on conflict do nothing
        """,
        user=user_id,
        branch=branch_id,
        step=step,
    )
    return bool(used)


# --- desks


async def device(tx: Transaction, device_id: UUID) -> Row | None:
    """A desk with its branch's code."""
    return await tx.maybe(
        """
        select d.id, d.branch_id, d.name, d.public_key, d.state, d.enrolled_at, d.version, b.code as branch
        from sheaf.device d join sheaf.branch b on b.id = d.branch_id where d.id = %(device)s
        """,
        device=device_id,
    )


async def all_devices(tx: Transaction) -> list[Row]:
    """Desks, newest first."""
    return await tx.rows(
        """
        select d.id, d.branch_id, d.name, d.public_key, d.state, d.enrolled_at, d.version, b.code as branch
        from sheaf.device d join sheaf.branch b on b.id = d.branch_id order by d.enrolled_at desc, d.id limit 5000
        """
    )


async def add_device(
    tx: Transaction, *, device_id: UUID, branch_id: int, name: str, public_key: bytes, now: datetime
) -> bool:
    """Insert a desk that waits for approval; False when its key is known already."""
    added = await tx.execute(
        """
        insert into sheaf.device (id, branch_id, name, public_key, state, enrolled_at)
        values (%(id)s, %(branch)s, %(name)s, %(key)s, 'pending', %(now)s)
        on conflict (public_key) do nothing
        """,
        id=device_id,
        branch=branch_id,
        name=name,
        key=public_key,
        now=now,
    )
    return bool(added)


async def set_device_state(
    tx: Transaction, device_id: UUID, state: str, expected: list[str], approver: UUID | None
) -> bool:
    """Move a desk to a state from one of the expected ones; False when it was in none of them."""
    moved = await tx.execute(
        """
        update sheaf.device
        set state = %(state)s, approved_by = coalesce(%(approver)s, approved_by), version = version + 1
        where id = %(device)s and state = any(%(expected)s)
        """,
        device=device_id,
        state=state,
        expected=expected,
        approver=approver,
    )
    return bool(moved)


async def add_enrolment_code(
    tx: Transaction, digest: bytes, branch_id: int, creator: UUID, expires_at: datetime
) -> None:
    """Store a one-time code's digest."""
    await tx.execute(
        """
        insert into sheaf.enrolment_code (digest, branch_id, created_by, expires_at)
        values (%(digest)s, %(branch)s, %(creator)s, %(expires)s)
        """,
        digest=digest,
        branch=branch_id,
        creator=creator,
        expires=expires_at,
    )


async def use_enrolment_code(tx: Transaction, digest: bytes, now: datetime) -> int | None:
    """Use up a code; its branch, or None when it is unknown, used or expired."""
    branch: int | None = await tx.value(
        """
        update sheaf.enrolment_code set used_at = %(now)s
        where digest = %(digest)s and used_at is null and expires_at > %(now)s returning branch_id
        """,
        digest=digest,
        now=now,
    )
    return branch
