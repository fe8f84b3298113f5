"""The seed: the whole company at once or not at all, with money that balances and chains that verify."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lab.demo import seed
from lab.demo.company import BRANCHES, WORKERS
from lab.demo.state import read_users
from server.audit.verification import verify
from server.bootstrap import administration, see_everything
from server.context import Services, Vault
from server.ledger.check import check

NOW = datetime(2026, 11, 21, 16, 59, tzinfo=UTC)
SECONDS_ALLOWED = 30.0
"""Eight on a machine of its own; tests share theirs."""


async def test_a_company_of_five_thousand_is_founded_once(database_url: str, tmp_path: Path) -> None:
    members = seed.all_members(5000)
    async with administration(database_url, Services(vault=Vault(bytes(32)))) as database:
        began = time.monotonic()
        assert await seed.seed(database, members, tmp_path, NOW)
        assert time.monotonic() - began < SECONDS_ALLOWED
        users = read_users(tmp_path)
        assert not await seed.seed(database, members, tmp_path, NOW)
        assert read_users(tmp_path) == users
        async with database.transaction(()) as tx:
            actor = await see_everything(tx, "test")
            assert len(actor.branches) == len(BRANCHES) + 1
            assert await tx.value("select count(*) from sheaf.member") == 5000
            assert await tx.value("select count(*) from sheaf.device where state = 'approved'") == len(WORKERS)
            ledger = await check(tx)
            assert ledger.balanced
            assert ledger.entries > 0
            assert await tx.value("select sum(posted) from sheaf.ledger_account where purpose = 'clearing'") == 0
            assert (await verify(tx)).first_bad is None


async def test_an_interrupted_seed_leaves_nothing(database_url: str, tmp_path: Path) -> None:
    members = seed.all_members(10)
    async with administration(database_url, Services(vault=Vault(bytes(32)))) as database:
        try:
            await seed.seed(database, members, tmp_path / "no such folder", NOW)
        except FileNotFoundError:
            pass
        else:
            raise AssertionError("the users could not be kept, so the seed must fail")
        assert await seed.seed(database, members, tmp_path, NOW)


async def test_checks_are_renewed_on_a_later_day_and_stale_ones_stay_stale(database_url: str, tmp_path: Path) -> None:
    members = seed.all_members(500)
    fresh = sum(one.check == "fresh" for people in members.values() for one in people)
    async with administration(database_url, Services(vault=Vault(bytes(32)))) as database:
        await seed.seed(database, members, tmp_path, NOW)
        assert await seed.renew_checks(database, NOW + timedelta(hours=1)) == 0
        assert await seed.renew_checks(database, NOW + timedelta(days=3)) == fresh
        assert await seed.renew_checks(database, NOW + timedelta(days=3, hours=1)) == 0
        assert await seed.renew_checks(database, NOW + timedelta(days=9)) == fresh
