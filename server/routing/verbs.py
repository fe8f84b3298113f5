"""List, preview, propose and approve tables of routes: head office's, and never by one person alone."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from server.amounts import check_amount
from server.approvals.cases import signatures_of
from server.approvals.deciding import CaseKind, Hearing, sign_verb
from server.approvals.rules import TREASURY, clean_reason
from server.audit import store as audit
from server.channels import manifests
from server.context import HEAD_OFFICE, Actor
from server.database.transaction import Row, Transaction
from server.routing import channel_alarms
from server.routing import routes as routing
from server.routing import store as route_store
from server.routing.routes import WEEK_MINUTES, Route, read_routes
from server.wire_time import read_instant, wire_time
from shared import canonical
from shared.audit_tags import AuditTag
from shared.lifecycle import RouteTableState
from shared.money import format_amount
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.thai import BANGKOK
from shared.wire.approvals import SignatureView
from shared.wire.common import Nothing
from shared.wire.routes import (
    PreviewRoutesReply,
    PreviewRoutesRequest,
    ProposeRoutesRequest,
    RouteRow,
    RouteTableList,
    RouteTableView,
    WeekPart,
)


async def list_routes(tx: Transaction, actor: Actor, request: Nothing, now: datetime) -> RouteTableList | Refused:
    """The newest tables first."""
    in_force = await route_store.in_force(tx, now)
    rows = await route_store.tables(tx)
    signed = await signatures_of(tx, [row["id"] for row in rows])
    return RouteTableList(tables=[_view(row, signed[row["id"]], in_force, now) for row in rows])


async def preview_routes(
    tx: Transaction, actor: Actor, request: PreviewRoutesRequest, now: datetime
) -> PreviewRoutesReply | Refused:
    """The channel that this payment would take, by the table in force then or by the one that is asked about."""
    at = now if not request.at else read_instant(request.at)
    amount = check_amount(request.amount)
    if isinstance(amount, Refused):
        return amount
    if at is None:
        return Refused(R.INVALID, field="at", params={"problem": "not_an_instant"})
    if request.table_id is None:
        routes = await routing.routes_in_force(tx, at)
    else:
        routes = await route_store.routes_of(tx, request.table_id)
        if not routes:
            return Refused(R.NOT_FOUND)
    channel = routing.route(routes, request.operation, request.bank, amount, at)
    if isinstance(channel, Refused):
        return channel
    manifest = manifests().get(channel)
    is_open = manifest is not None and manifest.is_open(at.astimezone(BANGKOK).time())
    return PreviewRoutesReply(channel=channel, open=is_open)


async def propose_routes(
    tx: Transaction, actor: Actor, request: ProposeRoutesRequest, now: datetime
) -> RouteTableView | Refused:
    """Write a table without gap or choice, whose channels can take what it gives them; nobody goes by it yet."""
    if HEAD_OFFICE not in actor.branches:
        return Refused(R.FORBIDDEN)
    effective, reason = read_instant(request.effective_from), clean_reason(request.reason)
    if isinstance(reason, Refused):
        return reason
    problem = _wrong_words(effective, reason, now)
    routes = _routes(request.routes)
    if isinstance(routes, Refused):
        return routes
    problem = problem or routing.table_problem(routes, manifests())
    problem = problem or routing.unserved(routes, await _living(tx, now))
    if problem is not None or effective is None:
        return problem or Refused(R.INVALID, field="effective_from", params={"problem": "not_an_instant"})
    table_id = tx.services.new_id(now)
    await route_store.write_table(
        tx, table_id, routes, effective_from=effective, reason=reason, maker=actor.user, now=now
    )
    view = await _shown(tx, table_id, now)
    detail = {"digest": view.digest, "effective_from": view.effective_from}
    await audit.append(tx, actor, HEAD_OFFICE, AuditTag.PROPOSE_ROUTES, str(table_id), detail, now)
    return view


async def _ready(tx: Transaction, hearing: Hearing, now: datetime) -> Refused | None:
    """Whether its channels are there is looked at anew: much may have been unplugged since it was proposed."""
    routes = read_routes(hearing.row["routes"])
    refusal = routing.table_problem(routes, manifests()) or routing.unserved(routes, await _living(tx, now))
    if refusal is None and await route_store.begins_already(tx, hearing.row["effective_from"]):
        return Refused(R.ALREADY_EXISTS, field="effective_from")
    return refusal


async def _decide(tx: Transaction, hearing: Hearing, now: datetime) -> dict[str, Any]:
    """An approved proposal takes force at its instant."""
    state = RouteTableState.APPROVED if hearing.approves else RouteTableState.REJECTED
    await route_store.move_table(tx, hearing.row["id"], state, now)
    return {"effective_from": wire_time(hearing.row["effective_from"])}


async def _sheet(tx: Transaction, row: Row) -> bytes:
    return canonical.sheet_bytes(route_store.routes_sheet(row))


async def _living(tx: Transaction, now: datetime) -> frozenset[str] | None:
    """The channels that are set up and served, as far as can be known; None when nothing is."""
    known, told = tx.services.channels, await channel_alarms.served(tx, now)
    return told if known is None else known & told if told is not None else known


def _wrong_words(effective: datetime | None, reason: str, now: datetime) -> Refused | None:
    if effective is not None and effective <= now:
        return Refused(R.INVALID, field="effective_from", params={"problem": "past"})
    return None if reason else Refused(R.INVALID, field="reason", params={"problem": "needed"})


def _routes(rows: Sequence[RouteRow]) -> list[Route] | Refused:
    routes = []
    for row in rows:
        lowest, highest = check_amount(row.lowest), check_amount(row.highest)
        if isinstance(lowest, Refused):
            return lowest
        if isinstance(highest, Refused):
            return highest
        week = tuple((part.begin, part.until) for part in row.week) or ((0, WEEK_MINUTES),)
        routes.append(
            Route(
                operation=row.operation, bank=row.bank, lowest=lowest, highest=highest, week=week, channel=row.channel
            )
        )
    return routes


async def _shown(tx: Transaction, table_id: UUID, now: datetime) -> RouteTableView:
    row = (await route_store.tables(tx, table_id))[0]
    signed = await signatures_of(tx, [table_id])
    return _view(row, signed[table_id], await route_store.in_force(tx, now), now)


sign_routes = sign_verb(
    CaseKind(
        name="routes",
        tag=AuditTag.SIGN_ROUTES,
        open_state=RouteTableState.PROPOSED,
        quorum=TREASURY,
        lock=route_store.lock_table,
        sheet=_sheet,
        ready=_ready,
        decide=_decide,
        show=_shown,
    )
)


def _view(row: Row, signed: list[SignatureView], in_force: UUID | None, now: datetime) -> RouteTableView:
    sheet = canonical.sheet_bytes(route_store.routes_sheet(row))
    return RouteTableView(
        id=row["id"],
        state=_state(row, in_force, now),
        effective_from=wire_time(row["effective_from"]),
        reason=row["reason"],
        routes=[_row(route) for route in read_routes(row["routes"])],
        maker=row["maker"],
        maker_id=row["maker_id"],
        signatures=signed,
        created_at=wire_time(row["created_at"]),
        version=row["version"],
        sheet=base64.b64encode(sheet).decode(),
        digest=canonical.digest(sheet),
    )


def _state(row: Row, in_force: UUID | None, now: datetime) -> str:
    begun = row["effective_from"] <= now
    if row["void"]:
        return "void"
    if row["state"] == RouteTableState.PROPOSED:
        return "lapsed" if begun else "proposed"
    if row["state"] == RouteTableState.REJECTED:
        return "rejected"
    if row["id"] == in_force:
        return "in_force"
    return "replaced" if begun else "coming"


def _row(route: Route) -> RouteRow:
    whole = route.week == ((0, WEEK_MINUTES),)
    return RouteRow(
        operation=route.operation,  # type: ignore[arg-type]  # the database holds it to the same words
        bank=route.bank,
        lowest=format_amount(route.lowest),
        highest=format_amount(route.highest),
        week=[] if whole else [WeekPart(begin=begin, until=until) for begin, until in route.week],
        channel=route.channel,
    )
