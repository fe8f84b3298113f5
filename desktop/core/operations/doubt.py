"""Payments in doubt: the list with its evidence, and asking the bank now."""

from __future__ import annotations

from uuid import UUID

from desktop.core.answers import Failure
from desktop.core.client import ApiClient
from shared.wire import doubt as wire
from shared.wire.common import ById


async def list_in_doubt(client: ApiClient, cursor: str = "") -> wire.DoubtList | Failure:
    """One page, oldest first."""
    answer: wire.DoubtList | Failure = await client.call("list_in_doubt", wire.ListInDoubtRequest(cursor=cursor))
    return answer


async def ask_bank_now(client: ApiClient, intent: UUID) -> wire.AskReply | Failure:
    """Have the bank asked now; sends nothing."""
    answer: wire.AskReply | Failure = await client.call("ask_bank_now", ById(id=intent))
    return answer
