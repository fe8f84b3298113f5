"""One payment in full for the panel at the side: facts, advice, and its life step by step with signatures."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from desktop.core.outcomes import said_of_payment, was_stopped
from desktop.core.store.entities import satang
from desktop.i18n import dates, disbursements, outcome, reasons
from desktop.i18n.status import ADVICE
from desktop.ui.screens.pieces import instant, masked_account, money_parts
from desktop.ui.widgets.inspector import Inspection
from desktop.ui.widgets.timeline import Step, TimelineEntry
from shared.banks import bank_short
from shared.lifecycle import IntentState
from shared.money import Satang
from shared.wire.approvals import SignatureView
from shared.wire.payments import IntentDetail, IntentView, TimelineEvent

_BAD: Final = frozenset({"rejected", "cancelled", "expired", "failed", "returned"})
_WAY: Final = ("validated", "authorized", "sent", "settled", "reconciled")
_ADVICE_TONES: Final = {"in_doubt": "bad", "failed": "bad", "returned": "bad"}


def inspect(intent: IntentView, detail: IntentDetail | None) -> Inspection:
    """`detail` is None until the server answered, or without a connection; the cached row is enough then."""
    return Inspection(
        number=intent.number,
        state=intent.state,
        amount=Satang(satang(intent.amount)),
        facts=[(name, value) for name, value in _facts(intent, detail) if value],
        timeline=_timeline(intent, detail),
        advice=advice_of(intent),
        advice_tone=_ADVICE_TONES.get(intent.state, "wait"),
    )


def advice_of(intent: IntentView) -> str:
    """What to do about it, by its state, by why it failed, and by what is done already."""
    if intent.paid_again_number:
        return disbursements.paid_again(intent.paid_again_number)
    if intent.state == IntentState.FAILED or was_stopped(intent):
        return reasons.after_failure(intent.failure_code)
    advice = ADVICE.get(intent.state)
    return advice() if advice is not None else ""


def _facts(intent: IntentView, detail: IntentDetail | None) -> list[tuple[str, str]]:
    return [
        (disbursements.MEMBER(), intent.member_name),
        (disbursements.CODE(), intent.member_code),
        (disbursements.ACCOUNT(), masked_account(bank_short(intent.account.bank), intent.account.last4)),
        (disbursements.PRODUCE(), intent.produce),
        (disbursements.TICKET(), intent.weigh_ticket),
        (disbursements.MAKER(), intent.maker),
        (disbursements.NOTE(), intent.note),
        (disbursements.PAYS_AGAIN(), intent.pays_again_number),
        (disbursements.PAID_AGAIN(), intent.paid_again_number),
        *money_parts(intent),
        _said(intent),
        (disbursements.BANK_REFERENCE(), detail.bank_reference if detail is not None else ""),
    ]


def _said(intent: IntentView) -> tuple[str, str]:
    said = said_of_payment(intent)
    return outcome.BY[said.by](), "" if said.empty else outcome.reason(said.code, said.text)


def _timeline(intent: IntentView, detail: IntentDetail | None) -> list[TimelineEntry]:
    if detail is None:
        state: Step = "failed" if intent.state in _BAD else "current"
        return [TimelineEntry(disbursements.STEPS[intent.state](), _when(intent.changed_at), state)]
    # A first sign-off of two leaves the state as it is; the signature itself tells of it.
    reached = [e for before, e in pairwise([None, *detail.timeline]) if e and (not before or before.state != e.state)]
    events = [(event.at, 1, _step(event)) for event in reached]
    signed = [(signature.at, 0, _signature(signature)) for signature in detail.signatures]
    past = [entry for _, _, entry in sorted([*events, *signed], key=lambda step: step[:2])]
    return past + _to_come(intent)


def _step(event: TimelineEvent) -> TimelineEntry:
    step: Step = "failed" if event.state in _BAD else "current" if event.state == "in_doubt" else "done"
    who = event.actor if " " in event.actor else ""
    return TimelineEntry(disbursements.STEPS[event.state](), " · ".join(p for p in (who, _when(event.at)) if p), step)


def _signature(signature: SignatureView) -> TimelineEntry:
    approved = signature.decision == "approve"
    words = disbursements.APPROVED_BY if approved else disbursements.REJECTED_BY
    void = "" if signature.stands else disbursements.VOID()
    detail = " · ".join(part for part in (signature.user, _when(signature.at), signature.reason, void) if part)
    return TimelineEntry(words(), detail, "done" if approved and signature.stands else "failed")


def _to_come(intent: IntentView) -> list[TimelineEntry]:
    if intent.state in _BAD or intent.state not in (*_WAY, "in_doubt"):
        return []
    at = _WAY.index("sent" if intent.state == "in_doubt" else intent.state)
    ahead = [TimelineEntry(disbursements.STEPS[state](), "", "todo") for state in _WAY[at + 1 :]]
    if intent.state == "validated":
        return [TimelineEntry(disbursements.TO_APPROVE(), "", "current"), *ahead]
    return ahead


def _when(text: str) -> str:
    at = instant(text)
    return dates.clock(at, seconds=True) if at is not None else ""
