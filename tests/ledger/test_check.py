"""`sheaf ledger check` names whatever is not as the entries say, once the guards are out of the way."""

from __future__ import annotations

import psycopg
import pytest

from server.ledger.check import check
from tests.ledger.test_machine import Look
from tests.ledger.till import FUNDING, OPENING, TRANSIT, write


@pytest.mark.parametrize(
    ("what", "tampering"),
    [
        ("posted", "update sheaf.ledger_account set posted = posted + 1 where id = '{transit}'"),
        ("held", "update sheaf.ledger_account set held = held + 1 where id = '{funding}'"),
        ("hold", "update sheaf.ledger_hold set remaining = remaining - 1"),
        (
            "transfer",
            "update sheaf.ledger_entry set posted = 99 where transfer_id = '{paid}' and account_id = '{transit}'",
        ),
        ("leg without transfer or account", "delete from sheaf.ledger_transfer where id = '{paid}'"),
        ("reversal", "update sheaf.ledger_entry set posted = posted - 1 where transfer_id = '{back}'"),
        ("minimum", "update sheaf.ledger_account set minimum = 1000000 where id = '{funding}'"),
    ],
)
async def test_every_difference_is_named(till: str, what: str, tampering: str) -> None:
    with psycopg.connect(till, options="-c sheaf.branches={1}") as admin:
        write(admin, "hold", (FUNDING, 0, 100))
        paid = write(admin, "transfer", (FUNDING, -100, 0), (TRANSIT, 100, 0))
        back = write(admin, "reversal", (FUNDING, 100, 0), (TRANSIT, -100, 0), reverses=paid)
        write(admin, "transfer", (FUNDING, -OPENING // 2, 0), (TRANSIT, OPENING // 2, 0))
        look = Look(admin)
        assert (await check(look)).differences == []  # type: ignore[arg-type]  # all it asks for
        admin.execute("set session_replication_role = replica")
        admin.execute("alter table sheaf.ledger_account drop constraint ledger_account_bound")
        admin.execute(tampering.format(funding=FUNDING, transit=TRANSIT, paid=paid, back=back).encode())
        found = (await check(look)).differences  # type: ignore[arg-type]  # all it asks for
    assert what in {difference.what for difference in found}
