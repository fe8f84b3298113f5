"""What submissions are decided from, read in one call for a whole group before anything is locked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec

from server.company_rules.rules import Rule
from server.database.transaction import Transaction
from server.failpoints import failpoint
from server.members.rules import Account, BankCheck, Payee
from server.payments.advances import Owed
from server.payments.radar import Suspect
from server.routing.operations import Destination
from server.routing.routes import Route
from shared.thai import business_date, start_of_day


class AskedIntent(msgspec.Struct, frozen=True, kw_only=True):
    """One request of a group as far as facts are looked up for it: the columns of sheaf.asked_intent."""

    member_id: UUID
    ticket_key: str
    operation: str
    amount: int
    user_id: UUID
    destination: str = "bank"
    to_member: str = ""
    balance_id: UUID | None = None
    pays_again: UUID | None = None
    key: str | None = None
    token_id: UUID | None = None


class PayeeFact(msgspec.Struct, frozen=True, kw_only=True):
    """A member of the branch with the effective account and the bank's newest answer about it."""

    code: str
    name: str
    status: str
    tags: tuple[str, ...] = ()
    version: int
    account_id: UUID | None
    account_version: int | None
    bank: str | None
    last4: str | None
    account_name: str | None
    effective_at: datetime | None
    checked_at: datetime | None
    bank_name: str | None
    account_status: str | None
    match: int | None
    digest: str | None = None
    """Of the account's number, in hex."""

    def payee(self, member_id: UUID, branch_id: int) -> Payee:
        """The same as the registry's rules see it."""
        check = account = None
        if self.checked_at is not None:
            check = BankCheck(
                bank_name=self.bank_name or "",
                status=self.account_status or "",
                match=self.match or 0,
                checked_at=self.checked_at,
            )
        if self.account_id is not None and self.effective_at is not None:
            account = Account(
                id=self.account_id,
                version=self.account_version or 0,
                bank=self.bank or "",
                last4=self.last4 or "",
                name=self.account_name or "",
                effective_at=self.effective_at,
                check=check,
            )
        return Payee(
            member_id=member_id,
            branch_id=branch_id,
            code=self.code,
            name=self.name,
            status=self.status,
            account=account,
        )


class TakenTicket(msgspec.Struct, frozen=True):
    """The living intent that carries a weigh ticket."""

    id: UUID
    number: str
    state: str = ""


class Original(msgspec.Struct, frozen=True, kw_only=True):
    """A payment of the branch that is to be paid again; `payout` in satang, `paid_by` names what does already."""

    number: str
    state: str
    operation: str
    member_id: UUID
    payout: int
    paid_by: str


class Recipient(msgspec.Struct, frozen=True, kw_only=True):
    """A member of any branch, named by the whole code."""

    id: UUID
    code: str
    name: str
    status: str
    branch_id: int


class UsedKey(msgspec.Struct, frozen=True):
    """What an idempotency key was used for and what was answered."""

    user_id: UUID
    key: str
    fingerprint: str
    status: int
    reply: str


class AskedAt(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for at one branch, and the branches that those who ask there may see."""

    branch: int
    sight: tuple[int, ...]
    items: list[AskedIntent]


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What is decided from at one branch: one field for each entry of sheaf.submission_facts.

    `balances` are free satang by ledger account, `advances` what members owe by member, oldest first, `originals` what
    is to be paid again by its id. `paid_today`: for each item in the order asked, what else is paid today that its tier
    counts (sheaf.day_sums); not asked for batches.
    """

    payees: dict[UUID, PayeeFact]
    tickets: dict[str, TakenTicket]
    keys: list[UsedKey]
    tokens: frozenset[UUID]
    recipients: dict[str, Recipient] = {}
    balances: dict[UUID, int] = {}
    advances: dict[UUID, tuple[Owed, ...]] = {}
    originals: dict[UUID, Original] = {}
    rules: tuple[Rule, ...] = ()
    routes: tuple[Route, ...] = ()
    suspects: tuple[Suspect, ...] = ()
    paid_today: tuple[int, ...] = ()


class _Read(msgspec.Struct, frozen=True, kw_only=True):
    """`rules` and `routes` are the company's; `numbers` are fresh voucher numbers."""

    branches: list[Facts]
    suspects: list[Suspect]
    rules: tuple[Rule, ...]
    routes: tuple[Route, ...]
    numbers: list[int]


_FACTS = msgspec.json.Decoder(tuple[_Read, tuple[int, ...]])
_READ: LiteralString = """
    select json_build_array(
      sheaf.submission_facts(%(asked)s::jsonb, %(numbers)s::int, %(now)s::timestamptz, %(since)s::timestamptz),
      to_json(sheaf.day_sums(%(members)s::uuid[], %(operations)s::text[], %(banks)s::bool[],
                             array_fill(%(day)s::timestamptz, array[cardinality(%(members)s::uuid[])]))))::text
"""


@failpoint("submission.facts")
async def read_facts(
    tx: Transaction, asked: Sequence[AskedAt], numbers: int, now: datetime, *, batch: bool = False
) -> tuple[list[Facts], list[int]]:
    """The facts of each branch that is asked, in one round trip, and `numbers` fresh voucher numbers.

    Lines of a batch are tiered when it closes: nobody asks for their sums before.
    """
    tiered = [] if batch else [item for at in asked for item in at.items]
    text = await tx.value(
        _READ,
        asked=msgspec.json.encode(asked).decode(),
        numbers=numbers,
        now=now,
        since=now - tx.services.policy.duplicate_window,
        members=[item.member_id for item in tiered],
        operations=[item.operation for item in tiered],
        banks=[item.destination == Destination.BANK for item in tiered],
        day=start_of_day(business_date(now)),
    )
    read, paid_today = _FACTS.decode(text)
    facts, began = [], 0
    for at, own in zip(asked, read.branches, strict=True):
        facts.append(
            msgspec.structs.replace(
                own,
                rules=read.rules,
                routes=read.routes,
                suspects=tuple(one for one in read.suspects if one.asked_at == at.branch),
                paid_today=paid_today[began : began + len(at.items)],
            )
        )
        began += len(at.items)
    return facts, read.numbers
