"""Asking for the bank's statements, and reading them."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

import msgspec

from server.audit import store as audit
from server.context import Actor
from server.database.transaction import Row, Transaction
from server.statements import store
from server.wire_time import wire_time
from shared.audit_tags import AuditTag
from shared.money import Satang, format_amount
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.wire.common import ById, Nothing
from shared.wire.records import (
    FetchView,
    FileProblem,
    GetStatementRequest,
    StatementDetail,
    StatementLineView,
    StatementList,
    StatementView,
)
from shared.wire.statements import StatementFileList, StatementFileView

_SEQUENCE = re.compile(r"[0-9]{1,9}")
_NEWEST: Final = 500


async def fetch_statements(tx: Transaction, actor: Actor, request: Nothing, now: datetime) -> FetchView | Refused:
    """Queue a fetch for the statements worker, or join the one that is under way."""
    fetch_id = tx.services.new_id(now)
    if not await store.ask_for_fetch(tx, fetch_id, actor.branch_id, actor.name, now):
        under_way = await store.open_fetch(tx)
        if under_way is None:
            # It ended between the two statements; the caller asks again.
            return Refused(R.OVERLOADED)
        return _fetch_view(under_way)
    await audit.append(tx, actor, actor.branch_id, AuditTag.FETCH_STATEMENTS, f"fetch {fetch_id}", {}, now)
    row = await store.fetch_by_id(tx, fetch_id)
    return Refused(R.NOT_FOUND) if row is None else _fetch_view(row)


async def judge_statements_again(tx: Transaction, actor: Actor, request: Nothing, now: datetime) -> FetchView | Refused:
    """Let every refused file wait to be judged again, and queue a fetch, which judges all that waits."""
    await store.one_at_a_time(tx)
    files = await store.let_refused_wait(tx, now)
    await store.ask_for_fetch(tx, tx.services.new_id(now), actor.branch_id, actor.name, now)
    detail = {"files": files}
    await audit.append(tx, actor, actor.branch_id, AuditTag.JUDGE_STATEMENTS_AGAIN, "statements", detail, now)
    under_way = await store.open_fetch(tx)
    return Refused(R.OVERLOADED) if under_way is None else _fetch_view(under_way)


async def list_statement_files(tx: Transaction, actor: Actor, request: Nothing, now: datetime) -> StatementFileList:
    """Delivered files that are not taken, and why."""
    return StatementFileList(
        files=[
            StatementFileView(
                sha256=row["sha256"],
                name=row["name"],
                outcome=row["outcome"],
                problem=row["problem"],
                line=row["problem_line"],
                first_seen_at=wire_time(row["first_seen_at"]),
                changed_at=wire_time(row["changed_at"]),
            )
            for row in await store.files_not_taken(tx, _NEWEST)
        ]
    )


async def get_fetch(tx: Transaction, actor: Actor, request: ById, now: datetime) -> FetchView | Refused:
    """How a fetch is going; `problems` are those of files, or why nothing could be fetched."""
    row = await store.fetch_by_id(tx, request.id)
    return Refused(R.NOT_FOUND, field="id") if row is None else _fetch_view(row)


async def list_statements(tx: Transaction, actor: Actor, request: Nothing, now: datetime) -> StatementList:
    """The newest imported statements; every branch may know that they came."""
    return StatementList(statements=[_statement_view(row) for row in await store.list_statements(tx, _NEWEST)])


async def get_statement(
    tx: Transaction, actor: Actor, request: GetStatementRequest, now: datetime
) -> StatementDetail | Refused:
    """One statement with the lines of the actor's branches, in order."""
    if request.cursor and not _SEQUENCE.fullmatch(request.cursor):
        return Refused(R.CURSOR, field="cursor")
    row = await store.statement_by_id(tx, request.id)
    if row is None:
        return Refused(R.NOT_FOUND, field="id")
    lines = await store.lines_after(tx, request.id, int(request.cursor or "0"), request.limit)
    return StatementDetail(
        statement=_statement_view(row),
        lines=[_line_view(line) for line in lines],
        cursor=str(lines[-1]["sequence"]) if len(lines) == request.limit else "",
    )


def _fetch_view(row: Row) -> FetchView:
    return FetchView(
        id=row["id"],
        state=row["state"],
        files=row["files"],
        lines=row["lines"],
        matched=row["matched"],
        problems=msgspec.convert(row["problems"], list[FileProblem]),
        requested_at=wire_time(row["requested_at"]),
        finished_at=wire_time(row["finished_at"]),
    )


def _statement_view(row: Row) -> StatementView:
    return StatementView(
        id=row["id"],
        account_last4=row["account_last4"],
        number=row["number"],
        date=row["date"].isoformat(),
        opening=format_amount(Satang(row["opening"])),
        closing=format_amount(Satang(row["closing"])),
        lines=row["line_count"],
        file_name=row["file_name"],
        imported_at=wire_time(row["imported_at"]),
        set_aside_at=wire_time(row["set_aside_at"]) if row["set_aside_at"] else "",
        later=row["later"],
    )


def _line_view(row: Row) -> StatementLineView:
    return StatementLineView(
        sequence=row["sequence"],
        booked_at=wire_time(row["booked_at"]),
        amount=format_amount(Satang(row["amount"])),
        balance=format_amount(Satang(row["balance"])),
        reference=row["reference"],
        description=row["description"],
        result=row["result"],
        intent_number=row["intent_number"],
    )
