"""A refusal is an answer and nothing else: no row of any table is another one afterwards."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql

from shared.refusals import Refused
from tests.members.world import Person, Reply, Verb
from tests.payments.farm import Farm, now


def digest(url: str) -> dict[str, str]:
    """table -> digest of all its rows."""
    with psycopg.connect(url) as admin:
        tables = admin.execute(
            "select relname from pg_class where relnamespace = 'sheaf'::regnamespace and relkind = 'r'"
        ).fetchall()
        found = {}
        for (table,) in tables:
            query = sql.SQL("select coalesce(md5(string_agg(t::text, '|' order by t::text)), '') from sheaf.{} t")
            row = admin.execute(query.format(sql.Identifier(table))).fetchone()
            found[table] = "" if row is None else row[0]
    return found


async def unchanged(farm: Farm, person: Person, verb: Verb[Reply], request: Any, at: datetime) -> Reply | Refused:
    """The verb's answer, after seeing that it changed nothing."""
    before = digest(farm.url)
    reply = await farm.ask(person, verb, request, at)
    assert digest(farm.url) == before
    return reply


async def refuses(farm: Farm, person: Person, verb: Verb[Any], request: Any, at: datetime | None = None) -> Refused:
    """The refusal, after seeing that it changed nothing."""
    reply = await unchanged(farm, person, verb, request, at or now())
    assert isinstance(reply, Refused), reply
    return reply
