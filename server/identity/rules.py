"""Decisions about sign-in, codes and roles, from facts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from server.context import HEAD_OFFICE
from shared.permissions import HEAD_OFFICE_ROLES, Role

SHOP_TOKEN_LIFE = timedelta(minutes=15)
REFRESH_TOKEN_LIFE = timedelta(days=7)
OPERATION_TOKEN_LIFE = timedelta(seconds=120)
ENROLMENT_CODE_LIFE = timedelta(hours=24)
CLOCK_SKEW = timedelta(seconds=60)

TRIES = 5
LOCK = timedelta(minutes=15)

REVOCATION_KEPT = timedelta(hours=1)
"""How long workers remember a revocation: longer than any shop token lives."""

Attempt = tuple[str, datetime]
"""The outcome and time of one try to sign in: `ok`, `wrong`, or `lock` for the wrong one that locked."""


def locked_until(attempts: Sequence[Attempt]) -> datetime | None:
    """Until when the last tries (newest first, at most LOCK old) lock a user name."""
    for outcome, at in attempts:
        if outcome != "wrong":
            return at + LOCK if outcome == "lock" else None
    return None


def outcome_of_wrong(attempts: Sequence[Attempt]) -> str:
    """`lock` when one more wrong try after these (newest first, at most LOCK old) is the last one allowed."""
    wrong = 1
    for outcome, _ in attempts:
        if outcome != "wrong":
            break
        wrong += 1
    return "lock" if wrong >= TRIES else "wrong"


def minutes_left(until: datetime, now: datetime) -> str:
    """Whole minutes, rounded up, for people."""
    return str(max(1, -(-int((until - now).total_seconds()) // 60)))


def roles_fit(roles: frozenset[Role], branch_id: int) -> bool:
    """Head-office roles see every branch, so they belong to head office only."""
    return bool(roles) and (branch_id == HEAD_OFFICE or not roles & HEAD_OFFICE_ROLES)


def visible_branches(roles: frozenset[Role], branch_id: int, all_codes: dict[str, int]) -> dict[str, int]:
    """Branch codes that a person may see: all for a head-office role, else the own one."""
    if roles & HEAD_OFFICE_ROLES and branch_id == HEAD_OFFICE:
        return all_codes
    return {code: number for code, number in all_codes.items() if number == branch_id}
