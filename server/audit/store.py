"""Appends to a branch's audit chain, reads it, and recomputes it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from server.context import Actor
from server.database.transaction import Transaction
from shared.audit_tags import AuditTag


async def append(
    tx: Transaction,
    actor: Actor,
    branch_id: int,
    tag: AuditTag,
    subject: str,
    detail: Mapping[str, object],
    now: datetime,
) -> None:
    """Write the transaction's one entry for a branch as its last statement: the chain's head stays locked till commit.

    `detail` holds ids, states and digests, never names, account numbers or national ids.
    """
    await tx.execute(
        "select sheaf.append_audit(%(branch)s, %(now)s, %(actor)s, %(device)s, %(tag)s, %(subject)s, %(detail)s)",
        branch=branch_id,
        now=now,
        actor=actor.name,
        device=actor.device_id,
        tag=tag.value,
        subject=subject,
        detail=msgspec.json.encode(detail, order="deterministic").decode(),
    )
