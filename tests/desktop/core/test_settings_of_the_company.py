"""At other settings than the usual ones a desk shows, says and blocks what the server would answer."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from desktop.core import texts
from desktop.core.answers import Problem
from desktop.core.desk import Desk
from desktop.core.lights import account_light
from desktop.core.operations import registry
from desktop.core.screens.bank_change import BankChange
from desktop.core.screens.payment import NewPayment
from desktop.i18n import lights
from desktop.i18n.text import Text
from server.bootstrap import fund_branches, open_treasury, see_everything
from server.channels.base import AccountName, AccountStatus
from server.context import Actor, Policy
from server.database.roles import EXECUTOR
from server.members import checks, register
from shared.banks import AccountProblem
from shared.money import Satang
from shared.wire.members import MemberView, ValidationView
from tests.conftest import FreshDatabase
from tests.desktop.core.test_against_server import desk_of
from tests.members.world import raw_member
from tests.support.api import running_api
from tests.support.world import Company, found_now

NAME, AT_THE_BANK = "รัตนาภรณ์ วงศ์สวัสดิ์", "รัตนาภรณ วงศ์สวัสดิ"
"""They match by 89."""


@pytest.fixture(scope="module")
def company(fresh_database: FreshDatabase) -> Iterator[Company]:
    with fresh_database() as url:
        made = found_now(url)
        asyncio.run(take_over(made))
        yield made


async def take_over(company: Company) -> None:
    async with company.administration() as database, database.transaction(()) as tx:
        actor = await see_everything(tx, "tests")
        rows = [raw_member(1, name=NAME, account_name=NAME), raw_member(2, name=NAME, account_name=NAME)]
        report = await register.import_members(tx, actor, "NSN", rows, company.clock(), production=False)
        assert report.inserted == 2
        await open_treasury(tx, actor, Satang(1_000_000_00), company.clock())
        await fund_branches(tx, actor, [("NSN", Satang(100_000_00))], company.clock())


@asynccontextmanager
async def desk_at(company: Company, folder: Path, policy: Policy) -> AsyncIterator[Desk]:
    """A cashier's desk at a server with these settings, after it has pulled."""
    set_so = dataclasses.replace(company, services=dataclasses.replace(company.services, policy=policy))
    with running_api(set_so) as api:
        async with desk_of(api, "cashier.nsn", folder, company.clock.offset) as desk:
            assert await desk.sync.once() is None
            yield desk


async def answered(company: Company, desk: Desk, member: UUID) -> None:
    """The bank has named the account's holder, just now."""
    assert not isinstance(await registry.check_account(desk.client, member), Problem)
    database = company.database(role=EXECUTOR)
    worker = Actor(name="executor", branch_codes={"NSN": 1})
    async with database.transaction((1,)) as tx:
        for question in await checks.requested(tx, 10):
            known = AccountName(name=AT_THE_BANK, status=AccountStatus.ACTIVE)
            assert await checks.record(tx, worker, question, known, company.clock())
    await database.close()
    assert await desk.sync.once() is None


async def member_of(desk: Desk, code: str) -> MemberView:
    places = await desk.cache.read(
        lambda c: [row[0] for row in c.execute("select id from members where code_key = ?", [code])]
    )
    found = await desk.cache.get("members", places[0])
    assert isinstance(found, MemberView)
    return found


async def agrees(desk: Desk, code: str) -> Text:
    """The light of the desk's copy, when the server's verdict, the form and the copy say the same."""
    copy = await member_of(desk, code)
    answer = await registry.validate_member(desk.client, copy.id)
    assert isinstance(answer, ValidationView)
    shown = account_light(copy.verdict, desk.now())
    assert (shown.green, shown.text) == (answer.payable, account_light(answer.member.verdict, desk.now()).text)
    form = await checked(desk, copy.id)
    assert form.may_submit.enabled is answer.payable
    if not answer.payable:
        assert form.may_submit.why_not == Text(answer.reasons[0].detail_th, answer.reasons[0].detail_en)
    form.close()
    return shown.text


async def test_a_name_that_was_good_enough_is_red_when_the_company_asks_for_more(
    company: Company, tmp_path: Path
) -> None:
    async with desk_at(company, tmp_path, Policy()) as desk:
        await answered(company, desk, (await member_of(desk, "M000001")).id)
        assert await agrees(desk, "M000001") == lights.CONFIRMED
    async with desk_at(company, tmp_path, Policy(name_match_minimum=90)) as desk:
        assert await agrees(desk, "M000001") == lights.NAME_DIFFERS
    async with desk_at(company, tmp_path, Policy()) as desk:
        assert await agrees(desk, "M000001") == lights.CONFIRMED


async def test_an_answer_is_as_old_as_the_company_says(company: Company, tmp_path: Path) -> None:
    async with desk_at(company, tmp_path, Policy()) as desk:
        await answered(company, desk, (await member_of(desk, "M000002")).id)
    company.clock.forward(timedelta(hours=2))
    async with desk_at(company, tmp_path, Policy()) as desk:
        assert await agrees(desk, "M000002") == lights.CONFIRMED
    async with desk_at(company, tmp_path, Policy(check_life=timedelta(hours=1))) as desk:
        assert await agrees(desk, "M000002") == lights.BANK_STALE


@pytest.mark.parametrize("production", [False, True])
async def test_a_form_takes_the_account_numbers_that_the_server_takes(
    company: Company, tmp_path: Path, production: bool
) -> None:
    async with desk_at(company, tmp_path, Policy(production_accounts=production)) as desk:
        form = BankChange(desk)
        form.edit(bank="014", account="1112223334")
        assert (form.account is AccountProblem.CHECK_DIGIT) is production
        form.close()


async def test_how_long_a_like_payment_counts_is_the_companys_to_say(company: Company, tmp_path: Path) -> None:
    month = timedelta(days=30)
    async with desk_at(company, tmp_path, Policy(check_life=month)) as desk:
        member = (await member_of(desk, "M000002")).id
        await answered(company, desk, member)
        first = await checked(desk, member)
        assert first.may_submit.enabled
        assert await first.submit() is not None
        assert await desk.sync.once() is None
        first.close()
    company.clock.forward(timedelta(days=10))
    for window, counts in ((timedelta(days=3), False), (month, True)):
        async with desk_at(company, tmp_path, Policy(check_life=month, duplicate_window=window)) as desk:
            again = await checked(desk, member)
            assert again.checks is not None
            assert (again.checks.repeats, bool(again.checks.duplicates)) == (counts, counts)
            assert again.may_submit.why_not == (texts.NEEDS_REASON if counts else None)
            again.close()


async def checked(desk: Desk, member: UUID) -> NewPayment:
    form = NewPayment(desk)
    await form.choose_member(member)
    form.edit(amount="321.00", amount_again="321.00")
    await form.check()
    return form
