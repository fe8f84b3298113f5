"""What people's consent after a restore does to a payment that a file knows, as it stands when that is settled."""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import uuid4

from server.database.roles import EXECUTOR, role_url
from server.database.transaction import Database
from server.restore import store
from server.restore.journal import Line, Sent, open_journal
from server.restore.rules import told_by_person
from shared.ids import bank_reference
from tests.conftest import ROLE_SECRET
from tests.faults.test_restored import agree
from tests.members.world import CODES, SERVICES
from tests.payments.farm import Farm, commits_of, now


async def test_what_was_signed_anew_after_the_comparison_is_asked_about(farm: Farm, tmp_path: Path) -> None:
    """Its signatures were lost, and came again while people looked at the report: the bank may have paid it."""
    intent = (await farm.submit(await farm.payee(), "100.00")).id
    file = await asyncio.to_thread(open_journal, tmp_path, uuid4())
    sent = Sent(
        reference=bank_reference(intent, 1), attempt_id=uuid4(), intent_id=intent, ordinal=1, branch_id=CODES["NSN"],
        channel="scb", payout=100_00, token="T1", at=now().isoformat(),
    )  # fmt: skip
    file.add(Line(installation="ours", position=1, sent=[sent]))
    file.close()
    async with farm.owner.transaction(tuple(CODES.values())) as tx:
        await store.tell(tx, [told_by_person("test", "restored", now())], now())
    made = await agree(farm, tmp_path)
    assert [item.here for item in made.items] == ["unsigned"]
    await farm.sign(farm.manager, [intent])
    database = Database(role_url(farm.url, EXECUTOR, ROLE_SECRET), SERVICES, connections=2)
    commits = await commits_of(farm, database, "scb")
    await database.close()
    assert not commits.watch.behind
    assert farm.state(intent) == "in_doubt"
    assert farm.query("select state, token from sheaf.attempt where intent_id = %s", intent) == [("unknown", "T1")]
