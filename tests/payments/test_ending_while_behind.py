"""While something is known to be missing here nobody ends a payment unpaid: the bank may have paid it."""

from __future__ import annotations

import psycopg
import pytest

from server.batches import verbs as batch_verbs
from server.payments import verbs
from server.restore import store
from server.restore.rules import Kind, Witness
from server.sign_offs import verbs as sign_off_verbs
from shared.refusals import RefusalCode as R
from shared.wire import payments as wire
from shared.wire.common import ById
from tests.members.world import CODES
from tests.payments.farm import Farm, now
from tests.payments.refusals import refuses

TOLD = [Witness(Kind.PERSON, "command line", "restored from a backup")]


async def test_neither_maker_nor_approver_nor_time_ends_what_may_be_paid(farm: Farm) -> None:
    member = await farm.payee()
    waits, signed = await farm.submit(member), await farm.submit(member, "200.00")
    await farm.sign(farm.manager, [signed.id])
    approved = await farm.done(farm.cashier, verbs.get_intent, ById(id=signed.id), now())
    batch = await farm.batch([farm.line(await farm.payee(), "300.00")], "300.00")
    async with farm.executor.transaction(tuple(CODES.values())) as tx:
        await store.tell(tx, TOLD, now())
    for one in (waits, approved.intent):
        request = wire.CancelIntentRequest(id=one.id, version=one.version, reason="typed anew")
        assert (await refuses(farm, farm.cashier, verbs.cancel_intent, request)).code is R.RESTORE_BEHIND
    cancel = wire.CancelBatchRequest(id=batch.id, version=batch.version, reason="typed anew")
    assert (await refuses(farm, farm.cashier, batch_verbs.cancel_batch, cancel)).code is R.RESTORE_BEHIND
    for rejected in (
        await farm.signed_request(farm.manager, [waits.id], decision="reject", reason="twice"),
        await farm.signed_request(farm.manager, batch_id=batch.id, decision="reject", reason="twice"),
    ):
        assert (await refuses(farm, farm.manager, sign_off_verbs.sign_off, rejected)).code is R.RESTORE_BEHIND
    with psycopg.connect(farm.url) as admin, pytest.raises(psycopg.errors.Error) as caught:
        admin.execute("update sheaf.intent set state = 'expired', version = version + 1 where id = %s", [waits.id])
    assert caught.value.sqlstate == "SH125"
    # what is approved is asked about first, under the reference that the bank knows
    await farm.sign(farm.manager, [waits.id])
    await farm.sign(farm.manager, batch_id=batch.id)
    assert farm.state(waits.id) == "authorized"
