"""Money paid into the company's account, and the books beside the bank."""

from __future__ import annotations

from uuid import UUID

from desktop.core.answers import Failure
from desktop.core.client import ApiClient
from shared.wire import treasury as wire
from shared.wire.common import ById, Nothing


async def get_treasury(client: ApiClient) -> wire.TreasuryReply | Failure:
    """Books and bank side by side."""
    answer: wire.TreasuryReply | Failure = await client.call("get_treasury", Nothing())
    return answer


async def list_deposits(client: ApiClient) -> wire.DepositList | Failure:
    """What was recorded, newest first."""
    answer: wire.DepositList | Failure = await client.call("list_deposits", Nothing())
    return answer


async def record_deposit(client: ApiClient, request: wire.RecordDepositRequest, key: str) -> wire.DepositView | Failure:
    """Record money that came in; `key` is the form's own, however often it is sent."""
    answer: wire.DepositView | Failure = await client.perform("record_deposit", request, idempotency_key=key)
    return answer


async def get_deposit_document(client: ApiClient, deposit: UUID) -> bytes | Failure:
    """The slip; the look is recorded."""
    answer: bytes | Failure = await client.call("get_deposit_document", ById(id=deposit))
    return answer


async def cancel_deposit(client: ApiClient, deposit: UUID, version: int) -> wire.DepositView | Failure:
    """The maker takes a record back."""
    request = wire.CancelDepositRequest(id=deposit, version=version)
    answer: wire.DepositView | Failure = await client.perform("cancel_deposit", request)
    return answer
