"""Rows of the verb table: routes."""

from __future__ import annotations

from shared.permissions import Permission
from shared.refusals import RefusalCode as R
from shared.wire import approvals, common, routes
from shared.wire.verb import SIGN_REFUSALS, Challenge, Verb

ROWS: tuple[Verb, ...] = (
    Verb(
        name="list_routes",
        method="GET",
        path="/routes",
        request=common.Nothing,
        reply=routes.RouteTableList,
        summary="The tables of routes: in force, coming, proposed, and the newest of the past.",
        permission=Permission.READ_ROUTES,
    ),
    Verb(
        name="preview_routes",
        method="POST",
        path="/routes/preview",
        request=routes.PreviewRoutesRequest,
        reply=routes.PreviewRoutesReply,
        summary="Which channel would this payment take? Nothing is written.",
        permission=Permission.READ_ROUTES,
        refusals=(R.ROUTE_NONE, R.MONEY_INVALID),
    ),
    Verb(
        name="propose_routes",
        method="POST",
        path="/routes",
        request=routes.ProposeRoutesRequest,
        reply=routes.RouteTableView,
        summary="Write a whole new table of routes; nothing goes by it before another person approves.",
        permission=Permission.PROPOSE_ROUTES,
        idempotent=True,
        challenge=Challenge.DEVICE,
        bound_to="effective_from",
        money=True,
        refusals=(R.MONEY_INVALID, R.ROUTE_UNCOVERED, R.ROUTE_NO_DOOR),
        status=201,
    ),
    Verb(
        name="sign_routes",
        method="POST",
        path="/routes/{id}/sign-offs",
        request=approvals.SignCaseRequest,
        reply=routes.RouteTableView,
        summary="Approve or reject a table: payments submitted from an approved one's instant on go by it.",
        permission=Permission.SIGN_ROUTES,
        idempotent=True,
        challenge=Challenge.DEVICE_AND_CODE,
        money=True,
        refusals=(
            *SIGN_REFUSALS,
            R.ALREADY_EXISTS,
            R.ROUTE_UNCOVERED,
            R.ROUTE_NO_DOOR,
        ),
    ),
)
