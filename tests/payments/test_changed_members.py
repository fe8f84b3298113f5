"""Nobody approves a payment whose member has another account by now, or may not be paid any more."""

from __future__ import annotations

from uuid import UUID

import psycopg

from server.sign_offs.verbs import sign_off
from shared.refusals import RefusalCode as R
from tests.payments.farm import Farm
from tests.payments.refusals import refuses


def replace_account(farm: Farm, member: UUID) -> None:
    """As an approved bank change does."""
    with psycopg.connect(farm.url) as owner:
        owner.execute("set session_replication_role = replica")
        columns = ", ".join(
            row[0]
            for row in owner.execute(
                """select attname from pg_attribute where attrelid = 'sheaf.bank_account'::regclass and attnum > 0
                   and attname not in ('id', 'version') and not attisdropped"""
            ).fetchall()
        )
        owner.execute(
            f"""insert into sheaf.bank_account (id, version, {columns})
                select gen_random_uuid(), version + 1, {columns} from sheaf.bank_account where member_id = %s""",
            [member],
        )


async def test_a_payment_to_a_replaced_account_is_rejected_and_not_approved(farm: Farm) -> None:
    member = await farm.payee()
    intent = await farm.submit(member)
    request = await farm.signed_request(farm.manager, [intent.id])
    replace_account(farm, member)
    refusal = await refuses(farm, farm.manager, sign_off, request)
    assert (refusal.code, refusal.params) == (R.MEMBER_CHANGED, {"version": "2"})
    await farm.reject(farm.manager, "another account now", [intent.id])
    assert farm.state(intent.id) == "rejected"


async def test_a_batch_with_a_replaced_account_is_not_approved(farm: Farm) -> None:
    members = [await farm.payee(), await farm.payee()]
    batch = await farm.batch([farm.line(member) for member in members], "200.00")
    request = await farm.signed_request(farm.manager, batch_id=batch.id)
    replace_account(farm, members[1])
    refusal = await refuses(farm, farm.manager, sign_off, request)
    assert (refusal.code, refusal.params) == (R.BATCH_LINES, {"count": "1"})


async def test_a_payment_to_a_closed_member_is_not_approved(farm: Farm) -> None:
    member = await farm.payee()
    intent = await farm.submit(member)
    request = await farm.signed_request(farm.manager, [intent.id])
    farm.query("update sheaf.member set status = 'closed' where id = %s", member)
    assert (await refuses(farm, farm.manager, sign_off, request)).code is R.MEMBER_NOT_ACTIVE
