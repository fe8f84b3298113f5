"""Funding requests: their table, their canonical sheet, and the transfers that move the money."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from server.approvals.cases import signatures_of
from server.database.transaction import Row, Transaction
from server.ledger.accounts import Purpose, account_id
from server.ledger.posting import Kind, Leg, Transfer
from server.wire_time import wire_time
from shared import canonical
from shared.canonical import FundingSheet
from shared.ids import funding_number
from shared.lifecycle import FundingState
from shared.money import Satang, format_amount
from shared.thai import business_date
from shared.wire.approvals import SignatureView
from shared.wire.payments import FundingView

HEAD_OFFICE_CODE = "HQ"


def funding_sheet(row: Row) -> FundingSheet:
    """What is signed for a funding request; the row has the branch's code as `branch`."""
    return FundingSheet(
        id=row["id"],
        number=row["number"],
        branch=row["branch"],
        amount=Satang(row["amount"]),
        currency="THB",
        reason=row["reason"],
    )


async def funding_views(tx: Transaction, ids: Sequence[UUID]) -> list[FundingView]:
    """Funding requests in the order of `ids`; those that the transaction can't see are left out."""
    if not ids:
        return []
    rows = await tx.rows(
        """
        select f.*, b.code branch, coalesce(u.name, '') maker from sheaf.funding f
        join sheaf.branch b on b.id = f.branch_id left join lateral sheaf.user_names(array[f.maker_id]) u on true
        where f.id = any(%(ids)s)
        """,
        ids=list(ids),
    )
    signed = await signatures_of(tx, ids)
    by_id = {row["id"]: _view(row, signed[row["id"]]) for row in rows}
    return [by_id[funding_id] for funding_id in ids if funding_id in by_id]


def _view(row: Row, signed: list[SignatureView]) -> FundingView:
    sheet = canonical.sheet_bytes(funding_sheet(row))
    return FundingView(
        id=row["id"],
        number=row["number"],
        branch=row["branch"],
        amount=format_amount(Satang(row["amount"])),
        reason=row["reason"],
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


async def insert_funding(tx: Transaction, values: dict[str, object], now: datetime) -> None:
    """Write a request, under the next number."""
    day = business_date(now)
    sequence = await tx.value("select nextval('sheaf.funding_numbers')")
    await tx.execute(
        """
        insert into sheaf.funding (id, branch_id, number, amount, reason, state, maker_id, created_at, expires_at,
          changed_at)
        values (%(id)s, %(branch_id)s, %(number)s, %(amount)s, %(reason)s, 'requested', %(maker_id)s, %(now)s,
          %(expires_at)s, %(now)s)
        """,
        number=funding_number(day.year, day.month, sequence),
        now=now,
        **values,
    )


async def newest_funding(tx: Transaction, limit: int) -> list[UUID]:
    """Ids of requests, newest first."""
    rows = await tx.rows("select id from sheaf.funding order by id desc limit %(limit)s", limit=limit)
    return [row["id"] for row in rows]


async def lock_funding_request(tx: Transaction, funding_id: UUID) -> Row | None:
    """Lock one request, with its branch's code."""
    return await tx.maybe(
        """
        select f.*, b.code branch from sheaf.funding f join sheaf.branch b on b.id = f.branch_id
        where f.id = %(id)s for no key update of f
        """,
        id=funding_id,
    )


async def move_funding(tx: Transaction, funding_id: UUID, target: FundingState, now: datetime) -> None:
    """Take a request to its end as a new version."""
    await tx.execute(
        "update sheaf.funding set state = %(state)s, version = version + 1, changed_at = %(now)s where id = %(id)s",
        id=funding_id,
        state=target.value,
        now=now,
    )


def funding_transfers(
    tx: Transaction, branch_id: int, branch_code: str, amount: Satang, subject: str, now: datetime
) -> list[Transfer]:
    """Treasury to clearing at head office, clearing to funding at the branch: each balances in its own branch."""
    treasury = account_id(HEAD_OFFICE_CODE, Purpose.TREASURY)
    clearing = account_id(HEAD_OFFICE_CODE, Purpose.CLEARING)
    branch_clearing = account_id(branch_code, Purpose.CLEARING)
    funding = account_id(branch_code, Purpose.FUNDING)
    return [
        Transfer(
            id=tx.services.new_id(now),
            branch_id=0,
            kind=Kind.TRANSFER,
            legs=(Leg(treasury, posted=-amount), Leg(clearing, posted=amount)),
            subject=subject,
        ),
        Transfer(
            id=tx.services.new_id(now),
            branch_id=branch_id,
            kind=Kind.TRANSFER,
            legs=(Leg(branch_clearing, posted=-amount), Leg(funding, posted=amount)),
            subject=subject,
        ),
    ]
