"""A branch with money, members with verified accounts, and the people who make a batch and sign it."""

from __future__ import annotations

from typing import Final
from uuid import UUID

import msgspec

from lab.bench.harness import Cluster
from lab.company import Hire, Plan, Worker, build, raw_member
from server.bootstrap import NewBranch, administration
from server.context import Services, system_clock
from shared.money import Satang
from shared.permissions import Role

BRANCH: Final = "NSN"
_MONEY: Final = Satang(10**13)


class Company(msgspec.Struct, frozen=True):
    """One branch and head office."""

    cashier: Worker
    manager: Worker
    treasurer: Worker
    members: list[UUID]


async def found(cluster: Cluster, services: Services, members: int) -> Company:
    """Make it in an empty database."""
    plan = Plan(
        by="bench",
        branches=[NewBranch(code=BRANCH, name_th=BRANCH, name_en=BRANCH)],
        hires=[
            Hire(username=role.value, branch=branch, role=role)
            for branch, role in ((BRANCH, Role.CASHIER), (BRANCH, Role.MANAGER), ("HQ", Role.TREASURER))
        ],
        treasury=_MONEY,
        funds=_MONEY,
        members={BRANCH: [raw_member(number) for number in range(1, members + 1)]},
    )
    async with administration(cluster.url, services, name="sheaf-bench") as database, database.transaction([]) as tx:
        made = await build(tx, plan, system_clock())
    cashier, manager, treasurer = (made.people[role.value] for role in (Role.CASHIER, Role.MANAGER, Role.TREASURER))
    return Company(cashier, manager, treasurer, made.members[BRANCH])
