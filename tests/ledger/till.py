"""One branch's accounts in a migrated database, and transfers written by hand as any role."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg import Connection

from server.database.roles import role_url
from tests.conftest import ROLE_SECRET
from tests.members.world import NOW, found_company

FUNDING, TRANSIT, PAID, CLEARING = (UUID(int=number) for number in range(1, 5))
ELSEWHERE = UUID(int=9)
"""Another branch's funding account."""
OPENING = 1_000_00
_ACCOUNTS = (
    (FUNDING, 1, "funding", 0),
    (TRANSIT, 1, "transit", 0),
    (PAID, 1, "paid", 0),
    (CLEARING, 1, "clearing", None),
    (ELSEWHERE, 2, "funding", 0),
)

Leg = tuple[UUID, int, int]
"""Account, satang posted, satang held."""


def open_till(url: str) -> None:
    """Branch 1 has 1,000 baht in funding."""
    found_company(url)
    with psycopg.connect(url, options="-c sheaf.branches={0,1,2}") as admin:
        for account, branch, purpose, minimum in _ACCOUNTS:
            admin.execute(
                """insert into sheaf.ledger_account (id, branch_id, name, purpose, currency, minimum)
                   values (%s, %s, %s, %s, 'THB', %s)""",
                [account, branch, f"{branch}/{purpose}", purpose, minimum],
            )
        write(admin, "transfer", (CLEARING, -OPENING, 0), (FUNDING, OPENING, 0))


@contextmanager
def as_role(url: str, role: str, branches: str = "{1}") -> Iterator[Connection[Any]]:
    """A connection as one of our roles with these branches in sight; nothing is kept but what is committed."""
    with psycopg.connect(role_url(url, role, ROLE_SECRET), options=f"-c sheaf.branches={branches}") as connection:
        try:
            yield connection
        finally:
            connection.rollback()


def write(
    connection: Connection[Any], kind: str, *legs: Leg, hold: UUID | None = None, reverses: UUID | None = None
) -> UUID:
    """Write a transfer of branch 1; a hold's own id is the hold."""
    transfer = uuid4()
    connection.execute(
        """insert into sheaf.ledger_transfer (id, branch_id, kind, hold_id, reverses, subject, at)
           values (%s, 1, %s, %s, %s, 'by hand', %s)""",
        [transfer, kind, transfer if kind == "hold" else hold, reverses, NOW],
    )
    write_legs(connection, transfer, *legs)
    return transfer


def write_legs(connection: Connection[Any], transfer: UUID, *legs: Leg, branch: int = 1) -> None:
    """Write legs in one statement."""
    connection.execute(
        """insert into sheaf.ledger_entry (transfer_id, account_id, branch_id, posted, held)
           select %s, account, %s, posted, held
           from unnest(%s::uuid[], %s::bigint[], %s::bigint[]) as leg (account, posted, held)""",
        [transfer, branch, [leg[0] for leg in legs], [leg[1] for leg in legs], [leg[2] for leg in legs]],
    )


def balances(connection: Connection[Any]) -> dict[UUID, tuple[int, int]]:
    """account -> (posted, held)."""
    rows = connection.execute("select id, posted, held from sheaf.ledger_account").fetchall()
    return {row[0]: (row[1], row[2]) for row in rows}
