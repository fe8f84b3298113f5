"""Rows of the verb table: statement files that were not taken, and statements set aside by two people."""

from __future__ import annotations

from shared.permissions import Permission
from shared.refusals import RefusalCode as R
from shared.wire import approvals, common, records, statements
from shared.wire.verb import SIGN_REFUSALS, Challenge, Verb

ROWS: tuple[Verb, ...] = (
    Verb(
        name="list_statement_files",
        method="GET",
        path="/statement-files",
        request=common.Nothing,
        reply=statements.StatementFileList,
        summary="Delivered files that are not taken: what waits, was refused or set aside, and why.",
        permission=Permission.READ_STATEMENTS,
    ),
    Verb(
        name="judge_statements_again",
        method="POST",
        path="/statement-files/judge",
        request=common.Nothing,
        reply=records.FetchView,
        summary="Judge again every file that was not taken, however long ago; done by the statements worker.",
        permission=Permission.FETCH_STATEMENTS,
        status=202,
    ),
    Verb(
        name="list_set_asides",
        method="GET",
        path="/set-asides",
        request=common.Nothing,
        reply=statements.SetAsideList,
        summary="Proposals to set statements aside or take them again, newest first.",
        permission=Permission.READ_STATEMENTS,
    ),
    Verb(
        name="propose_set_aside",
        method="POST",
        path="/statements/{id}/set-asides",
        request=statements.ProposeSetAsideRequest,
        reply=statements.SetAsideView,
        summary="Propose to set a wrongly taken statement aside, or to take one again; another person signs.",
        permission=Permission.PROPOSE_SET_ASIDE,
        idempotent=True,
        challenge=Challenge.DEVICE,
        money=True,
        refusals=(R.REASON_NEEDED, R.ALREADY_EXISTS, R.STATE),
        status=201,
    ),
    Verb(
        name="sign_set_aside",
        method="POST",
        path="/set-asides/{id}/sign-offs",
        request=approvals.SignCaseRequest,
        reply=statements.SetAsideView,
        summary="Approve or reject it; with a statement set aside go all conclusions that were drawn from it.",
        permission=Permission.SIGN_SET_ASIDE,
        idempotent=True,
        challenge=Challenge.DEVICE_AND_CODE,
        money=True,
        refusals=SIGN_REFUSALS,
    ),
)
