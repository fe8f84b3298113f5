"""The treasury's tables: deposits with their sign-offs and documents; and its reading of books and statements."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from server.approvals.cases import signatures_of
from server.context import HEAD_OFFICE
from server.database.transaction import Row, Transaction
from server.ledger.accounts import Purpose, account_id
from server.ledger.posting import Kind, Leg, Transfer
from server.treasury.funding_store import HEAD_OFFICE_CODE
from server.treasury.rules import NEAR, Line
from server.wire_time import wire_time
from shared import canonical
from shared.canonical import DepositSheet
from shared.ids import deposit_number
from shared.lifecycle import DepositState
from shared.money import Satang, format_amount
from shared.thai import business_date
from shared.wire.approvals import SignatureView
from shared.wire.bank_changes import DocumentView
from shared.wire.treasury import DepositView


def deposit_sheet(row: Row) -> DepositSheet:
    """What is signed; the row has `line` (number of the statement, its day, place in it: 7/2026-11-21/3; or empty)."""
    line = f"{row['line']} {row['statement_line_id']}" if row["statement_line_id"] else ""
    return DepositSheet(
        id=row["id"],
        number=row["number"],
        amount=Satang(row["amount"]),
        currency="THB",
        received_on=row["received_on"].isoformat(),
        payer=row["payer"],
        reference=row["reference"],
        reason=row["reason"],
        duplicate_reason=row["duplicate_reason"],
        statement_line=line,
        documents=(row["document_sha256"],) if row["document_sha256"] else (),
    )


def bringing(transfer_id: UUID, row: Row) -> Transfer:
    """From outside, which the capital account stands for, into the treasury."""
    return Transfer(
        id=transfer_id,
        branch_id=HEAD_OFFICE,
        kind=Kind.TRANSFER,
        legs=(
            Leg(account_id(HEAD_OFFICE_CODE, Purpose.CAPITAL), posted=-row["amount"]),
            Leg(account_id(HEAD_OFFICE_CODE, Purpose.TREASURY), posted=row["amount"]),
        ),
        subject=f"deposit {row['number']}",
    )


async def one_at_a_time(tx: Transaction) -> None:
    """Two who record the same money at once: the second waits, and sees the first."""
    await tx.execute("select pg_advisory_xact_lock(hashtextextended('deposits', 0))")


async def line_of(tx: Transaction, line_id: UUID) -> Line | None:
    """A statement's line as evidence."""
    row = await tx.maybe(
        """
        select l.amount, (l.booked_at at time zone 'Asia/Bangkok')::date booked_on, l.kind = 'credit' credit,
               coalesce(r.result = 'unexpected' and r.attempt_id is null, false) and not exists (
                 select from sheaf.deposit d
                 where d.statement_line_id = l.id and d.state in ('requested', 'recorded', 'reconciled')) open
        from sheaf.accepted_line l left join sheaf.reconciliation r on r.statement_line_id = l.id
        where l.id = %(id)s
        """,
        id=line_id,
    )
    return None if row is None else Line(**row)


async def still_unexplained(tx: Transaction, line_id: UUID) -> bool:
    """Whether no payment has explained the line meanwhile."""
    result = await tx.value("select result from sheaf.reconciliation where statement_line_id = %(id)s", id=line_id)
    return bool(result == "unexpected")


async def same_document(tx: Transaction, sha256: str) -> str | None:
    """The number of the living deposit that has this document."""
    row = await tx.maybe(
        """
        select number from sheaf.deposit
        where document_sha256 = %(sha256)s and state in ('requested', 'recorded', 'reconciled')
        """,
        sha256=sha256,
    )
    return None if row is None else str(row["number"])


async def looks_the_same(tx: Transaction, amount: int, day: date, reference: str) -> Row | None:
    """The newest living deposit of this amount within NEAR days, or with the same number of the bank's."""
    return await tx.maybe(
        """
        select number, received_on from sheaf.deposit
        where state in ('requested', 'recorded', 'reconciled') and amount = %(amount)s
          and (received_on between %(first)s and %(last)s or (reference <> '' and reference = %(reference)s))
        order by id desc limit 1
        """,
        amount=amount,
        first=day - timedelta(days=NEAR),
        last=day + timedelta(days=NEAR),
        reference=reference,
    )


async def insert_deposit(tx: Transaction, values: dict[str, object], now: datetime) -> None:
    """Write a record that waits for its signature, under the next number."""
    today = business_date(now)
    sequence = await tx.value("select nextval('sheaf.deposit_numbers')")
    await tx.execute(
        """
        insert into sheaf.deposit (id, branch_id, number, amount, received_on, payer, reference, reason,
          duplicate_reason, statement_line_id, document_sha256, state, maker_id, created_at, expires_at, changed_at)
        values (%(id)s, %(branch)s, %(number)s, %(amount)s, %(received_on)s, %(payer)s, %(reference)s, %(reason)s,
          %(duplicate_reason)s, %(line)s, %(sha256)s, 'requested', %(maker)s, %(now)s, %(expires)s, %(now)s)
        """,
        branch=HEAD_OFFICE,
        number=deposit_number(today.year, today.month, sequence),
        now=now,
        **values,
    )


async def insert_document(
    tx: Transaction, deposit_id: UUID, sha256: str, name: str, media_type: str, content: bytes
) -> None:
    """Store the document's content, encrypted."""
    await tx.execute(
        """
        insert into sheaf.deposit_document (deposit_id, branch_id, sha256, name, media_type, size, content_cipher)
        values (%(id)s, %(branch)s, %(sha256)s, %(name)s, %(media_type)s, %(size)s, %(cipher)s)
        """,
        id=deposit_id,
        branch=HEAD_OFFICE,
        sha256=sha256,
        name=name,
        media_type=media_type,
        size=len(content),
        cipher=tx.vault.encrypt(content),
    )


async def document(tx: Transaction, deposit_id: UUID) -> Row | None:
    """A deposit's document with its encrypted content; `sha256` is what was signed for."""
    return await tx.maybe(
        """
        select d.document_sha256 sha256, f.content_cipher
        from sheaf.deposit_document f join sheaf.deposit d on d.id = f.deposit_id where f.deposit_id = %(id)s
        """,
        id=deposit_id,
    )


async def record_look(tx: Transaction, deposit_id: UUID, sha256: str, user_id: UUID, now: datetime) -> None:
    """Remember the first time that this person opened the document."""
    await tx.execute(
        """
        insert into sheaf.deposit_document_view (deposit_id, branch_id, user_id, sha256, at)
        values (%(id)s, %(branch)s, %(user)s, %(sha256)s, %(now)s) on conflict do nothing
        """,
        id=deposit_id,
        branch=HEAD_OFFICE,
        user=user_id,
        sha256=sha256,
        now=now,
    )


async def has_looked(tx: Transaction, deposit_id: UUID, user_id: UUID) -> bool:
    """Whether this person has opened the document."""
    return bool(
        await tx.value(
            """
            select exists (select from sheaf.deposit_document_view v join sheaf.deposit d on d.id = v.deposit_id
                           where d.id = %(id)s and v.user_id = %(user)s and v.sha256 = d.document_sha256)
            """,
            id=deposit_id,
            user=user_id,
        )
    )


async def lock_deposit(tx: Transaction, deposit_id: UUID) -> Row | None:
    """Lock one deposit, with the name of its line."""
    return await tx.maybe(
        """
        select d.*, coalesce(s.number || '/' || s.date || '/' || l.sequence, '') line
        from sheaf.deposit d left join sheaf.statement_line l on l.id = d.statement_line_id
        left join sheaf.statement s on s.id = l.statement_id
        where d.id = %(id)s for no key update of d
        """,
        id=deposit_id,
    )


async def move_deposit(tx: Transaction, deposit_id: UUID, target: DepositState, now: datetime) -> None:
    """Take a deposit to its next state as a new version."""
    await tx.execute(
        "update sheaf.deposit set state = %(state)s, version = version + 1, changed_at = %(now)s where id = %(id)s",
        id=deposit_id,
        state=target.value,
        now=now,
    )


async def record_money(tx: Transaction, deposit_id: UUID, transfer_id: UUID, now: datetime) -> None:
    """The deposit counts; the same transaction posts the transfer, or falls."""
    await tx.execute(
        """
        update sheaf.deposit set state = 'recorded', transfer_id = %(transfer)s, version = version + 1,
          changed_at = %(now)s
        where id = %(id)s
        """,
        id=deposit_id,
        transfer=transfer_id,
        now=now,
    )


async def newest(tx: Transaction, limit: int) -> list[UUID]:
    """Ids of the newest deposits."""
    rows = await tx.rows("select id from sheaf.deposit order by id desc limit %(limit)s", limit=limit)
    return [row["id"] for row in rows]


async def deposit_views(tx: Transaction, ids: Sequence[UUID]) -> list[DepositView]:
    """Deposits in the order of `ids`; those that the transaction can't see are left out."""
    rows = await tx.rows(
        """
        select d.*, coalesce(s.number || '/' || s.date || '/' || l.sequence, '') line,
               coalesce(u.name, '') maker, f.name file_name, f.media_type, f.size
        from sheaf.deposit d left join sheaf.statement_line l on l.id = d.statement_line_id
        left join sheaf.statement s on s.id = l.statement_id
        left join sheaf.deposit_document f on f.deposit_id = d.id
        left join lateral sheaf.user_names(array[d.maker_id]) u on true
        where d.id = any(%(ids)s)
        """,
        ids=list(ids),
    )
    signed = await signatures_of(tx, ids)
    by_id = {row["id"]: _view(row, signed[row["id"]]) for row in rows}
    return [by_id[deposit_id] for deposit_id in ids if deposit_id in by_id]


def _view(row: Row, signed: list[SignatureView]) -> DepositView:
    sheet = canonical.sheet_bytes(deposit_sheet(row))
    papers = []
    if row["document_sha256"]:
        papers = [
            DocumentView(
                sha256=row["document_sha256"], name=row["file_name"], media_type=row["media_type"], size=row["size"]
            )
        ]
    return DepositView(
        id=row["id"],
        number=row["number"],
        amount=format_amount(Satang(row["amount"])),
        received_on=row["received_on"].isoformat(),
        payer=row["payer"],
        reference=row["reference"],
        reason=row["reason"],
        duplicate_reason=row["duplicate_reason"],
        statement_line=row["line"],
        documents=papers,
        state=row["state"],
        maker=row["maker"],
        maker_id=row["maker_id"],
        signatures=signed,
        created_at=wire_time(row["created_at"]),
        expires_at=wire_time(row["expires_at"]),
        version=row["version"],
        sheet=base64.b64encode(sheet).decode(),
        digest=canonical.digest(sheet),
    )


async def overdue(tx: Transaction, now: datetime, limit: int) -> list[Row]:
    """Requests that nobody signed in time, locked; those that someone decides at this moment are passed over."""
    return await tx.rows(
        """
        select id, number from sheaf.deposit where state = 'requested' and expires_at <= %(now)s
        order by id limit %(limit)s for no key update skip locked
        """,
        now=now,
        limit=limit,
    )
