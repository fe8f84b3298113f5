"""Going on after a restore: what is missing, a proposal over it, and its signature."""

from __future__ import annotations

from desktop.core.answers import Failure
from desktop.core.client import ApiClient
from shared.wire import restores as wire
from shared.wire.common import Nothing


async def list_restores(client: ApiClient) -> wire.RestoreList | Failure:
    """Whether payments stand still, the newest comparison, and proposals, newest first."""
    answer: wire.RestoreList | Failure = await client.call("list_restores", Nothing())
    return answer


async def propose_restore(client: ApiClient, report: str, reason: str, key: str) -> wire.RestoreView | Failure:
    """Propose to go on with what a comparison lists; `report` is its digest."""
    request = wire.ProposeRestoreRequest(report=report, reason=reason)
    answer: wire.RestoreView | Failure = await client.perform("propose_restore", request, idempotency_key=key)
    return answer
