"""Who sees what, and what was written stays: row-level security and journals, as each of our roles."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from psycopg import Connection, sql

from server.database.roles import GROUP_ROLES, LOGIN_ROLES, STATEMENTS
from shared.wire.payments import IntentView
from tests.database.psql import DENIED, refused
from tests.ledger.till import as_role
from tests.members.world import NOW
from tests.payments.farm import Farm

COMPANY_WIDE = {"company_rule", "statement", "statement_fetch", "statement_file"}
"""The company's own statements and rules: every branch may know of them (09_access.sql, 60_company_rules.sql)."""


def tenant_tables(url: str) -> list[str]:
    with psycopg.connect(url) as admin:
        rows = admin.execute(
            """select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid
               where c.relnamespace = 'sheaf'::regnamespace and c.relkind = 'r' and a.attname = 'branch_id'
               order by 1"""
        ).fetchall()
    assert len(rows) > 30
    return [row[0] for row in rows]


def readable(connection: Connection[Any], table: str) -> bool:
    """Whether the role may read some column of the table."""
    found = connection.execute("select has_any_column_privilege(%s, 'select')", [f"sheaf.{table}"]).fetchone()
    return found == (True,)


def count(connection: Connection[Any], table: str, where: str = "true") -> int:
    query = sql.SQL("select count(branch_id) from sheaf.{} where {}").format(
        sql.Identifier(table),
        sql.SQL(where),  # type: ignore[arg-type]  # the tests' own texts
    )
    row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])


def test_every_table_of_a_branch_has_forced_row_level_security(company: str) -> None:
    with psycopg.connect(company) as admin:
        rows = admin.execute(
            """select relname, relrowsecurity, relforcerowsecurity from pg_class
               where relnamespace = 'sheaf'::regnamespace and relkind = 'r'"""
        ).fetchall()
    secured = {name for name, enabled, forced in rows if enabled and forced}
    assert [table for table in [*tenant_tables(company), "branch"] if table not in secured] == []


def test_none_of_our_roles_may_pass_by_the_policies_or_become_another(company: str) -> None:
    ours = [*GROUP_ROLES, *LOGIN_ROLES]
    with psycopg.connect(company) as admin:
        strong = admin.execute(
            """select rolname from pg_roles where rolname = any(%s)
               and (rolbypassrls or rolsuper or rolcreaterole or rolcreatedb or rolreplication)""",
            [ours],
        ).fetchall()
        members = admin.execute(
            """select m.rolname, r.rolname from pg_auth_members x join pg_roles m on m.oid = x.member
               join pg_roles r on r.oid = x.roleid where m.rolname = any(%s)""",
            [ours],
        ).fetchall()
        logins = admin.execute("select rolname from pg_roles where rolname = any(%s) and rolcanlogin", [ours])
        assert strong == []
        # what counts sessions; it reads no table and nobody can sign in as it
        assert members == [("sheaf_everywhere", "pg_read_all_stats")]
        assert {row[0] for row in logins.fetchall()} == set(LOGIN_ROLES)


@pytest.mark.parametrize("role", LOGIN_ROLES)
async def test_without_a_context_there_are_no_rows(farm: Farm, intent: IntentView, role: str) -> None:
    with as_role(farm.url, role, "") as nobody, as_role(farm.url, role, "{0,1,2}") as somebody:
        tables = [table for table in tenant_tables(farm.url) if readable(nobody, table)]
        assert {table: seen for table in tables if (seen := count(nobody, table))} == {}
        # and the tables do have rows: the same question with a context finds some
        if role != STATEMENTS:
            assert count(somebody, "intent") > 0


@pytest.mark.parametrize("role", LOGIN_ROLES)
async def test_another_branch_sees_nothing_of_the_first(farm: Farm, intent: IntentView, role: str) -> None:
    with as_role(farm.url, role, "{2}") as stranger:
        tables = [table for table in tenant_tables(farm.url) if readable(stranger, table)]
        own = set(tables) - COMPANY_WIDE
        assert {table: seen for table in own if (seen := count(stranger, table, "branch_id <> 2"))} == {}


async def test_no_role_writes_a_row_into_a_branch_out_of_sight(farm: Farm, intent: IntentView) -> None:
    """Every table and role that may insert at all: the same row, sent to a branch that is not in sight."""
    tried = 0
    with psycopg.connect(farm.url) as admin:
        for role in LOGIN_ROLES:
            for table in tenant_tables(farm.url):
                granted = admin.execute("select has_table_privilege(%s, %s, 'insert')", [role, f"sheaf.{table}"])
                if granted.fetchone() != (True,):
                    continue
                columns = admin.execute(
                    """select attname from pg_attribute where attrelid = %s::regclass and attnum > 0
                       and attname <> 'branch_id' and attidentity = '' and attgenerated = ''""",
                    [f"sheaf.{table}"],
                ).fetchall()
                with as_role(farm.url, role, "{2}") as stranger:
                    statement = sql.SQL("insert into sheaf.{} (branch_id, {}) select 1, {}").format(
                        sql.Identifier(table),
                        sql.SQL(", ").join(sql.Identifier(name) for (name,) in columns),
                        sql.SQL(", ").join(sql.SQL("null") for _ in columns),
                    )
                    with pytest.raises(psycopg.Error) as caught:
                        stranger.execute(statement)
                # a BEFORE trigger may refuse first; a missing value is looked at after the policy
                assert caught.value.sqlstate is not None
                assert caught.value.sqlstate == DENIED or caught.value.sqlstate.startswith("SH"), (role, table)
                tried += 1
    assert tried > 30


async def test_the_context_ends_with_its_transaction(farm: Farm, intent: IntentView) -> None:
    async with farm.api.transaction((1,)) as tx:
        assert await tx.value("select count(*) from sheaf.intent") > 0
    async with farm.api.transaction(()) as tx:
        assert await tx.value("select count(*) from sheaf.intent") == 0


JOURNALS = ("audit_entry", "ledger_transfer", "ledger_entry", "intent_event", "sign_off", "sign_off_item")


@pytest.mark.parametrize("context", ["", "{1}", "{0,1,2}"])
@pytest.mark.parametrize("role", LOGIN_ROLES)
async def test_nobody_changes_or_deletes_audit_and_ledger(
    farm: Farm, intent: IntentView, role: str, context: str
) -> None:
    with as_role(farm.url, role, context) as anyone:
        for table in (*JOURNALS, "audit_head", "ledger_hold", "ledger_account"):
            for statement in ("update sheaf.{} set branch_id = 1", "delete from sheaf.{}", "truncate sheaf.{}"):
                refused(anyone, DENIED, statement.format(table))


@pytest.mark.parametrize("table", JOURNALS)
async def test_not_even_the_owner_changes_a_journal_by_mistake(farm: Farm, intent: IntentView, table: str) -> None:
    with psycopg.connect(farm.url, options="-c sheaf.branches={0,1,2}") as owner:
        for statement in ("update sheaf.{} set branch_id = 1", "delete from sheaf.{}", "truncate sheaf.{} cascade"):
            refused(owner, "SH005", statement.format(table))
        owner.execute(sql.SQL("drop trigger append_only on sheaf.{}").format(sql.Identifier(table)))
        assert owner.execute(sql.SQL("update sheaf.{} set branch_id = branch_id").format(sql.Identifier(table)))
        owner.rollback()


async def test_an_audit_entry_comes_only_from_the_function_and_leaves_no_gap(
    farm: Farm, intent: IntentView, api: Connection[Any]
) -> None:
    refused(
        api,
        DENIED,
        "insert into sheaf.audit_entry values (1, 99999, %s, 'x', null, 'x', 'x', '{}', '', '')",
        NOW,
    )
    append = "select sheaf.append_audit(%s, %s, 'x', null, 'x', 'x', '{}') sequence"
    before = api.execute("select sequence from sheaf.audit_head where branch_id = 1").fetchone()
    refused(api, "22012", f"with entry as materialized ({append}) select 1 / (sequence * 0) from entry", 1, NOW)
    api.execute(append, [1, NOW])
    rows = api.execute(
        "select count(*) = max(sequence), max(sequence) from sheaf.audit_entry where branch_id = 1"
    ).fetchone()
    assert before is not None
    assert rows == (True, before[0] + 1)
    refused(api, "SH007", append, 2, NOW)
    refused(api, "SH006", "select sheaf.append_audit(1, %s, E'x\\ny', null, 'x', 'x', '{}')", NOW)
