"""The verbs of a run over many accounts: begin, look, end early."""

from __future__ import annotations

from datetime import datetime

from server.context import Actor
from server.database.transaction import Row, Transaction
from server.members import check_runs
from server.wire_time import wire_time
from shared.refusals import RefusalCode, Refused
from shared.wire.common import ById, Nothing
from shared.wire.members import BeginCheckRunsRequest, CheckRunList, CheckRunView


async def begin_check_runs(
    tx: Transaction, actor: Actor, request: BeginCheckRunsRequest, now: datetime
) -> CheckRunList | Refused:
    """Begin a run at one branch or at all that the actor sees; one that is under way there is answered instead.

    Refuses with INVALID for a branch that the actor does not see.
    """
    codes = {code: number for code, number in actor.branch_codes.items() if request.branch in ("", code)}
    if not codes:
        return Refused(RefusalCode.INVALID, field="branch", params={"problem": "unknown"})
    for number in sorted(codes.values()):
        if number:  # head office has no members
            await check_runs.begin(tx, actor, number, now, paid_since=None)
    return await list_check_runs(tx, actor, Nothing(), now)


async def list_check_runs(tx: Transaction, actor: Actor, request: Nothing, now: datetime) -> CheckRunList | Refused:
    """The newest run of each branch."""
    rows = await check_runs.views(tx, await check_runs.newest(tx))
    return CheckRunList(runs=[_view(row) for row in rows])


async def cancel_check_run(tx: Transaction, actor: Actor, request: ById, now: datetime) -> CheckRunView | Refused:
    """End a run early. Refuses with NOT_FOUND, STATE."""
    run = await check_runs.lock(tx, request.id)
    if run is None:
        return Refused(RefusalCode.NOT_FOUND)
    if run["state"] != "running":
        return Refused(RefusalCode.STATE, params={"state": run["state"], "allowed": "-"})
    await check_runs.end(tx, actor, run, "cancelled", now)
    return _view((await check_runs.views(tx, [request.id]))[0])


def _view(row: Row) -> CheckRunView:
    return CheckRunView(
        id=row["id"],
        branch=row["branch"],
        asked_by=row["asked_by"],
        state=row["state"],
        begun_at=wire_time(row["begun_at"]),
        ended_at=wire_time(row["ended_at"]) if row["ended_at"] else "",
        good_until=wire_time(row["good_until"]),
        members=row["total"],
        looked=row["total"] if row["state"] == "done" else min(row["looked"], row["total"]),
        asked=row["asked"],
        waiting=row["waiting"],
        confirmed=row["good"],
        bad=row["bad"],
        silent=row["silent"],
    )
