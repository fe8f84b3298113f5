"""Which accounts there are, and their ids, which anyone can compute from the name (uuid5)."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache
from uuid import UUID

from server.context import HEAD_OFFICE
from server.database.transaction import Transaction
from shared.ids import ledger_account_id


class Purpose(StrEnum):
    """What an account is for.

    capital: where the company's own money comes from, as far as this ledger knows; may be negative.
    treasury: head office's money that no branch has yet.
    clearing: money between branches; the sum over all branches is zero.
    funding: what a branch may pay out; holds are taken here.
    transit: the bank says it has paid, the statement has not shown it yet.
    paid: shown by the statement.
    payable: one member's balance: what they left with the company, and payments that the bank returned.
    advance: what one member owes for seed and fertiliser, below zero; a deduction brings it up to zero at most.
    lent: what the branch has lent in advances; with what is owed it sums to the money that was kept back and is there.
    fees: what payments cost the branch on top, and what it kept back from payees as fees.
    """

    CAPITAL = "capital"
    TREASURY = "treasury"
    CLEARING = "clearing"
    FUNDING = "funding"
    TRANSIT = "transit"
    PAID = "paid"
    PAYABLE = "payable"
    FEES = "fees"
    ADVANCE = "advance"
    LENT = "lent"


_BRANCH = (Purpose.FUNDING, Purpose.TRANSIT, Purpose.PAID, Purpose.CLEARING, Purpose.FEES, Purpose.LENT)
_HEAD_OFFICE = (Purpose.CAPITAL, Purpose.TREASURY, Purpose.CLEARING)
_UNBOUNDED = frozenset({Purpose.CAPITAL, Purpose.CLEARING, Purpose.ADVANCE})


def account_name(branch_code: str, purpose: Purpose) -> str:
    """`branch/NSN/funding/THB`."""
    return f"branch/{branch_code}/{purpose.value}/THB"


@lru_cache(maxsize=4096)
def account_id(branch_code: str, purpose: Purpose) -> UUID:
    """The id of a branch's account."""
    return ledger_account_id(account_name(branch_code, purpose))


def payable_name(member_id: UUID) -> str:
    """`member/<id>/payable/THB`."""
    return f"member/{member_id}/payable/THB"


def payable_id(member_id: UUID) -> UUID:
    """The id of a member's balance."""
    return ledger_account_id(payable_name(member_id))


def advance_account_name(member_id: UUID) -> str:
    """`member/<id>/advance/THB`."""
    return f"member/{member_id}/advance/THB"


def advance_account_id(member_id: UUID) -> UUID:
    """The id of what a member owes."""
    return ledger_account_id(advance_account_name(member_id))


async def open_branch_accounts(tx: Transaction, branch_id: int, branch_code: str) -> None:
    """Open a new branch's accounts (head office's are others); harmless when they are open already."""
    purposes = _HEAD_OFFICE if branch_id == HEAD_OFFICE else _BRANCH
    await tx.many(
        """
        insert into sheaf.ledger_account (id, branch_id, name, purpose, currency, minimum)
        values (%(id)s, %(branch)s, %(name)s, %(purpose)s, 'THB', %(minimum)s)
        on conflict (id) do nothing
        """,
        [
            {
                "id": account_id(branch_code, purpose),
                "branch": branch_id,
                "name": account_name(branch_code, purpose),
                "purpose": purpose.value,
                "minimum": None if purpose in _UNBOUNDED else 0,
            }
            for purpose in purposes
        ],
    )


async def open_payables(tx: Transaction, members: Sequence[tuple[UUID, int]]) -> None:
    """Open the balances of members, given as (member id, branch id); harmless when open already."""
    await _open_members(tx, Purpose.PAYABLE, [(payable_id(one), payable_name(one), one, at) for one, at in members])


async def open_advance_accounts(tx: Transaction, members: Sequence[tuple[UUID, int]]) -> None:
    """Open the accounts of what members owe, given as (member id, branch id); harmless when open already."""
    accounts = [(advance_account_id(one), advance_account_name(one), one, at) for one, at in members]
    await _open_members(tx, Purpose.ADVANCE, accounts)


async def _open_members(tx: Transaction, purpose: Purpose, accounts: Sequence[tuple[UUID, str, UUID, int]]) -> None:
    await tx.many(
        """
        insert into sheaf.ledger_account (id, branch_id, name, purpose, member_id, currency, minimum)
        values (%(id)s, %(branch)s, %(name)s, %(purpose)s, %(member)s, 'THB', %(minimum)s)
        on conflict (id) do nothing
        """,
        [
            {
                "id": account,
                "branch": branch,
                "name": name,
                "purpose": purpose.value,
                "member": member,
                "minimum": None if purpose in _UNBOUNDED else 0,
            }
            # two who open the same accounts meet at the first one of both
            for account, name, member, branch in sorted(accounts)
        ],
    )
