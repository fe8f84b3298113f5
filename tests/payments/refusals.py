"""A refusal is an answer and nothing else: no row of any table is another one afterwards, and no token is used up."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql

from shared.refusals import Refused
from tests.members.world import Person, Reply, Verb
from tests.payments.farm import Farm, now

PROOFS = ("idempotency_key", "operation_token")


def digest(url: str) -> dict[str, str]:
    """table -> digest of all its rows; of operation tokens, those that are used up."""
    with psycopg.connect(url) as admin:
        tables = admin.execute(
            "select relname from pg_class where relnamespace = 'sheaf'::regnamespace and relkind = 'r'"
        ).fetchall()
        found = {}
        for (table,) in tables:
            query = sql.SQL("select coalesce(md5(string_agg(t::text, '|' order by t::text)), '') from sheaf.{} t {}")
            some = sql.SQL("where used_at is not null" if table == "operation_token" else "")
            row = admin.execute(query.format(sql.Identifier(table), some)).fetchone()
            found[table] = "" if row is None else row[0]
    return found


async def unchanged(farm: Farm, person: Person, verb: Verb[Reply], request: Any, at: datetime) -> Reply | Refused:
    """The verb's answer, after seeing that it changed nothing."""
    before = digest(farm.url)
    reply = await farm.ask(person, verb, request, at)
    after = digest(farm.url)
    if not isinstance(reply, Refused):  # an answer that writes nothing else is remembered by its key
        before |= {proof: after[proof] for proof in PROOFS}
    assert after == before
    return reply


async def refuses(farm: Farm, person: Person, verb: Verb[Any], request: Any, at: datetime | None = None) -> Refused:
    """The refusal, after seeing that it changed nothing."""
    reply = await unchanged(farm, person, verb, request, at or now())
    assert isinstance(reply, Refused), reply
    return reply
