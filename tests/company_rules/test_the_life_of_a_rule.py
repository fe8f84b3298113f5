"""A rule is proposed by one person, signed by another, binds from its day on, and charges what it says."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from server.company_rules import verbs as rules
from server.payments import verbs
from server.payments.facts import PayeeFact
from server.payments.rules import member_tags
from shared.canonical import RuleSheet, parse_sheet
from shared.refusals import RefusalCode as R
from shared.refusals import Refused, refusal_text
from shared.thai import business_date
from shared.wire import payments as wire
from shared.wire.common import Nothing
from shared.wire.rules import Caps
from tests.company_rules.rulers import Rulers
from tests.payments.farm import now
from tests.payments.test_judged_again import change


async def test_a_fee_is_charged_from_the_moment_it_is_signed_and_shown_to_who_signs_the_payment(farm: Rulers) -> None:
    member = await farm.payee()
    view = await farm.propose(expression='bank == "034" ? bp(amount, 25) : 1000')
    assert (await farm.submit(member, "100.02")).fee == "0.00"
    assert not isinstance(await farm.decide(view, farm.second_treasurer), Refused)
    await farm.enact(code="keep-back", kind="post_fee", expression="min(500, amount / 10)")
    intent = await farm.submit(await farm.payee(), "100.02")
    assert intent.fee == "0.25"
    row = farm.query("select fee, post_fee, payout, hold_id from sheaf.intent where id = %s", intent.id)[0]
    assert row[:3] == (25, 500, 9502)
    assert farm.query("select amount from sheaf.ledger_hold where id = %s", row[3]) == [(10_027,)]
    charges = farm.query(
        "select kind, amount, rule_id is not null from sheaf.intent_charge where intent_id = %s order by 1", intent.id
    )
    assert charges == [("post_fee", 500, True), ("pre_fee", 25, True)]
    request = await farm.signed_request(farm.manager, [intent.id])
    assert request.digest


async def test_a_payment_can_be_looked_at_before_it_is_sent(farm: Rulers) -> None:
    member = await farm.payee()
    await farm.enact(expression="bp(amount, 25)")
    await farm.enact(code="keep-back", kind="post_fee", expression="500")
    request = wire.SubmitIntentRequest(branch="NSN", **farm.line(member, "100.02"))
    seen = await farm.done(farm.cashier, verbs.preview_intent, request, now())
    assert (seen.amount, seen.fee, seen.post_fee, seen.payout) == ("100.02", "0.25", "5.00", "95.02")
    assert (seen.channel, seen.roles) == ("scb", ["manager"])
    assert farm.query("select count(*) from sheaf.intent") == [(0,)]
    view = await farm.done(farm.cashier, verbs.submit_intent, request, now())
    assert (view.fee, view.post_fee, view.payout) == (seen.fee, seen.post_fee, seen.payout)
    assert await farm.refused(farm.cashier, verbs.preview_intent, request, now()) is R.DUPLICATE_TICKET


async def test_a_rule_that_gives_no_answer_refuses_the_payment(farm: Rulers) -> None:
    member = await farm.payee()
    await farm.enact(expression="1000 / (amount - 10000)")
    request = wire.SubmitIntentRequest(branch="NSN", **farm.line(member, "100.00"))
    reply = await farm.ask(farm.cashier, verbs.submit_intent, request, now())
    assert isinstance(reply, Refused)
    assert (reply.code, reply.field) == (R.FEE_RULE_ERROR, "amount")
    assert "Transfer fee" in refusal_text(reply, "en")
    assert "ค่าธรรมเนียมโอน" in refusal_text(reply, "th")
    await farm.submit(member, "100.01")
    await farm.enact(expression="0 - 1")
    assert await farm.refused(farm.cashier, verbs.submit_intent, request, now()) is R.FEE_RULE_ERROR
    await farm.enact(code="all-of-it", kind="post_fee", expression="amount")
    await farm.enact(expression="0")
    assert await farm.refused(farm.cashier, verbs.submit_intent, request, now()) is R.FEE_OVER_AMOUNT
    await farm.enact(code="cap", kind="limit", scope="company", expression="1 / (amount - amount) > 0", caps=ONE)
    await farm.enact(code="all-of-it", kind="post_fee", expression="0")
    assert await farm.refused(farm.cashier, verbs.submit_intent, request, now()) is R.LIMIT_RULE_ERROR
    assert farm.query("select count(*) from sheaf.intent") == [(1,)]


ONE = Caps(day_count=1)


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"expression": "amount * 0.5"}, R.RULE_INVALID, "expression"),
        ({"expression": "amount > 5"}, R.RULE_INVALID, "expression"),
        ({"code": "Bank"}, R.INVALID, "code"),
        ({"code": "b"}, R.INVALID, "code"),
        ({"name_th": " "}, R.INVALID, "name_th"),
        ({"scope": "member"}, R.INVALID, "scope"),
        ({"caps": ONE}, R.INVALID, "caps"),
        ({"kind": "limit", "expression": "true", "scope": "member"}, R.INVALID, "caps"),
        ({"kind": "limit", "expression": "true", "caps": ONE}, R.INVALID, "scope"),
        (
            {"kind": "limit", "expression": "true", "scope": "maker", "caps": Caps(day_amount="-1")},
            R.MONEY_INVALID,
            "caps",
        ),
        ({"effective_from": "2026-02-30"}, R.INVALID, "effective_from"),
        ({"effective_from": "2020-01-01"}, R.INVALID, "effective_from"),
    ],
)
async def test_what_is_no_rule_is_refused_where_it_is_wrong(
    farm: Rulers, changed: dict[str, Any], code: R, field: str
) -> None:
    reply = await farm.ask(farm.treasurer, rules.propose_rule, farm.rule(**changed), now())
    assert isinstance(reply, Refused)
    assert (reply.code, reply.field) == (code, field)
    assert farm.query("select count(*) from sheaf.company_rule") == [(0,)]


async def test_nobody_enacts_their_own_rule_and_a_signature_is_over_what_it_says(farm: Rulers) -> None:
    view = await farm.propose()
    own = await farm.decide(view, farm.treasurer)
    assert isinstance(own, Refused)
    assert own.code is R.MAKER_IS_CHECKER
    for person in (farm.manager, farm.cashier):
        reply = await farm.decide(view, person)
        assert isinstance(reply, Refused)
    forged = await farm.decide(view, farm.second_treasurer, digest="0" * 64)
    assert isinstance(forged, Refused)
    assert forged.code is R.SIGNATURE
    silent = await farm.decide(view, farm.second_treasurer, "reject")
    assert isinstance(silent, Refused)
    assert silent.code is R.REASON_NEEDED
    rejected = await farm.decide(view, farm.second_treasurer, "reject", "แพงไป")
    assert not isinstance(rejected, Refused)
    assert (rejected.state, rejected.in_force) == ("rejected", False)
    member = await farm.payee()
    assert (await farm.submit(member)).fee == "0.00"


async def test_not_even_the_database_lets_a_rule_bind_without_another_persons_signature(farm: Rulers) -> None:
    view = await farm.propose()
    with psycopg.connect(farm.url, options="-c sheaf.branches={0}") as owner:
        for statement, code in (
            ("update sheaf.company_rule set state = 'approved', version = 2 where id = %s", "SH112"),
            ("update sheaf.company_rule set expression = '0' where id = %s", "SH060"),
        ):
            with pytest.raises(psycopg.Error) as error:
                owner.execute(statement, [view.id])
            assert error.value.sqlstate == code
            owner.rollback()


async def test_proposals_follow_one_another_and_rules_begin_on_their_day(farm: Rulers) -> None:
    view = await farm.propose()
    assert await farm.refused(farm.treasurer, rules.propose_rule, farm.rule(), now()) is R.RULE_OPEN
    assert (
        await farm.refused(farm.treasurer, rules.propose_rule, farm.rule(code="bank-fee", kind="post_fee"), now())
        is R.INVALID
    )
    late = now() + timedelta(hours=73)
    second = await farm.propose(late, effective_from=business_date(late).isoformat())
    assert (second.revision, second.version) == (2, 1)
    assert not isinstance(await farm.decide(second, farm.second_treasurer), Refused)
    listed = (await farm.done(farm.cashier, rules.list_rules, Nothing(), now())).rules
    assert [(one.revision, one.state, one.in_force) for one in listed] == [
        (2, "approved", False),
        (1, "expired", False),
    ]
    listed = (await farm.done(farm.cashier, rules.list_rules, Nothing(), late)).rules
    assert listed[0].in_force
    assert view.id == listed[1].id


async def test_the_sheet_says_all_that_the_rule_says(farm: Rulers) -> None:
    view = await farm.propose(
        code="cap", kind="limit", scope="member", expression="true", caps=Caps(day_amount="5000", month_count=3)
    )
    sheet = parse_sheet(base64.b64decode(view.sheet))
    assert isinstance(sheet, RuleSheet)
    assert (sheet.day_amount, sheet.day_count, sheet.month_count, sheet.revision) == (500_000, None, 3, 1)
    tags = [row[0] for row in farm.query("select tag from sheaf.audit_entry where branch_id = 0 order by sequence")]
    assert tags == ["propose_rule"]
    assert UUID(str(view.id)) == sheet.id


@pytest.mark.parametrize(("version", "days", "fresh"), [(1, 1, False), (2, 29, True), (2, 31, False), (3, 0, True)])
def test_an_account_that_changed_lately_is_tagged_and_other_tags_stay(version: int, days: int, fresh: bool) -> None:
    payee = PayeeFact(
        code="M1",
        name="",
        status="active",
        tags=("vip",),
        version=1,
        account_id=None,
        account_version=version,
        bank="034",
        last4="0000",
        account_name="",
        effective_at=now() - timedelta(days=days, seconds=1),
        checked_at=None,
        bank_name=None,
        account_status=None,
        match=None,
    )
    assert member_tags(payee, now()) == (("new_account", "vip") if fresh else ("vip",))


async def test_what_was_approved_for_a_later_day_is_void_when_its_signer_is_shut_out_before(farm: Rulers) -> None:
    tomorrow, later = now() + timedelta(days=1), now() + timedelta(days=2)
    today = await farm.enact(expression="700")
    coming = await farm.enact(expression="900", effective_from=business_date(tomorrow).isoformat())
    await change(farm, farm.second_treasurer, enabled=False)
    await change(farm, farm.second_treasurer, enabled=True)
    listed = await farm.done(farm.treasurer, rules.list_rules, Nothing(), later)
    found = {rule.id: (rule.state, rule.in_force) for rule in listed.rules}
    assert (found[today.id], found[coming.id]) == (("approved", True), ("void", False))
    again = await farm.enact(expression="900", effective_from=business_date(tomorrow).isoformat())
    listed = await farm.done(farm.treasurer, rules.list_rules, Nothing(), later)
    assert {rule.id for rule in listed.rules if rule.in_force} >= {again.id}
