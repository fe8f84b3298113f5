"""Fees from the payment to the books: what the bank pays, what the branch gives, and what comes back when it fails."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from server.ledger.accounts import Purpose
from server.payments import verbs
from server.payments.submission import enough
from shared.money import Satang
from shared.refusals import RefusalCode as R
from shared.refusals import Refused, refusal_text
from shared.wire import payments as wire
from tests.company_rules.rulers import Rulers
from tests.lab.sandbox_bank.fixtures import running_bank
from tests.payments.farm import bank_dir, now
from tests.payments.purse import give, request
from tests.waiting import eventually


async def charge(farm: Rulers) -> None:
    """10 baht on top of each payment, and half a percent kept back from the payee."""
    await farm.enact(expression="1000")
    await farm.enact(code="keep-back", kind="post_fee", expression="bp(amount, 50)")


async def test_fees_settle_as_legs_of_their_own(farm: Rulers, tmp_path: Path) -> None:
    await charge(farm)
    before = farm.balance("NSN", Purpose.FUNDING)[0]
    member, others = await farm.payee(), [await farm.payee() for _ in range(3)]
    single = await farm.submit(member, "200.00")
    batch = await farm.batch([farm.line(other, "100.00") for other in others], "300.00")
    assert farm.balance("NSN", Purpose.FUNDING)[1] == 500_00 + 4 * 10_00
    await farm.sign(farm.manager, [single.id])
    await farm.sign(farm.manager, batch_id=batch.id)
    ids = [row[0] for row in farm.query("select id from sheaf.intent order by id")]
    async with running_bank(bank_dir(tmp_path)) as bank:
        bank.books.put_accounts([farm.bank_account_of(one) for one in (member, *others)])
        async with farm.executor_at(bank):
            for intent in ids:
                assert await farm.reaches(intent, "settled", "failed", "in_doubt") == "settled"
            await eventually(lambda: farm.query("select state from sheaf.batch") == [("closed",)])
        paid = sorted(one.amount for one in bank.books.transactions() if one.status == "CONFIRM_COMPLETED")
    assert paid == [99_50, 99_50, 99_50, 199_00]
    assert farm.balance("NSN", Purpose.FUNDING) == (before - 540_00, 0)
    assert farm.balance("NSN", Purpose.TRANSIT)[0] == 497_50
    assert farm.balance("NSN", Purpose.FEES)[0] == 4 * 10_00 + 2_50
    assert (await farm.ledger()).balanced


async def test_a_fee_that_is_what_is_missing_is_named(farm: Rulers) -> None:
    await charge(farm)
    member = await farm.payee()
    await give(farm, member, 100)
    wanted = request(member, "95.00", "withdrawal")
    said = {"available": "100.00", "amount": "95.00", "fee": "10.00", "needed": "105.00"}
    for verb in (verbs.preview_intent, verbs.submit_intent):
        refused = await farm.ask(farm.cashier, verb, wanted, now())
        assert isinstance(refused, Refused)
        assert (refused.code, refused.field, refused.params) == (R.BALANCE_FEE, "amount", said)
        assert "10.00" in refusal_text(refused, "th")
    short = enough(Satang(100_00), Satang(95_00), Satang(10_00))
    assert short is not None
    assert (short.code, short.params) == (R.FUNDS_FEE, said)
    assert "10.00" in refusal_text(short, "en")
    assert enough(Satang(105_00), Satang(95_00), Satang(10_00)) is None


async def test_what_the_bank_refuses_costs_no_fee_and_gives_its_room_back(farm: Rulers, tmp_path: Path) -> None:
    await charge(farm)
    await farm.cap("member", month_amount="500.00")
    before = farm.balance("NSN", Purpose.FUNDING)
    intent = await farm.submit(await farm.payee(), "200.00")
    await farm.sign(farm.manager, [intent.id])
    assert list(farm.used().values()) == [(200_00, 1)]
    async with running_bank(bank_dir(tmp_path)) as bank, farm.executor_at(bank):
        assert await farm.reaches(intent.id, "settled", "failed", "in_doubt") == "failed"
    assert list(farm.used().values()) == [(0, 0)]
    assert farm.balance("NSN", Purpose.FUNDING) == before
    assert farm.balance("NSN", Purpose.FEES) == (0, 0)
    assert (await farm.ledger()).balanced


async def test_what_is_not_paid_costs_no_fee(farm: Rulers) -> None:
    await charge(farm)
    before = farm.balance("NSN", Purpose.FUNDING)
    cancelled, rejected = [await farm.submit(await farm.payee(), "200.00") for _ in range(2)]
    batch = await farm.batch([farm.line(await farm.payee(), "100.00")], "100.00")
    await farm.done(farm.cashier, verbs.cancel_intent, wire.CancelIntentRequest(id=cancelled.id, version=1), now())
    await farm.reject(farm.manager, "ไม่ถูกต้อง", [rejected.id])
    await farm.reject(farm.manager, "ไม่ถูกต้อง", batch_id=batch.id)
    assert farm.balance("NSN", Purpose.FUNDING) == before
    assert farm.balance("NSN", Purpose.FEES) == (0, 0)


async def test_an_intent_is_charged_what_its_charges_say_or_is_not_written(farm: Rulers) -> None:
    await charge(farm)
    intent = await farm.submit(await farm.payee(), "200.00")
    with psycopg.connect(farm.url, options="-c sheaf.branches={1}") as owner:
        columns = [row[0] for row in owner.execute(
            """select attname from pg_attribute where attrelid = 'sheaf.intent'::regclass and attnum > 0
               and not attisdropped and attgenerated = ''
               and attname not in ('id', 'number', 'weigh_ticket', 'ticket_key')"""
        ).fetchall()]  # fmt: skip
        names = ", ".join(columns)
        owner.execute(
            f"insert into sheaf.intent (id, number, weigh_ticket, {names}) "
            f"select gen_random_uuid(), 'PV-copy', '', {names} from sheaf.intent where id = %s",
            [intent.id],
        )
        with pytest.raises(psycopg.Error) as error:
            owner.commit()
        assert error.value.sqlstate == "SH062"
