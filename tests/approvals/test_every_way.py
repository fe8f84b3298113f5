"""Every way in which four people can decide on one payment, up to eight steps: none moves money without its quorum."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations_with_replacement, permutations
from uuid import UUID

import pytest

from server.approvals.rules import Signed, Signer, Subject, Verdict, judge, payment_quorum, signing_roles
from server.context import HEAD_OFFICE, Policy
from shared.lifecycle import may_become
from shared.money import Satang
from shared.permissions import Role

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
BRANCH = 1
DEPTH = 8
TIERS = {
    "one manager": payment_quorum(Satang(200_000_00), Policy()),
    "manager and treasurer": payment_quorum(Satang(200_000_01), Policy()),
    "two managers and treasurer": (Role.MANAGER, Role.MANAGER, Role.TREASURER),
}
# Who there may be: roles, and where the person is at home. Some have a role where it does not count.
KINDS = (
    (frozenset({Role.CASHIER}), BRANCH),
    (frozenset({Role.MANAGER}), BRANCH),
    (frozenset({Role.MANAGER}), HEAD_OFFICE),
    (frozenset({Role.TREASURER}), HEAD_OFFICE),
    (frozenset({Role.TREASURER}), BRANCH),
    (frozenset({Role.MANAGER, Role.TREASURER}), BRANCH),
    (frozenset({Role.MANAGER, Role.TREASURER}), HEAD_OFFICE),
    (frozenset({Role.AUDITOR, Role.ADMINISTRATOR}), HEAD_OFFICE),
)
Kind = tuple[frozenset[Role], int]


@dataclass(frozen=True)
class Standing:
    """Where the payment is: its state, version, who signed as what, and whether its time is over."""

    state: str = "validated"
    version: int = 1
    signed: tuple[tuple[int, Role], ...] = ()
    late: bool = False


def steps(at: Standing, people: tuple[Kind, ...], quorum: tuple[Role, ...]) -> Iterator[Standing]:
    """Everything that anybody can try next and that is not refused; person 0 is the maker."""
    if at.state != "validated":
        return
    if not at.late:
        yield Standing(at.state, at.version, at.signed, late=True)
    yield Standing("cancelled", at.version + 1, at.signed, at.late)
    subject = Subject(
        state=at.state,
        open_state="validated",
        version=at.version,
        maker_id=UUID(int=0),
        expires_at=NOW if at.late else NOW + timedelta(hours=72),
        quorum=quorum,
        signed=tuple(Signed(UUID(int=who), role) for who, role in at.signed),
    )
    for who, (roles, home) in enumerate(people):
        for decision, reason, seen in (("approve", "", 0), ("approve", "", -1), ("reject", "no", 0), ("reject", "", 0)):
            signer = Signer(
                user_id=UUID(int=who),
                roles=signing_roles(roles, home, BRANCH),
                decision=decision,
                reason=reason,
                version_seen=at.version + seen,
            )
            verdict = judge(subject, signer, NOW)
            if isinstance(verdict, Verdict):
                assert seen == 0, "a stale view was signed"
                assert not at.late, "what is over was decided"
                assert decision == "approve" or reason, "a rejection without its reason"
                yield after(at, who, decision, verdict)


def after(at: Standing, who: int, decision: str, verdict: Verdict) -> Standing:
    """What the verbs do with a verdict: a rejection ends it, an approval counts and perhaps authorizes."""
    if decision == "reject":
        return Standing("rejected", at.version + 1, at.signed)
    signed = (*at.signed, (who, verdict.role))
    return Standing("authorized" if verdict.complete else "validated", at.version + 1, signed)


def check(at: Standing, people: tuple[Kind, ...], quorum: tuple[Role, ...]) -> None:
    """The law, counted in another way than the rules count it."""
    signers = [who for who, _ in at.signed]
    assert 0 not in signers, "the maker is among the signers"
    assert len(signers) == len(set(signers)), "somebody counted twice"
    homes = {Role.MANAGER: BRANCH, Role.TREASURER: HEAD_OFFICE}
    for who, role in at.signed:
        roles, home = people[who]
        assert role in roles, "signed in a role that the person does not have"
        assert homes[role] == home, "signed where the role does not count"
    given = sorted(role.value for _, role in at.signed)
    asked = sorted(role.value for role in quorum)
    if at.state == "authorized":
        assert given == asked, "authorized without exactly its quorum"
    else:
        assert len(given) < len(asked), "the quorum is there and it still waits"


def possible(others: tuple[Kind, ...], quorum: tuple[Role, ...]) -> bool:
    """Whether the people who are not the maker could fill the quorum at all, each in one role that counts."""
    return any(
        all(role in signing_roles(*kind, BRANCH) for role, kind in zip(quorum, chosen, strict=True))
        for chosen in permutations(others, len(quorum))
    )


@pytest.mark.parametrize("tier", TIERS)
def test_no_way_of_four_people_reaches_authorized_without_the_quorum(tier: str) -> None:
    quorum, reached, ways = TIERS[tier], 0, 0
    for maker in KINDS:
        for others in combinations_with_replacement(KINDS, 3):
            people = (maker, *others)
            seen = frontier = {Standing()}
            for _ in range(DEPTH):
                following = {step for at in frontier for step in steps(at, people, quorum)}
                for at in following:
                    assert may_become("intent", "validated", at.state) or at.state == "validated"
                    check(at, people, quorum)
                frontier = following - seen
                seen = seen | following
                ways += len(frontier)
            assert any(at.state == "authorized" for at in seen) == possible(others, quorum), people
            reached += possible(others, quorum)
    assert 0 < reached < 8 * 120
    assert ways > 4_000
