"""The port through which money leaves: what a channel takes, what it may answer, and what an answer proves."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, time
from enum import StrEnum
from typing import Any, Final, Protocol, runtime_checkable

import msgspec

from shared.bank_codes import Verdict, bank_code
from shared.banks import AccountNumber
from shared.evidence import Evidence
from shared.ids import AttemptId
from shared.money import Satang

NOT_SENT: Final = "not_sent"
"""Code of a `Rejected` that this side made itself: the call never left, so nothing can have moved."""

_BANK_REFERENCE = re.compile(r"[A-Z0-9]{1,16}")


class PaymentOrder(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt to pay. `bank_ref` is at most 16 of A-Z and 0-9, so that it survives MT940; times are aware UTC.

    `taken`: the channel has answered `Pending` or `Duplicate` before. That it finds nothing at the bank is then no
    proof any more. `since`: before this time nobody can have asked for the payment; `find` looks back so far.
    """

    attempt_id: AttemptId
    bank_ref: str
    payee_bank_code: str
    payee_account_number: AccountNumber
    amount: Satang
    created_at: datetime
    payer_statement_text: str = ""
    payee_name: str = ""
    payee_tax_id: str | None = None
    taken: bool = False
    since: datetime | None = None
    currency: str = "THB"

    def __post_init__(self) -> None:
        if not _BANK_REFERENCE.fullmatch(self.bank_ref):
            raise ValueError("a bank reference is 1 to 16 of A-Z and 0-9")
        if self.amount <= 0 or self.created_at.tzinfo is None:
            raise ValueError("an order has a positive amount and an aware time")

    def __repr__(self) -> str:
        return f"PaymentOrder({self.bank_ref})"


class Initiated(msgspec.Struct, frozen=True):
    """The bank took note of the order; only a confirm with this token moves money. The fee is satang."""

    token: str
    payee_name_masked: str | None
    fee: Satang

    def __repr__(self) -> str:
        return f"Initiated({self.token})"


class InitiateLost(msgspec.Struct, frozen=True):
    """No usable answer to initiate. Proof that nothing moved, because nobody has a token to confirm with: the order may
    be tried again under the same `bank_ref`, of which the bank may answer that it has it (`Duplicate`)."""

    evidence: Evidence
    told: str = ""


class Duplicate(msgspec.Struct, frozen=True):
    """The bank has the reference already: from a call whose answer was lost, or from a life that we have forgotten.

    Never a failure and never a reason for another reference: `find` says what became of it.
    """

    told: str


class Accepted(msgspec.Struct, frozen=True):
    """The bank says that the money has moved."""

    bank_time: datetime | None


class Pending(msgspec.Struct, frozen=True):
    """Taken for processing and nothing is in doubt: the order stays sent, and is asked about at `inquire_at` (UTC)."""

    inquire_at: datetime


class Rejected(msgspec.Struct, frozen=True):
    """Proof that nothing moved.

    `retryable_as_new_attempt`: the order itself is sound. `stop_channel`: every other order would fare alike
    (an empty account, keys, certificate, rights, hours), so one at a time tries until it gets through.
    `spent`: the bank has the order's reference and has ended it unpaid. Only then may another reference be tried: one
    that the bank does not hold would not keep a forgotten life from paying under the next.
    """

    code: str
    text: str
    retryable_as_new_attempt: bool
    stop_channel: bool = False
    spent: bool = False


def refusal(code: str, text: str, *, spent: bool = False) -> Rejected:
    """A proven refusal with what follows from whose fault it is (`shared/bank_codes.py`)."""
    row = bank_code(code)
    return Rejected(code, text, row.spares_the_payment, row.holds_the_lane, spent)


def is_duplicate(code: str) -> bool:
    """Whether a code says that the bank has the payment already, so that it proves nothing about this one."""
    return bank_code(code).verdict is Verdict.DUPLICATE


class Unknown(msgspec.Struct, frozen=True):
    """The answer proves nothing: the money stays held, nobody resends, the inquiry and the statement decide.

    `code` is the bank's own for why, where it gave one: it says where to look and proves nothing.
    """

    evidence: Evidence
    told: str = ""
    code: str = ""


class OpenStatus(StrEnum):
    """Why a payment is not finished."""

    AWAITING_CONFIRM = "awaiting_confirm"
    PROCESSING = "processing"


class StillOpen(msgspec.Struct, frozen=True):
    """The bank knows the payment and has not finished it."""

    status: OpenStatus


class NotFound(msgspec.Struct, frozen=True):
    """The bank does not know the token, or the reference, in the days that were asked for."""


class Found(msgspec.Struct, frozen=True):
    """What the bank has under our reference, with our amount and our payee; from now on it is asked about by token."""

    token: str
    payee_name_masked: str | None
    standing: StillOpen | Pending | Accepted | Rejected | Unknown

    def __repr__(self) -> str:
        return f"Found({self.token})"


class Mismatch(msgspec.Struct, frozen=True):
    """Under our reference the bank has another amount or another payee: for people, and never settled by itself."""


class AccountStatus(StrEnum):
    """How the bank says that an account stands."""

    ACTIVE = "ACTIVE"
    CLOSED = "CLOSED"
    NOT_FOUND = "NOT_FOUND"


class AccountName(msgspec.Struct, frozen=True):
    """The holder of an account as the bank writes it, perhaps masked; empty when the account was not found."""

    name: str
    status: AccountStatus

    def __repr__(self) -> str:
        return f"AccountName({self.status})"


class Moves(StrEnum):
    """Where the money moves when a channel pays."""

    AT_THE_BANK = "at_the_bank"
    IN_OUR_BOOKS = "in_our_books"


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a channel can do. It must be honest: routing and the executor go by it, and the conformance suite holds it.

    Amounts are satang for one payment. `banks` None is any bank. `instant`: confirm says at once how
    it ended. `inquiry`: it can be asked afterwards. `concurrency`: calls under way at most.
    `calls_per_second`: the quota that the channel itself keeps for each call, 0 for none. `hours`: from and until, in
    Bangkok, when it takes orders; None is always. `names_accounts`: verify tells an account's holder. `finds`: it can
    be asked by our reference alone.
    """

    operations: frozenset[str]
    banks: frozenset[str] | None = None
    currencies: frozenset[str] = frozenset({"THB"})
    min_amount: Satang = Satang(1)
    max_amount: Satang
    inquiry: bool = True
    instant: bool = True
    concurrency: int
    calls_per_second: int = 0
    hours: tuple[time, time] | None = None
    names_accounts: bool = False
    finds: bool = False
    moves: Moves = Moves.AT_THE_BANK

    def takes(self, operation: str, bank: str, amount: Satang) -> bool:
        """Whether a payment of this kind may be given to the channel; the hours are not looked at."""
        bank_fits = self.banks is None or bank in self.banks
        return operation in self.operations and bank_fits and self.min_amount <= amount <= self.max_amount

    def is_open(self, at: time) -> bool:
        """Whether the channel takes orders at this time of a Bangkok day; hours may run over midnight."""
        if self.hours is None:
            return True
        opens, closes = self.hours
        return opens <= at < closes if opens < closes else at >= opens or at < closes


Announcement = Initiated | Duplicate | Rejected | InitiateLost
Confirmation = Accepted | Pending | Rejected | Unknown
Standing = StillOpen | Pending | Accepted | Rejected | Unknown | NotFound
Finding = Found | Mismatch | NotFound | Unknown


class Channel(Protocol):
    """A way to move money. No method raises for what a bank or a network does; it answers. `now` is aware UTC."""

    @property
    def name(self) -> str:
        """The channel's name in the registry."""
        ...

    @property
    def manifest(self) -> Manifest:
        """What this channel can do."""
        ...

    @property
    def payer_account(self) -> AccountNumber | None:
        """The account at the bank that is debited, whose statements show the payments; None when none is."""
        ...

    async def initiate(self, order: PaymentOrder, now: datetime) -> Announcement:
        """Announce the order. Cannot move money, whatever becomes of the answer."""
        ...

    async def confirm(self, order: PaymentOrder, token: str, now: datetime) -> Confirmation:
        """Move the money. The caller has committed the token before it calls.

        A `Rejected` speaks of this call alone: after an `Unknown` only `inquire` decides, and a token is confirmed
        again only where the inquiry said `AWAITING_CONFIRM`.
        """
        ...

    async def inquire(self, order: PaymentOrder, token: str, now: datetime) -> Standing:
        """Ask what became of the order; may be asked any number of times."""
        ...

    async def find(self, order: PaymentOrder, now: datetime) -> Finding:
        """Ask what the bank has under the order's reference; amount and payee are compared as far as it tells them.

        `NotFound` after a `Duplicate` proves nothing. A channel that can't ask by reference says `Unknown`, and its
        manifest says so, from when it knows.
        """
        ...

    async def verify(self, bank_code: str, account_number: AccountNumber, now: datetime) -> AccountName | Unknown:
        """Ask whose account this is."""
        ...

    async def close(self) -> None:
        """Close connections; the channel is not used after that."""
        ...


@runtime_checkable
class Probing(Protocol):
    """A channel with a question that moves nothing and names no payment: it finds out that a silent bank is back."""

    async def probe(self, now: datetime) -> Unknown | None:
        """Ask as a payment would, with the same keys and over the same line; None when the bank is there and lets us
        in, else why it would not take a payment now. Bounded in time; raises no more than the other methods."""
        ...


class Plugin(msgspec.Struct, frozen=True, kw_only=True):
    """How a module of this package offers its channel: it binds one of these to the name PLUGIN, and is found.

    `settings` is the section of the settings file; a channel whose section has no required key is always open.
    `open` makes the channel inside the event loop that uses it.
    """

    name: str
    manifest: Manifest
    settings: type[msgspec.Struct]
    open: Callable[[Any], Channel]
