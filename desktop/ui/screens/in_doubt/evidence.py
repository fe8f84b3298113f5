"""What is known of one payment in doubt, for the panel at the side."""

from __future__ import annotations

from desktop.i18n import dates, in_doubt
from desktop.ui.screens.pieces import instant, masked_account, moment, show_amount, wire_amount
from desktop.ui.widgets.inspector import Inspection
from desktop.ui.widgets.timeline import TimelineEntry
from shared.banks import bank_short
from shared.money import Satang
from shared.wire.doubt import AttemptView, DoubtView


def inspect(payment: DoubtView) -> Inspection:
    """Facts and evidence, with the advice not to pay again. What is on record is no verdict: nothing here is green."""
    intent = payment.intent
    facts = [
        (in_doubt.MEMBER(), f"{intent.member_name} · {intent.member_code}"),
        (in_doubt.ACCOUNT(), masked_account(bank_short(intent.account.bank), intent.account.last4)),
        (in_doubt.OWNER(), _owner(payment)),
        (in_doubt.DEADLINE(), moment(payment.deadline_at)),
        (in_doubt.ASKED(), in_doubt.times(payment.inquiries)),
        (in_doubt.STATEMENTS(), _day(payment.statements_until) or in_doubt.NO_STATEMENTS()),
    ]
    return Inspection(
        number=intent.number,
        state=intent.state,
        amount=wire_amount(intent.amount) or Satang(0),
        facts=facts,
        timeline=_evidence(payment),
        advice=in_doubt.ADVICE(),
        advice_tone="bad",
    )


def _owner(payment: DoubtView) -> str:
    role = in_doubt.OWNER_ROLE[payment.owner_role]()
    return f"{role}: {', '.join(payment.owners)}" if payment.owners else role


def _evidence(payment: DoubtView) -> list[TimelineEntry]:
    entries = [entry for attempt in payment.attempts for entry in _attempt(attempt)]
    entries += [
        TimelineEntry(in_doubt.CALLBACK(), " · ".join(p for p in (_clock(one.at), one.transaction_id) if p), "todo")
        for one in payment.callbacks
    ]
    entries += [
        TimelineEntry(
            in_doubt.LINE(), f"{_day(line.date)} · {show_amount(line.amount)} · {line.bank_reference}", "seen"
        )
        for line in payment.lines
    ]
    if not payment.lines:
        entries.append(TimelineEntry(in_doubt.NO_LINE(), "", "todo"))
    return entries


def _attempt(attempt: AttemptView) -> list[TimelineEntry]:
    entries = [TimelineEntry(in_doubt.ANNOUNCED(), f"{_clock(attempt.prepared_at)} · {attempt.bank_reference}", "seen")]
    if attempt.confirming_at:
        entries.append(
            TimelineEntry(in_doubt.CONFIRMED(), f"{_clock(attempt.confirming_at)} · {attempt.token}", "current")
        )
    if attempt.evidence:
        entries.append(
            TimelineEntry(in_doubt.LAST_ANSWER(), in_doubt.answer(attempt.evidence, attempt.told), "current")
        )
    return entries


def _clock(text: str) -> str:
    at = instant(text)
    return dates.clock(at, seconds=True) if at is not None else ""


def _day(text: str) -> str:
    found = dates.parse_day(text)
    return dates.day_short(found) if found else text
