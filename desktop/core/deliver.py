"""Carrying one pending event to the server, step by step, so that it can go on after any lost answer or crash."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final
from uuid import NAMESPACE_OID, UUID, uuid5

import msgspec

from desktop.core import forms
from desktop.core.answers import Failure, Problem
from desktop.core.client import ApiClient
from desktop.core.operations import payments, registry
from desktop.core.store.outbox import EventKind, Outbox, PendingEvent
from shared.wire import payments as wire
from shared.wire.bank_changes import BankChangeView

CHUNK: Final = 500
"""Lines of a batch in one call: far below the body limit, and a lost answer costs little."""

Report = Callable[[int, int], None]
Delivered = tuple[str, Any]
"""Kind of row and the view with which the server answered."""


def step_key(event_id: str, step: str) -> str:
    """The idempotency key of one step of an event; the same however often the step is tried."""
    return str(uuid5(NAMESPACE_OID, f"{event_id}/{step}"))


async def deliver(client: ApiClient, outbox: Outbox, event: PendingEvent, report: Report) -> Delivered | Failure:
    """Send an event; the row that it made, or why not. Calling it again after `Offline` never does anything twice."""
    return await _BY_KIND[event.kind](client, outbox, event, report)


async def _payment(client: ApiClient, outbox: Outbox, event: PendingEvent, report: Report) -> Delivered | Failure:
    form = msgspec.json.decode(event.body, type=forms.PaymentForm)
    if form.request is None:
        return _incomplete()
    answer = await payments.submit_intent(client, form.request, event.id)
    return ("intents", answer) if isinstance(answer, wire.IntentView) else answer


async def _funding(client: ApiClient, outbox: Outbox, event: PendingEvent, report: Report) -> Delivered | Failure:
    form = msgspec.json.decode(event.body, type=forms.FundingForm)
    if form.request is None:
        return _incomplete()
    answer = await payments.request_funding(client, form.request, event.id)
    return ("funding", answer) if isinstance(answer, wire.FundingView) else answer


async def _bank_change(client: ApiClient, outbox: Outbox, event: PendingEvent, report: Report) -> Delivered | Failure:
    form = msgspec.json.decode(event.body, type=forms.BankChangeForm)
    progress = msgspec.json.decode(event.progress, type=forms.BankChangeProgress)
    if form.request is None:
        return _incomplete()
    if not progress.case_id:
        opened = await registry.request_bank_change(client, form.request, event.id)
        if not isinstance(opened, BankChangeView):
            return opened
        progress = forms.BankChangeProgress(case_id=str(opened.id))
        await outbox.save_progress(event.id, msgspec.json.encode(progress))
    for document in form.documents:
        if document.sha256 in progress.uploaded:
            continue
        refused = await _upload(client, outbox, UUID(progress.case_id), document)
        if refused is not None:
            return refused
        progress = msgspec.structs.replace(progress, uploaded=(*progress.uploaded, document.sha256))
        await outbox.save_progress(event.id, msgspec.json.encode(progress))
        report(len(progress.uploaded), len(form.documents))
    return await _submit_case(client, UUID(progress.case_id))


async def _upload(client: ApiClient, outbox: Outbox, case: UUID, document: forms.KeptDocument) -> Failure | None:
    kept = await outbox.document(document.sha256)
    if kept is None:
        return _incomplete()
    answer = await registry.add_document(client, case, kept[0], kept[1])
    return None if isinstance(answer, BankChangeView) else answer


async def _submit_case(client: ApiClient, case: UUID) -> Delivered | Failure:
    """Submitting has no idempotency key: where an earlier answer was lost, the case itself says that it was done."""
    answer = await registry.submit_bank_change(client, case)
    if isinstance(answer, Problem) and answer.code == "state.refused":
        current = await registry.get_bank_change(client, case)
        if isinstance(current, BankChangeView) and current.state in ("requested", "effective"):
            answer = current
    return ("bank_changes", answer) if isinstance(answer, BankChangeView) else answer


async def _batch(client: ApiClient, outbox: Outbox, event: PendingEvent, report: Report) -> Delivered | Failure:
    form = msgspec.json.decode(event.body, type=forms.BatchForm)
    progress = msgspec.json.decode(event.progress, type=forms.BatchProgress)
    if not form.lines:
        return _incomplete()
    if not progress.batch_id:
        opened = await _open_batch(client, event, form)
        if not isinstance(opened, wire.BatchView):
            return opened
        progress = forms.BatchProgress(batch_id=str(opened.id))
        await outbox.save_progress(event.id, msgspec.json.encode(progress))
    while progress.sent < len(form.lines):
        report(progress.sent, len(form.lines))
        added = await _add_chunk(client, UUID(progress.batch_id), form, progress.sent)
        if not isinstance(added, wire.AddBatchLinesReply):
            return added
        refused = tuple(result for result in added.results if result.refused is not None)
        if refused:
            return await _give_up(client, outbox, event, progress, refused)
        progress = msgspec.structs.replace(progress, sent=min(progress.sent + CHUNK, len(form.lines)))
        await outbox.save_progress(event.id, msgspec.json.encode(progress))
    report(progress.sent, len(form.lines))
    request = wire.CloseBatchRequest(id=UUID(progress.batch_id), count=len(form.lines), total=form.total)
    closed = await payments.close_batch(client, request, step_key(event.id, "close"))
    return ("batches", closed) if isinstance(closed, wire.BatchView) else closed


async def _open_batch(client: ApiClient, event: PendingEvent, form: forms.BatchForm) -> wire.BatchView | Failure:
    request = wire.OpenBatchRequest(
        branch=form.branch, count=len(form.lines), total=form.total, file_sha256=form.file_sha256, note=form.note
    )
    return await payments.open_batch(client, request, event.id)


async def _add_chunk(
    client: ApiClient, batch: UUID, form: forms.BatchForm, sent: int
) -> wire.AddBatchLinesReply | Failure:
    lines = list(form.lines[sent : sent + CHUNK])
    return await payments.add_batch_lines(client, wire.AddBatchLinesRequest(id=batch, first=sent + 1, lines=lines))


async def _give_up(
    client: ApiClient, outbox: Outbox, event: PendingEvent, progress: forms.BatchProgress, refused: Any
) -> Failure:
    """The file must be mended and this batch will never be closed: take it back, keep what was refused for people."""
    batch = UUID(progress.batch_id)
    detail = await payments.get_batch(client, batch)
    if isinstance(detail, wire.BatchDetail):
        await payments.cancel_batch(client, batch, detail.batch.version, "")
    await outbox.save_progress(event.id, msgspec.json.encode(msgspec.structs.replace(progress, refused=refused)))
    first = refused[0].refused
    return Problem(code=first.code, status=422, detail_th=first.detail_th, detail_en=first.detail_en, field=first.field)


def _incomplete() -> Problem:
    return Problem(
        code="desk.incomplete", status=422, detail_th="แบบฟอร์มยังไม่ครบ", detail_en="The form is not complete."
    )


_Handler = Callable[[ApiClient, Outbox, PendingEvent, Report], Awaitable[Delivered | Failure]]
_BY_KIND: Final[dict[EventKind, _Handler]] = {
    EventKind.PAYMENT: _payment,
    EventKind.BATCH: _batch,
    EventKind.BANK_CHANGE: _bank_change,
    EventKind.FUNDING: _funding,
}
