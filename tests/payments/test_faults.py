"""The way of one payment when something goes wrong: at the bank, in the database, or in the executor itself."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import psycopg

from lab.sandbox_bank.bank import RunningBank
from lab.sandbox_bank.faults import Fault, FaultRule
from server.ledger.accounts import Purpose
from shared.wire.payments import IntentView
from tests.lab.sandbox_bank.fixtures import running_bank
from tests.payments.farm import Farm, bank_dir


async def _authorized(farm: Farm, bank: RunningBank, baht: str = "100.00") -> tuple[IntentView, UUID]:
    member = await farm.payee()
    bank.books.put_accounts([farm.bank_account_of(member)])
    intent = await farm.submit(member, baht)
    await farm.sign(farm.manager, [intent.id])
    return intent, member


def _paid(bank: RunningBank) -> list[int]:
    return [one.amount for one in bank.books.transactions() if one.status == "CONFIRM_COMPLETED"]


async def test_a_lost_answer_is_in_doubt_and_then_settled_once_by_inquiry(farm: Farm, tmp_path: Path) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        intent, _ = await _authorized(farm, bank)
        bank.faults.set(FaultRule(fault=Fault.LOST_ANSWER, times=1))
        async with farm.executor_at(bank):
            assert await farm.reaches(intent.id, "settled", "failed") == "settled"
        assert _paid(bank) == [10000]
    states = [
        row[0]
        for row in farm.query("select state from sheaf.intent_event where intent_id = %s order by version", intent.id)
    ]
    assert states == ["validated", "authorized", "sent", "in_doubt", "settled"]


async def test_a_bank_in_maintenance_is_tried_again_and_pays_once(farm: Farm, tmp_path: Path) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        intent, _ = await _authorized(farm, bank)
        bank.faults.set(FaultRule(fault=Fault.UNAVAILABLE, times=2))
        async with farm.executor_at(bank):
            assert await farm.reaches(intent.id, "settled", "failed", "in_doubt") == "settled"
        assert _paid(bank) == [10000]


async def test_another_payee_name_at_the_bank_fails_and_releases_the_money(farm: Farm, tmp_path: Path) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        held = farm.balance("NSN", Purpose.FUNDING)
        intent, _ = await _authorized(farm, bank)
        bank.faults.set(FaultRule(fault=Fault.NAME_MISMATCH))
        async with farm.executor_at(bank):
            assert await farm.reaches(intent.id, "settled", "failed", "in_doubt") == "failed"
        assert not _paid(bank)
    assert farm.balance("NSN", Purpose.FUNDING) == held
    code = farm.query("select failure_code from sheaf.intent where id = %s", intent.id)
    assert code == [("name.mismatch",)]


async def test_a_row_changed_after_sign_off_is_not_sent(farm: Farm, tmp_path: Path) -> None:
    """Whoever can switch the triggers off can change the row, but not the approver's signature over it."""
    async with running_bank(bank_dir(tmp_path)) as bank:
        intent, _ = await _authorized(farm, bank)
        with psycopg.connect(farm.url) as owner:
            owner.execute("set session_replication_role = replica")
            owner.execute("update sheaf.intent set amount = 9900000 where id = %s", (intent.id,))
        async with farm.executor_at(bank):
            assert await farm.reaches(intent.id, "settled", "cancelled", "failed") == "cancelled"
        assert bank.books.transactions() == []
    assert farm.balance("NSN", Purpose.FUNDING)[1] == 0


async def test_an_account_changed_after_sign_off_is_not_sent(farm: Farm, tmp_path: Path) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        intent, member = await _authorized(farm, bank)
        other = await farm.payee()
        with psycopg.connect(farm.url) as owner:
            owner.execute("set session_replication_role = replica")
            owner.execute(
                """update sheaf.bank_account a set number_cipher = b.number_cipher from sheaf.bank_account b
                   where a.member_id = %s and b.member_id = %s""",
                (member, other),
            )
        async with farm.executor_at(bank):
            assert await farm.reaches(intent.id, "settled", "cancelled", "failed") == "cancelled"
        assert bank.books.transactions() == []


async def test_a_revoked_desks_signature_sends_nothing(farm: Farm, tmp_path: Path) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        member = await farm.payee()
        intent = await farm.submit(member)
        await farm.sign(farm.second_manager, [intent.id])
        farm.query("update sheaf.device set state = 'revoked' where id = %s", farm.second_manager.actor.device)
        async with farm.executor_at(bank):
            assert await farm.reaches(intent.id, "settled", "cancelled", "failed") == "cancelled"
        assert bank.books.transactions() == []


async def test_what_a_dead_executor_left_is_taken_over_and_paid_once(farm: Farm, tmp_path: Path) -> None:
    """An attempt noted as confirming by an executor that is gone: the inquiry decides, not a second payment."""
    async with running_bank(bank_dir(tmp_path)) as bank:
        intent, _ = await _authorized(farm, bank)
        bank.faults.set(FaultRule(fault=Fault.LOST_ANSWER, times=1))
        async with farm.executor_at(bank):
            await farm.reaches(intent.id, "in_doubt", "settled")
        async with farm.executor_at(bank):
            assert await farm.reaches(intent.id, "settled", "failed") == "settled"
        assert _paid(bank) == [10000]
