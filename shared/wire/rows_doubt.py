"""Rows of the verb table: payments in doubt."""

from __future__ import annotations

from shared.permissions import Permission
from shared.refusals import RefusalCode as R
from shared.wire import common, doubt
from shared.wire.verb import Verb

ROWS: tuple[Verb, ...] = (
    Verb(
        name="list_in_doubt",
        method="GET",
        path="/in-doubt",
        request=doubt.ListInDoubtRequest,
        reply=doubt.DoubtList,
        summary="Payments of which the bank has not said what it did, oldest first, with all evidence.",
        permission=Permission.READ_INTENTS,
        refusals=(R.CURSOR,),
    ),
    Verb(
        name="ask_bank_now",
        method="POST",
        path="/intents/{id}/ask-bank",
        request=common.ById,
        reply=doubt.AskReply,
        summary="Have the executor ask the bank now what became of a payment. Sends nothing.",
        permission=Permission.SIGN_INTENT,
        refusals=(R.STATE,),
    ),
    Verb(
        name="retry_intent",
        method="GET",
        path="/intents/{id}/retry",
        request=common.ById,
        reply=doubt.RetryView,
        summary="What to submit again for a payment that failed or came back; refused while its money may have moved.",
        permission=Permission.SUBMIT_INTENT,
        refusals=(R.STATE, R.RETRY_UNSAFE, R.PAID_AGAIN, R.BALANCE),
    ),
)
