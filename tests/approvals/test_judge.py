"""Every way to a completed approval, for four people with any roles: always distinct, never the maker, all roles."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import combinations_with_replacement, permutations, product
from uuid import UUID

import pytest

from server.approvals.rules import (
    BOTH,
    TREASURY,
    Signed,
    Signer,
    Subject,
    Verdict,
    judge,
    payment_quorum,
    still_needed,
)
from server.context import Policy
from shared.money import Satang
from shared.permissions import Role
from shared.refusals import RefusalCode as R
from shared.refusals import Refused

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
M, T = Role.MANAGER, Role.TREASURER
PEOPLE = [UUID(int=number) for number in range(4)]
MAKER = PEOPLE[0]
ROLE_SETS = [frozenset({Role.CASHIER}), frozenset({M}), frozenset({T}), frozenset({M, T})]
QUORUMS = [(M,), (T,), (M, T), (T, M), (M, M), (M, M, T)]


def subject(quorum: tuple[Role, ...], *signed: Signed, version: int = 1, state: str = "validated") -> Subject:
    return Subject(
        state=state,
        open_state="validated",
        version=version,
        maker_id=MAKER,
        expires_at=NOW + timedelta(hours=1),
        quorum=quorum,
        signed=signed,
    )


def signer(person: UUID, *roles: Role, decision: str = "approve", reason: str = "", version: int = 1) -> Signer:
    return Signer(user_id=person, roles=frozenset(roles), decision=decision, reason=reason, version_seen=version)


def ends(
    quorum: tuple[Role, ...], roles: tuple[frozenset[Role], ...], signed: tuple[Signed, ...] = ()
) -> Iterator[tuple[Signed, ...]]:
    """Every sequence of approvals that ends in `complete`, whoever tries in whatever order."""
    for person, own in zip(PEOPLE, roles, strict=True):
        verdict = judge(subject(quorum, *signed), signer(person, *own), NOW)
        if isinstance(verdict, Refused):
            continue
        after = (*signed, Signed(person, verdict.role))
        assert verdict.role in own
        if verdict.complete:
            yield after
        else:
            yield from ends(quorum, roles, after)


@pytest.mark.parametrize("quorum", QUORUMS, ids=str)
def test_no_order_of_people_and_roles_completes_without_the_quorum(quorum: tuple[Role, ...]) -> None:
    completed = 0
    for roles in product(ROLE_SETS, repeat=4):
        found = list(ends(quorum, roles))
        for signed in found:
            people = [one.user_id for one in signed]
            assert MAKER not in people
            assert len(set(people)) == len(people) == len(quorum)
            assert sorted(one.role for one in signed) == sorted(quorum)
        # and whoever could ever complete it is not locked out
        possible = any(
            all(role in own for role, own in zip(quorum, chosen, strict=True))
            for chosen in permutations(roles[1:], len(quorum))
        )
        assert bool(found) == possible
        completed += len(found)
    assert completed > 0


@pytest.mark.parametrize("quorum", QUORUMS, ids=str)
def test_a_rejection_needs_a_role_that_could_sign_and_a_reason_and_ends_it_alone(quorum: tuple[Role, ...]) -> None:
    for own, reason in product(ROLE_SETS, ("", "why")):
        verdict = judge(subject(quorum), signer(PEOPLE[1], *own, decision="reject", reason=reason), NOW)
        if not own & set(quorum):
            assert verdict == Refused(R.NOT_YOUR_TURN)
        elif not reason:
            assert verdict == Refused(R.REASON_NEEDED, field="reason")
        else:
            assert isinstance(verdict, Verdict)
            assert verdict.complete
    by_maker = signer(MAKER, M, T, decision="reject", reason="why")
    assert judge(subject(quorum), by_maker, NOW) == Refused(R.MAKER_IS_CHECKER)


@pytest.mark.parametrize("state", ["created", "authorized", "rejected", "cancelled", "expired", "sent", ""])
def test_only_what_waits_is_decided(state: str) -> None:
    verdict = judge(subject((M,), state=state), signer(PEOPLE[1], M), NOW)
    assert verdict == Refused(R.STATE, params={"state": state, "allowed": "-"})


@pytest.mark.parametrize("seen", [0, 1, 3, -1])
def test_only_what_was_seen_is_decided(seen: int) -> None:
    verdict = judge(subject((M,), version=2), signer(PEOPLE[1], M, version=seen), NOW)
    assert verdict == Refused(R.STALE_VERSION, params={"version": "2"})


def test_the_moment_of_expiry_is_too_late() -> None:
    last = NOW + timedelta(hours=1)
    assert judge(subject((M,)), signer(PEOPLE[1], M), last) == Refused(R.EXPIRED)
    assert isinstance(judge(subject((M,)), signer(PEOPLE[1], M), last - timedelta(microseconds=1)), Verdict)


def test_a_person_counts_once_whatever_roles_they_signed_in() -> None:
    person = PEOPLE[1]
    assert still_needed((M, T), [Signed(person, M), Signed(person, T)]) == (T,)
    assert still_needed((M, T), [Signed(person, T), Signed(person, M)]) == (M,)
    assert still_needed((M, T), [Signed(person, M), Signed(PEOPLE[2], T)]) == ()


def test_who_signed_signs_no_second_time_in_no_role_and_whether_it_stands_or_not() -> None:
    for role, stands in product((M, T), (True, False)):
        verdict = judge(subject((M, T), Signed(PEOPLE[1], role, stands)), signer(PEOPLE[1], M, T), NOW)
        assert verdict == Refused(R.ALREADY_SIGNED)


def test_signatures_beyond_the_quorum_take_nothing_off_it() -> None:
    for roles in combinations_with_replacement([M, Role.CASHIER, Role.AUDITOR], 3):
        signed = [Signed(person, role) for person, role in zip(PEOPLE[1:], roles, strict=True)]
        assert T in still_needed((M, T), signed)


def test_the_tiers_are_those_of_the_contract_to_the_satang() -> None:
    policy = Policy()
    for satang, quorum in ((1, (M,)), (200_000_00, (M,)), (200_000_01, (M, T)), (10**15, (M, T))):
        assert payment_quorum(Satang(satang), policy) == quorum
    assert (BOTH, TREASURY) == ((M, T), (T,))
