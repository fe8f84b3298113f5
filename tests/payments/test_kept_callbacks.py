"""The inbox of callbacks is bounded, and those of real payments get in however many strangers post."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from server.database.roles import API, role_url
from server.database.transaction import Database
from server.http.store import store_callback
from tests.conftest import ROLE_SECRET
from tests.lab.sandbox_bank.fixtures import running_bank
from tests.members.world import SERVICES
from tests.payments.farm import Farm, bank_dir, now


async def _posted(database: Database, reference: str, times: int, at: datetime) -> int:
    kept = 0
    for _ in range(times):
        async with database.transaction(()) as tx:
            body = f'{{"partnerTransactionID": "{reference}"}}'.encode()
            kept += await store_callback(tx, body, at) is not None
    return kept


async def test_a_real_callback_is_kept_beside_a_flood_and_a_flood_of_real_ones_is_bounded(
    farm: Farm, tmp_path: Path
) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        member = await farm.payee()
        bank.books.put_accounts([farm.bank_account_of(member)])
        intent = await farm.submit(member)
        await farm.sign(farm.manager, [intent.id])
        async with farm.executor_at(bank):
            await farm.reaches(intent.id, "settled")
    reference = str(farm.query("select bank_reference from sheaf.attempt where intent_id = %s", intent.id)[0][0])
    database = Database(role_url(farm.url, API, ROLE_SECRET), SERVICES, connections=2)
    farm.query("update sheaf.callback_inbox set outcome = 'noted' where true")
    try:
        at = now()
        room = 200 - int(farm.query("select count(*) from sheaf.callback_inbox where stranger")[0][0])
        assert await _posted(database, "STRANGE", 210, at) == room
        assert await _posted(database, reference, 30, at) >= 19
        ours = "select count(*) from sheaf.callback_inbox where reference = %s and not stranger"
        assert farm.query(ours, reference) == [(20,)]
        # read ones make room: of the payment at once, of strangers after an hour
        farm.query("update sheaf.callback_inbox set outcome = 'noted' where true")
        assert await _posted(database, reference, 1, at) == 1
        assert await _posted(database, "STRANGE", 1, at) == 0
        assert await _posted(database, "STRANGE", 1, at + timedelta(hours=2)) == 1
        assert farm.query(ours, reference) == [(20,)]
    finally:
        await database.close()
