"""A rule tried on a hundred thousand past payments says what a plain loop over the same payments says."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from random import Random
from typing import NamedTuple
from uuid import UUID, uuid4

import psycopg
import pytest

from server.company_rules import verbs as rules
from shared.ids import uuid7_from
from shared.refusals import RefusalCode as R
from shared.wire.rules import Caps, TryRuleReply, TryRuleRequest
from tests.company_rules.rulers import Rulers
from tests.payments.farm import now

PAYMENTS = 100_000
PRODUCE = ("ข้าวหอมมะลิ", "ข้าวเหนียว", "")


class Paid(NamedTuple):
    id: UUID
    at: datetime
    amount: int
    produce: str
    member: UUID
    state: str


async def past(farm: Rulers, count: int) -> list[Paid]:
    """Random payments of the last hundred days, written as they would stand."""
    random = Random(5)
    members = [await farm.payee() for _ in range(40)]
    accounts = dict(farm.query("select member_id, id from sheaf.bank_account"))
    source = farm.query("select id from sheaf.ledger_account where name = 'branch/NSN/funding/THB'")[0][0]
    until, made = now(), []
    for number in range(count):
        at = (until - timedelta(seconds=random.randint(1, 100 * 86_400))).replace(microsecond=random.randrange(10**6))
        made.append(
            Paid(
                uuid7_from(int(at.timestamp() * 1000), number.to_bytes(10, "big")),
                at,
                random.randint(1, 50_000_00),
                random.choice(PRODUCE),
                random.choice(members),
                random.choices(["settled", "validated", "cancelled", "failed"], [90, 4, 3, 3])[0],
            )
        )
    with psycopg.connect(farm.url) as admin:
        admin.execute("set local session_replication_role = replica")
        with admin.cursor().copy(
            """copy sheaf.intent (id, branch_id, number, operation, member_id, bank_account_id, account_version, amount,
                 currency, channel, produce, weigh_ticket, note, maker_id, state, quorum, hold_id, source_id,
                 created_at, expires_at, changed_at) from stdin"""
        ) as copy:
            for number, paid in enumerate(made):
                copy.write_row(
                    [paid.id, 1, f"PV-{number}", "disbursement", paid.member, accounts[paid.member], 1, paid.amount,
                     "THB", "scb", paid.produce, "", "", farm.cashier.actor.user, paid.state, ["manager"], uuid4(),
                     source, paid.at, paid.at, paid.at]
                )  # fmt: skip
    return made


def counted(made: list[Paid], until: datetime) -> list[Paid]:
    """What a rule is tried on, in the order of time."""
    since = until - timedelta(days=90)
    alive = [paid for paid in made if since <= paid.at < until and paid.state in ("settled", "validated")]
    return sorted(alive, key=lambda paid: (paid.at, paid.id))


@pytest.mark.timeout(110)
async def test_what_a_rule_would_have_done_is_what_a_plain_loop_says(farm: Rulers) -> None:
    made, until = await past(farm, PAYMENTS), now()
    alive = counted(made, until)
    assert len(alive) > 80_000
    assert await fee(farm, until) == plain_fee(alive)
    assert await limit(farm, until) == plain_limit(alive)


async def fee(farm: Rulers, until: datetime) -> TryRuleReply:
    text = 'produce.startsWith("ข้าว") ? bp(amount, 35) : 100000 / (amount % 50) * 0 + min(amount, 700)'
    request = TryRuleRequest(code="keep", kind="post_fee", name_th="ก", name_en="k", expression=text)
    return await farm.done(farm.treasurer, rules.try_rule, request, until)


def plain_fee(alive: list[Paid]) -> TryRuleReply:
    charged, fees, refused, refused_amount, broken = 0, 0, 0, 0, 0
    for paid in alive:
        if paid.produce.startswith("ข้าว"):
            value = round(Fraction(paid.amount * 35, 10_000))
        elif paid.amount % 50 == 0:
            broken += 1
            continue
        else:
            value = min(paid.amount, 700)
        if value >= paid.amount:
            refused, refused_amount = refused + 1, refused_amount + paid.amount
        elif value:
            charged, fees = charged + 1, fees + value
    return reply(alive, charged, fees, refused, refused_amount, broken)


async def limit(farm: Rulers, until: datetime) -> TryRuleReply:
    request = TryRuleRequest(
        code="cap",
        kind="limit",
        scope="member",
        name_th="ก",
        name_en="k",
        expression='produce != "" || amount > 100000',
        caps=Caps(single_amount="49000", day_amount="300000", day_count=14, month_amount="8000000", month_count=360),
    )
    return await farm.done(farm.treasurer, rules.try_rule, request, until)


def plain_limit(alive: list[Paid]) -> TryRuleReply:
    sums, counts = Counter[tuple[UUID, str]](), Counter[tuple[UUID, str]]()
    refused, refused_amount = 0, 0
    for paid in alive:
        if not paid.produce and paid.amount <= 100_000:
            continue
        day = (paid.at.astimezone(UTC) + timedelta(hours=7)).strftime("%Y-%m-%d")
        daily, monthly = (paid.member, day), (paid.member, day[:7])
        fits = (
            paid.amount <= 49_000_00
            and sums[daily] + paid.amount <= 300_000_00
            and counts[daily] < 14
            and sums[monthly] + paid.amount <= 8_000_000_00
            and counts[monthly] < 360
        )
        if not fits:
            refused, refused_amount = refused + 1, refused_amount + paid.amount
            continue
        for key in (daily, monthly):
            sums[key] += paid.amount
            counts[key] += 1
    assert max(counts.values()) == 360
    return reply(alive, 0, 0, refused, refused_amount, 0)


def reply(alive: list[Paid], charged: int, fees: int, refused: int, refused_amount: int, broken: int) -> TryRuleReply:
    return TryRuleReply(
        looked_at=len(alive),
        charged=charged,
        fees=f"{fees // 100}.{fees % 100:02d}",
        refused=refused,
        refused_amount=f"{refused_amount // 100}.{refused_amount % 100:02d}",
        broken=broken,
    )


async def test_a_try_is_refused_like_a_proposal_and_writes_nothing(farm: Rulers) -> None:
    request = TryRuleRequest(code="keep", kind="post_fee", name_th="ก", name_en="k", expression="amount * 0.1")
    assert await farm.refused(farm.treasurer, rules.try_rule, request, now()) is R.RULE_INVALID
    assert farm.query("select count(*) from sheaf.company_rule") == [(0,)]
