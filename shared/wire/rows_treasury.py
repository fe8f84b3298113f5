"""Rows of the verb table: money paid into the company's account."""

from __future__ import annotations

from shared.permissions import Permission
from shared.refusals import RefusalCode as R
from shared.wire import approvals, common, treasury
from shared.wire.verb import MB, SIGN_REFUSALS, Challenge, Verb

ROWS: tuple[Verb, ...] = (
    Verb(
        name="get_treasury",
        method="GET",
        path="/treasury",
        request=common.Nothing,
        reply=treasury.TreasuryReply,
        summary="The books beside the bank's own balance, what explains the difference, and money nobody has recorded.",
        permission=Permission.READ_TREASURY,
    ),
    Verb(
        name="record_deposit",
        method="POST",
        path="/deposits",
        request=treasury.RecordDepositRequest,
        reply=treasury.DepositView,
        summary="Record money paid into the company's account, by a statement's line or a document; another one signs.",
        permission=Permission.RECORD_DEPOSIT,
        idempotent=True,
        challenge=Challenge.DEVICE,
        bound_to="amount",
        money=True,
        refusals=(
            R.MONEY_INVALID,
            R.DEPOSIT_LINE,
            R.DEPOSIT_DUPLICATE,
            R.DOCUMENT_INVALID,
            R.DOCUMENTS_NEEDED,
            R.ALREADY_EXISTS,
        ),
        body_limit=15 * MB,
        status=201,
    ),
    Verb(
        name="list_deposits",
        method="GET",
        path="/deposits",
        request=common.Nothing,
        reply=treasury.DepositList,
        summary="Money paid in, newest first.",
        permission=Permission.READ_TREASURY,
    ),
    Verb(
        name="get_deposit_document",
        method="GET",
        path="/deposits/{id}/document",
        request=common.ById,
        reply=bytes,
        summary="The document of a deposit; the look is recorded, and without it nobody approves.",
        permission=Permission.READ_TREASURY,
        raw_reply=True,
    ),
    Verb(
        name="cancel_deposit",
        method="POST",
        path="/deposits/{id}/cancel",
        request=treasury.CancelDepositRequest,
        reply=treasury.DepositView,
        summary="The maker takes a record back before it is signed.",
        permission=Permission.RECORD_DEPOSIT,
        challenge=Challenge.DEVICE,
        money=True,
        refusals=(R.STATE, R.STALE_VERSION),
    ),
    Verb(
        name="sign_deposit",
        method="POST",
        path="/deposits/{id}/sign-offs",
        request=approvals.SignCaseRequest,
        reply=treasury.DepositView,
        summary="Approve or reject money paid in; approval brings it into the treasury.",
        permission=Permission.SIGN_DEPOSIT,
        idempotent=True,
        challenge=Challenge.DEVICE_AND_CODE,
        money=True,
        refusals=(*SIGN_REFUSALS, R.DOCUMENTS_UNREAD, R.DOCUMENT_INVALID, R.DEPOSIT_LINE),
    ),
)
