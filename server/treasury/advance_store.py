"""Advances: their table, their sheet, how desks see them and what granting one moves."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from server.approvals.cases import roles_missing, signatures_of
from server.database.transaction import Row, Transaction
from server.ledger.accounts import Purpose, account_id, advance_account_id
from server.ledger.posting import Kind, Leg, Transfer
from server.wire_time import wire_time
from shared import canonical
from shared.canonical import AdvanceSheet
from shared.ids import advance_number
from shared.lifecycle import AdvanceState
from shared.money import Satang, format_amount
from shared.thai import business_date
from shared.wire.approvals import SignatureView
from shared.wire.balances import AdvanceView


def advance_sheet(row: Row) -> AdvanceSheet:
    """What is signed for an advance; the row has `branch`, `member_code` and `member_name`."""
    return AdvanceSheet(
        id=row["id"],
        number=row["number"],
        branch=row["branch"],
        member_id=row["member_id"],
        member_code=row["member_code"],
        member_name=row["member_name"],
        document=row["document"],
        note=row["note"],
        amount=Satang(row["amount"]),
        currency="THB",
        basis_points=row["basis_points"],
        least=Satang(row["least"]),
        most=None if row["most"] is None else Satang(row["most"]),
    )


def granting(transfer_id: UUID, row: Row) -> Transfer:
    """From now on the member owes it, and the branch has lent it."""
    return Transfer(
        id=transfer_id,
        branch_id=row["branch_id"],
        kind=Kind.TRANSFER,
        legs=(
            Leg(advance_account_id(row["member_id"]), posted=-row["amount"]),
            Leg(account_id(row["branch"], Purpose.LENT), posted=row["amount"]),
        ),
        subject=f"advance {row['number']}",
    )


async def insert_advance(tx: Transaction, values: dict[str, object], now: datetime) -> None:
    """Write an advance that was asked for, under the next number."""
    day = business_date(now)
    sequence = await tx.value("select nextval('sheaf.advance_numbers')")
    await tx.execute(
        """
        insert into sheaf.advance (id, branch_id, number, member_id, document, note, amount, basis_points, least, most,
          state, maker_id, quorum, created_at, expires_at, changed_at)
        values (%(id)s, %(branch_id)s, %(number)s, %(member_id)s, %(document)s, %(note)s, %(amount)s, %(basis_points)s,
          %(least)s, %(most)s, 'requested', %(maker_id)s, %(quorum)s, %(now)s, %(expires_at)s, %(now)s)
        """,
        number=advance_number(day.year, day.month, sequence),
        now=now,
        **values,
    )


async def newest_advances(
    tx: Transaction, *, branch: int | None, member: UUID | None, state: str, cursor: UUID | None, limit: int
) -> list[UUID]:
    """Ids of advances, newest first; of all branches in sight, members and states where none is named."""
    rows = await tx.rows(
        """
        select a.id from sheaf.advance a
        where (%(cursor)s::uuid is null or a.id < %(cursor)s)
          and (%(member)s::uuid is null or a.member_id = %(member)s)
          and (%(state)s = '' or a.state = %(state)s)
          and (%(branch)s::int is null or a.branch_id = %(branch)s)
        order by a.id desc limit %(limit)s
        """,
        cursor=cursor,
        member=member,
        state=state,
        branch=branch,
        limit=limit,
    )
    return [row["id"] for row in rows]


async def document_taken(tx: Transaction, branch_id: int, document: str) -> str | None:
    """The number of the advance that was already asked for upon this document; others wait until the caller is done."""
    await tx.execute(
        "select pg_advisory_xact_lock(hashtextextended(%(key)s, 0))", key=f"advance/{branch_id}/{document}"
    )
    row = await tx.maybe(
        """
        select number from sheaf.advance
        where branch_id = %(branch)s and document = %(document)s and state in ('requested', 'effective', 'repaid')
        """,
        branch=branch_id,
        document=document,
    )
    return None if row is None else str(row["number"])


async def lock_advance(tx: Transaction, advance_id: UUID) -> Row | None:
    """Lock one advance, with its branch's code and its member's code and name."""
    return await tx.maybe(
        """
        select a.*, b.code branch, m.code member_code, m.name member_name
        from sheaf.advance a join sheaf.branch b on b.id = a.branch_id join sheaf.member m on m.id = a.member_id
        where a.id = %(id)s for no key update of a
        """,
        id=advance_id,
    )


async def move_advance(tx: Transaction, advance_id: UUID, target: AdvanceState, now: datetime) -> None:
    """Take an advance to its next state (or the same) as a new version."""
    await tx.execute(
        "update sheaf.advance set state = %(state)s, version = version + 1, changed_at = %(now)s where id = %(id)s",
        id=advance_id,
        state=target.value,
        now=now,
    )


async def advance_views(tx: Transaction, ids: Sequence[UUID]) -> list[AdvanceView]:
    """Advances in the order of `ids`; those that the transaction can't see are left out."""
    rows = await tx.rows(
        """
        select a.*, b.code branch, m.code member_code, m.name member_name, coalesce(u.name, '') maker
        from sheaf.advance a join sheaf.branch b on b.id = a.branch_id join sheaf.member m on m.id = a.member_id
        left join lateral sheaf.user_names(array[a.maker_id]) u on true
        where a.id = any(%(ids)s)
        """,
        ids=list(ids),
    )
    signed = await signatures_of(tx, ids)
    by_id = {row["id"]: _view(row, signed[row["id"]]) for row in rows}
    return [by_id[advance_id] for advance_id in ids if advance_id in by_id]


def _view(row: Row, signed: list[SignatureView]) -> AdvanceView:
    sheet = canonical.sheet_bytes(advance_sheet(row))
    owed = row["amount"] - row["deducted"] if row["state"] == AdvanceState.EFFECTIVE else 0
    return AdvanceView(
        id=row["id"],
        number=row["number"],
        branch=row["branch"],
        member_id=row["member_id"],
        member_code=row["member_code"],
        member_name=row["member_name"],
        document=row["document"],
        note=row["note"],
        amount=format_amount(Satang(row["amount"])),
        basis_points=row["basis_points"],
        least=format_amount(Satang(row["least"])),
        most="" if row["most"] is None else format_amount(Satang(row["most"])),
        state=row["state"],
        deducted=format_amount(Satang(row["deducted"])),
        reserved=format_amount(Satang(row["reserved"])),
        owed=format_amount(Satang(owed)),
        maker=row["maker"],
        maker_id=row["maker_id"],
        roles=roles_missing(row["quorum"], signed),
        signatures=signed,
        created_at=wire_time(row["created_at"]),
        expires_at=wire_time(row["expires_at"]),
        version=row["version"],
        sheet=base64.b64encode(sheet).decode(),
        digest=canonical.digest(sheet),
    )
