"""Book transfers between accounts that we keep ourselves: nothing leaves, so nothing can be lost on the way.

The movement is the ledger legs that the executor posts in the transaction that records `Accepted`; this channel only
says yes. A killed process has posted all legs or none: what is not recorded has not moved, and the executor that takes
it over puts it back into the queue, where its signatures are verified again, instead of asking here.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from server.channels.base import (
    Accepted,
    Finding,
    Initiated,
    Manifest,
    Moves,
    NotFound,
    PaymentOrder,
    Plugin,
    Rejected,
    Unknown,
)
from shared.banks import AccountNumber
from shared.evidence import Evidence
from shared.money import Satang

_TOKEN_PREFIX: Final = "INTERNAL"
_MOST: Final = Satang(1_000_000_000_00)

MANIFEST: Final = Manifest(
    operations=frozenset({"transfer", "disbursement"}), max_amount=_MOST, concurrency=64, moves=Moves.IN_OUR_BOOKS
)


class InternalSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing to set."""


class InternalChannel:
    """The Channel whose bank is our own ledger."""

    name = "internal"
    manifest = MANIFEST
    payer_account = None

    def __init__(self, settings: InternalSettings) -> None:
        self._settings = settings

    async def initiate(self, order: PaymentOrder, now: datetime) -> Initiated | Rejected:
        """Always possible: the money is held already."""
        if order.currency not in MANIFEST.currencies:
            return Rejected("currency", "only THB can be moved", retryable_as_new_attempt=False)
        return Initiated(_token(order), None, Satang(0))

    async def confirm(self, order: PaymentOrder, token: str, now: datetime) -> Accepted | Unknown:
        """Says yes; recording it moves the money."""
        return Accepted(now) if token == _token(order) else Unknown(Evidence.FOREIGN_TOKEN)

    async def inquire(self, order: PaymentOrder, token: str, now: datetime) -> Accepted | NotFound:
        """The same answer again."""
        return Accepted(now) if token == _token(order) else NotFound()

    async def find(self, order: PaymentOrder, now: datetime) -> Finding:
        """Nothing has moved that our own books do not say."""
        return NotFound()

    async def verify(self, bank_code: str, account_number: AccountNumber, now: datetime) -> Unknown:
        """Our own accounts belong to members whose names we keep; there is nobody to ask."""
        return Unknown(Evidence.NOT_ASKED)

    async def probe(self, now: datetime) -> None:
        """Our own books are always there."""

    async def close(self) -> None:
        """Nothing is open."""


def _token(order: PaymentOrder) -> str:
    return f"{_TOKEN_PREFIX}{order.bank_ref}"


PLUGIN: Final = Plugin(name="internal", manifest=MANIFEST, settings=InternalSettings, open=InternalChannel)
