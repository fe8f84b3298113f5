"""Asks the bank about what a database has forgotten; asking moves nothing, and may be done again and again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from msgspec import structs

from server.channels.base import Accepted, Channel, NotFound, PaymentOrder, Rejected, Standing, Unknown
from server.restore.report import Item
from shared.banks import AccountNumber
from shared.ids import AttemptId
from shared.money import Satang

_AT_ONCE: Final = 8
_WORDS: Final[Mapping[type, str]] = {
    Accepted: "paid",
    Rejected: "not_paid",
    NotFound: "unknown",
    Unknown: "no_answer",
}


async def asked(
    items: Sequence[Item], channels: Mapping[str, Channel], now: datetime, progress: Callable[[], None]
) -> list[Item]:
    """The items with the bank's word, where a channel is set up that can be asked; `progress` after each answer."""
    places = asyncio.Semaphore(_AT_ONCE)

    async def one(item: Item) -> Item:
        channel = channels.get(item.sent.channel) if item.sent is not None else None
        if item.sent is None or channel is None or not channel.manifest.inquiry:
            return item
        sent = item.sent
        order = PaymentOrder(
            attempt_id=AttemptId(sent.attempt_id),
            bank_ref=sent.reference,
            payee_bank_code="",
            payee_account_number=AccountNumber(""),
            amount=Satang(sent.payout),
            created_at=datetime.fromisoformat(sent.at),
        )
        async with places:
            answer = await channel.inquire(order, sent.token, now)
        progress()
        return structs.replace(item, bank=_word(answer))

    return list(await asyncio.gather(*(one(item) for item in items)))


def _word(answer: Standing) -> str:
    return _WORDS.get(type(answer), "open")
