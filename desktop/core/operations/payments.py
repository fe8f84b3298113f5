"""Payments: intents, batches, sign-offs and funding."""

from __future__ import annotations

from uuid import UUID

from desktop.core.answers import Failure
from desktop.core.client import ApiClient
from shared.wire import payments as wire
from shared.wire.common import ById, Nothing


async def submit_intent(client: ApiClient, request: wire.SubmitIntentRequest, key: str) -> wire.IntentView | Failure:
    """Ask to pay one member; `key` was made and stored before the first try."""
    answer: wire.IntentView | Failure = await client.perform("submit_intent", request, idempotency_key=key)
    return answer


async def preview_intent(client: ApiClient, request: wire.SubmitIntentRequest) -> wire.IntentPreview | Failure:
    """What a payment would become: fees, what arrives and who signs."""
    answer: wire.IntentPreview | Failure = await client.call("preview_intent", request)
    return answer


async def list_intents(client: ApiClient, request: wire.ListIntentsRequest) -> wire.IntentList | Failure:
    """Intents, newest first."""
    answer: wire.IntentList | Failure = await client.call("list_intents", request)
    return answer


async def get_intent(client: ApiClient, intent: UUID) -> wire.IntentDetail | Failure:
    """One intent with its timeline and evidence."""
    answer: wire.IntentDetail | Failure = await client.call("get_intent", ById(id=intent))
    return answer


async def cancel_intent(client: ApiClient, intent: UUID, version: int, reason: str) -> wire.IntentView | Failure:
    """The maker takes it back."""
    request = wire.CancelIntentRequest(id=intent, version=version, reason=reason)
    answer: wire.IntentView | Failure = await client.perform("cancel_intent", request)
    return answer


async def open_batch(client: ApiClient, request: wire.OpenBatchRequest, key: str) -> wire.BatchView | Failure:
    """Declare a batch by count and total."""
    answer: wire.BatchView | Failure = await client.perform("open_batch", request, idempotency_key=key)
    return answer


async def add_batch_lines(client: ApiClient, request: wire.AddBatchLinesRequest) -> wire.AddBatchLinesReply | Failure:
    """Add lines; the same lines again are harmless, so no key is needed."""
    answer: wire.AddBatchLinesReply | Failure = await client.call("add_batch_lines", request)
    return answer


async def close_batch(client: ApiClient, request: wire.CloseBatchRequest, key: str) -> wire.BatchView | Failure:
    """Submit the batch, all or nothing."""
    answer: wire.BatchView | Failure = await client.perform("close_batch", request, idempotency_key=key)
    return answer


async def cancel_batch(client: ApiClient, batch: UUID, version: int, reason: str) -> wire.BatchView | Failure:
    """The maker takes a batch back."""
    request = wire.CancelBatchRequest(id=batch, version=version, reason=reason)
    answer: wire.BatchView | Failure = await client.perform("cancel_batch", request)
    return answer


async def list_batches(client: ApiClient, request: wire.ListBatchesRequest) -> wire.BatchList | Failure:
    """Batches, newest first."""
    answer: wire.BatchList | Failure = await client.call("list_batches", request)
    return answer


async def get_batch(client: ApiClient, batch: UUID) -> wire.BatchDetail | Failure:
    """One batch with its signatures."""
    answer: wire.BatchDetail | Failure = await client.call("get_batch", ById(id=batch))
    return answer


async def open_sheets(client: ApiClient, request: wire.OpenSheetRequest) -> wire.OpenSheetReply | Failure:
    """The canonical bytes of what will be signed; `screens.sheets` checks them before they are shown."""
    answer: wire.OpenSheetReply | Failure = await client.call("open_sign_off_sheet", request)
    return answer


async def sign_off(client: ApiClient, request: wire.SignOffRequest, key: str, totp: str) -> wire.SignOffReply | Failure:
    """Approve or reject; the signature is in the request (see `signature_over`)."""
    answer: wire.SignOffReply | Failure = await client.perform("sign_off", request, idempotency_key=key, totp=totp)
    return answer


async def request_funding(
    client: ApiClient, request: wire.RequestFundingRequest, key: str
) -> wire.FundingView | Failure:
    """Ask the treasury for money."""
    answer: wire.FundingView | Failure = await client.perform("request_funding", request, idempotency_key=key)
    return answer


async def list_funding(client: ApiClient) -> wire.FundingList | Failure:
    """Funding requests, newest first."""
    answer: wire.FundingList | Failure = await client.call("list_funding", Nothing())
    return answer
