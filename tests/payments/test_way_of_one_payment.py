"""One intent from submission to settled, on the real database and the real sandbox bank."""

from __future__ import annotations

from pathlib import Path

from server.ledger.accounts import Purpose
from tests.lab.sandbox_bank.fixtures import running_bank
from tests.payments.farm import Farm, bank_dir
from tests.waiting import eventually


async def test_an_approved_payment_is_paid_once_to_the_account_that_was_seen(farm: Farm, tmp_path: Path) -> None:
    member = await farm.payee()
    before = farm.balance("NSN", Purpose.FUNDING)[0]
    intent = await farm.submit(member, "48250.00")
    assert intent.state == "validated"
    await farm.sign(farm.manager, [intent.id])
    assert farm.state(intent.id) == "authorized"
    async with running_bank(bank_dir(tmp_path)) as bank:
        bank.books.put_accounts([farm.bank_account_of(member)])
        async with farm.executor_at(bank):
            assert await farm.reaches(intent.id, "settled", "failed", "in_doubt") == "settled"
        paid = [line for line in bank.books.transactions() if line.status == "CONFIRM_COMPLETED"]
        assert [(one.account_no, one.amount) for one in paid] == [(farm.bank_account_of(member).account_no, 4825000)]
    assert farm.balance("NSN", Purpose.FUNDING) == (before - 4825000, 0)
    assert farm.balance("NSN", Purpose.TRANSIT)[0] == 4825000
    assert (await farm.ledger()).balanced


async def test_a_batch_is_signed_whole_and_settles_line_by_line(farm: Farm, tmp_path: Path) -> None:
    members = [await farm.payee() for _ in range(30)]
    batch = await farm.batch([farm.line(member, "10000.00") for member in members], "300000.00")
    assert batch.approvals.needed == 2
    await farm.sign(farm.manager, batch_id=batch.id)
    await farm.sign(farm.treasurer, batch_id=batch.id)
    async with running_bank(bank_dir(tmp_path)) as bank:
        bank.books.put_accounts([farm.bank_account_of(member) for member in members])
        async with farm.executor_at(bank):
            ids = [row[0] for row in farm.query("select id from sheaf.intent where batch_id = %s", batch.id)]
            for intent_id in ids:
                assert await farm.reaches(intent_id, "settled", "failed", "in_doubt") == "settled"
            query = "select state from sheaf.batch where id = %s"
            await eventually(lambda: farm.query(query, batch.id) == [("closed",)])
        assert len([one for one in bank.books.transactions() if one.status == "CONFIRM_COMPLETED"]) == 30
    assert farm.balance("NSN", Purpose.FUNDING)[1] == 0
    assert (await farm.ledger()).balanced
