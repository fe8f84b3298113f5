"""The tables of restores: positions, witnesses, reports and what two people agreed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from server.context import HEAD_OFFICE
from server.database.transaction import Row, Transaction
from server.restore.journal import Head
from server.restore.rules import Facts, Witness


async def facts(tx: Transaction) -> Facts:
    """What the database knows of files and restores.

    The installation is the first entry of head office's audit chain: every copy of the database has it, and no other.
    """
    installation = await tx.value(
        "select encode(hash, 'hex') from sheaf.audit_entry where branch_id = 0 and sequence = 1"
    )
    files = await tx.rows("select file_id, position, beats from sheaf.executor_position")
    settled = await tx.rows("select id from sheaf.restore where state = 'settled' order by changed_at, id")
    return Facts(
        installation=installation or "",
        positions={one["file_id"]: one["position"] for one in files},
        beats={one["file_id"]: one["beats"] for one in files},
        settled=[one["id"] for one in settled],
    )


async def heads(tx: Transaction) -> dict[int, Head]:
    """The newest audit entry of each branch in sight."""
    rows = await tx.rows(
        "select branch_id, sequence, encode(hash, 'hex') hash from sheaf.audit_head where sequence > 0"
    )
    return {row["branch_id"]: Head(row["sequence"], row["hash"]) for row in rows}


async def lost_history(tx: Transaction, seen: Mapping[int, Head]) -> list[int]:
    """The branches in sight of which an audit entry that was seen is not here, or is another one."""
    rows = await tx.rows(
        """
        select s.branch_id from unnest(%(branches)s::int[], %(sequences)s::bigint[], %(hashes)s::text[])
          as s (branch_id, sequence, hash)
        where s.branch_id = any ((select sheaf.branches())::int[]) and not exists (
          select from sheaf.audit_entry e
          where e.branch_id = s.branch_id and e.sequence = s.sequence and e.hash = decode(s.hash, 'hex'))
        order by s.branch_id
        """,
        branches=list(seen),
        sequences=[head.sequence for head in seen.values()],
        hashes=[head.hash for head in seen.values()],
    )
    return [row["branch_id"] for row in rows]


async def register_file(tx: Transaction, file_id: UUID, position: int, now: datetime) -> None:
    """The file was found true once more."""
    await tx.execute(
        """
        insert into sheaf.executor_position as p (file_id, position, changed_at)
        values (%(file)s, %(position)s, %(now)s)
        on conflict (file_id) do update set position = greatest(p.position, excluded.position), beats = p.beats + 1,
          changed_at = excluded.changed_at
        """,
        file=file_id,
        position=position,
        now=now,
    )


async def step(tx: Transaction, file_id: UUID, position: int, now: datetime) -> int | None:
    """One more time that confirms may leave; None when the database is not as far as the file, or stopped."""
    row = await tx.maybe(
        """
        update sheaf.executor_position set position = position + 1, changed_at = %(now)s
        where file_id = %(file)s and position >= %(position)s
          and not exists (select from sheaf.restore_witness where restore_id is null)
        returning position
        """,
        file=file_id,
        position=position,
        now=now,
    )
    return None if row is None else int(row["position"])


async def holds(tx: Transaction, file_id: UUID | None, position: int) -> bool:
    """Whether the database is as far as the file, if there is one, and nobody stops it."""
    return bool(
        await tx.value(
            """
            select not exists (select from sheaf.restore_witness where restore_id is null)
              and (%(file)s::uuid is null or exists (
                select from sheaf.executor_position where file_id = %(file)s and position >= %(position)s))
            """,
            file=file_id,
            position=position,
        )
    )


async def one_at_a_time(tx: Transaction) -> None:
    """Who tells or settles waits for who does: what was found before a settlement committed may be true no more."""
    await tx.execute("select pg_advisory_xact_lock(hashtextextended('restore', 0))")


async def tell(tx: Transaction, witnesses: Sequence[Witness], now: datetime) -> int:
    """Stop every payment for what was found; how many are new. The same is told once until it is settled."""
    told = 0
    for one in witnesses:
        told += await tx.execute(
            """
            insert into sheaf.restore_witness (id, kind, subject, detail, found_at)
            values (%(id)s, %(kind)s, %(subject)s, %(detail)s, %(now)s)
            on conflict (kind, subject) where restore_id is null do nothing
            """,
            id=tx.services.new_id(now),
            kind=one.kind.value,
            subject=one.subject[:200],
            detail=one.detail[:500],
            now=now,
        )
    return told


async def open_witnesses(tx: Transaction) -> list[Row]:
    """Who stops the payments now, oldest first: id, kind, subject, detail, found_at."""
    return await tx.rows(
        """
        select id, kind, subject, detail, found_at from sheaf.restore_witness where restore_id is null
        order by found_at, id
        """
    )


async def is_behind(tx: Transaction) -> bool:
    """Whether payments are stopped."""
    return bool(await tx.value("select exists (select from sheaf.restore_witness where restore_id is null)"))


# --- reports and consent


async def keep_report(tx: Transaction, digest: str, body: bytes, now: datetime) -> UUID:
    """Keep a report, encrypted; its id."""
    report_id = tx.services.new_id(now)
    await tx.execute(
        """
        insert into sheaf.restore_report (id, branch_id, digest, body, made_at)
        values (%(id)s, %(branch)s, %(digest)s, %(body)s, %(now)s)
        """,
        id=report_id,
        branch=HEAD_OFFICE,
        digest=digest,
        body=tx.vault.encrypt(body),
        now=now,
    )
    return report_id


async def report_body(tx: Transaction, report_id: UUID) -> bytes:
    """A report as it was made."""
    content: bytes = tx.vault.decrypt(
        bytes(await tx.value("select body from sheaf.restore_report where id = %(id)s", id=report_id))
    )
    return content


async def report_named(tx: Transaction, digest: str) -> UUID | None:
    """The report with this digest."""
    found: UUID | None = await tx.value("select id from sheaf.restore_report where digest = %(digest)s", digest=digest)
    return found


async def newest_report(tx: Transaction) -> str:
    """The digest of the newest report, empty when there is none."""
    found: str | None = await tx.value("select digest from sheaf.restore_report order by made_at desc, id desc limit 1")
    return found or ""


async def explained(tx: Transaction, references: Sequence[str]) -> set[str]:
    """Those of the references that an attempt here has, which went to the bank."""
    rows = await tx.rows(
        """
        select bank_reference from sheaf.attempt
        where bank_reference = any(%(references)s) and state not in ('prepared', 'initiated')
        """,
        references=list(references),
    )
    return {row["bank_reference"] for row in rows}


async def case_ids(tx: Transaction, limit: int) -> list[UUID]:
    """The newest proposals."""
    rows = await tx.rows("select id from sheaf.restore order by id desc limit %(limit)s", limit=limit)
    return [row["id"] for row in rows]


async def insert_case(tx: Transaction, case_id: UUID, report_id: UUID, reason: str, maker: UUID, now: datetime) -> None:
    """Write a proposal to go on, which waits for its signature."""
    await tx.execute(
        """
        insert into sheaf.restore (id, branch_id, report_id, reason, state, maker_id, created_at, expires_at,
          changed_at)
        values (%(id)s, %(branch)s, %(report)s, %(reason)s, 'requested', %(maker)s, %(now)s, %(expires)s, %(now)s)
        """,
        id=case_id,
        branch=HEAD_OFFICE,
        report=report_id,
        reason=reason,
        maker=maker,
        now=now,
        expires=now + tx.services.policy.approval_life,
    )


async def open_case(tx: Transaction) -> Row | None:
    """The proposal that waits, or that was agreed and is not settled; locked."""
    return await tx.maybe("select * from sheaf.restore where state in ('requested', 'approved') for no key update")


async def lock_case(tx: Transaction, case_id: UUID) -> Row | None:
    """One proposal with its report's digest, locked."""
    return await tx.maybe(
        """
        select c.*, r.digest report from sheaf.restore c join sheaf.restore_report r on r.id = c.report_id
        where c.id = %(id)s for no key update of c
        """,
        id=case_id,
    )


async def is_agreed(tx: Transaction) -> bool:
    """Whether there is something to settle."""
    return bool(await tx.value("select exists (select from sheaf.restore where state = 'approved')"))


async def agreed(tx: Transaction) -> Row | None:
    """The proposal that two people agreed on and nobody has settled, with its report's digest; None while another
    executor settles it."""
    return await tx.maybe(
        """
        select c.*, r.digest report from sheaf.restore c join sheaf.restore_report r on r.id = c.report_id
        where c.state = 'approved' for no key update of c skip locked
        """
    )


async def move_case(tx: Transaction, case_id: UUID, state: str, now: datetime) -> None:
    """A new state is a new version."""
    await tx.execute(
        "update sheaf.restore set state = %(state)s, changed_at = %(now)s, version = version + 1 where id = %(id)s",
        id=case_id,
        state=state,
        now=now,
    )


async def answer_witnesses(tx: Transaction, case_id: UUID, ids: Sequence[UUID]) -> None:
    """What these have told is settled."""
    await tx.execute(
        "update sheaf.restore_witness set restore_id = %(case)s where id = any(%(ids)s) and restore_id is null",
        case=case_id,
        ids=list(ids),
    )
