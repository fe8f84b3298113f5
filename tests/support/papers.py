"""Statements as an import would have left them, written straight into a company's database."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import psycopg


def empty_statement(url: str) -> UUID:
    """A day without bookings of an account of ours; the statement's id."""
    statement, sha256 = uuid4(), uuid4().hex * 2
    at = datetime(2026, 1, 5, tzinfo=UTC)
    with psycopg.connect(url) as admin:
        admin.execute("set sheaf.branches = '{0}'")
        admin.execute("insert into sheaf.company_account values ('\\x01', 0, '0001', true, %s)", [at])
        admin.execute("insert into sheaf.statement_file values (%s, 0, 'a', 'imported', '', %s, %s)", [sha256, at, at])
        admin.execute(
            """insert into sheaf.statement (id, branch_id, account_digest, account_last4, position, number, format,
                 date, opening, closing, line_count, file_name, content, sha256, imported_at)
               values (%s, 0, '\\x01', '0001', 1, '1', 'mt940', '2026-01-05', 0, 0, 0, 'a.mt940', '', %s, %s)""",
            [statement, sha256, at],
        )
    return statement
