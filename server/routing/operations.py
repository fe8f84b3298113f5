"""What each operation does to money: whose account pays, and the ledger's legs when it is settled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from server.database.transaction import Row, Transaction
from server.ledger.accounts import Purpose, account_id, open_payables, payable_id
from server.ledger.posting import Kind, Leg, Transfer


class Operation(StrEnum):
    """What an intent asks for.

    disbursement: the branch's funding pays a member, in the bank or into the member's balance with us.
    withdrawal: a member's balance pays the member's account at the bank.
    transfer: a member's balance pays another member's, perhaps at another branch.
    """

    DISBURSEMENT = "disbursement"
    WITHDRAWAL = "withdrawal"
    TRANSFER = "transfer"


class Destination(StrEnum):
    """Where the payee gets it: in their bank, or in their balance with the company."""

    BANK = "bank"
    BALANCE = "balance"


class Charge(msgspec.Struct, frozen=True):
    """One row of sheaf.intent_charge: `amount` (satang) goes to `account_id` when the intent is settled."""

    kind: str
    amount: int
    account_id: UUID


INTERNAL_CHANNEL = "internal"
"""The one channel that moves money in our books; the database knows it by this name too."""


def source_account(operation: str, branch_code: str, member_id: UUID) -> UUID:
    """The ledger account that pays and holds."""
    if operation == Operation.DISBURSEMENT:
        return account_id(branch_code, Purpose.FUNDING)
    return payable_id(member_id)


def settlement_legs(row: Row, charges: Iterable[Charge], branch_code: str) -> tuple[Leg, ...]:
    """What settling does in the intent's own branch; sums to zero.

    The source pays what it held (amount and the fees on top), each charge gets its part, and the payout goes to
    transit, to a member's balance, or to clearing when that member is another branch's.
    """
    held = row["amount"] + row["fee"]
    legs = [Leg(row["source_id"], posted=-held, held=-held), Leg(_target(row, branch_code), posted=row["payout"])]
    parts: dict[UUID, int] = {}
    for charge in charges:
        parts[charge.account_id] = parts.get(charge.account_id, 0) + charge.amount
    return (*legs, *(Leg(account, posted=amount) for account, amount in parts.items()))


def _target(row: Row, branch_code: str) -> UUID:
    if row["destination"] == Destination.BANK:
        return account_id(branch_code, Purpose.TRANSIT)
    if row["operation"] != Operation.TRANSFER:
        return payable_id(row["member_id"])
    if row["counterparty_branch_id"] != row["branch_id"]:
        return account_id(branch_code, Purpose.CLEARING)
    return payable_id(row["counterparty_member_id"])


def receiving_legs(row: Row, branch_codes: Mapping[int, str]) -> tuple[Leg, ...]:
    """What settling a transfer does in the other member's branch: empty unless that is another one; sums to zero."""
    if row["operation"] != Operation.TRANSFER or row["counterparty_branch_id"] == row["branch_id"]:
        return ()
    clearing = account_id(branch_codes[row["counterparty_branch_id"]], Purpose.CLEARING)
    return (
        Leg(clearing, posted=-row["payout"]),
        Leg(payable_id(row["counterparty_member_id"]), posted=row["payout"]),
    )


async def settlements(tx: Transaction, rows: Sequence[Row], now: datetime) -> list[Transfer]:
    """What posts the held money of these intents to where it goes, in all branches concerned; the caller sees them all.

    Balances that it goes to are open then.
    """
    if not rows:
        return []
    codes = {row["id"]: row["code"] for row in await tx.rows("select id, code from sheaf.branch order by id")}
    charges = await _charges(tx, [row["id"] for row in rows])
    await open_payables(tx, [owner for row in rows if (owner := _balance_owner(row)) is not None])
    transfers = []
    for row in rows:
        legs = settlement_legs(row, charges.get(row["id"], ()), codes[row["branch_id"]])
        transfers.append(_transfer(tx, row, row["branch_id"], Kind.POST, legs, now))
        if received := receiving_legs(row, codes):
            transfers.append(_transfer(tx, row, row["counterparty_branch_id"], Kind.TRANSFER, received, now))
    return transfers


def _balance_owner(row: Row) -> tuple[UUID, int] | None:
    if row["destination"] == Destination.BANK:
        return None
    if row["operation"] == Operation.TRANSFER:
        return row["counterparty_member_id"], row["counterparty_branch_id"]
    return row["member_id"], row["branch_id"]


async def _charges(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, list[Charge]]:
    rows = await tx.rows(
        """
        select intent_id, kind, amount, account_id from sheaf.intent_charge
        where intent_id = any(%(ids)s) order by intent_id, ordinal
        """,
        ids=list(ids),
    )
    found: dict[UUID, list[Charge]] = {}
    for row in rows:
        found.setdefault(row["intent_id"], []).append(Charge(row["kind"], row["amount"], row["account_id"]))
    return found


def _transfer(tx: Transaction, row: Row, branch_id: int, kind: Kind, legs: tuple[Leg, ...], now: datetime) -> Transfer:
    return Transfer(
        id=tx.services.new_id(now),
        branch_id=branch_id,
        kind=kind,
        hold_id=row["hold_id"] if kind is Kind.POST else None,
        intent_id=row["id"],
        legs=legs,
        subject=row["number"],
    )
