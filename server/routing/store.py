"""The SQL of routes: whole tables, written once and approved once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from psycopg.types.multirange import Multirange
from psycopg.types.range import Range

from server.database.transaction import Row, Transaction
from server.routing.routes import Route, read_routes
from server.wire_time import wire_time
from shared.canonical import RoutesSheet
from shared.lifecycle import RouteTableState
from shared.money import format_amount

_SHOWN = 50


async def write_table(
    tx: Transaction, table_id: UUID, routes: Sequence[Route], *, effective_from: datetime, reason: str, maker: UUID,
    now: datetime,
) -> None:  # fmt: skip
    """A proposal with all its routes; the database refuses gaps and overlaps."""
    await tx.execute(
        """
        insert into sheaf.route_table (id, effective_from, reason, state, maker_id, created_at, changed_at)
        values (%(id)s, %(effective)s, %(reason)s, 'proposed', %(maker)s, %(now)s, %(now)s)
        """,
        id=table_id,
        effective=effective_from,
        reason=reason,
        maker=maker,
        now=now,
    )
    for ordinal, route in enumerate(routes, 1):
        await tx.execute(
            """
            insert into sheaf.payment_route (table_id, ordinal, operation, bank, amounts, week, channel)
            values (%(table)s, %(ordinal)s, %(operation)s, %(bank)s, %(amounts)s::int8range,
              %(week)s::int4multirange, %(channel)s)
            """,
            table=table_id,
            ordinal=ordinal,
            operation=route.operation,
            bank=route.bank,
            amounts=Range(route.lowest, route.highest, "[]"),
            week=Multirange(Range(begin, until, "[)") for begin, until in route.week),
            channel=route.channel,
        )


async def tables(tx: Transaction, only: UUID | None = None) -> list[Row]:
    """The newest tables with their people's names, and `routes` as `read_routes` takes them."""
    return await tx.rows(
        """
        select t.*, coalesce(m.name, '') maker, sheaf.routes_of(t.id) routes,
          exists (select from sheaf.void_approval v where v.kind = 'routes' and v.id = t.id) void
        from sheaf.route_table t
        left join sheaf.app_user m on m.id = t.maker_id
        where %(only)s::uuid is null or t.id = %(only)s
        order by t.created_at desc, t.id desc limit %(shown)s
        """,
        only=only,
        shown=_SHOWN,
    )


async def in_force(tx: Transaction, now: datetime) -> UUID | None:
    """The table that holds at an instant."""
    found: UUID | None = await tx.value("select sheaf.route_table_at(%(now)s)", now=now)
    return found


async def lock_table(tx: Transaction, table_id: UUID) -> Row | None:
    """The table with its routes, locked; nobody decides it any more once its instant has come."""
    return await tx.maybe(
        """
        select t.*, 0 branch_id, t.effective_from expires_at, sheaf.routes_of(t.id) routes
        from sheaf.route_table t where t.id = %(id)s for update
        """,
        id=table_id,
    )


async def begins_already(tx: Transaction, effective_from: datetime) -> bool:
    """Whether an approved table begins at this very instant."""
    return bool(
        await tx.value(
            """
            select exists (select from sheaf.route_table where effective_from = %(at)s and state = 'approved')
            """,
            at=effective_from,
        )
    )


async def move_table(tx: Transaction, table_id: UUID, target: RouteTableState, now: datetime) -> None:
    """Decide a proposal: an approved one takes force at its instant."""
    await tx.execute(
        """
        update sheaf.route_table set state = %(state)s, version = version + 1, changed_at = %(now)s where id = %(id)s
        """,
        id=table_id,
        state=target.value,
        now=now,
    )


def routes_sheet(row: Row) -> RoutesSheet:
    """What is signed; the row has its `routes` as `read_routes` takes them."""
    return RoutesSheet(
        id=row["id"],
        effective_from=wire_time(row["effective_from"]),
        reason=row["reason"],
        routes=tuple(_words(route) for route in read_routes(row["routes"])),
    )


def _words(route: Route) -> str:
    week = "+".join(f"{begin}-{until}" for begin, until in route.week)
    amounts = f"{format_amount(route.lowest)}-{format_amount(route.highest)}"
    return f"{route.operation}:{route.bank}:{amounts}:{week}:{route.channel}"


async def routes_of(tx: Transaction, table_id: UUID) -> tuple[Route, ...]:
    """The routes of a table; none when there is no such table."""
    return read_routes(await tx.value("select sheaf.routes_of(%(id)s)", id=table_id))
