"""A member's standing, decided from facts alone, at every boundary."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from server.context import Policy
from server.members.rules import Account, BankCheck, Payee, payee_refusal, standing
from shared.refusals import RefusalCode as R

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
POLICY = Policy()


def check(*, age: timedelta = timedelta(0), status: str = "ACTIVE", match: int = 100) -> BankCheck:
    return BankCheck(bank_name="x", status=status, match=match, checked_at=NOW - age)


def payee(*, status: str = "active", version: int = 3, answer: BankCheck | None = None, account: bool = True) -> Payee:
    paid_to = Account(
        id=UUID(int=2),
        version=version,
        bank="034",
        number_cipher=b"",
        number_digest=b"",
        last4="4412",
        name="x",
        effective_at=NOW,
        check=answer,
    )
    return Payee(
        member_id=UUID(int=1), branch_id=1, code="M1", name="x", status=status, account=paid_to if account else None
    )


@pytest.mark.parametrize(
    ("facts", "refused"),
    [
        (payee(answer=check()), None),
        (payee(answer=check(age=POLICY.check_life)), None),
        (payee(answer=check(match=80)), None),
        (payee(answer=check(match=79)), R.ACCOUNT_UNVERIFIED),
        (payee(answer=check(age=POLICY.check_life + timedelta(microseconds=1))), R.ACCOUNT_UNVERIFIED),
        (payee(answer=check(age=-timedelta(microseconds=1))), R.ACCOUNT_UNVERIFIED),
        (payee(answer=check(status="CLOSED")), R.ACCOUNT_UNVERIFIED),
        (payee(answer=check(status="NOT_FOUND")), R.ACCOUNT_UNVERIFIED),
        (payee(answer=check(status="")), R.ACCOUNT_UNVERIFIED),
        (payee(), R.ACCOUNT_UNVERIFIED),
        (payee(account=False), R.ACCOUNT_MISSING),
        (payee(status="suspended", answer=check()), R.MEMBER_NOT_ACTIVE),
        (payee(status="closed", answer=check(), version=9), R.MEMBER_NOT_ACTIVE),
        (payee(answer=check(), version=4), R.MEMBER_CHANGED),
        (payee(version=2), R.MEMBER_CHANGED),
        (None, R.MEMBER_UNKNOWN),
    ],
)
def test_a_payee_is_refused_for_the_first_thing_that_is_wrong(facts: Payee | None, refused: R | None) -> None:
    answer = payee_refusal(facts, 3, POLICY, NOW)
    assert (answer.code if answer else None) is refused


def test_a_changed_account_names_the_version_to_look_at() -> None:
    answer = payee_refusal(payee(version=5), 3, POLICY, NOW)
    assert answer is not None
    assert answer.params == {"version": "5"}


def test_standing_names_everything_that_is_wrong() -> None:
    assert [reason.code for reason in standing(payee(status="closed"), POLICY, NOW)] == [
        R.MEMBER_NOT_ACTIVE,
        R.ACCOUNT_UNVERIFIED,
    ]
