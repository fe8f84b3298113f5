"""What an operation token is bound to: the resources that a verb's request names, in order."""

from __future__ import annotations

from typing import Any

from shared.wire.payments import SignOffRequest
from shared.wire.table import BY_NAME


def resources_of(verb: str, request: Any) -> list[str]:
    """The resources of one request of a verb that wants an operation token (docs/architecture.md, Who proves what).

    The desk asks for a token over exactly this list; the server compares it with the request that arrives. A sign-off
    names its batch, then its items; every other verb the one thing that its row says. The amounts and versions are not
    here: the content digest covers them.
    """
    if isinstance(request, SignOffRequest):
        batch = [] if request.batch_id is None else [str(request.batch_id)]
        return batch + [str(item.id) for item in request.items]
    return [str(getattr(request, BY_NAME[verb].bound_to))]
