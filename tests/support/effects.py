"""What stands in a company's business tables, as one digest: a reply other than OK must leave it as it was."""

from __future__ import annotations

from typing import Final

import psycopg
from psycopg import sql

# Written on refusals too, each in a transaction of its own (docs/architecture.md, Laws), or proofs of who calls,
# which come before any verb: a code that was used, a session that began, how often somebody asked.
JOURNALS: Final = frozenset(
    {
        "bucket",
        "process",  # who lives, told each second
        "sign_in_attempt",
        "callback_inbox",
        "refusal_log",
        "used_code",
        "refresh_token",
        "revocation",
        "alembic_version",
    }
)
# Counts wrong codes, which are remembered although the call is refused.
COUNTERS: Final = {"app_user": ("wrong_codes", "locked_until")}


class Effects:
    """Reads the digest of a database; `faults` makes every audit entry, each effect's last step, fail."""

    def __init__(self, admin_url: str) -> None:
        self._admin = psycopg.connect(admin_url, autocommit=True)
        rows = self._admin.execute("select tablename from pg_tables where schemaname = 'sheaf' order by 1").fetchall()
        self._tables = [str(row[0]) for row in rows if row[0] not in JOURNALS and row[0] != "operation_token"]

    def digest(self) -> dict[str, str]:
        """table -> digest of all its rows; of operation tokens, how many are used up."""
        found = {"operation tokens used": self._ask("select count(used_at)::text from sheaf.operation_token")}
        for table in self._tables:
            without = sql.SQL("").join(sql.SQL(" - {}::text").format(name) for name in COUNTERS.get(table, ()))
            rows = sql.SQL("select (to_jsonb(t){})::text r from {} t").format(without, sql.Identifier("sheaf", table))
            found[table] = self._ask(
                sql.SQL("select coalesce(md5(string_agg(r, '|' order by r)), '') from ({}) x").format(rows)
            )
        return found

    def _ask(self, query: sql.Composed | str) -> str:
        row = self._admin.execute(query).fetchone()  # type: ignore[arg-type]  # one of the two above
        assert row is not None
        return str(row[0])

    def let_the_bank_stay_silent(self) -> None:
        """What the executor does with questions that the bank does not answer."""
        self._admin.execute("set sheaf.branches = '{0,1,2}'")
        self._admin.execute(
            "update sheaf.account_check set state = 'failed', checked_at = requested_at where state = 'requested'"
        )

    def arm(self) -> None:
        """From now on no audit entry can be written: whatever ends with one fails after all its work."""
        self._admin.execute(
            """
            create or replace function sheaf.fail_for_test() returns trigger language plpgsql as $$
            begin raise exception 'the disk is full' using errcode = '53100'; end $$
            """
        )
        self._admin.execute(
            """
            create or replace trigger fail_for_test before insert on sheaf.audit_entry
            for each statement execute function sheaf.fail_for_test()
            """
        )

    def disarm(self) -> None:
        """Audit entries are written again."""
        self._admin.execute("drop trigger if exists fail_for_test on sheaf.audit_entry")

    def close(self) -> None:
        """Close the connection."""
        self._admin.close()


def changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """The tables that differ."""
    return [table for table in before if before[table] != after[table]]
