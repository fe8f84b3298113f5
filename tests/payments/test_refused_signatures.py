"""Who may not sign, what does not count as a signature, and that a refused one leaves nothing behind."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import psycopg
import pytest

from server.payments import verbs
from server.sign_offs import verbs as sign_off_verbs
from server.sign_offs.verbs import open_sign_off_sheet, sign_off
from shared.permissions import Role
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.wire.payments import CancelIntentRequest, IntentView, OpenSheetRequest, SubmitIntentRequest
from tests.payments.farm import Farm, now
from tests.payments.refusals import refuses, unchanged

LARGE = "300000.00"


@pytest.fixture
async def small(farm: Farm) -> IntentView:
    """Waits for a manager."""
    return await farm.submit(await farm.payee())


@pytest.fixture
async def large(farm: Farm) -> IntentView:
    """Waits for a manager and the treasurer."""
    return await farm.submit(await farm.payee(), LARGE)


async def test_what_has_ended_is_not_signed(farm: Farm, small: IntentView) -> None:
    request = await farm.signed_request(farm.manager, [small.id])
    await farm.done(farm.cashier, verbs.cancel_intent, CancelIntentRequest(id=small.id, version=1), now())
    assert (await refuses(farm, farm.manager, sign_off, request)).code is R.STATE


async def test_what_has_changed_since_it_was_seen_is_not_signed(farm: Farm, large: IntentView) -> None:
    request = await farm.signed_request(farm.treasurer, [large.id])
    await farm.sign(farm.manager, [large.id])
    refusal = await refuses(farm, farm.treasurer, sign_off, request)
    assert (refusal.code, refusal.params) == (R.STALE_VERSION, {"version": "2"})


async def test_what_has_run_out_is_not_signed(farm: Farm, small: IntentView) -> None:
    request = await farm.signed_request(farm.manager, [small.id])
    late = now() + timedelta(hours=72)
    assert (await refuses(farm, farm.manager, sign_off, request, late)).code is R.EXPIRED


async def test_a_manager_who_submitted_does_not_sign(farm: Farm) -> None:
    request = SubmitIntentRequest(branch="NSN", **farm.line(await farm.payee()))
    intent = await farm.done(farm.manager, verbs.submit_intent, request, now())
    for decision in ("approve", "reject"):
        signed = await farm.signed_request(farm.manager, [intent.id], decision=decision, reason="why")
        assert (await refuses(farm, farm.manager, sign_off, signed)).code is R.MAKER_IS_CHECKER
    await farm.sign(farm.second_manager, [intent.id])


async def test_nobody_signs_twice_even_with_another_role(farm: Farm, large: IntentView) -> None:
    await farm.sign(farm.manager, [large.id])
    again = await farm.signed_request(farm.manager, [large.id])
    assert (await refuses(farm, farm.manager, sign_off, again)).code is R.ALREADY_SIGNED
    farm.manager.actor = replace(farm.manager.actor, roles=frozenset({Role.MANAGER, Role.TREASURER}))
    assert (await refuses(farm, farm.manager, sign_off, again)).code is R.ALREADY_SIGNED


async def test_who_is_not_needed_does_not_sign(farm: Farm, small: IntentView, large: IntentView) -> None:
    await farm.sign(farm.manager, [large.id])
    for person, intent in ((farm.treasurer, small), (farm.second_manager, large), (farm.cashier, small)):
        for decision in ("approve", "reject"):
            request = await farm.signed_request(person, [intent.id], decision=decision, reason="why")
            code = R.MAKER_IS_CHECKER if person is farm.cashier else R.NOT_YOUR_TURN
            assert (await refuses(farm, person, sign_off, request)).code is code


async def test_a_rejection_says_why(farm: Farm, small: IntentView) -> None:
    request = await farm.signed_request(farm.manager, [small.id], decision="reject")
    assert (await refuses(farm, farm.manager, sign_off, request)).code is R.REASON_NEEDED
    for reason in (" ", "why ", "a\x00"):
        unclean = msgspec.structs.replace(request, reason=reason)
        refusal = await refuses(farm, farm.manager, sign_off, unclean)
        assert (refusal.code, refusal.field) == (R.INVALID, "reason")


async def test_a_signature_that_is_not_of_this_desk_over_this_decision_counts_for_nothing(
    farm: Farm, small: IntentView
) -> None:
    good = await farm.signed_request(farm.manager, [small.id])
    other = await farm.submit(await farm.payee())
    other_set = await farm.signed_request(farm.manager, [other.id])
    wrong: list[dict[str, Any]] = [
        {"digest": other_set.digest, "signature": other_set.signature},
        {"digest": other_set.digest},
        {"signature": other_set.signature},
        {"signature": farm.manager.sign("reject", good.digest, "")},
        {"signature": farm.manager.sign("approve", good.digest, "because")},
        {"reason": "because"},
        {"decision": "reject", "reason": "because"},
        {"signature": farm.second_manager.sign("approve", good.digest, "")},
        {"signature": good.signature[:-4]},
        {"signature": "AAAA"},
        {"signature": "no base64!"},
        {"signature": "é"},
        {"signature": base64.b64encode(bytes(64)).decode()},
    ]
    for changed in wrong:
        refusal = await refuses(farm, farm.manager, sign_off, msgspec.structs.replace(good, **changed))
        assert (refusal.code, refusal.field) == (R.SIGNATURE, "signature")
    await farm.done(farm.manager, sign_off, good, now())


async def test_a_sheet_that_is_no_longer_what_stands_there_is_not_signed(farm: Farm, small: IntentView) -> None:
    request = await farm.signed_request(farm.manager, [small.id])
    with psycopg.connect(farm.url) as owner:
        owner.execute("set session_replication_role = replica")
        owner.execute("update sheaf.intent set amount = amount + 1 where id = %s", [small.id])
    assert (await refuses(farm, farm.manager, sign_off, request)).code is R.SIGNATURE


async def test_a_set_is_signed_whole_or_not_at_all_and_each_item_says_why(farm: Farm) -> None:
    first, second = await farm.submit(await farm.payee()), await farm.submit(await farm.payee())
    request = await farm.signed_request(farm.manager, [first.id, second.id])
    await farm.done(farm.cashier, verbs.cancel_intent, CancelIntentRequest(id=second.id, version=1), now())
    reply = await unchanged(farm, farm.manager, sign_off, request, now())
    assert not isinstance(reply, Refused)
    assert [result.refused.code if result.refused else "" for result in reply.results] == ["", R.STATE.value]


async def test_head_office_does_not_sign_as_a_branchs_manager(farm: Farm, small: IntentView) -> None:
    """Else whoever holds both roles there, and sees every branch, could sign alone for each of them."""
    both = farm.treasurer
    both.actor = replace(both.actor, roles=frozenset({Role.MANAGER, Role.TREASURER}))
    for decision in ("approve", "reject"):
        request = await farm.signed_request(both, [small.id], decision=decision, reason="why")
        assert (await refuses(farm, both, sign_off, request)).code is R.NOT_YOUR_TURN


async def test_a_set_is_of_one_branch_of_single_intents_each_once(farm: Farm, small: IntentView) -> None:
    await farm.fund("KKN", 100)
    elsewhere = await farm.done(
        farm.stranger,
        verbs.submit_intent,
        SubmitIntentRequest(branch="KKN", **farm.line(await farm.payee(branch="KKN"))),
        now(),
    )
    batch = await farm.batch([farm.line(await farm.payee())], "100.00")
    line = farm.query("select id from sheaf.intent where batch_id = %s", batch.id)[0][0]
    for person, ids, code in (
        (farm.treasurer, [small.id, elsewhere.id], R.INVALID),
        (farm.manager, [small.id, line], R.INVALID),
        (farm.manager, [small.id, small.id], R.NOT_FOUND),
        (farm.manager, [small.id, elsewhere.id], R.NOT_FOUND),
        (farm.stranger, [small.id], R.NOT_FOUND),
        (farm.manager, [], R.NOT_FOUND),
    ):
        request = OpenSheetRequest(intents=ids)
        assert (await refuses(farm, person, open_sign_off_sheet, request)).code is code
    mixed = OpenSheetRequest(intents=[small.id], batch_id=batch.id)
    assert (await refuses(farm, farm.manager, open_sign_off_sheet, mixed)).code is R.INVALID
    strange = OpenSheetRequest(batch_id=batch.id)
    assert (await refuses(farm, farm.stranger, open_sign_off_sheet, strange)).code is R.NOT_FOUND
    signed = await farm.signed_request(farm.manager, [small.id])
    assert (await refuses(farm, farm.stranger, sign_off, signed)).code is R.NOT_FOUND


async def test_a_batch_is_signed_at_the_version_that_was_seen_and_once_by_each(farm: Farm) -> None:
    batch = await farm.batch([farm.line(await farm.payee(), LARGE)], LARGE)
    treasurers = await farm.signed_request(farm.treasurer, batch_id=batch.id)
    await farm.sign(farm.manager, batch_id=batch.id)
    assert (await refuses(farm, farm.treasurer, sign_off_verbs.sign_off, treasurers)).code is R.STALE_VERSION
    again = await farm.signed_request(farm.manager, batch_id=batch.id)
    assert (await refuses(farm, farm.manager, sign_off_verbs.sign_off, again)).code is R.ALREADY_SIGNED
    await farm.sign(farm.treasurer, batch_id=batch.id)
    late = await farm.signed_request(farm.second_manager, batch_id=batch.id)
    assert (await refuses(farm, farm.second_manager, sign_off_verbs.sign_off, late)).code is R.STATE
