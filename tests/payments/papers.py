"""Statements as an import would have left them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import uuid4

from shared.thai import BANGKOK
from tests.payments.farm import Farm


def put_statement(
    farm: Farm, account: bytes, day: date, reference: str = "", amount: int = 10_000, kind: str = "debit"
) -> None:
    """A day's statement of the account with this digest, with a debit of so many satang that carries the reference."""
    statement = uuid4()
    farm.query(
        """insert into sheaf.statement_file values (%s, 0, 'f', 'imported', '', now(), now())""", f"{statement.hex}" * 2
    )
    farm.query(
        """insert into sheaf.company_account values (%s, 0, '0000', true, now()) on conflict (digest) do nothing""",
        account,
    )
    farm.query(
        """insert into sheaf.statement (id, branch_id, account_digest, account_last4, position, number, format, date,
             opening, closing, line_count, file_name, content, sha256, imported_at)
           select %s, 0, %s, '0000', coalesce(max(position), 0) + 1, %s, 'csv', %s, 0, 0, 1, 'f', '', %s, %s
           from sheaf.statement where account_digest = %s""",
        statement,
        account,
        day.isoformat(),
        day,
        f"{statement.hex}" * 2,
        datetime(day.year, day.month, day.day, tzinfo=BANGKOK),
        account,
    )
    if reference:
        farm.query(
            """insert into sheaf.statement_line
               values (gen_random_uuid(), 0, %s, 1, now(), %s, 0, %s, 'B1', '', %s)""",
            statement,
            -amount,
            reference,
            kind,
        )
