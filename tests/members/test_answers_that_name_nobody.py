"""A bank's answer that names nobody is no answer: the member stays unverified and nothing of it is kept."""

from __future__ import annotations

import pytest

from server.channels.base import AccountStatus
from server.members import verbs
from shared.wire.common import ById
from tests.members.world import NOW, SERVICES, World


@pytest.mark.parametrize("answer", ["OK", "-", "N/A", "", "ไม่พบข้อมูล", "*** ***", '{"error": "x"}', "NUMBER"])
async def test_a_member_is_not_verified_by_a_word_or_a_number(world: World, answer: str) -> None:
    member = await world.member()
    cipher = world.query("select number_cipher from sheaf.bank_account where member_id = %s", member)[0][0]
    await world.done(world.cashier, verbs.check_account, ById(id=member))
    said = SERVICES.vault.decrypt_text(bytes(cipher)) if answer == "NUMBER" else answer
    assert await world.answer_checks(said, AccountStatus.ACTIVE) == 1
    validation = await world.done(world.cashier, verbs.validate_member, ById(id=member), NOW)
    assert not validation.payable
    row = world.query("select state, bank_name, match from sheaf.account_check where member_id = %s", member)
    assert row == [("failed", "", 0)]


@pytest.mark.parametrize("rank", ["จ.ส.อ.", "ด.ต.", "ว่าที่ ร.ต. ", "ม.ร.ว.", "พล.ต.อ."])
async def test_a_member_with_a_rank_can_be_paid(world: World, rank: str) -> None:
    name = f"{rank}ทองดี มีนา"
    member = await world.member(name=name, account_name=name)
    await world.done(world.cashier, verbs.check_account, ById(id=member))
    assert await world.answer_checks("นาย ท*** ม***") == 1
    assert (await world.done(world.cashier, verbs.validate_member, ById(id=member), NOW)).payable
