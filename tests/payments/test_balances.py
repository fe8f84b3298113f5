"""Members' balances: left with the company, withdrawn, transferred, and never more than what is there."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from server.database.roles import API, role_url
from server.database.transaction import Database
from server.ledger.accounts import Purpose
from server.payments import verbs
from server.sign_offs import verbs as sign_off_verbs
from server.sign_offs.sheets import load_sheets
from server.treasury import balance_verbs
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.wire.balances import FindRecipientRequest, ListEntriesRequest
from shared.wire.common import ById
from shared.wire.payments import CancelIntentRequest, IntentView
from tests.conftest import ROLE_SECRET
from tests.members.world import CODES, SERVICES
from tests.payments.farm import Farm, now
from tests.payments.purse import balance, give, request, settle, submit
from tests.payments.refusals import refuses
from tests.support.calls import call


def _code(farm: Farm, member: UUID) -> str:
    return str(farm.query("select code from sheaf.member where id = %s", member)[0][0])


async def test_money_left_with_the_company_is_the_members_and_goes_through_no_bank(farm: Farm, tmp_path: Path) -> None:
    member = await farm.member()  # the bank was never asked about this account: no bank is involved
    transit = farm.balance("NSN", Purpose.TRANSIT)
    intent = await submit(farm, member, "750.00", to="balance")
    assert (intent.channel, intent.destination, intent.account.last4) == ("internal", "balance", "")
    await settle(farm, tmp_path, [intent.id])
    assert balance(farm, member) == (75_000, 0)
    assert farm.balance("NSN", Purpose.TRANSIT) == transit
    view = await farm.done(farm.cashier, balance_verbs.get_member_balance, ById(id=member), now())
    assert (view.balance, view.held, view.available, view.owed) == ("750.00", "0.00", "750.00", "0.00")
    assert (await farm.ledger()).balanced


async def test_a_withdrawal_pays_the_members_account_at_the_bank_out_of_the_balance(farm: Farm, tmp_path: Path) -> None:
    member = await farm.payee()
    await give(farm, member, 500)
    before = farm.balance("NSN", Purpose.TRANSIT)[0]
    funding = farm.balance("NSN", Purpose.FUNDING)
    intent = await submit(farm, member, "200.00", "withdrawal")
    assert balance(farm, member) == (50_000, 20_000)
    await settle(farm, tmp_path, [intent.id], member)
    assert balance(farm, member) == (30_000, 0)
    assert farm.balance("NSN", Purpose.TRANSIT)[0] == before + 20_000
    assert farm.balance("NSN", Purpose.FUNDING) == funding
    assert (await farm.ledger()).balanced


@pytest.mark.parametrize("branch", ["NSN", "KKN"])
async def test_a_transfer_moves_money_between_members_of_the_same_or_another_branch(
    farm: Farm, tmp_path: Path, branch: str
) -> None:
    payer, payee = await farm.member(), await farm.member(branch=branch)
    await give(farm, payer, 300)
    clearing = [farm.balance(code, Purpose.CLEARING)[0] for code in ("NSN", "KKN")]
    written = f" {_code(farm, payee).lower()}\u200b "
    intent = await submit(farm, payer, "120.00", "transfer", to_member=written)
    assert (intent.channel, intent.counterparty_code) == ("internal", _code(farm, payee))
    async with farm.api.transaction((CODES["NSN"],)) as tx:
        sheet = (await load_sheets(tx, [intent.id]))[intent.id]
    assert (sheet.source, sheet.destination, sheet.counterparty) == ("balance", "balance", _code(farm, payee))
    await settle(farm, tmp_path, [intent.id])
    assert (balance(farm, payer), balance(farm, payee)) == ((18_000, 0), (12_000, 0))
    moved = 12_000 if branch == "KKN" else 0
    assert farm.balance("NSN", Purpose.CLEARING)[0] == clearing[0] + moved
    assert farm.balance("KKN", Purpose.CLEARING)[0] == clearing[1] - moved
    assert (await farm.ledger()).balanced


async def test_two_hundred_withdrawals_at_once_take_exactly_what_is_there(farm: Farm) -> None:
    member = await farm.payee()
    await give(farm, member, 1_000)
    database = Database(role_url(farm.url, API, ROLE_SECRET), SERVICES, connections=20)
    cashier = farm.cashier.actor

    async def withdraw() -> IntentView | Refused:
        wanted = request(member, "10.00", "withdrawal")
        return await call(database, cashier, verbs.submit_intent, wanted, now())

    replies = await asyncio.gather(*(withdraw() for _ in range(200)))
    await database.close()
    assert [reply.code for reply in replies if isinstance(reply, Refused)] == [R.BALANCE] * 100
    assert balance(farm, member) == (100_000, 100_000)
    assert (await farm.ledger()).balanced


@pytest.mark.parametrize(
    ("operation", "changed", "code", "field"),
    [
        ("withdrawal", {"amount": "50.01"}, R.BALANCE, "amount"),
        ("withdrawal", {"account_version": 2}, R.MEMBER_CHANGED, "account_version"),
        ("withdrawal", {"to": "balance"}, R.INVALID, "to"),
        ("withdrawal", {"weigh_ticket": "W-1"}, R.INVALID, "weigh_ticket"),
        ("withdrawal", {"to_member": "M1"}, R.INVALID, "to_member"),
        ("transfer", {}, R.RECIPIENT_UNKNOWN, "to_member"),
        ("transfer", {"to_member": "nobody"}, R.RECIPIENT_UNKNOWN, "to_member"),
        ("transfer", {"duplicate_reason": "why"}, R.INVALID, "duplicate_reason"),
    ],
    ids=str,
)
async def test_what_can_not_be_done_with_a_balance_is_refused(
    farm: Farm, operation: str, changed: dict[str, Any], code: R, field: str
) -> None:
    member = await farm.payee()
    await give(farm, member, 50)
    refused = await refuses(farm, farm.cashier, verbs.submit_intent, request(member, "10.00", operation, **changed))
    assert (refused.code, refused.field) == (code, field)


async def test_a_member_without_a_balance_has_nothing_to_withdraw(farm: Farm) -> None:
    refused = await refuses(farm, farm.cashier, verbs.submit_intent, request(await farm.payee(), "0.01", "withdrawal"))
    assert (refused.code, refused.params) == (R.BALANCE, {"available": "0.00"})


async def test_nobody_transfers_to_themselves_nor_to_who_has_left(farm: Farm) -> None:
    member, gone = await farm.payee(), await farm.member(branch="KKN")
    await give(farm, member, 50)
    to_self = request(member, "10.00", "transfer", to_member=_code(farm, member))
    assert (await refuses(farm, farm.cashier, verbs.submit_intent, to_self)).code is R.SAME_MEMBER
    to_gone = request(member, "10.00", "transfer", to_member=_code(farm, gone))
    submitted = await farm.done(farm.cashier, verbs.submit_intent, to_gone, now())
    farm.query("update sheaf.member set status = 'closed' where id = %s", gone)
    assert (await refuses(farm, farm.cashier, verbs.submit_intent, to_gone)).code is R.RECIPIENT_NOT_ACTIVE
    signing = await farm.signed_request(farm.manager, [submitted.id])
    refused = await farm.ask(farm.manager, sign_off_verbs.sign_off, signing, now())
    assert isinstance(refused, Refused)
    assert refused.code is R.RECIPIENT_NOT_ACTIVE


async def test_what_is_cancelled_is_the_members_again(farm: Farm) -> None:
    member = await farm.payee()
    await give(farm, member, 50)
    intent = await submit(farm, member, "50.00", "withdrawal")
    cancel = CancelIntentRequest(id=intent.id, version=intent.version)
    await farm.done(farm.cashier, verbs.cancel_intent, cancel, now())
    assert balance(farm, member) == (5_000, 0)


async def test_a_statement_tells_the_balance_after_each_movement_on_every_page(farm: Farm) -> None:
    member = await farm.payee()
    for baht in (10, 20, 30, 40, 50):
        await give(farm, member, baht)
    found, cursor = [], ""
    while True:
        ask = ListEntriesRequest(id=member, limit=2, cursor=cursor)
        page = await farm.done(farm.cashier, balance_verbs.list_member_entries, ask, now())
        found += [(entry.amount, entry.balance) for entry in page.entries]
        cursor = page.cursor
        if not cursor:
            break
    assert found == [
        ("50.00", "150.00"),
        ("40.00", "100.00"),
        ("30.00", "60.00"),
        ("20.00", "30.00"),
        ("10.00", "10.00"),
    ]


async def test_another_branch_sees_a_recipient_by_the_whole_code_and_nothing_of_the_balance(farm: Farm) -> None:
    member = await farm.payee()
    await give(farm, member, 50)
    code = _code(farm, member)
    found = await farm.done(farm.stranger, balance_verbs.find_recipient, FindRecipientRequest(code=code), now())
    assert (found.code, found.branch, found.status) == (code, "NSN", "active")
    for wrong in (code[:-1], "", code + " x"):
        ask = FindRecipientRequest(code=wrong)
        assert await farm.refused(farm.stranger, balance_verbs.find_recipient, ask, now()) is R.RECIPIENT_UNKNOWN
    assert await farm.refused(farm.stranger, balance_verbs.get_member_balance, ById(id=member), now()) is R.NOT_FOUND
    ask_entries = ListEntriesRequest(id=member)
    assert await farm.refused(farm.stranger, balance_verbs.list_member_entries, ask_entries, now()) is R.NOT_FOUND
