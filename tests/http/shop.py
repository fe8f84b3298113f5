"""A company with money, members and something in every state, behind a running API."""

from __future__ import annotations

from uuid import UUID, uuid4

from server.context import Actor
from server.ledger import posting
from server.ledger.accounts import Purpose, account_id
from server.members.register import import_members
from server.payments.funding_store import funding_transfers
from shared.money import Satang
from tests.members.world import raw_member
from tests.support.world import Company


async def stock(company: Company, members: int = 1) -> list[UUID]:
    """A funded branch NSN with members whose accounts the bank has confirmed; their ids."""
    clock = company.clock
    async with company.administration() as database:
        codes = {row["code"]: row["id"] for row in await database.all_branches()}
        owner = Actor(name="owner", branch_codes=codes)
        async with database.transaction(list(codes.values())) as tx:
            people = [raw_member(number) for number in range(1, members + 1)]
            report = await import_members(tx, owner, "NSN", people, clock(), production=False)
            assert report.inserted == members
            capital, treasury = account_id("HQ", Purpose.CAPITAL), account_id("HQ", Purpose.TREASURY)
            opening = posting.Transfer(
                id=uuid4(),
                branch_id=0,
                kind=posting.Kind.TRANSFER,
                legs=(posting.Leg(capital, posted=-(10**10)), posting.Leg(treasury, posted=10**10)),
                subject="opening",
            )
            await posting.post(tx, [opening], clock())
            transfers = funding_transfers(tx, codes["NSN"], "NSN", Satang(10**8), "funding", clock())
            await posting.post(tx, transfers, clock())
            await tx.execute(
                """
                insert into sheaf.account_check (id, branch_id, member_id, bank_account_id, state, requested_at,
                  requested_by, checked_at, bank_name, account_status, match)
                select gen_random_uuid(), branch_id, member_id, id, 'done', %(now)s, 't', %(now)s, name, 'ACTIVE', 100
                from sheaf.bank_account
                """,
                now=clock(),
            )
            return [row["id"] for row in await tx.rows("select id from sheaf.member order by code")]
