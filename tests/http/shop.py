"""Money and members for the company that stands behind a running API."""

from __future__ import annotations

from uuid import UUID

from lab.company import raw_member, take_over, vouch
from server.bootstrap import fund_branches, open_treasury, see_everything
from shared.money import Satang
from tests.support.world import Company


async def stock(company: Company, members: int = 1, branch: str = "NSN", first: int = 1) -> list[UUID]:
    """Money for a branch, and members whose accounts the bank has confirmed; their ids."""
    now = company.clock()
    async with company.administration() as database, database.transaction(()) as tx:
        actor = await see_everything(tx, "owner")
        await open_treasury(tx, actor, Satang(10**10), now)
        await fund_branches(tx, actor, [(branch, Satang(10**8))], now)
        rows = [raw_member(number) for number in range(first, first + members)]
        made = await take_over(tx, actor, branch, rows, now)
        await vouch(tx, made, now)
    return made
