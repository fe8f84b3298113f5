"""What must be well."""

from __future__ import annotations

from desktop.core.answers import Failure
from desktop.core.client import ApiClient
from shared.wire.common import Nothing
from shared.wire.health import HealthReply


async def get_health(client: ApiClient) -> HealthReply | Failure:
    """Every check's finding, the worst first."""
    answer: HealthReply | Failure = await client.call("get_health", Nothing())
    return answer
