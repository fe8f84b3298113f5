"""PostgreSQL's own word: with the API's password and any SQL, no bank details change but by an approved case."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from server.database.roles import API, EXECUTOR, STATEMENTS, role_url
from tests.bank_changes.cases import read_documents, requested
from tests.conftest import ROLE_SECRET
from tests.members.world import NOW, Person, World

TABLES = (
    "member", "bank_account", "account_check", "bank_change", "document", "document_view", "sign_off",
)  # fmt: skip


@dataclass
class Attacker:
    """Someone who holds a role's password and sets the context of a branch."""

    world: World
    member: UUID
    case: UUID

    @contextmanager
    def connected(self, branches: str = "{1}", role: str = API) -> Iterator[psycopg.Connection[Any]]:
        with psycopg.connect(role_url(self.world.url, role, ROLE_SECRET)) as connection:
            if branches:
                connection.execute("select set_config('sheaf.branches', %s, true)", [branches])
            yield connection
            connection.rollback()

    def insert_account(self, connection: psycopg.Connection[Any], **changed: Any) -> None:
        """Copy the case's account into the registry, some of it changed."""
        columns = {
            "id": uuid4(),
            "branch_id": 1,
            "member_id": self.member,
            "version": 2,
            "effective_at": NOW,
            "bank_change_id": self.case,
        }
        [(bank, cipher, digest, last4, name)] = self.world.query(
            """select bank, number_cipher, number_digest, number_last4, account_name
               from sheaf.bank_change where id = %s""",
            self.case,
        )
        columns |= {
            "bank": bank, "number_cipher": cipher, "number_digest": digest, "number_last4": last4, "name": name,
        } | changed  # fmt: skip
        names = ", ".join(columns)
        values = ", ".join(f"%({name})s" for name in columns)
        connection.execute(f"insert into sheaf.bank_account ({names}) values ({values})".encode(), columns)

    def forge_approval(self, connection: psycopg.Connection[Any], person: Person, *, look: bool = True) -> None:
        """A sign-off row that no desk signed; with `look`, also the claim that the documents were read."""
        role = "treasurer" if person is self.world.treasurer else "manager"
        if look:
            connection.execute(
                """insert into sheaf.document_view select bank_change_id, sha256, branch_id, %s, %s from sheaf.document
                   where bank_change_id = %s on conflict do nothing""",
                [person.actor.user, NOW, self.case],
            )
        connection.execute(
            """insert into sheaf.sign_off
               values (%s, 1, 'bank_change', %s, %s, %s, %s, 'approve', '', '', '', null, %s)""",
            [uuid4(), self.case, person.actor.user, role, person.actor.device, NOW],
        )

    def force_state(self, connection: psycopg.Connection[Any], state: str) -> None:
        connection.execute("update sheaf.bank_change set state = %s where id = %s", [state, self.case])


@pytest.fixture
async def attacker(world: World) -> Attacker:
    member = await world.member()
    case = await requested(world, member)
    await read_documents(world, world.manager, case)
    return Attacker(world, member, case.id)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("branches", ["", "{}", "{2}", "{0}"])
async def test_without_the_branch_s_context_there_are_no_rows(attacker: Attacker, table: str, branches: str) -> None:
    count = f"select count(*) from sheaf.{table}".encode()
    with attacker.connected(branches) as connection:
        assert connection.execute(count + b" where branch_id = 1").fetchone() == (0,)
    with attacker.connected("{1}") as connection:
        rows = connection.execute(count).fetchone()
        assert rows is not None
        assert rows[0] > 0 or table in ("account_check", "sign_off")


@contextmanager
def fails_with(code: str) -> Iterator[None]:
    with pytest.raises(psycopg.Error) as caught:
        yield
    assert caught.value.sqlstate == code


async def test_no_account_without_a_case(attacker: Attacker) -> None:
    for role in (API, EXECUTOR, STATEMENTS):
        for version in (1, 2):
            with (
                fails_with("SH021" if role == API else "42501"),
                attacker.connected(role=role) as connection,
            ):
                attacker.insert_account(connection, bank_change_id=None, version=version)


async def test_no_account_from_a_case_that_is_not_effective(attacker: Attacker) -> None:
    with fails_with("SH022"), attacker.connected() as connection:
        attacker.insert_account(connection)


async def test_no_effective_case_with_one_approver_or_with_its_maker(attacker: Attacker) -> None:
    world = attacker.world
    for second, law in ((None, "SH112"), (world.second_manager, "SH112"), (world.cashier, "SH111")):
        with fails_with(law), attacker.connected() as connection:
            attacker.forge_approval(connection, world.manager)
            if second:
                attacker.forge_approval(connection, second)
            attacker.force_state(connection, "effective")


async def test_nobody_counts_twice(attacker: Attacker) -> None:
    with fails_with("23505"), attacker.connected() as connection:
        attacker.forge_approval(connection, attacker.world.manager)
        attacker.forge_approval(connection, attacker.world.manager)


async def test_no_account_while_an_approver_has_not_read(attacker: Attacker) -> None:
    with fails_with("SH022"), attacker.connected() as connection:
        attacker.forge_approval(connection, attacker.world.manager)
        attacker.forge_approval(connection, attacker.world.treasurer, look=False)
        attacker.force_state(connection, "effective")
        attacker.insert_account(connection)


@pytest.mark.parametrize(
    "changed",
    [
        {"number_digest": b"another"},
        {"bank": "014"},
        {"name": "คนอื่น"},
        {"version": 3},
        {"number_cipher": b"another"},
        {"number_last4": "0000"},
    ],
)
async def test_no_account_but_the_one_that_was_approved(attacker: Attacker, changed: dict[str, Any]) -> None:
    with fails_with("SH022"), attacker.connected() as connection:
        attacker.forge_approval(connection, attacker.world.manager)
        attacker.forge_approval(connection, attacker.world.treasurer)
        attacker.force_state(connection, "effective")
        attacker.insert_account(connection, **changed)


async def test_no_account_of_the_approved_case_for_another_member(attacker: Attacker) -> None:
    other = await attacker.world.member()
    with fails_with("SH022"), attacker.connected() as connection:
        attacker.forge_approval(connection, attacker.world.manager)
        attacker.forge_approval(connection, attacker.world.treasurer)
        attacker.force_state(connection, "effective")
        attacker.insert_account(connection, member_id=other)


async def test_the_approved_account_itself_is_accepted_once(attacker: Attacker) -> None:
    with fails_with("23505"), attacker.connected() as connection:
        attacker.forge_approval(connection, attacker.world.manager)
        attacker.forge_approval(connection, attacker.world.treasurer)
        attacker.force_state(connection, "effective")
        attacker.insert_account(connection)
        attacker.insert_account(connection)


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("update sheaf.bank_account set bank = '014'", "42501"),
        ("delete from sheaf.bank_account", "42501"),
        ("truncate sheaf.bank_account", "42501"),
        ("alter table sheaf.bank_account disable trigger guard", "42501"),
        ("set session_replication_role = replica", "42501"),
        ("set role sheaf_owner", "42501"),
        ("update sheaf.bank_change set account_name = 'x'", "42501"),
        ("update sheaf.bank_change set number_cipher = 'x'", "42501"),
        ("update sheaf.bank_change set expires_at = '2099-01-01'", "42501"),
        ("update sheaf.bank_change set maker_id = null", "42501"),
        ("delete from sheaf.bank_change", "42501"),
        ("update sheaf.document set name = 'x'", "42501"),
        ("delete from sheaf.document", "42501"),
        ("delete from sheaf.document_view", "42501"),
        ("update sheaf.sign_off set decision = 'approve'", "42501"),
        ("delete from sheaf.sign_off", "42501"),
        ("update sheaf.member set name = 'x'", "42501"),
        ("update sheaf.member set status = 'active'", "42501"),
        ("update sheaf.account_check set state = 'done', match = 100", "42501"),
    ],
)
async def test_no_statement_rewrites_what_stands(attacker: Attacker, statement: str, code: str) -> None:
    with fails_with(code), attacker.connected() as connection:
        connection.execute(statement.encode())


async def test_no_answer_of_the_bank_is_made_up(attacker: Attacker) -> None:
    with fails_with("42501"), attacker.connected() as connection:
        connection.execute(
            """insert into sheaf.account_check (id, branch_id, member_id, bank_account_id, state, requested_at,
                 requested_by, checked_at, account_status, match)
               select %s, 1, member_id, id, 'done', %s, 'x', %s, 'ACTIVE', 100 from sheaf.bank_account
               where member_id = %s""",
            [uuid4(), NOW, NOW, attacker.member],
        )


async def test_the_owner_too_is_held_by_the_triggers(attacker: Attacker) -> None:
    for statement, code in (
        ("update sheaf.bank_account set bank = '014'", "SH020"),
        ("delete from sheaf.bank_account", "SH020"),
        ("update sheaf.bank_change set account_name = 'x'", "SH023"),
        ("delete from sheaf.bank_change", "SH001"),
        ("update sheaf.document set name = 'x'", "SH025"),
        ("delete from sheaf.document_view", "SH005"),
        ("update sheaf.sign_off set decision = 'approve'", "SH005"),
    ):
        with fails_with(code):
            attacker.world.query(statement)


async def test_no_document_joins_a_case_after_its_request(attacker: Attacker) -> None:
    with fails_with("SH025"), attacker.connected() as connection:
        connection.execute(
            "insert into sheaf.document values (%s, %s, 1, 'x', 'image/png', 1, 'x', %s, %s)",
            [attacker.case, "a" * 64, attacker.world.cashier.actor.user, NOW],
        )


async def test_no_case_is_born_approved_or_beside_an_open_one(attacker: Attacker) -> None:
    copy = b"""insert into sheaf.bank_change (id, branch_id, number, member_id, old_version, bank, number_cipher,
                 number_digest, number_last4, account_name, reason, state, maker_id, created_at, expires_at, changed_at)
               select %s, branch_id, %s, member_id, old_version, bank, number_cipher, number_digest, number_last4,
                 account_name, reason, %s, maker_id, created_at, expires_at, changed_at
               from sheaf.bank_change where id = %s"""
    for state, code in (("effective", "SH002"), ("requested", "SH002"), ("draft", "23505")):
        with fails_with(code), attacker.connected() as connection:
            connection.execute(copy, [uuid4(), str(uuid4()), state, attacker.case])


async def test_rows_of_another_branch_can_not_be_written(attacker: Attacker) -> None:
    with fails_with("42501"), attacker.connected("{2}") as connection:
        connection.execute(
            "insert into sheaf.document_view values (%s, %s, 1, %s, %s)",
            [attacker.case, "a" * 64, attacker.world.manager.actor.user, NOW],
        )
