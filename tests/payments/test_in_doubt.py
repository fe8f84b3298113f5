"""The in-doubt desk: evidence, owner and countdown; only asking is possible; the statement is the last word."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from lab.sandbox_bank.bank import RunningBank
from lab.sandbox_bank.faults import Fault, FaultRule
from server.executing import doubt_verbs
from server.executing.schedule import flag_from
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.thai import business_date
from shared.wire.common import ById
from shared.wire.doubt import DoubtView, ListInDoubtRequest
from tests.lab.sandbox_bank.fixtures import running_bank
from tests.payments.farm import QUICK, Farm, bank_dir, now
from tests.payments.papers import put_statement
from tests.waiting import eventually

SLOW = replace(QUICK, inquiry_schedule=(600.0,))
SOON = replace(QUICK, inquiry_schedule=(0.2,))


async def _doubtful(farm: Farm, bank: RunningBank, fault: Fault = Fault.LOST_ANSWER) -> UUID:
    """A payment whose confirm was not answered; LOST_ANSWER has paid, TLS_RESET has not."""
    member = await farm.payee()
    bank.books.put_accounts([farm.bank_account_of(member)])
    intent = await farm.submit(member)
    await farm.sign(farm.manager, [intent.id])
    bank.faults.set(FaultRule(fault=fault, call="confirm", times=1))
    async with farm.executor_at(bank, SLOW):
        await farm.reaches(intent.id, "in_doubt")
    return intent.id


async def _listed(farm: Farm, intent_id: UUID, person: str = "manager") -> DoubtView:
    listed = await farm.done(getattr(farm, person), doubt_verbs.list_in_doubt, ListInDoubtRequest(limit=500), now())
    return next(one for one in listed.payments if one.intent.id == intent_id)


def _paid(bank: RunningBank) -> int:
    return len([one for one in bank.books.transactions() if one.status == "CONFIRM_COMPLETED"])


async def test_it_is_listed_with_its_evidence_and_only_asking_is_safe(farm: Farm, tmp_path: Path) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        intent_id = await _doubtful(farm, bank)
    found = await _listed(farm, intent_id)
    (attempt,) = found.attempts
    assert (attempt.state, found.inquiries) == ("unknown", 1)
    assert attempt.token
    assert attempt.bank_reference
    assert found.since <= found.next_inquiry_at
    assert (found.owner_role, found.flagged, found.safe) == ("manager", False, ["ask_bank_now"])
    assert "manager" in found.owners
    assert (await _listed(farm, intent_id, "cashier")).safe == []
    assert (await _listed(farm, intent_id, "treasurer")).safe == ["ask_bank_now"]


async def test_another_branch_sees_nothing_of_it(farm: Farm, tmp_path: Path) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        intent_id = await _doubtful(farm, bank)
    listed = await farm.done(farm.stranger, doubt_verbs.list_in_doubt, ListInDoubtRequest(), now())
    assert listed.payments == []
    assert await farm.refused(farm.stranger, doubt_verbs.ask_bank_now, ById(id=intent_id), now()) is R.NOT_FOUND
    assert await farm.refused(farm.stranger, doubt_verbs.retry_intent, ById(id=intent_id), now()) is R.NOT_FOUND


async def test_asking_now_settles_it_and_pays_nothing(farm: Farm, tmp_path: Path) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        intent_id = await _doubtful(farm, bank)
        async with farm.executor_at(bank, SLOW):
            farm.query("update sheaf.attempt set inquire_at = now() + interval '1 h' where intent_id = %s", intent_id)
            asked = await farm.done(farm.manager, doubt_verbs.ask_bank_now, ById(id=intent_id), now())
            assert asked.asked
            assert await farm.reaches(intent_id, "settled", "failed") == "settled"
        assert _paid(bank) == 1
    assert await farm.refused(farm.manager, doubt_verbs.ask_bank_now, ById(id=intent_id), now()) is R.STATE


async def test_what_may_have_moved_is_not_paid_again_and_what_failed_may_be(farm: Farm, tmp_path: Path) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        intent_id = await _doubtful(farm, bank)
        refused = await farm.ask(farm.cashier, doubt_verbs.retry_intent, ById(id=intent_id), now())
        reference = (await _listed(farm, intent_id)).attempts[0].bank_reference
        assert isinstance(refused, Refused)
        assert refused.code is R.RETRY_UNSAFE
        assert reference in refused.params["evidence"]
        async with farm.executor_at(bank, SOON):
            await farm.reaches(intent_id, "settled")
        assert await farm.refused(farm.cashier, doubt_verbs.retry_intent, ById(id=intent_id), now()) is R.RETRY_UNSAFE
        member = await farm.payee()
        bank.books.put_accounts([farm.bank_account_of(member)])
        failing = await farm.submit(member)
        await farm.sign(farm.manager, [failing.id])
        bank.faults.set(FaultRule(fault=Fault.NAME_MISMATCH, times=1))
        async with farm.executor_at(bank):
            await farm.reaches(failing.id, "failed")
    again = await farm.done(farm.cashier, doubt_verbs.retry_intent, ById(id=failing.id), now())
    assert (again.member_id, again.amount, again.failure_code) == (member, "100.00", "name.mismatch")


async def test_a_line_of_the_statement_settles_what_the_bank_does_not_speak_of(farm: Farm, tmp_path: Path) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        intent_id = await _doubtful(farm, bank)
        bank.faults.set(FaultRule(fault=Fault.UNAVAILABLE, call="inquiry"))
        reference = (await _listed(farm, intent_id)).attempts[0].bank_reference
        ((payer,),) = farm.query("select payer_digest from sheaf.attempt where intent_id = %s", intent_id)
        put_statement(farm, bytes(payer), business_date(now()), reference)
        assert [line.kind for line in (await _listed(farm, intent_id, "treasurer")).lines] == ["debit"]
        farm.query("update sheaf.attempt set inquire_at = now() where intent_id = %s", intent_id)
        async with farm.executor_at(bank, SOON):
            assert await farm.reaches(intent_id, "settled", "failed") == "settled"
        assert _paid(bank) == 1


async def test_past_the_next_business_day_it_is_flagged_once_and_head_offices(farm: Farm, tmp_path: Path) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        intent_id = await _doubtful(farm, bank)
        bank.faults.set(FaultRule(fault=Fault.UNAVAILABLE, call="inquiry"))
        earlier = now() - timedelta(days=5)
        farm.query(
            "update sheaf.attempt set prepared_at = %s, inquire_at = now() where intent_id = %s", earlier, intent_id
        )
        async with farm.executor_at(bank, SOON):
            flagged = (
                "select count(*) from sheaf.attempt where intent_id = %s and flagged_at is not null and inquiries > 3"
            )
            await eventually(lambda: farm.query(flagged, intent_id) == [(1,)])
        assert farm.state(intent_id) == "in_doubt"
    found = await _listed(farm, intent_id)
    assert (found.owner_role, found.flagged, "treasurer" in found.owners) == ("treasurer", True, True)
    reference = found.attempts[0].bank_reference
    told = farm.query("select count(*) from sheaf.audit_entry where tag = 'intent_flagged' and subject = %s", reference)
    assert told == [(1,)]


def test_the_next_business_day_of_a_friday_is_monday() -> None:
    friday = now().replace(year=2026, month=11, day=20, hour=3)
    assert business_date(flag_from(friday)).isoformat() == "2026-11-23"
    assert business_date(flag_from(friday - timedelta(days=1))).isoformat() == "2026-11-20"
