"""Transactions that meet on one account wait for each other and never deadlock."""

from __future__ import annotations

import threading

import psycopg

from server.database.roles import API, EXECUTOR
from tests.ledger.till import FUNDING, TRANSIT, as_role, balances, write
from tests.waiting import wait_until


def test_a_settlement_that_comes_while_a_submission_has_the_account_locked_waits_for_it(till: str) -> None:
    """The entries' foreign keys share the account's row before the balance's lock asks for more."""
    with as_role(till, API) as cashier, as_role(till, EXECUTOR) as executor, psycopg.connect(till) as watch:
        hold = write(cashier, "hold", (FUNDING, 0, 100))
        cashier.commit()
        cashier.execute("select sheaf.lock_available(%s)", [FUNDING])
        settle = threading.Thread(
            target=lambda: write(executor, "post", (FUNDING, -100, -100), (TRANSIT, 100, 0), hold=hold)
        )
        settle.start()
        blocked = "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
        wait_until(lambda: watch.execute(blocked).fetchone() is not None)
        write(cashier, "hold", (FUNDING, 0, 300))
        cashier.commit()
        settle.join()
        executor.commit()
        assert balances(cashier)[FUNDING] == (100_000 - 100, 300)
        assert balances(cashier)[TRANSIT] == (100, 0)
