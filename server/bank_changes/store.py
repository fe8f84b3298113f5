"""The bank-change room's tables: cases, documents, who opened them, sign-offs, and the accounts that cases make."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from server.database.transaction import Row, Transaction


async def member_of(tx: Transaction, case_id: UUID) -> UUID | None:
    """Whose account the case is about; None when the transaction may not see the case."""
    row = await tx.maybe("select member_id from sheaf.bank_change where id = %(id)s", id=case_id)
    return None if row is None else UUID(str(row["member_id"]))


async def lock(tx: Transaction, case_id: UUID) -> Row | None:
    """The case and its branch's code, alone in this transaction. Who needs the member's row too locks that first."""
    return await tx.maybe(
        """
        select c.*, b.code branch from sheaf.bank_change c join sheaf.branch b on b.id = c.branch_id
        where c.id = %(id)s for update of c
        """,
        id=case_id,
    )


async def read(tx: Transaction, case_id: UUID) -> Row | None:
    """The case as it stands, with its branch's code."""
    return await tx.maybe(
        """
        select c.*, b.code branch from sheaf.bank_change c join sheaf.branch b on b.id = c.branch_id
        where c.id = %(id)s
        """,
        id=case_id,
    )


async def open_case(tx: Transaction, member_id: UUID) -> Row | None:
    """The one case of this member that is not decided yet, locked."""
    return await tx.maybe(
        "select * from sheaf.bank_change where member_id = %(id)s and state in ('draft', 'requested') for update",
        id=member_id,
    )


async def next_number(tx: Transaction) -> int:
    """The next case's sequence number; a rolled-back case leaves a gap."""
    return int(await tx.value("select nextval('sheaf.case_numbers')"))


async def insert(
    tx: Transaction,
    *,
    case_id: UUID,
    branch_id: int,
    number: str,
    member_id: UUID,
    old_version: int,
    bank: str,
    number_cipher: bytes,
    number_digest: bytes,
    last4: str,
    account_name: str,
    reason: str,
    maker_id: UUID,
    now: datetime,
    expires_at: datetime,
) -> None:
    """Store a new draft."""
    await tx.execute(
        """
        insert into sheaf.bank_change (id, branch_id, number, member_id, old_version, bank, number_cipher,
          number_digest, number_last4, account_name, reason, state, maker_id, created_at, expires_at, changed_at)
        values (%(id)s, %(branch)s, %(number)s, %(member)s, %(old_version)s, %(bank)s, %(cipher)s, %(digest)s,
          %(last4)s, %(account_name)s, %(reason)s, 'draft', %(maker)s, %(now)s, %(expires)s, %(now)s)
        """,
        id=case_id,
        branch=branch_id,
        number=number,
        member=member_id,
        old_version=old_version,
        bank=bank,
        cipher=number_cipher,
        digest=number_digest,
        last4=last4,
        account_name=account_name,
        reason=reason,
        maker=maker_id,
        now=now,
        expires=expires_at,
    )


async def change(tx: Transaction, case_id: UUID, state: str, now: datetime) -> None:
    """Move the case to a state (the same one is legal while it is open) and to its next version."""
    await tx.execute(
        "update sheaf.bank_change set state = %(state)s, version = version + 1, changed_at = %(now)s where id = %(id)s",
        id=case_id,
        state=state,
        now=now,
    )


async def document_digests(tx: Transaction, case_id: UUID) -> list[str]:
    """SHA-256 of each document of a case, sorted."""
    rows = await tx.rows("select sha256 from sheaf.document where bank_change_id = %(id)s order by sha256", id=case_id)
    return [row["sha256"] for row in rows]


async def insert_document(
    tx: Transaction,
    *,
    case: Row,
    sha256: str,
    name: str,
    media_type: str,
    content: bytes,
    user_id: UUID,
    now: datetime,
) -> None:
    """Store a document's content, encrypted."""
    await tx.execute(
        """
        insert into sheaf.document (bank_change_id, sha256, branch_id, name, media_type, size, content_cipher, added_by,
          added_at)
        values (%(case)s, %(sha256)s, %(branch)s, %(name)s, %(media_type)s, %(size)s, %(cipher)s, %(user)s, %(now)s)
        """,
        case=case["id"],
        sha256=sha256,
        branch=case["branch_id"],
        name=name,
        media_type=media_type,
        size=len(content),
        cipher=tx.vault.encrypt(content),
        user=user_id,
        now=now,
    )


async def document(tx: Transaction, case_id: UUID, sha256: str) -> Row | None:
    """One document with its encrypted content."""
    return await tx.maybe(
        """
        select branch_id, content_cipher from sheaf.document
        where bank_change_id = %(case)s and sha256 = %(sha256)s
        """,
        case=case_id,
        sha256=sha256,
    )


async def record_look(
    tx: Transaction, *, case_id: UUID, sha256: str, branch_id: int, user_id: UUID, now: datetime
) -> None:
    """Remember the first time that this person opened this document."""
    await tx.execute(
        """
        insert into sheaf.document_view (bank_change_id, sha256, branch_id, user_id, at)
        values (%(case)s, %(sha256)s, %(branch)s, %(user)s, %(now)s) on conflict do nothing
        """,
        case=case_id,
        sha256=sha256,
        branch=branch_id,
        user=user_id,
        now=now,
    )


async def has_unread(tx: Transaction, case_id: UUID, user_id: UUID) -> bool:
    """Whether a document of the case has not been opened by this person."""
    return bool(
        await tx.value(
            """
            select exists (select from sheaf.document d where d.bank_change_id = %(case)s and not exists (
              select from sheaf.document_view v
              where v.bank_change_id = d.bank_change_id and v.sha256 = d.sha256 and v.user_id = %(user)s))
            """,
            case=case_id,
            user=user_id,
        )
    )


async def make_effective(tx: Transaction, case: Row, account_id: UUID, now: datetime) -> None:
    """Give the member the account of an effective case as their next version; PostgreSQL checks the case once more."""
    await tx.execute(
        """
        insert into sheaf.bank_account (id, branch_id, member_id, version, bank, number_cipher, number_digest,
          number_last4, name, bank_change_id, effective_at)
        select %(account)s, branch_id, member_id, old_version + 1, bank, number_cipher, number_digest,
          number_last4, account_name, id, %(now)s
        from sheaf.bank_change where id = %(case)s
        """,
        account=account_id,
        case=case["id"],
        now=now,
    )
    await tx.execute(
        "update sheaf.member set version = version + 1, changed_at = %(now)s where id = %(id)s",
        id=case["member_id"],
        now=now,
    )


async def old_account(tx: Transaction, case: Row) -> Row | None:
    """The account version that the case replaces: bank, number_cipher; None when the member had none."""
    return await tx.maybe(
        "select bank, number_cipher from sheaf.bank_account where member_id = %(member)s and version = %(version)s",
        member=case["member_id"],
        version=case["old_version"],
    )


async def page(tx: Transaction, *, state: str, after: UUID | None, limit: int) -> list[UUID]:
    """Ids of up to `limit` cases older than `after`, newest first; an empty state means any."""
    rows = await tx.rows(
        """
        select id from sheaf.bank_change c
        where (%(state)s = '' or c.state = %(state)s)
          and (%(after)s::uuid is null or (c.created_at, c.id) < (
            select l.created_at, l.id from sheaf.bank_change l where l.id = %(after)s))
        order by c.created_at desc, c.id desc limit %(limit)s
        """,
        state=state,
        after=after,
        limit=limit,
    )
    return [row["id"] for row in rows]


async def overdue(tx: Transaction, now: datetime, limit: int) -> list[Row]:
    """Open cases whose time has passed, locked: id, branch_id, state. Cases that someone else holds are passed over."""
    return await tx.rows(
        """
        select id, branch_id, state from sheaf.bank_change
        where state in ('draft', 'requested') and expires_at <= %(now)s
        order by id limit %(limit)s for update skip locked
        """,
        now=now,
        limit=limit,
    )


async def view_rows(tx: Transaction, case_ids: Sequence[UUID]) -> list[Row]:
    """Cases with what people read of them, in no order."""
    return await tx.rows(
        """
        select c.*, b.code as branch, m.code as member_code, m.name as member_name, u.name as maker,
               coalesce(a.bank, '') as old_bank, coalesce(a.number_last4, '') as old_last4
        from sheaf.bank_change c
        join sheaf.branch b on b.id = c.branch_id
        join sheaf.member m on m.id = c.member_id
        left join sheaf.app_user u on u.id = c.maker_id
        left join sheaf.bank_account a on a.member_id = c.member_id and a.version = c.old_version
        where c.id = any(%(ids)s)
        """,
        ids=list(case_ids),
    )


async def view_documents(tx: Transaction, case_ids: Sequence[UUID]) -> list[Row]:
    """Documents of cases without their content, in the order added."""
    return await tx.rows(
        """
        select d.bank_change_id, d.sha256, d.name, d.media_type, d.size,
               exists (select from sheaf.document o join sheaf.bank_change oc on oc.id = o.bank_change_id
                       where o.sha256 = d.sha256 and oc.member_id <> c.member_id) as used_elsewhere
        from sheaf.document d join sheaf.bank_change c on c.id = d.bank_change_id
        where d.bank_change_id = any(%(ids)s) order by d.added_at, d.sha256
        """,
        ids=list(case_ids),
    )


async def view_checks(tx: Transaction, case_ids: Sequence[UUID]) -> list[Row]:
    """What the bank was asked last about the account of each case, and what it said."""
    return await tx.rows(
        """
        select distinct on (bank_change_id) bank_change_id, state, requested_at, checked_at, bank_name, account_status,
          match
        from sheaf.account_check where bank_change_id = any(%(ids)s)
        order by bank_change_id, state = 'requested' desc, coalesce(checked_at, requested_at) desc, state
        """,
        ids=list(case_ids),
    )
