"""Statements, reconciliation, liquidity, audit, sync and the dashboard."""

from __future__ import annotations

from uuid import UUID

from desktop.core.answers import Failure
from desktop.core.client import ApiClient
from shared.wire import records as wire
from shared.wire.common import ById, Nothing


async def fetch_statements(client: ApiClient) -> wire.FetchView | Failure:
    """Fetch the bank's statements now."""
    answer: wire.FetchView | Failure = await client.call("fetch_statements", Nothing())
    return answer


async def get_fetch(client: ApiClient, fetch: UUID) -> wire.FetchView | Failure:
    """How a fetch is going."""
    answer: wire.FetchView | Failure = await client.call("get_fetch", ById(id=fetch))
    return answer


async def list_statements(client: ApiClient) -> wire.StatementList | Failure:
    """Imported statements, newest first."""
    answer: wire.StatementList | Failure = await client.call("list_statements", Nothing())
    return answer


async def get_statement(client: ApiClient, statement: UUID, cursor: str = "") -> wire.StatementDetail | Failure:
    """One page of a statement's lines."""
    request = wire.GetStatementRequest(id=statement, cursor=cursor)
    answer: wire.StatementDetail | Failure = await client.call("get_statement", request)
    return answer


async def list_reconciliation(
    client: ApiClient, request: wire.ListReconciliationRequest
) -> wire.ReconciliationList | Failure:
    """What the statements prove."""
    answer: wire.ReconciliationList | Failure = await client.call("list_reconciliation", request)
    return answer


async def get_liquidity(client: ApiClient) -> wire.LiquidityReply | Failure:
    """Live available money by branch."""
    answer: wire.LiquidityReply | Failure = await client.call("get_liquidity", Nothing())
    return answer


async def get_dashboard(client: ApiClient) -> wire.DashboardReply | Failure:
    """The day in numbers."""
    answer: wire.DashboardReply | Failure = await client.call("get_dashboard", Nothing())
    return answer


async def list_audit(client: ApiClient, request: wire.ListAuditRequest) -> wire.AuditList | Failure:
    """Audit entries, newest first."""
    answer: wire.AuditList | Failure = await client.call("list_audit", request)
    return answer


async def sync(client: ApiClient, cursor: str, limit: int = 1000) -> wire.SyncReply | Failure:
    """Everything that changed since the cursor."""
    answer: wire.SyncReply | Failure = await client.call("sync", wire.SyncRequest(cursor=cursor, limit=limit))
    return answer
