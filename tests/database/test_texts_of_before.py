"""Rows from before version 3 get the keys that Python gives; a ticket that was paid in two writings stays both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest

from server.database.migrations import upgrade
from shared.normal import code_key, name_key, ticket_key
from tests.conftest import ROLE_SECRET, FreshDatabase

TICKETS = [
    "W-12",
    "W-๑๒",
    "W\u201112",
    "Ｗ-12",
    "W - 12",
    "น\u0e4d\u0e49\u0e32-1",
    "น้ำ-1",
    "1 23",
    "W\u200b-99",
    "",
    "",
]
NAMES = ["สมชาย ใจดี", "เเสง สายน\u0e33\u0e49", "พ\u0e48\u0e35ดี\u00a0มีสุข", "Ｓomchai", "o'Neil"]


@pytest.fixture(scope="module")
def old(empty_database: FreshDatabase) -> Iterator[psycopg.Connection[Any]]:
    with empty_database() as url:
        upgrade(url, ROLE_SECRET, "0002")
        with psycopg.connect(url, autocommit=True) as admin:
            admin.execute("set session_replication_role = replica")
            admin.execute("insert into sheaf.branch values (1, 'NSN', 'n', 'n', now())")
            for n, name in enumerate(NAMES):
                admin.execute(
                    """insert into sheaf.member (id, branch_id, code, name, name_sort, national_id_cipher,
                         national_id_digest, national_id_last4, status, created_at, changed_at)
                       values (%s, 1, %s, %s, '', '', %s, '', 'active', now(), now())""",
                    [UUID(int=n), ["M1", "m1", "A-1", "B", "C"][n], name, str(n)],
                )
            admin.execute(
                """insert into sheaf.bank_account (id, branch_id, member_id, version, bank, number_cipher,
                     number_digest, number_last4, name, effective_at)
                   values (%s, 1, %s, 1, '014', '', '', '', 'm', now())""",
                [UUID(int=0)] * 2,
            )
            admin.execute(
                "insert into sheaf.app_user (id, branch_id, username, name, password_hash, totp_secret, created_at)"
                " values (%s, 1, 'u', 'u', '', '', now())",
                [UUID(int=0)],
            )
            for n, ticket in enumerate(TICKETS):
                admin.execute(
                    """insert into sheaf.intent (id, branch_id, number, operation, member_id, bank_account_id,
                         account_version, amount, currency, channel, produce, weigh_ticket, note, maker_id, state,
                         created_at, expires_at, changed_at, source_id)
                       values (%s, 1, %s, 'disbursement', %s, %s, 1, 100, 'THB', 'scb', '', %s, '', %s, 'settled',
                         now(), now(), now(), %s)""",
                    [UUID(int=n), str(n), *[UUID(int=0)] * 2, ticket, *[UUID(int=0)] * 2],
                )
            upgrade(url, ROLE_SECRET)
            yield admin


def test_old_rows_have_the_keys_of_new_ones(old: psycopg.Connection[Any]) -> None:
    tickets = old.execute("select weigh_ticket, ticket_key, ticket_twin from sheaf.intent order by id").fetchall()
    assert [key for _, key, _ in tickets] == [ticket_key(ticket) for ticket, _, _ in tickets]
    assert [twin for _, _, twin in tickets] == [0, 1, 2, 3, 4, 0, 1, 0, 0, 0, 0]
    members = old.execute("select code, code_key, name, name_key, code_twin from sheaf.member order by id").fetchall()
    assert [row[1] for row in members] == [code_key(row[0]) for row in members]
    assert [row[3] for row in members] == [name_key(row[2]) for row in members]
    assert [row[4] for row in members] == [0, 1, 0, 0, 0]


@pytest.mark.parametrize("key", ["w-12", "W-๑๒", "W\u201112", "W -12", "Ｗ-12", "W-12\u200b", "W\u00a012", ""])
def test_the_database_takes_no_key_of_another_alphabet(old: psycopg.Connection[Any], key: str) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        old.execute("update sheaf.intent set ticket_key = %s where id = %s", [key, UUID(int=0)])
    with pytest.raises(psycopg.errors.CheckViolation):
        old.execute("update sheaf.member set code_key = %s where id = %s", [key, UUID(int=0)])
