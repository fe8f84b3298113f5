"""Statement files that were not taken, and statements set aside by two people."""

from __future__ import annotations

from uuid import UUID

from desktop.core.answers import Failure
from desktop.core.client import ApiClient
from shared.wire import records
from shared.wire import statements as wire
from shared.wire.common import Nothing


async def list_statement_files(client: ApiClient) -> wire.StatementFileList | Failure:
    """Delivered files that are not taken, and why."""
    answer: wire.StatementFileList | Failure = await client.call("list_statement_files", Nothing())
    return answer


async def judge_statements_again(client: ApiClient) -> records.FetchView | Failure:
    """Judge again every file that was not taken."""
    answer: records.FetchView | Failure = await client.call("judge_statements_again", Nothing())
    return answer


async def list_set_asides(client: ApiClient) -> wire.SetAsideList | Failure:
    """Proposals, newest first."""
    answer: wire.SetAsideList | Failure = await client.call("list_set_asides", Nothing())
    return answer


async def propose_set_aside(client: ApiClient, statement: UUID, reason: str, key: str) -> wire.SetAsideView | Failure:
    """Propose to set a statement aside, or to take one again."""
    request = wire.ProposeSetAsideRequest(id=statement, reason=reason)
    answer: wire.SetAsideView | Failure = await client.perform("propose_set_aside", request, idempotency_key=key)
    return answer
