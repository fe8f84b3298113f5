"""What lets a payment fail that the bank does not know: the payer's own statements, long enough, and nothing less."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from lab.sandbox_bank.bank import RunningBank
from lab.sandbox_bank.faults import Fault, FaultRule
from server.channels.base import NotFound, OpenStatus, PaymentOrder, Standing, StillOpen
from server.channels.scb import ScbChannel
from server.executing import doubt
from server.executing.doubt import StatementWord
from server.executing.sending import Attempt
from server.ledger.accounts import Purpose
from shared.evidence import Evidence
from shared.money import Satang
from shared.thai import business_date
from tests.lab.sandbox_bank.fixtures import running_bank
from tests.members.world import CODES, SERVICES
from tests.payments.farm import QUICK, Farm, bank_dir, now
from tests.payments.papers import put_statement
from tests.waiting import eventually

SLOW = replace(QUICK, inquiry_schedule=(600.0,))
SOON = replace(QUICK, inquiry_schedule=(0.2,))
TUESDAY = datetime(2026, 11, 3, 5, tzinfo=UTC)
WEDNESDAY = TUESDAY + timedelta(days=1)
FRIDAY = TUESDAY + timedelta(days=3)
SATURDAY = TUESDAY + timedelta(days=4)
CASES: list[tuple[datetime, datetime, list[int], list[int], StatementWord]] = [
    # begun, confirmed last, days in November of the payer's statements and of another account's, what they say
    (TUESDAY, TUESDAY, [], [2, 5], StatementWord.SILENT),
    (TUESDAY, TUESDAY, [2, 3, 5], [], StatementWord.ABSENT),
    (TUESDAY, TUESDAY, [2, 3, 4], [], StatementWord.SILENT),
    (TUESDAY, TUESDAY, [2, 4], [2, 5], StatementWord.SILENT),
    # the chain of the account begins when the money may have moved already
    (TUESDAY, TUESDAY, [3, 5], [], StatementWord.SILENT),
    (TUESDAY, WEDNESDAY, [2, 5], [], StatementWord.SILENT),
    (TUESDAY, WEDNESDAY, [2, 6], [], StatementWord.ABSENT),
    # what is sent on a Friday or Saturday may be booked on Monday
    (FRIDAY, FRIDAY, [2, 9], [], StatementWord.SILENT),
    (FRIDAY, SATURDAY, [2, 9], [], StatementWord.SILENT),
    (FRIDAY, SATURDAY, [2, 10], [], StatementWord.ABSENT),
]


async def _unpaid(farm: Farm, bank: RunningBank) -> UUID:
    """A payment whose confirm never came to the bank."""
    member = await farm.payee()
    bank.books.put_accounts([farm.bank_account_of(member)])
    intent = await farm.submit(member)
    await farm.sign(farm.manager, [intent.id])
    bank.faults.set(FaultRule(fault=Fault.TLS_RESET, call="confirm", times=1))
    async with farm.executor_at(bank, SLOW):
        await farm.reaches(intent.id, "in_doubt")
    return intent.id


def _paid(bank: RunningBank) -> int:
    return len([one for one in bank.books.transactions() if one.status == "CONFIRM_COMPLETED"])


def _age(farm: Farm, intent_id: UUID, begun: datetime) -> None:
    """The attempt is of this time, and due to be asked about."""
    farm.query(
        "update sheaf.attempt set prepared_at = %s, confirming_at = %s, inquire_at = now() where intent_id = %s",
        begun,
        begun,
        intent_id,
    )


async def _evidence(farm: Farm, intent_id: UUID, evidence: Evidence) -> None:
    query = "select evidence from sheaf.attempt where intent_id = %s"
    await eventually(lambda: farm.query(query, intent_id) == [(evidence,)])


async def test_the_account_that_pays_is_noted_with_the_attempt(farm: Farm, tmp_path: Path) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        intent_id = await _unpaid(farm, bank)
        noted = farm.query("select payer_digest from sheaf.attempt where intent_id = %s", intent_id)[0][0]
        assert bytes(noted) == SERVICES.vault.digest(bank.description.company_account)


async def test_absent_is_said_by_the_payers_own_statements_counted_from_the_last_confirm(
    farm: Farm, tmp_path: Path
) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        intent_id = await _unpaid(farm, bank)
    said = []
    for begun, confirmed, own, other, _ in CASES:
        payer, stranger = uuid4().bytes * 2, uuid4().bytes * 2
        farm.query(
            "update sheaf.attempt set prepared_at = %s, confirming_at = %s, payer_digest = %s where intent_id = %s",
            begun,
            confirmed,
            payer,
            intent_id,
        )
        for account, days in ((payer, own), (stranger, other)):
            for day in days:
                put_statement(farm, account, date(2026, 11, day))
        said.append(await _word(farm, intent_id, begun))
    assert said == [expected for *_, expected in CASES]


async def test_a_debit_that_is_nobodys_may_be_the_payment(farm: Farm, tmp_path: Path) -> None:
    """A bank may book without our reference, or a whole file in one line; what is too small is something else."""
    async with running_bank(bank_dir(tmp_path)) as bank:
        intent_id = await _unpaid(farm, bank)
    for reference, amount, expected in (
        ("NONREF", 9_999, StatementWord.ABSENT),
        ("NONREF", 10_000, StatementWord.SILENT),
        ("FILE-1", 90_000, StatementWord.SILENT),
        # on the day before it was begun it was something else too
        ("", 0, StatementWord.ABSENT),
    ):
        payer = uuid4().bytes * 2
        farm.query(
            "update sheaf.attempt set prepared_at = %s, confirming_at = %s, payer_digest = %s where intent_id = %s",
            TUESDAY,
            TUESDAY,
            payer,
            intent_id,
        )
        put_statement(farm, payer, date(2026, 11, 2), "EARLIER", 10_000)
        put_statement(farm, payer, date(2026, 11, 3), reference, amount)
        put_statement(farm, payer, date(2026, 11, 5))
        assert await _word(farm, intent_id, TUESDAY) is expected, reference


async def test_no_line_that_may_be_the_payment_lets_it_be_absent(farm: Farm, tmp_path: Path) -> None:
    """Booked as a fee, as a reversed credit, from another account of ours, or under another payment's reference."""
    async with running_bank(bank_dir(tmp_path)) as bank:
        intent_id = await _unpaid(farm, bank)
    own = farm.query("select bank_reference from sheaf.attempt where intent_id = %s", intent_id)[0][0]
    for reference, kind, elsewhere in (
        (own, "fee", False),
        (own, "debit", True),
        ("X", "fee", False),
        ("X", "reversal", False),
    ):
        payer, other = uuid4().bytes * 2, uuid4().bytes * 2
        farm.query(
            "update sheaf.attempt set prepared_at = %s, confirming_at = %s, payer_digest = %s where intent_id = %s",
            TUESDAY,
            TUESDAY,
            payer,
            intent_id,
        )
        put_statement(farm, payer, date(2026, 11, 2))
        put_statement(farm, other if elsewhere else payer, date(2026, 11, 3), reference, 10_000, kind)
        put_statement(farm, payer, date(2026, 11, 5))
        assert await _word(farm, intent_id, TUESDAY) is StatementWord.SILENT, (reference, kind)
        if reference == own:
            farm.query("alter table sheaf.statement_line disable trigger user")
            farm.query("delete from sheaf.statement_line where reference = %s", own)


async def test_what_the_bank_was_processing_never_fails_because_it_does_not_know_it_later(
    farm: Farm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[Standing] = [StillOpen(OpenStatus.PROCESSING)]

    async def inquire(self: ScbChannel, order: PaymentOrder, token: str, now: datetime) -> Standing:
        return answers[-1]

    async with running_bank(bank_dir(tmp_path)) as bank:
        intent_id = await _unpaid(farm, bank)
        monkeypatch.setattr(ScbChannel, "inquire", inquire)
        begun = now() - timedelta(days=7)
        _age(farm, intent_id, begun)
        payer = uuid4().bytes * 2
        farm.query("update sheaf.attempt set payer_digest = %s where intent_id = %s", payer, intent_id)
        for days in (-1, 6):
            put_statement(farm, payer, business_date(begun) + timedelta(days=days))
        async with farm.executor_at(bank, SOON):
            await _evidence(farm, intent_id, Evidence.NOT_SAID)
            answers.append(NotFound())
            await _evidence(farm, intent_id, Evidence.TAKEN_AND_GONE)
        assert (farm.state(intent_id), _paid(bank)) == ("in_doubt", 0)


async def _word(farm: Farm, intent_id: UUID, begun: datetime) -> StatementWord:
    attempt_id, reference = farm.query("select id, bank_reference from sheaf.attempt where intent_id = %s", intent_id)[
        0
    ]
    attempt = Attempt(
        id=attempt_id,
        intent_id=intent_id,
        branch_id=CODES["NSN"],
        executor_id=1,
        channel="scb",
        ordinal=1,
        bank_reference=reference,
        bank="014",
        payee="",
        amount=Satang(10_000),
        created_at=begun,
    )
    async with farm.executor.transaction(tuple(CODES.values())) as tx:
        return await doubt.statement_word(tx, attempt)


async def test_another_confirm_is_noted_before_it_is_made(farm: Farm, tmp_path: Path) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        intent_id = await _unpaid(farm, bank)
        before = now()
        farm.query("update sheaf.attempt set inquire_at = now() where intent_id = %s", intent_id)
        async with farm.executor_at(bank, SOON):
            assert await farm.reaches(intent_id, "settled", "failed") == "settled"
        assert _paid(bank) == 1
    assert farm.query("select confirming_at from sheaf.attempt where intent_id = %s", intent_id)[0][0] > before


async def test_an_old_token_is_not_confirmed_again_and_fails_by_the_statements_alone(
    farm: Farm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def inquire(self: ScbChannel, order: PaymentOrder, token: str, now: datetime) -> StillOpen:
        return StillOpen(OpenStatus.AWAITING_CONFIRM)

    async with running_bank(bank_dir(tmp_path)) as bank:
        intent_id = await _unpaid(farm, bank)
        monkeypatch.setattr(ScbChannel, "inquire", inquire)
        held = farm.balance("NSN", Purpose.FUNDING)[1]
        begun = now() - timedelta(days=7)
        _age(farm, intent_id, begun)
        async with farm.executor_at(bank, SOON):
            await _evidence(farm, intent_id, Evidence.TOO_OLD)
            assert (farm.state(intent_id), farm.balance("NSN", Purpose.FUNDING)[1]) == ("in_doubt", held)
            payer = SERVICES.vault.digest(bank.description.company_account)
            for days in (-1, 6):
                put_statement(farm, payer, business_date(begun) + timedelta(days=days))
            assert await farm.reaches(intent_id, "settled", "failed") == "failed"
        assert _paid(bank) == 0
    assert farm.balance("NSN", Purpose.FUNDING)[1] == held - 10_000


async def test_what_the_bank_had_taken_never_fails_because_nobody_knows_it_any_more(farm: Farm, tmp_path: Path) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        intent_id = await _unpaid(farm, bank)
        begun = now() - timedelta(days=30)
        _age(farm, intent_id, begun)
        payer = uuid4().bytes * 2
        farm.query(
            "update sheaf.attempt set taken_at = now(), payer_digest = %s where intent_id = %s", payer, intent_id
        )
        for days in (-1, 6):
            put_statement(farm, payer, business_date(begun) + timedelta(days=days))
        async with farm.executor_at(bank, SOON):
            await _evidence(farm, intent_id, Evidence.TAKEN_AND_GONE)
        assert (farm.state(intent_id), _paid(bank)) == ("in_doubt", 0)
