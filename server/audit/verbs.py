"""What an auditor reads."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from server.audit import store
from server.context import Actor
from server.database.transaction import Row, Transaction
from server.wire_time import wire_time
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.wire.records import AuditEntryView, AuditList, ListAuditRequest

_CURSOR = re.compile(r"([0-9]{1,17})-([0-9]{1,9})-([0-9]{1,18})")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


async def list_audit(tx: Transaction, actor: Actor, request: ListAuditRequest, now: datetime) -> AuditList | Refused:
    """Entries of the actor's branches, newest first; an unknown tag is an empty list."""
    if request.branch and request.branch not in actor.branch_codes:
        return Refused(R.NOT_FOUND, field="branch")
    below = _position(request.cursor)
    if isinstance(below, Refused):
        return below
    rows = await store.page(
        tx, branch_id=actor.branch_codes.get(request.branch), tag=request.tag, below=below, limit=request.limit
    )
    cursor = _cursor(rows[-1]) if len(rows) == request.limit else ""
    return AuditList(entries=[_view(actor, row) for row in rows], cursor=cursor)


def _position(cursor: str) -> store.Position | Refused | None:
    if not cursor:
        return None
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        return Refused(R.CURSOR, field="cursor")
    microseconds, branch_id, sequence = (int(part) for part in found.groups())
    return store.Position(_EPOCH + microseconds * _MICROSECOND, branch_id, sequence)


def _cursor(row: Row) -> str:
    return f"{(row['at'] - _EPOCH) // _MICROSECOND}-{row['branch_id']}-{row['sequence']}"


def _view(actor: Actor, row: Row) -> AuditEntryView:
    return AuditEntryView(
        branch=actor.branch_code(row["branch_id"]),
        sequence=row["sequence"],
        at=wire_time(row["at"]),
        actor=row["actor"],
        tag=row["tag"],
        subject=row["subject"],
        detail=row["detail"],
        hash=row["hash"].hex(),
    )
