"""Money for a branch: asked for by one, given by the treasury, and refused without a trace."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from server.ledger.accounts import Purpose
from server.treasury.funding_verbs import list_funding, request_funding, sign_funding
from shared.refusals import RefusalCode as R
from shared.wire.approvals import SignCaseRequest
from shared.wire.common import Nothing
from shared.wire.payments import FundingView, RequestFundingRequest
from tests.members.world import Person
from tests.payments.farm import Farm, now
from tests.payments.refusals import refuses


@pytest.fixture
async def asked(farm: Farm) -> FundingView:
    """A request of the branch's manager for 500 baht."""
    request = RequestFundingRequest(branch="NSN", amount="500.00", reason="harvest")
    return await farm.done(farm.manager, request_funding, request, now())


def decide(
    person: Person, funding: FundingView, decision: str = "approve", reason: str = "", **changed: Any
) -> SignCaseRequest:
    request = SignCaseRequest(
        id=funding.id,
        version=funding.version,
        decision=decision,  # type: ignore[arg-type]  # a plain word in the tests' parameters
        reason=reason,
        digest=funding.digest,
        signature=person.sign(decision, funding.digest, reason),
    )
    return msgspec.structs.replace(request, **changed)


async def test_an_approval_moves_the_money_from_the_treasury_to_the_branch(farm: Farm, asked: FundingView) -> None:
    treasury, branch = farm.balance("HQ", Purpose.TREASURY)[0], farm.balance("NSN", Purpose.FUNDING)[0]
    given = await farm.done(farm.treasurer, sign_funding, decide(farm.treasurer, asked), now())
    assert (given.state, [one.role for one in given.signatures]) == ("effective", ["treasurer"])
    assert farm.balance("HQ", Purpose.TREASURY)[0] == treasury - 50_000
    assert farm.balance("NSN", Purpose.FUNDING)[0] == branch + 50_000
    assert (
        farm.balance("HQ", Purpose.CLEARING)[0] + farm.balance("NSN", Purpose.CLEARING)[0]
        == -farm.balance("KKN", Purpose.CLEARING)[0]
    )
    assert (await farm.ledger()).balanced
    ended = decide(farm.treasurer, given)
    assert (await refuses(farm, farm.treasurer, sign_funding, ended)).code is R.STATE


async def test_a_rejection_moves_nothing_and_says_why(farm: Farm, asked: FundingView) -> None:
    before = farm.balance("NSN", Purpose.FUNDING)
    silent = decide(farm.treasurer, asked, "reject")
    assert (await refuses(farm, farm.treasurer, sign_funding, silent)).code is R.REASON_NEEDED
    # blank is not a reason, signed as it is or as it would be cleaned
    for signed in (" ", ""):
        blank = decide(
            farm.treasurer, asked, "reject", reason=" ", signature=farm.treasurer.sign("reject", asked.digest, signed)
        )
        assert (await refuses(farm, farm.treasurer, sign_funding, blank)).code is R.INVALID
    rejected = await farm.done(farm.treasurer, sign_funding, decide(farm.treasurer, asked, "reject", "why"), now())
    assert (rejected.state, farm.balance("NSN", Purpose.FUNDING)) == ("rejected", before)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"branch": "KKN"}, R.NOT_FOUND),
        ({"amount": "1e3"}, R.MONEY_INVALID),
        ({"amount": "0"}, R.MONEY_INVALID),
        ({"amount": "-5"}, R.MONEY_INVALID),
        ({"reason": ""}, R.INVALID),
        ({"reason": "  "}, R.INVALID),
        ({"reason": "a\x00"}, R.INVALID),
    ],
    ids=str,
)
async def test_a_request_that_can_not_be_is_not_written(farm: Farm, changed: dict[str, str], code: R) -> None:
    content = {"branch": "NSN", "amount": "500.00", "reason": "harvest", **changed}
    assert (await refuses(farm, farm.manager, request_funding, RequestFundingRequest(**content))).code is code


async def test_head_office_does_not_fund_itself(farm: Farm) -> None:
    request = RequestFundingRequest(branch="HQ", amount="500.00", reason="harvest")
    assert (await refuses(farm, farm.treasurer, request_funding, request)).code is R.INVALID


async def test_who_may_not_decide_does_not(farm: Farm, asked: FundingView) -> None:
    for person, code in (
        (farm.manager, R.MAKER_IS_CHECKER),
        (farm.second_manager, R.NOT_YOUR_TURN),
        (farm.stranger, R.NOT_FOUND),
    ):
        assert (await refuses(farm, person, sign_funding, decide(person, asked))).code is code
    own = RequestFundingRequest(branch="NSN", amount="500.00", reason="harvest")
    mine = await farm.done(farm.treasurer, request_funding, own, now())
    refusal = await refuses(farm, farm.treasurer, sign_funding, decide(farm.treasurer, mine))
    assert refusal.code is R.MAKER_IS_CHECKER


async def test_what_does_not_sign_this_request_as_it_stands_is_refused(farm: Farm, asked: FundingView) -> None:
    treasurer = farm.treasurer
    for changed, code in (
        ({"version": 2}, R.STALE_VERSION),
        ({"id": uuid4()}, R.NOT_FOUND),
        ({"digest": "0" * 64}, R.SIGNATURE),
        ({"signature": treasurer.sign("reject", asked.digest, "")}, R.SIGNATURE),
        ({"signature": farm.manager.sign("approve", asked.digest, "")}, R.SIGNATURE),
        ({"signature": "%"}, R.SIGNATURE),
    ):
        request = decide(treasurer, asked, **changed)  # type: ignore[arg-type]  # fields of the request
        assert (await refuses(farm, treasurer, sign_funding, request)).code is code
    late = now() + timedelta(hours=73)
    assert (await refuses(farm, treasurer, sign_funding, decide(treasurer, asked), late)).code is R.EXPIRED


async def test_more_than_the_treasury_has_is_not_given(farm: Farm) -> None:
    request = RequestFundingRequest(branch="NSN", amount="9999999999999.99", reason="all of it")
    asked = await farm.done(farm.manager, request_funding, request, now())
    assert (await refuses(farm, farm.treasurer, sign_funding, decide(farm.treasurer, asked))).code is R.FUNDS


async def test_a_branch_lists_its_own_requests(farm: Farm, asked: FundingView) -> None:
    async def seen(person: Person) -> set[object]:
        return {one.id for one in (await farm.done(person, list_funding, Nothing(), now())).funding}

    assert asked.id in await seen(farm.cashier)
    assert asked.id in await seen(farm.treasurer)
    assert asked.id not in await seen(farm.stranger)
