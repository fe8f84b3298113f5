"""List, preview, propose and approve tables of routes: head office's, and never by one person alone."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from server.approvals.rules import clean_reason
from server.audit import store as audit
from server.channels import manifests
from server.context import HEAD_OFFICE, Actor
from server.database.transaction import Row, Transaction
from server.payments import channel_alarms, route_store, routing
from server.payments.routing import WEEK_MINUTES, Route, read_routes
from server.payments.rules import check_amount
from server.wire_time import read_instant, wire_time
from shared.audit_tags import AuditTag
from shared.money import format_amount
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.thai import BANGKOK
from shared.wire.common import Nothing
from shared.wire.routes import (
    ApproveRoutesRequest,
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
    return RouteTableList(tables=[_view(row, in_force, now) for row in await route_store.tables(tx)])


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
    table_id, digest = tx.services.new_id(now), routes_digest(routes, effective)
    await route_store.write_table(
        tx, table_id, routes, effective_from=effective, reason=reason, digest=digest, maker=actor.user, now=now
    )
    detail = {"digest": digest, "effective_from": wire_time(effective)}
    await audit.append(tx, actor, HEAD_OFFICE, AuditTag.PROPOSE_ROUTES, str(table_id), detail, now)
    return await _shown(tx, table_id, now)


async def approve_routes(
    tx: Transaction, actor: Actor, request: ApproveRoutesRequest, now: datetime
) -> RouteTableView | Refused:
    """Let a proposal take force at its instant: by another person, over the routes' digest, before it has come.

    Whether its channels are there is looked at anew: much may have been unplugged since it was proposed.
    """
    row = await route_store.lock_table(tx, request.id)
    refusal = _may_approve(row, actor, request, now)
    if row is None or refusal is not None:
        return refusal or Refused(R.NOT_FOUND)
    routes = await route_store.routes_of(tx, request.id)
    refusal = routing.table_problem(routes, manifests()) or routing.unserved(routes, await _living(tx, now))
    if refusal is not None:
        return refusal
    if await route_store.begins_already(tx, row["effective_from"]):
        return Refused(R.ALREADY_EXISTS, field="effective_from")
    await route_store.approve(tx, request.id, actor.user, now)
    detail = {"digest": row["digest"], "effective_from": wire_time(row["effective_from"])}
    await audit.append(tx, actor, HEAD_OFFICE, AuditTag.APPROVE_ROUTES, str(request.id), detail, now)
    return await _shown(tx, request.id, now)


async def _living(tx: Transaction, now: datetime) -> frozenset[str] | None:
    """The channels that are set up and served, as far as can be known; None when nothing is."""
    known, told = tx.services.channels, await channel_alarms.served(tx, now)
    return told if known is None else known & told if told is not None else known


def routes_digest(routes: Sequence[Route], effective_from: datetime) -> str:
    """SHA-256 in hex over what would be in force and from when."""
    said = (effective_from.astimezone(UTC), routes)
    return hashlib.sha256(msgspec.json.encode(said, order="deterministic")).hexdigest()


def _may_approve(row: Row | None, actor: Actor, request: ApproveRoutesRequest, now: datetime) -> Refused | None:
    if HEAD_OFFICE not in actor.branches:
        return Refused(R.FORBIDDEN)
    if row is None:
        return Refused(R.NOT_FOUND)
    if row["approved_at"] is not None:
        return Refused(R.STATE, params={"state": "approved", "allowed": "-"})
    if row["maker_id"] == actor.user:
        return Refused(R.MAKER_IS_CHECKER)
    if row["effective_from"] <= now:
        return Refused(R.EXPIRED)
    return None if row["digest"] == request.digest else Refused(R.STALE_VERSION)


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
    return _view((await route_store.tables(tx, table_id))[0], await route_store.in_force(tx, now), now)


def _view(row: Row, in_force: UUID | None, now: datetime) -> RouteTableView:
    return RouteTableView(
        id=row["id"],
        state=_state(row, in_force, now),
        effective_from=wire_time(row["effective_from"]),
        reason=row["reason"],
        maker=row["maker"],
        created_at=wire_time(row["created_at"]),
        approver=row["approver"],
        approved_at=wire_time(row["approved_at"]),
        digest=row["digest"],
        routes=[_row(route) for route in read_routes(row["routes"])],
    )


def _state(row: Row, in_force: UUID | None, now: datetime) -> str:
    begun = row["effective_from"] <= now
    if row["void"]:
        return "void"
    if row["approved_at"] is None:
        return "lapsed" if begun else "proposed"
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
