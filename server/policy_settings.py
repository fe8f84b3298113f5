"""The section [policy] of the settings: the company's rules, and what the rooms are given of them."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Annotated

import msgspec
from msgspec import Meta

from server.context import MANAGER_LIMIT, SINGLE_LIMIT, Policy
from shared.money import AmountProblem, Satang, format_amount, parse_amount


class PolicySection(msgspec.Struct, frozen=True, kw_only=True):
    """The company's rules; amounts in baht."""

    manager_limit: str = format_amount(MANAGER_LIMIT)
    single_limit: str = format_amount(SINGLE_LIMIT)
    approval_hours: Annotated[int, Meta(ge=1, le=720)] = 72
    check_hours: Annotated[int, Meta(ge=1, le=720)] = 24
    name_match_minimum: Annotated[int, Meta(ge=0, le=100)] = 80
    production_accounts: bool = True
    advance_basis_points: Annotated[int, Meta(ge=0, le=10_000)] = 3_000
    """What an advance takes of each payment where its own terms don't say: hundredths of a percent."""
    duplicate_days: Annotated[int, Meta(ge=0, le=90)] = 3
    """For how long a payment like another one is taken for the same, at any branch."""
    checks_at: Annotated[str, Meta(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9])?$")] = "04:00"
    """When, in Bangkok, the bank is asked about the accounts of a buying day by itself; empty for never."""
    checks_days: Annotated[tuple[Annotated[int, Meta(ge=1, le=7)], ...], Meta(max_length=7)] = (1, 2, 3, 4, 5, 6, 7)
    """Buying days, 1 for Monday."""
    checks_paid_days: Annotated[int, Meta(ge=0, le=400)] = 45
    """Who is asked about then: whoever was paid in these days, and whoever was never asked about."""
    checks_per_second: Annotated[int, Meta(ge=1, le=100)] = 5
    """The pace of questions about many accounts, in each branch."""


def policy_of(section: PolicySection) -> tuple[Policy, list[str]]:
    """The rooms' policy, and the fields that are no amounts: those stand at their defaults in it."""
    amounts: dict[str, Satang] = {}
    wrong = []
    for key in ("manager_limit", "single_limit"):
        amount = parse_amount(getattr(section, key))
        if isinstance(amount, AmountProblem):
            wrong.append(key)
        else:
            amounts[key] = amount
    policy = Policy(
        manager_limit=amounts.get("manager_limit", MANAGER_LIMIT),
        single_limit=amounts.get("single_limit", SINGLE_LIMIT),
        approval_life=timedelta(hours=section.approval_hours),
        check_life=timedelta(hours=section.check_hours),
        name_match_minimum=section.name_match_minimum,
        production_accounts=section.production_accounts,
        advance_basis_points=section.advance_basis_points,
        duplicate_window=timedelta(days=section.duplicate_days),
        checks_at=time.fromisoformat(section.checks_at) if section.checks_at else None,
        checks_days=frozenset(day - 1 for day in section.checks_days),
        checks_paid_days=section.checks_paid_days,
        checks_per_second=section.checks_per_second,
    )
    return policy, wrong
