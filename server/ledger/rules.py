"""Which transfers fit, one after another, decided from facts that stay locked; no input or output here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from uuid import UUID

import msgspec

from server.ledger.transfers import (
    Answer,
    Existing,
    ExistsDifferent,
    Kind,
    Leg,
    NotPosted,
    Posted,
    Transfer,
    Why,
    release_id,
)

TAKES = (Kind.POST, Kind.VOID, Kind.EXPIRE)
"""The kinds that take from a hold."""


class Account(msgspec.Struct):
    """An account as it stands: what it may still give or set aside, and take in, in satang; None without a bound."""

    branch_id: int
    free: int | None
    room: int | None = None


class Hold(msgspec.Struct):
    """A hold as it stands, in satang."""

    account_id: UUID
    remaining: int
    expires_at: datetime | None = None


class Facts(msgspec.Struct):
    """What the transfers of a list touch. `existing` has those of their ids and of what they reverse."""

    accounts: dict[UUID, Account]
    holds: dict[UUID, Hold]
    existing: dict[UUID, Transfer]
    reversed: set[UUID]


class Decision(msgspec.Struct, frozen=True):
    """An answer for each transfer, and what is to be written, in full."""

    answers: list[Answer]
    writes: list[Transfer]


def decide(transfers: Sequence[Transfer], facts: Facts, now: datetime) -> Decision:
    """All of them when they fit together; else in their order, a chain judged as one at its end and leaving nothing
    when one falls.

    `facts` is used up: it stands as after the writes.
    """
    together = _Chain(facts, now).judge(transfers)
    if all(isinstance(answer, Posted | Existing) for answer in together.answers):
        return together
    answers: list[Answer] = []
    writes: list[Transfer] = []
    for chain in _chains(transfers):
        found = _Chain(facts, now).judge(chain)
        answers += found.answers
        writes += found.writes
    return Decision(answers, writes)


def _chains(transfers: Sequence[Transfer]) -> Iterator[list[Transfer]]:
    for chain, group in groupby(transfers, key=lambda transfer: transfer.chain):
        if chain is None:
            yield from ([transfer] for transfer in group)
        else:
            yield list(group)


class _Chain:
    """One chain on its own copy of what it touches, given to the facts when it stands."""

    def __init__(self, facts: Facts, now: datetime) -> None:
        self._facts = facts
        self._now = now
        self._free: dict[UUID, int] = {}
        self._brought: dict[UUID, int] = {}
        self._holds: dict[UUID, Hold] = {}
        self._writes: dict[UUID, Transfer] = {}
        self._reversed: set[UUID] = set()

    def judge(self, chain: Sequence[Transfer]) -> Decision:
        """Answers in order; writes are empty when one is refused."""
        answers = [self._one(transfer) for transfer in chain]
        if all(isinstance(answer, Posted | Existing) for answer in answers):
            short = self._short()
            if short is None:
                self._keep()
                return Decision(answers, list(self._writes.values()))
            answers = [
                short[1] if transfer.id == short[0] else answer for transfer, answer in zip(chain, answers, strict=True)
            ]
        failed = NotPosted(Why.CHAIN_FAILED)
        # what was there before the chain stays there
        return Decision([failed if isinstance(answer, Posted) else answer for answer in answers], [])

    def _one(self, transfer: Transfer) -> Answer:
        known = self._writes.get(transfer.id) or self._facts.existing.get(transfer.id)
        if known is not None:
            field = difference(known, transfer)
            return Existing() if field is None else ExistsDifferent(field)
        full = self._filled(transfer)
        if isinstance(full, NotPosted):
            return full
        refusal = misfit(full) or self._accounts(full) or self._hold(full) or self._reversal(full)
        if refusal is not None:
            return refusal
        self._apply(full)
        if transfer.releases and transfer.hold_id is not None:
            self._release(transfer)
        return Posted()

    def _filled(self, transfer: Transfer) -> Transfer | NotPosted:
        """With the legs that the transfer leaves to the ledger."""
        if transfer.legs:
            return transfer
        if transfer.kind in (Kind.VOID, Kind.EXPIRE) and transfer.hold_id is not None:
            hold = self._hold_of(transfer.hold_id)
            if hold is None:
                return NotPosted(Why.UNKNOWN_HOLD)
            if hold.remaining == 0:
                return NotPosted(Why.HOLD_ENDED)
            return msgspec.structs.replace(transfer, legs=(Leg(hold.account_id, held=-hold.remaining),))
        if transfer.kind is Kind.REVERSAL and transfer.reverses is not None:
            origin = self._facts.existing.get(transfer.reverses) or self._writes.get(transfer.reverses)
            legs = mirrored(origin) if origin is not None else ()
            return msgspec.structs.replace(transfer, legs=legs) if legs else NotPosted(Why.UNKNOWN_TRANSFER)
        return transfer

    def _accounts(self, transfer: Transfer) -> NotPosted | None:
        for leg in transfer.legs:
            account = self._facts.accounts.get(leg.account_id)
            if account is None or account.branch_id != transfer.branch_id:
                return NotPosted(Why.UNKNOWN_ACCOUNT, account=leg.account_id)
        return None

    def _hold(self, transfer: Transfer) -> NotPosted | None:
        if transfer.expires_at is not None and transfer.expires_at <= self._now:
            return NotPosted(Why.UNFIT, field="expires_at")
        if transfer.kind not in TAKES:
            return None
        hold = None if transfer.hold_id is None else self._hold_of(transfer.hold_id)
        taken = sum(-leg.held for leg in transfer.legs)
        if hold is None or any(leg.held and leg.account_id != hold.account_id for leg in transfer.legs):
            return NotPosted(Why.UNKNOWN_HOLD)
        if hold.remaining == 0:
            return NotPosted(Why.HOLD_ENDED)
        due = hold.expires_at is not None and self._now >= hold.expires_at
        if transfer.kind is Kind.POST and due:
            return NotPosted(Why.HOLD_EXPIRED)
        if transfer.kind is Kind.EXPIRE and not due:
            return NotPosted(Why.HOLD_NOT_DUE)
        return None if taken <= hold.remaining else NotPosted(Why.HOLD_TOO_SMALL, available=hold.remaining)

    def _reversal(self, transfer: Transfer) -> NotPosted | None:
        if transfer.reverses is None:
            return None
        origin = self._facts.existing.get(transfer.reverses) or self._writes.get(transfer.reverses)
        if origin is None or origin.kind not in (Kind.POST, Kind.TRANSFER) or origin.branch_id != transfer.branch_id:
            return NotPosted(Why.UNKNOWN_TRANSFER)
        if transfer.reverses in self._facts.reversed or transfer.reverses in self._reversed:
            return NotPosted(Why.ALREADY_REVERSED)
        return None if set(transfer.legs) == set(mirrored(origin)) else NotPosted(Why.NOT_MIRRORED)

    def _hold_of(self, hold_id: UUID) -> Hold | None:
        return self._holds.get(hold_id) or self._facts.holds.get(hold_id)

    def _apply(self, transfer: Transfer) -> None:
        self._writes[transfer.id] = transfer
        for leg in transfer.legs:
            self._free[leg.account_id] = self._free.get(leg.account_id, 0) + leg.posted - leg.held
            self._brought[leg.account_id] = self._brought.get(leg.account_id, 0) + leg.posted
        if transfer.kind is Kind.HOLD:
            leg = transfer.legs[0]
            self._holds[transfer.id] = Hold(leg.account_id, leg.held, transfer.expires_at)
        elif transfer.hold_id is not None and (hold := self._hold_of(transfer.hold_id)) is not None:
            left = hold.remaining + sum(leg.held for leg in transfer.legs)
            self._holds[transfer.hold_id] = msgspec.structs.replace(hold, remaining=left)
        if transfer.reverses is not None:
            self._reversed.add(transfer.reverses)

    def _release(self, post: Transfer) -> None:
        hold = None if post.hold_id is None else self._hold_of(post.hold_id)
        if hold is not None and hold.remaining > 0:
            legs = (Leg(hold.account_id, held=-hold.remaining),)
            self._apply(
                msgspec.structs.replace(post, id=release_id(post.id), kind=Kind.VOID, legs=legs, releases=False)
            )

    def _short(self) -> tuple[UUID, NotPosted] | None:
        """The first transfer that takes more than there is, counting all that the chain brings to the account."""
        left = {account: self._facts.accounts[account].free for account in self._free}
        legs = [
            (transfer.id, leg, leg.posted - leg.held) for transfer in self._writes.values() for leg in transfer.legs
        ]
        for brings in (True, False):
            for transfer_id, leg, change in legs:
                free = left[leg.account_id]
                if free is None or (change > 0) != brings:
                    continue
                left[leg.account_id] = free + change
                if not brings and free + change < 0:
                    return transfer_id, NotPosted(Why.INSUFFICIENT, account=leg.account_id, available=max(free, 0))
        return self._over()

    def _over(self) -> tuple[UUID, NotPosted] | None:
        """The first transfer that brings something to an account which has no room for all of it."""
        for transfer in self._writes.values():
            for leg in transfer.legs:
                room = self._facts.accounts[leg.account_id].room
                if room is not None and leg.posted > 0 and self._brought[leg.account_id] > room:
                    return transfer.id, NotPosted(Why.NO_ROOM, account=leg.account_id, available=room)
        return None

    def _keep(self) -> None:
        for account_id, change in self._free.items():
            account = self._facts.accounts[account_id]
            account.free = None if account.free is None else account.free + change
            account.room = None if account.room is None else account.room - self._brought[account_id]
        self._facts.holds |= self._holds
        self._facts.existing |= self._writes
        self._facts.reversed |= self._reversed


def mirrored(origin: Transfer) -> tuple[Leg, ...]:
    """The legs that move back what the transfer moved; what was freed of a hold stays free."""
    return tuple(Leg(leg.account_id, posted=-leg.posted) for leg in origin.legs if leg.posted)


def misfit(transfer: Transfer) -> NotPosted | None:
    """What is wrong with a transfer by itself."""
    if not transfer.legs or any(not (leg.posted or leg.held) for leg in transfer.legs):
        return NotPosted(Why.MALFORMED, field="legs")
    if len({leg.account_id for leg in transfer.legs}) < len(transfer.legs):
        return NotPosted(Why.MALFORMED, field="legs")
    if sum(leg.posted for leg in transfer.legs) != 0:
        return NotPosted(Why.UNBALANCED)
    if not all(_fits(transfer.kind, leg) for leg in transfer.legs):
        return NotPosted(Why.UNFIT, field="legs")
    field = _odd_field(transfer)
    return None if field is None else NotPosted(Why.UNFIT, field=field)


def _odd_field(transfer: Transfer) -> str | None:
    """A field that the kind needs or has no use for."""
    is_hold = transfer.kind is Kind.HOLD
    if is_hold and len(transfer.legs) > 1:
        return "legs"
    if transfer.hold_id != transfer.id if is_hold else (transfer.kind in TAKES) != (transfer.hold_id is not None):
        return "hold_id"
    if (transfer.kind is Kind.REVERSAL) != (transfer.reverses is not None):
        return "reverses"
    if transfer.expires_at is not None and not is_hold:
        return "expires_at"
    return "releases" if transfer.releases and transfer.kind is not Kind.POST else None


def _fits(kind: Kind, leg: Leg) -> bool:
    if kind is Kind.HOLD:
        return leg.held > 0 and leg.posted == 0
    if kind is Kind.POST:
        return leg.posted == leg.held < 0 or (leg.held == 0 and leg.posted > 0)
    if kind in (Kind.VOID, Kind.EXPIRE):
        return leg.held < 0 and leg.posted == 0
    return leg.held == 0


_FIELDS = ("branch_id", "kind", "hold_id", "intent_id", "reverses", "expires_at", "subject")


def difference(known: Transfer, asked: Transfer) -> str | None:
    """The first field in which they differ. Legs that were left to the ledger are what it made them."""
    for field in _FIELDS:
        if getattr(known, field) != getattr(asked, field):
            return field
    return "legs" if asked.legs and set(known.legs) != set(asked.legs) else None
