"""A decision about a case of any kind."""

from __future__ import annotations

from typing import Any

from desktop.core.client import ApiClient
from shared.canonical import sign_off_bytes
from shared.wire.approvals import SignCaseRequest


async def sign_case(client: ApiClient, verb: str, request: SignCaseRequest, key: str, totp: str) -> Any:
    """Approve or reject by the verb of the case's kind; the case as it is then, or a failure."""
    return await client.perform(verb, request, idempotency_key=key, totp=totp)


def signature_over(client: ApiClient, decision: str, digest: str, reason: str) -> str:
    """This desk's signature of a decision over one subject."""
    return client.key.sign(sign_off_bytes(decision, digest, reason))
