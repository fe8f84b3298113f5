"""Rows of the verb table: going on after a database was restored, agreed by two people."""

from __future__ import annotations

from shared.permissions import Permission
from shared.refusals import RefusalCode as R
from shared.wire import approvals, common, restores
from shared.wire.verb import SIGN_REFUSALS, Challenge, Verb

ROWS: tuple[Verb, ...] = (
    Verb(
        name="list_restores",
        method="GET",
        path="/restores",
        request=common.Nothing,
        reply=restores.RestoreList,
        summary="Whether this database is older than what was paid, who says so, and what was agreed about it.",
        permission=Permission.READ_TREASURY,
    ),
    Verb(
        name="propose_restore",
        method="POST",
        path="/restores",
        request=restores.ProposeRestoreRequest,
        reply=restores.RestoreView,
        summary="Propose to let payments go on with what a report lists; another person signs.",
        permission=Permission.PROPOSE_RESTORE,
        idempotent=True,
        challenge=Challenge.DEVICE,
        bound_to="report",
        money=True,
        refusals=(R.REASON_NEEDED, R.ALREADY_EXISTS, R.RESTORE_REPORT),
        status=201,
    ),
    Verb(
        name="sign_restore",
        method="POST",
        path="/restores/{id}/sign-offs",
        request=approvals.SignCaseRequest,
        reply=restores.RestoreView,
        summary="Approve or reject it; an executor settles what is listed, and payments go on.",
        permission=Permission.SIGN_RESTORE,
        idempotent=True,
        challenge=Challenge.DEVICE_AND_CODE,
        money=True,
        refusals=(*SIGN_REFUSALS, R.RESTORE_REPORT),
    ),
)
