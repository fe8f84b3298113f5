"""Rows of the verb table: statements, reconciliation, liquidity, audit and sync."""

from __future__ import annotations

from shared.permissions import Permission
from shared.refusals import RefusalCode as R
from shared.wire import common, records
from shared.wire.verb import Verb

ROWS: tuple[Verb, ...] = (
    # --- statements and records
    Verb(
        name="fetch_statements",
        method="POST",
        path="/statements/fetch",
        request=common.Nothing,
        reply=records.FetchView,
        summary="Fetch the bank's statements now; one click, answered at once, done by the statements worker.",
        permission=Permission.FETCH_STATEMENTS,
        status=202,
    ),
    Verb(
        name="get_fetch",
        method="GET",
        path="/statements/fetches/{id}",
        request=common.ById,
        reply=records.FetchView,
        summary="How a fetch is going.",
        permission=Permission.READ_STATEMENTS,
    ),
    Verb(
        name="list_statements",
        method="GET",
        path="/statements",
        request=common.Nothing,
        reply=records.StatementList,
        summary="Imported statements, newest first.",
        permission=Permission.READ_STATEMENTS,
    ),
    Verb(
        name="get_statement",
        method="GET",
        path="/statements/{id}",
        request=records.GetStatementRequest,
        reply=records.StatementDetail,
        summary="One statement's lines; a branch sees its own.",
        permission=Permission.READ_STATEMENTS,
        refusals=(R.CURSOR,),
    ),
    Verb(
        name="list_reconciliation",
        method="GET",
        path="/reconciliation",
        request=records.ListReconciliationRequest,
        reply=records.ReconciliationList,
        summary="What the statements prove: counts by result, and the results.",
        permission=Permission.READ_STATEMENTS,
        refusals=(R.CURSOR,),
    ),
    Verb(
        name="get_liquidity",
        method="GET",
        path="/liquidity",
        request=common.Nothing,
        reply=records.LiquidityReply,
        summary="Live available money by branch.",
        permission=Permission.READ_LIQUIDITY,
    ),
    Verb(
        name="get_dashboard",
        method="GET",
        path="/dashboard",
        request=common.Nothing,
        reply=records.DashboardReply,
        summary="The day in numbers.",
        permission=Permission.READ_INTENTS,
    ),
    Verb(
        name="list_audit",
        method="GET",
        path="/audit",
        request=records.ListAuditRequest,
        reply=records.AuditList,
        summary="Audit entries, newest first.",
        permission=Permission.READ_AUDIT,
        refusals=(R.CURSOR,),
    ),
    Verb(
        name="sync",
        method="GET",
        path="/sync",
        request=records.SyncRequest,
        reply=records.SyncReply,
        summary="Everything that changed since the cursor.",
        permission=Permission.SYNC,
        refusals=(R.CURSOR, R.CURSOR_GONE),
    ),
)
