"""Carrying one pending event to the server, step by step, so that it can go on after any lost answer or crash."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Any, Final
from uuid import NAMESPACE_OID, UUID, uuid5

import msgspec

from desktop.core import forms
from desktop.core.answers import Failure, Problem, passing, wants_sign_in
from desktop.core.client import ApiClient
from desktop.core.operations import payments, registry
from desktop.core.store.outbox import EventKind, Outbox, PendingEvent
from shared.refusals import RefusalCode as R
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
    if isinstance(answer, Problem) and answer.code == R.STATE:
        current = await registry.get_bank_change(client, case)
        if isinstance(current, BankChangeView) and current.state in ("requested", "effective"):
            answer = current
    return ("bank_changes", answer) if isinstance(answer, BankChangeView) else answer


async def _batch(client: ApiClient, outbox: Outbox, event: PendingEvent, report: Report) -> Delivered | Failure:
    form = msgspec.json.decode(event.body, type=forms.BatchForm)
    progress = msgspec.json.decode(event.progress, type=forms.BatchProgress)
    if not form.lines:
        return _incomplete()
    answer: _Sent = _GONE
    while answer is _GONE and progress.attempt < _ATTEMPTS:
        if progress.let_go:
            failure = await _let_go(client, UUID(progress.batch_id))
            if failure is not None:
                return failure
            progress = await _begin_anew(outbox, event, progress)
        answer, progress = await _send_batch(client, outbox, event, form, progress, report)
        if answer is _GONE:
            progress = await _begin_anew(outbox, event, progress)
    if isinstance(answer, wire.BatchView):
        return "batches", answer
    return _LOST if isinstance(answer, Gone) else answer


_ATTEMPTS: Final = 100
"""Batches that one event opens at most, each after the one before was let go of."""


class Gone(StrEnum):
    """The server does not keep the batch open any more: nobody had gone on with it in time."""

    GONE = "gone"


_GONE: Final = Gone.GONE
_LOST: Final = Problem(code=R.STATE, status=409)
_Sent = wire.BatchView | Failure | Gone


async def _send_batch(
    client: ApiClient,
    outbox: Outbox,
    event: PendingEvent,
    form: forms.BatchForm,
    progress: forms.BatchProgress,
    report: Report,
) -> tuple[_Sent, forms.BatchProgress]:
    """Open, fill and close one batch, or go on with it; with how far it is.

    What the server refuses for good it does not keep: the batch is taken back there, with all that its lines held.
    """
    if not progress.batch_id:
        opened = await _open_batch(client, event, form, progress.attempt)
        if not isinstance(opened, wire.BatchView):
            return opened, progress
        progress = await _kept(outbox, event, msgspec.structs.replace(progress, batch_id=str(opened.id), refused=()))
    while progress.sent < len(form.lines):
        report(progress.sent, len(form.lines))
        added = await _add_chunk(client, UUID(progress.batch_id), form, progress.sent)
        if not isinstance(added, wire.AddBatchLinesReply):
            return await _refused(client, outbox, event, progress, added)
        refused = tuple(result for result in added.results if result.refused is not None)
        if refused:
            progress = msgspec.structs.replace(progress, refused=refused)
            return await _refused(client, outbox, event, progress, _first(refused))
        sent = min(progress.sent + CHUNK, len(form.lines))
        progress = await _kept(outbox, event, msgspec.structs.replace(progress, sent=sent))
    report(progress.sent, len(form.lines))
    request = wire.CloseBatchRequest(id=UUID(progress.batch_id), count=len(form.lines), total=form.total)
    closed = await payments.close_batch(client, request, step_key(event.id, f"close{progress.attempt or ''}"))
    if isinstance(closed, wire.BatchView):
        return closed, progress
    return await _refused(client, outbox, event, progress, closed)


async def _open_batch(
    client: ApiClient, event: PendingEvent, form: forms.BatchForm, attempt: int
) -> wire.BatchView | Failure:
    request = wire.OpenBatchRequest(
        branch=form.branch, count=len(form.lines), total=form.total, file_sha256=form.file_sha256, note=form.note
    )
    key = step_key(event.id, f"open{attempt}") if attempt else event.id
    return await payments.open_batch(client, request, key)


async def _add_chunk(
    client: ApiClient, batch: UUID, form: forms.BatchForm, sent: int
) -> wire.AddBatchLinesReply | Failure:
    lines = list(form.lines[sent : sent + CHUNK])
    return await payments.add_batch_lines(client, wire.AddBatchLinesRequest(id=batch, first=sent + 1, lines=lines))


async def _refused(
    client: ApiClient, outbox: Outbox, event: PendingEvent, progress: forms.BatchProgress, failure: Failure
) -> tuple[_Sent, forms.BatchProgress]:
    """What becomes of a batch that the server said no to.

    One that time or a new sign-in mends goes on as it is. One that stands there as submitted is done, whatever was
    answered; one that is gone begins anew. Every other is let go of at once, and if that fails, before anything else.
    """
    if passing(failure) or wants_sign_in(failure):
        return failure, progress
    if isinstance(failure, Problem) and failure.code == R.STATE:
        detail = await payments.get_batch(client, UUID(progress.batch_id))
        if not isinstance(detail, wire.BatchDetail):
            return detail, progress
        if detail.batch.state != "open":
            return (_GONE if detail.batch.state == "cancelled" else detail.batch), progress
    progress = await _kept(outbox, event, msgspec.structs.replace(progress, let_go=True))
    if await _let_go(client, UUID(progress.batch_id)) is None:
        progress = await _begin_anew(outbox, event, progress)
    return failure, progress


async def _let_go(client: ApiClient, batch: UUID) -> Failure | None:
    """Take an open batch back, so that its tickets are free again; None when nothing is held by it any more.

    One that was submitted is not taken back behind anybody's back.
    """
    detail = await payments.get_batch(client, batch)
    if not isinstance(detail, wire.BatchDetail):
        return None if isinstance(detail, Problem) and detail.code == "not_found" else detail
    if detail.batch.state in ("cancelled", "rejected", "expired"):
        return None
    if detail.batch.state != "open":
        return _LOST
    answer = await payments.cancel_batch(client, batch, detail.batch.version, "")
    return None if isinstance(answer, wire.BatchView) else answer


async def let_go_of(client: ApiClient, event: PendingEvent) -> Failure | None:
    """Take back at the server what a refused event still holds there; None when that is nothing."""
    if event.kind is not EventKind.BATCH:
        return None
    progress = msgspec.json.decode(event.progress, type=forms.BatchProgress)
    return await _let_go(client, UUID(progress.batch_id)) if progress.batch_id else None


async def _begin_anew(outbox: Outbox, event: PendingEvent, progress: forms.BatchProgress) -> forms.BatchProgress:
    fresh = forms.BatchProgress(attempt=progress.attempt + 1, refused=progress.refused)
    return await _kept(outbox, event, fresh)


async def _kept(outbox: Outbox, event: PendingEvent, progress: forms.BatchProgress) -> forms.BatchProgress:
    await outbox.save_progress(event.id, msgspec.json.encode(progress))
    return progress


def _first(refused: tuple[wire.LineResult, ...]) -> Problem:
    """What the first refused line says, for people."""
    first = refused[0].refused
    if first is None:
        raise ValueError("only refused lines are told")
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
