"""What the ledger refuses from anyone, whatever the programs do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import Connection

from server.database.roles import AUDITOR, LOGIN_ROLES, STATEMENTS
from server.ledger.accounts import Purpose, account_id
from tests.database.psql import (
    CHECK,
    DENIED,
    ELSEWHERE,
    FOREIGN_KEY,
    FUNDING,
    TRANSIT,
    UNIQUE,
    refused,
    succeeds_without,
    transfer_refused,
)
from tests.ledger.till import as_role, write, write_legs
from tests.members.world import NOW
from tests.payments.farm import Farm


async def test_balances_and_holds_are_not_written_by_hand(farm: Farm, api: Connection[Any]) -> None:
    refused(api, DENIED, "update sheaf.ledger_account set posted = posted + 1")
    refused(api, DENIED, "update sheaf.ledger_hold set remaining = 0")
    refused(api, DENIED, "insert into sheaf.ledger_hold values (%s, 1, %s, 1, 1)", uuid4(), FUNDING)
    born_rich = """insert into sheaf.ledger_account (id, branch_id, name, purpose, currency, minimum, posted)
                   values (%s, 1, 'mine', 'paid', 'THB', 0, 1000000)"""
    for role in LOGIN_ROLES:
        with as_role(farm.url, role) as anyone:
            refused(anyone, DENIED, born_rich, uuid4())
    succeeds_without(farm, "grant insert on sheaf.ledger_account to sheaf_api", born_rich, uuid4())


async def test_an_account_that_pays_is_never_without_a_bound(farm: Farm) -> None:
    with as_role(farm.url, STATEMENTS) as worker:
        refused(
            worker,
            CHECK,
            """insert into sheaf.ledger_account (id, branch_id, name, purpose, currency)
               values (%s, 1, 'endless', 'payable', 'THB')""",
            uuid4(),
        )


@pytest.mark.parametrize("purpose", ["paid", "clearing"])
async def test_nobody_opens_an_account_that_gives_what_it_does_not_have(farm: Farm, purpose: str) -> None:
    generous = """insert into sheaf.ledger_account (id, branch_id, name, purpose, currency, minimum)
                  values (%s, 1, 'generous', %s, 'THB', -1)"""
    for role in LOGIN_ROLES:
        with as_role(farm.url, role) as anyone:
            refused(anyone, DENIED if role == AUDITOR else CHECK, generous, uuid4(), purpose)


@pytest.mark.parametrize(
    ("code", "kind", "legs"),
    [
        ("SH010", "transfer", ((FUNDING, -100, 0), (TRANSIT, 99, 0))),
        ("SH010", "transfer", ((FUNDING, -100, 0),)),
        ("SH010", "transfer", ((FUNDING, 100, 0),)),
        (FOREIGN_KEY, "transfer", ((FUNDING, -100, 0), (ELSEWHERE, 100, 0))),
        ("SH012", "transfer", ((FUNDING, -100, 0), (TRANSIT, 100, 1))),
        ("SH012", "hold", ((FUNDING, 0, -1),)),
        ("SH012", "hold", ((FUNDING, -100, 1), (TRANSIT, 100, 0))),
        (CHECK, "transfer", ((FUNDING, 0, 0), (TRANSIT, 0, 0))),
        (CHECK, "transfer", ((FUNDING, -(10**12), 0), (TRANSIT, 10**12, 0))),
        (CHECK, "hold", ((FUNDING, 0, 10**12),)),
    ],
    ids=[
        "legs that differ",
        "one leg that takes",
        "one leg that gives",
        "legs in two branches",
        "a transfer that holds",
        "a hold that frees",
        "a hold that moves",
        "empty legs",
        "a transfer beyond the balance",
        "a hold beyond the balance",
    ],
)
async def test_a_transfer_that_does_not_balance_is_refused(
    farm: Farm, api: Connection[Any], code: str, kind: str, legs: tuple[tuple[UUID, int, int], ...]
) -> None:
    transfer_refused(api, code, kind, *legs)


async def test_the_balance_is_proved_by_the_trigger(farm: Farm) -> None:
    transfer = uuid4()
    succeeds_without(
        farm,
        "drop trigger post_entries on sheaf.ledger_entry",
        f"""insert into sheaf.ledger_transfer (id, branch_id, kind, subject, at)
            values ('{transfer}', 1, 'transfer', 'x', '2026-11-21Z');
            insert into sheaf.ledger_entry (transfer_id, account_id, branch_id, posted)
            values ('{transfer}', '{FUNDING}', 1, 100)""",
    )


async def test_legs_are_never_added_later(farm: Farm, api: Connection[Any]) -> None:
    transfer = write(api, "transfer", (FUNDING, -100, 0), (TRANSIT, 100, 0))
    for legs in (
        [(account_id("NSN", Purpose.PAID), 5, 0), (account_id("NSN", Purpose.CLEARING), -5, 0)],
        [(account_id("NSN", Purpose.PAID), 5, 0)],
    ):
        with pytest.raises(psycopg.Error) as caught, api.transaction():
            write_legs(api, transfer, *legs)
        assert caught.value.sqlstate in ("SH010", "SH011")


async def test_a_hold_is_posted_once_and_never_beyond_what_it_holds(farm: Farm, api: Connection[Any]) -> None:
    hold = write(api, "hold", (FUNDING, 0, 500))
    transfer_refused(api, CHECK, "post", (FUNDING, -501, -501), (TRANSIT, 501, 0), hold=hold)
    # more is moved than is taken from the hold: free money would follow
    transfer_refused(api, "SH012", "post", (FUNDING, -900, -500), (TRANSIT, 900, 0), hold=hold)
    transfer_refused(api, "SH012", "post", (FUNDING, -500, 0), (TRANSIT, 500, 0), hold=hold)
    transfer_refused(api, "SH012", "post", (FUNDING, -400, -500), (TRANSIT, 400, 0), hold=hold)
    write(api, "post", (FUNDING, -300, -300), (TRANSIT, 300, 0), hold=hold)
    transfer_refused(api, CHECK, "post", (FUNDING, -300, -300), (TRANSIT, 300, 0), hold=hold)
    write(api, "post", (FUNDING, -200, -200), (TRANSIT, 200, 0), hold=hold)
    transfer_refused(api, CHECK, "post", (FUNDING, -1, -1), (TRANSIT, 1, 0), hold=hold)
    transfer_refused(api, CHECK, "void", (FUNDING, 0, -1), hold=hold)
    write(api, "hold", (FUNDING, 0, 500))
    transfer_refused(api, "SH013", "post", (FUNDING, -1, -1), (TRANSIT, 1, 0), hold=uuid4())
    transfer_refused(api, CHECK, "post", (FUNDING, -1, -1), (TRANSIT, 1, 0))


async def test_a_hold_that_was_freed_is_never_posted(farm: Farm, api: Connection[Any]) -> None:
    hold = write(api, "hold", (FUNDING, 0, 500))
    write(api, "void", (FUNDING, 0, -500), hold=hold)
    transfer_refused(api, CHECK, "post", (FUNDING, -500, -500), (TRANSIT, 500, 0), hold=hold)
    transfer_refused(api, CHECK, "void", (FUNDING, 0, -500), hold=hold)


async def test_a_transfer_is_reversed_at_most_once(farm: Farm, api: Connection[Any]) -> None:
    first = write(api, "transfer", (FUNDING, -100, 0), (TRANSIT, 100, 0))
    write(api, "reversal", (FUNDING, 100, 0), (TRANSIT, -100, 0), reverses=first)
    transfer_refused(api, UNIQUE, "reversal", (FUNDING, 100, 0), (TRANSIT, -100, 0), reverses=first)


async def test_a_reversal_moves_back_exactly_what_was_moved(farm: Farm, api: Connection[Any]) -> None:
    first = write(api, "transfer", (FUNDING, -100, 0), (TRANSIT, 100, 0))
    for legs in (
        ((FUNDING, 99, 0), (TRANSIT, -99, 0)),
        ((FUNDING, -100, 0), (TRANSIT, 100, 0)),
        ((FUNDING, 100, 0), (account_id("NSN", Purpose.CLEARING), -100, 0)),
    ):
        transfer_refused(api, "SH016", "reversal", *legs, reverses=first)
    hold = write(api, "hold", (FUNDING, 0, 100))
    mirrored = ((FUNDING, 100, 0), (TRANSIT, -100, 0))
    transfer_refused(api, "SH016", "reversal", *mirrored, reverses=hold)
    transfer_refused(api, "SH016", "reversal", *mirrored, reverses=uuid4())
    back = write(api, "reversal", *mirrored, reverses=first)
    transfer_refused(api, "SH016", "reversal", (FUNDING, -100, 0), (TRANSIT, 100, 0), reverses=back)


async def test_a_hold_that_has_run_out_is_freed_and_never_posted(farm: Farm, api: Connection[Any]) -> None:
    hold = uuid4()
    api.execute(
        """insert into sheaf.ledger_transfer (id, branch_id, kind, hold_id, subject, expires_at, at)
           values (%s, 1, 'hold', %s, 'by hand', %s, %s)""",
        [hold, hold, NOW, NOW - timedelta(hours=1)],
    )
    write_legs(api, hold, (FUNDING, 0, 500))
    transfer_refused(api, "SH014", "post", (FUNDING, -100, -100), (TRANSIT, 100, 0), hold=hold)
    write(api, "expire", (FUNDING, 0, -500), hold=hold)
    endless = write(api, "hold", (FUNDING, 0, 500))
    transfer_refused(api, "SH015", "expire", (FUNDING, 0, -500), hold=endless)


async def test_what_legs_refer_to_is_there_in_their_branch_and_stays(farm: Farm, api: Connection[Any]) -> None:
    with pytest.raises(psycopg.Error) as caught, api.transaction():
        write_legs(api, uuid4(), (FUNDING, -100, 0), (TRANSIT, 100, 0))
    assert caught.value.sqlstate == FOREIGN_KEY
    transfer_refused(api, FOREIGN_KEY, "transfer", (FUNDING, -100, 0), (uuid4(), 100, 0))
    with psycopg.connect(farm.url, options="-c sheaf.branches={0,1,2}") as owner:
        for statement in (
            "delete from sheaf.ledger_account",
            "truncate sheaf.ledger_account cascade",
            "update sheaf.ledger_account set branch_id = 2",
            "update sheaf.ledger_account set id = gen_random_uuid()",
            "delete from sheaf.ledger_transfer",
            "update sheaf.ledger_transfer set branch_id = 2",
            "update sheaf.ledger_entry set posted = 1",
        ):
            refused(owner, "SH005", statement)
        other = uuid4()
        owner.execute(
            "insert into sheaf.ledger_transfer (id, branch_id, kind, subject, at) values (%s, 1, 'transfer', 'x', %s)",
            [other, NOW],
        )
        with pytest.raises(psycopg.Error) as caught, owner.transaction():
            write_legs(owner, other, (FUNDING, -100, 0), (TRANSIT, 100, 0), branch=2)
        assert caught.value.sqlstate == FOREIGN_KEY
        owner.rollback()
