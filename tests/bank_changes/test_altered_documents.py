"""A document that was replaced in the store: who has read the first one signs nothing, and nobody gets an error."""

from __future__ import annotations

import hashlib

import pytest

from server.bank_changes import sign_verbs, verbs
from shared.refusals import RefusalCode as R
from shared.wire.bank_changes import GetDocumentRequest
from shared.wire.common import ById
from tests.bank_changes.cases import approve, decision, png, read_documents, replace_document, requested
from tests.members.world import SERVICES, World

SIGN = sign_verbs.sign_bank_change
OTHER = png("another book")


@pytest.mark.parametrize("content", [b"", b"x" * 40, SERVICES.vault.encrypt(OTHER)], ids=["nothing", "noise", "other"])
async def test_one_replaced_after_it_was_read_is_not_signed_for(world: World, content: bytes) -> None:
    case = await requested(world, await world.member())
    await read_documents(world, world.manager, case)
    replace_document(world, case, content)
    assert await world.refused(world.manager, SIGN, await decision(world, world.manager, case.id)) is R.CASE_ALTERED
    assert world.query("select 1 from sheaf.sign_off where case_id = %s", case.id) == []


async def test_one_replaced_between_two_approvals_freezes_the_case(world: World) -> None:
    case = await requested(world, await world.member())
    await approve(world, world.manager, case)
    await read_documents(world, world.treasurer, case)
    replace_document(world, case, SERVICES.vault.encrypt(OTHER))
    look = GetDocumentRequest(id=case.id, sha256=case.documents[0].sha256)
    assert await world.refused(world.treasurer, verbs.get_document, look) is R.CASE_ALTERED
    assert await world.refused(world.treasurer, SIGN, await decision(world, world.treasurer, case.id)) is R.CASE_ALTERED
    no = await decision(world, world.treasurer, case.id, "reject", "เอกสารถูกเปลี่ยน")
    assert (await world.done(world.treasurer, SIGN, no)).state == "rejected"


async def test_one_replaced_with_its_digest_is_not_what_the_first_approver_signed(world: World) -> None:
    case = await requested(world, await world.member())
    await approve(world, world.manager, case)
    world.query("alter table sheaf.document_view disable trigger all")
    world.query("delete from sheaf.document_view where bank_change_id = %s", case.id)
    replace_document(world, case, SERVICES.vault.encrypt(OTHER), hashlib.sha256(OTHER).hexdigest())
    world.query("alter table sheaf.document_view enable trigger all")
    now = await world.done(world.treasurer, verbs.get_bank_change, ById(id=case.id))
    await read_documents(world, world.treasurer, now)
    assert await world.refused(world.treasurer, SIGN, await decision(world, world.treasurer, case.id)) is R.CASE_ALTERED


async def test_its_maker_may_take_a_frozen_case_back(world: World) -> None:
    case = await requested(world, await world.member())
    replace_document(world, case, b"")
    assert (await world.done(world.cashier, verbs.cancel_bank_change, ById(id=case.id))).state == "cancelled"
