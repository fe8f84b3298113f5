"""Rows of the verb table: members' balances and advances."""

from __future__ import annotations

from shared.permissions import Permission
from shared.refusals import RefusalCode as R
from shared.wire import approvals, balances, common
from shared.wire.verb import SIGN_REFUSALS, Challenge, Verb

ROWS: tuple[Verb, ...] = (
    Verb(
        name="get_member_balance",
        method="GET",
        path="/members/{id}/balance",
        request=common.ById,
        reply=balances.MemberBalance,
        summary="What a member has with the company, and owes it.",
        permission=Permission.READ_MEMBERS,
    ),
    Verb(
        name="list_member_entries",
        method="GET",
        path="/members/{id}/entries",
        request=balances.ListEntriesRequest,
        reply=balances.EntryList,
        summary="The movements of a member's balance, newest first.",
        permission=Permission.READ_MEMBERS,
        refusals=(R.CURSOR,),
    ),
    Verb(
        name="find_recipient",
        method="GET",
        path="/recipients",
        request=balances.FindRecipientRequest,
        reply=balances.RecipientView,
        summary="A member of any branch by the whole code, to transfer to.",
        permission=Permission.SUBMIT_INTENT,
        refusals=(R.RECIPIENT_UNKNOWN,),
    ),
    Verb(
        name="request_advance",
        method="POST",
        path="/advances",
        request=balances.RequestAdvanceRequest,
        reply=balances.AdvanceView,
        summary="Record seed or fertiliser that a member has received and will repay out of payments.",
        permission=Permission.SUBMIT_INTENT,
        idempotent=True,
        challenge=Challenge.DEVICE,
        bound_to="member_id",
        money=True,
        refusals=(R.MEMBER_UNKNOWN, R.MEMBER_NOT_ACTIVE, R.MONEY_INVALID, R.ALREADY_EXISTS),
        status=201,
    ),
    Verb(
        name="list_advances",
        method="GET",
        path="/advances",
        request=balances.ListAdvancesRequest,
        reply=balances.AdvanceList,
        summary="Advances, newest first, by member, state or branch.",
        permission=Permission.READ_MEMBERS,
        refusals=(R.CURSOR,),
    ),
    Verb(
        name="sign_advance",
        method="POST",
        path="/advances/{id}/sign-offs",
        request=approvals.SignCaseRequest,
        reply=balances.AdvanceView,
        summary="Approve or reject an advance; with the last approval the member owes it.",
        permission=Permission.SIGN_INTENT,
        challenge=Challenge.DEVICE_AND_CODE,
        idempotent=True,
        money=True,
        refusals=SIGN_REFUSALS,
    ),
)
