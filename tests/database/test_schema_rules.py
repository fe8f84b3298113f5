"""What every migration must say: a reason above each index, a pinned path, and who sees all branches."""

from __future__ import annotations

import re

import psycopg

from server.database.definitions import files
from tests.meta.sources import ROOT

SCRIPTS = [*sorted((ROOT / "server" / "database" / "migrations").rglob("*.sql")), *files()]


def test_every_index_says_what_it_is_for() -> None:
    """The line above, or the run of indexes below one comment."""
    silent, indexes = [], 0
    for script in SCRIPTS:
        above = ""
        for number, line in enumerate(script.read_text("utf-8").splitlines(), 1):
            if re.match(r"create (unique )?index", line):
                indexes += 1
                if not above.startswith("-- ") and not re.match(r"create (unique )?index", above):
                    silent.append(f"{script.name}:{number}")
            above = line
    assert indexes > 40
    assert silent == []


def test_every_function_with_its_owners_rights_pins_its_path(company: str) -> None:
    with psycopg.connect(company) as admin:
        loose = admin.execute(
            """select proname from pg_proc where pronamespace = 'sheaf'::regnamespace and prosecdef
               and not coalesce(proconfig && array['search_path=sheaf, pg_temp'], false)"""
        ).fetchall()
        pinned = admin.execute(
            "select count(*) from pg_proc where pronamespace = 'sheaf'::regnamespace and prosecdef"
        ).fetchone()
    assert loose == []
    assert pinned is not None
    assert pinned[0] > 10


def test_what_sees_all_branches_stands_in_files_of_its_own_and_is_read_only(company: str) -> None:
    text = "".join(script.read_text("utf-8") for script in SCRIPTS if script.name == "everywhere.sql")
    listed = set(re.findall(r"create or replace function sheaf\.(\w+)", text))
    with psycopg.connect(company) as admin:
        owned = admin.execute(
            """select proname, provolatile::text, has_function_privilege('public', oid, 'execute') from pg_proc
               where proowner = 'sheaf_everywhere'::regrole"""
        ).fetchall()
        writes = admin.execute(
            """select c.relname from pg_class c where relnamespace = 'sheaf'::regnamespace and relkind = 'r'
               and has_table_privilege('sheaf_everywhere', c.oid, 'insert, update, delete, truncate')"""
        ).fetchall()
    assert {name for name, _, _ in owned} == listed
    assert {(volatile, public) for _, volatile, public in owned} == {("s", False)}
    assert writes == []


def test_nothing_belongs_to_whoever_ran_the_migration(company: str) -> None:
    with psycopg.connect(company) as admin:
        strangers = admin.execute(
            """select relname from pg_class where relnamespace = 'sheaf'::regnamespace
                 and relowner not in ('sheaf_owner'::regrole, 'sheaf_everywhere'::regrole)
               union all
               select proname from pg_proc where pronamespace = 'sheaf'::regnamespace
                 and proowner not in ('sheaf_owner'::regrole, 'sheaf_everywhere'::regrole)"""
        ).fetchall()
    assert strangers == []


def test_each_function_and_each_trigger_stands_once() -> None:
    """Of two `create or replace` the first would be lost without a word."""
    text = "".join(script.read_text("utf-8") for script in SCRIPTS)
    made = re.findall(r"create (?:or replace )?(?:function|procedure|view) sheaf\.(\w+)", text)
    triggers = re.findall(r"create (?:or replace|constraint) trigger (\w+) [^;]*? on sheaf\.(\w+)", text)
    assert len(made) > 100
    assert sorted(made) == sorted(set(made))
    assert sorted(triggers) == sorted(set(triggers))


def test_versions_hold_no_definitions() -> None:
    """But what an index stands on, which only a version may change."""
    text = "".join(script.read_text("utf-8") for script in SCRIPTS if "versions" in script.parts)
    assert re.findall(
        r"create (?:or replace )?(?:constraint )?(?:function|trigger|policy|view)\s+(\S+?)[ (]", text
    ) == ["sheaf.is_living"]
    assert "grant " not in text.lower()


def test_which_payments_live_is_said_once() -> None:
    said = [
        script.name
        for script in SCRIPTS
        if "'sent', 'in_doubt', 'settled', 'reconciled', 'returned')" in script.read_text("utf-8")
    ]
    assert said == ["11_payments.sql"]


def test_functions_of_hot_paths_keep_their_planner_options(company: str) -> None:
    """`create or replace` drops them silently: who replaces one states its options again."""
    with psycopg.connect(company) as admin:
        rows = admin.execute(
            """select proname, proconfig from pg_proc where pronamespace = 'sheaf'::regnamespace
               and proname in ('submission_facts', 'submit_intents')"""
        ).fetchall()
    assert len(rows) == 2
    for name, options in rows:
        assert {"plan_cache_mode=force_generic_plan", "enable_seqscan=off"} <= set(options or ()), name
