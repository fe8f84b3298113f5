"""A ledger in forty lines of dictionaries, against which the real one is compared."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from server.ledger.transfers import Kind, Transfer

Legs = dict[UUID, tuple[int, int]]


class No(Exception):
    """The transfer may not be."""


@dataclass
class Model:
    """What stands in the ledger; `minimum` None is no bound."""

    minimum: dict[UUID, int | None]
    posted: dict[UUID, int]
    holds: dict[UUID, tuple[UUID, int, datetime | None]] = field(default_factory=dict)
    done: dict[UUID, tuple[Transfer, Legs]] = field(default_factory=dict)
    reversed: set[UUID] = field(default_factory=set)

    def held(self, account: UUID) -> int:
        return sum(left for owner, left, _ in self.holds.values() if owner == account)

    def within_bounds(self) -> bool:
        return all(low is None or self.posted[a] - self.held(a) >= low for a, low in self.minimum.items())

    def post_all(self, transfers: Sequence[Transfer], now: datetime) -> list[bool]:
        """Whether each stands afterwards: together when that fits, else unit by unit."""
        if (after := self._after(transfers, now)) is not None:
            self._become(after)
            return [True] * len(transfers)
        stands: list[bool] = []
        for unit in units(transfers):
            after = self._after(unit, now)
            if after is not None:
                self._become(after)
                stands += [True] * len(unit)
            else:
                # what was there before the chain is there whatever becomes of the chain
                stands += [transfer.id in self.done and self._same(transfer) for transfer in unit]
        return stands

    def _after(self, transfers: Sequence[Transfer], now: datetime) -> Model | None:
        after = copy.deepcopy(self)
        try:
            for transfer in transfers:
                after._apply(transfer, now)
        except No:
            return None
        return after if after.within_bounds() else None

    def _become(self, after: Model) -> None:
        self.__dict__.update(after.__dict__)

    def _same(self, transfer: Transfer) -> bool:
        asked, legs = self.done[transfer.id]
        given = {leg.account_id: (leg.posted, leg.held) for leg in transfer.legs}
        return (asked.kind, asked.hold_id, asked.reverses, asked.subject) == (
            transfer.kind,
            transfer.hold_id,
            transfer.reverses,
            transfer.subject,
        ) and given in ({}, legs)

    def _apply(self, transfer: Transfer, now: datetime) -> None:
        if transfer.id in self.done:
            if not self._same(transfer):
                raise No
            return
        legs = {leg.account_id: (leg.posted, leg.held) for leg in transfer.legs}
        legs = getattr(self, f"_{transfer.kind.value}")(transfer, legs, now)
        if len(transfer.legs) > len(legs) or not set(legs) <= set(self.posted):
            raise No
        for account, (posted, _) in legs.items():
            self.posted[account] += posted
        self.done[transfer.id] = (transfer, legs)
        if transfer.kind is Kind.POST and transfer.releases:
            assert transfer.hold_id is not None
            account, _, expires = self.holds[transfer.hold_id]
            self.holds[transfer.hold_id] = (account, 0, expires)

    def _hold(self, transfer: Transfer, legs: Legs, now: datetime) -> Legs:
        ((account, (_, amount)),) = legs.items()
        self.holds[transfer.id] = (account, amount, transfer.expires_at)
        return legs

    def _transfer(self, transfer: Transfer, legs: Legs, now: datetime) -> Legs:
        return legs

    def _take(self, hold_id: UUID | None, amount: int) -> UUID:
        if hold_id not in self.holds:
            raise No
        account, left, expires = self.holds[hold_id]
        if left == 0 or amount > left:
            raise No
        self.holds[hold_id] = (account, left - amount, expires)
        return account

    def _post(self, transfer: Transfer, legs: Legs, now: datetime) -> Legs:
        source = next((account for account, (posted, _) in legs.items() if posted < 0), None)
        if source is None or self._take(transfer.hold_id, -legs[source][1]) != source:
            raise No
        expires = self.holds[transfer.hold_id][2] if transfer.hold_id else None
        if expires is not None and now >= expires:
            raise No
        return legs

    def _void(self, transfer: Transfer, legs: Legs, now: datetime) -> Legs:
        if transfer.hold_id not in self.holds:
            raise No
        account, left, _ = self.holds[transfer.hold_id]
        legs = legs or {account: (0, -left)}
        if self._take(transfer.hold_id, -sum(held for _, held in legs.values())) not in legs:
            raise No
        return legs

    def _expire(self, transfer: Transfer, legs: Legs, now: datetime) -> Legs:
        expires = self.holds[transfer.hold_id][2] if transfer.hold_id in self.holds else None
        if expires is None or now < expires:
            raise No
        return self._void(transfer, legs, now)

    def _reversal(self, transfer: Transfer, legs: Legs, now: datetime) -> Legs:
        origin, moved = self.done.get(transfer.reverses or transfer.id, (None, {}))
        if origin is None or origin.kind not in (Kind.POST, Kind.TRANSFER) or origin.id in self.reversed:
            raise No
        self.reversed.add(origin.id)
        back = {account: (-posted, 0) for account, (posted, _) in moved.items() if posted}
        if legs not in ({}, back):
            raise No
        return back


def units(transfers: Sequence[Transfer]) -> list[list[Transfer]]:
    """Single transfers, and chains side by side."""
    found: list[list[Transfer]] = []
    for transfer in transfers:
        if found and transfer.chain is not None and found[-1][-1].chain == transfer.chain:
            found[-1].append(transfer)
        else:
            found.append([transfer])
    return found
