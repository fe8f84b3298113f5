"""What the database refuses about intents, sign-offs and bank accounts, with the API's own password."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import Connection

from server.database.roles import AUDITOR, EXECUTOR, STATEMENTS
from server.sign_offs import verbs as sign_off_verbs
from shared.wire.payments import IntentView
from tests.database.psql import CHECK, DENIED, FOREIGN_KEY, FUNDING, TRANSIT, UNIQUE, refused, succeeds_without
from tests.ledger.till import as_role, write_legs
from tests.members.world import NOW
from tests.payments.farm import Farm, now

MOVE = "update sheaf.intent set state = %s, version = version + 1 where id = %s"


async def test_an_edge_that_is_not_in_the_table_is_not_taken(
    farm: Farm, intent: IntentView, api: Connection[Any]
) -> None:
    for target in ("created", "nonsense"):
        refused(api, "SH004", MOVE, target, intent.id)
    succeeds_without(
        farm, "drop trigger lifecycle on sheaf.intent; drop trigger guard on sheaf.intent", MOVE, "created", intent.id
    )


async def test_the_api_does_not_say_what_became_of_the_money(
    farm: Farm, intent: IntentView, api: Connection[Any]
) -> None:
    await farm.sign(farm.manager, [intent.id])
    refused(api, "SH038", MOVE, "sent", intent.id)
    with as_role(farm.url, STATEMENTS) as worker:
        refused(worker, "SH038", MOVE, "cancelled", intent.id)
    with as_role(farm.url, EXECUTOR) as executor:
        executor.execute(MOVE, ["sent", intent.id])
        executor.execute(MOVE, ["settled", intent.id])


async def test_an_ended_intent_never_moves_again(farm: Farm, intent: IntentView, api: Connection[Any]) -> None:
    api.execute(MOVE, ["cancelled", intent.id])
    refused(api, "SH004", MOVE, "validated", intent.id)
    refused(api, "SH003", "update sheaf.intent set failure_text = 'x', version = version + 1 where id = %s", intent.id)
    for role in (EXECUTOR, AUDITOR, STATEMENTS):
        with as_role(farm.url, role) as other:
            refused(other, DENIED, "delete from sheaf.intent")


@pytest.mark.parametrize(
    "change",
    [
        "amount = 1",
        "member_id = gen_random_uuid()",
        "bank_account_id = gen_random_uuid()",
        "maker_id = gen_random_uuid()",
        "account_version = 2",
        "weigh_ticket = 'x'",
        "branch_id = 2",
        "batch_id = gen_random_uuid()",
        "fee = 1",
    ],
)
async def test_what_an_intent_asks_for_never_changes(
    farm: Farm, intent: IntentView, api: Connection[Any], change: str
) -> None:
    statement = f"update sheaf.intent set {change}, version = version + 1 where id = %s"
    refused(api, DENIED, statement, intent.id)
    with psycopg.connect(farm.url, options="-c sheaf.branches={0,1,2}") as owner:
        refused(owner, "SH030", statement, intent.id)


@pytest.mark.parametrize(
    "change", ["quorum = '{manager}'", "hold_id = gen_random_uuid()", "expires_at = expires_at + interval '1 day'"]
)
async def test_who_must_sign_never_changes_after_submission(farm: Farm, api: Connection[Any], change: str) -> None:
    """Otherwise the treasurer's signature is taken away with one statement."""
    intent = await farm.submit(await farm.payee(), "300000.00")
    assert intent.approvals.needed == 2
    statement = f"update sheaf.intent set {change}, version = version + 1 where id = %s"
    refused(api, "SH037", statement, intent.id)
    succeeds_without(farm, "drop trigger guard on sheaf.intent", statement, intent.id)


async def test_no_authorization_without_the_quorum(farm: Farm, api: Connection[Any]) -> None:
    intent = await farm.submit(await farm.payee(), "300000.00")
    refused(api, "SH031", MOVE, "authorized", intent.id)
    await farm.sign(farm.manager, [intent.id])
    refused(api, "SH031", MOVE, "authorized", intent.id)
    succeeds_without(farm, "drop trigger quorum on sheaf.intent", MOVE, "authorized", intent.id)
    await farm.sign(farm.treasurer, [intent.id])
    assert farm.state(intent.id) == "authorized"


def put_sign_off(api: Connection[Any], intent: UUID, user: UUID, device: UUID, role: str, as_user: UUID) -> None:
    sign_off = uuid4()
    api.execute(
        """insert into sheaf.sign_off (id, branch_id, kind, user_id, role, device_id, decision, reason, set_bytes,
             digest, signature, at) values (%s, 1, 'intents', %s, %s, %s, 'approve', '', '', '', '', %s)""",
        [sign_off, user, role, device, NOW],
    )
    api.execute("insert into sheaf.sign_off_item values (%s, 1, %s, %s, '')", [sign_off, intent, as_user])


async def test_the_makers_signature_does_not_count(farm: Farm, intent: IntentView, api: Connection[Any]) -> None:
    maker = farm.cashier.actor
    put_sign_off(api, intent.id, maker.user, maker.device, "manager", maker.user)
    refused(api, "SH031", MOVE, "authorized", intent.id)


async def test_one_person_is_not_two(farm: Farm, api: Connection[Any]) -> None:
    intent = await farm.submit(await farm.payee(), "300000.00")
    manager, other = farm.manager.actor, farm.second_manager.actor
    put_sign_off(api, intent.id, manager.user, manager.device, "manager", manager.user)
    for pretended, code in ((manager.user, UNIQUE), (other.user, FOREIGN_KEY)):
        with pytest.raises(psycopg.Error) as caught, api.transaction():
            put_sign_off(api, intent.id, manager.user, manager.device, "treasurer", pretended)
        assert caught.value.sqlstate == code
    refused(api, "SH031", MOVE, "authorized", intent.id)


COPY = """insert into sheaf.intent (id, branch_id, number, operation, member_id, bank_account_id, account_version,
            amount, currency, channel, produce, weigh_ticket, note, maker_id, state, quorum, hold_id, created_at,
            expires_at, changed_at, source_id)
          select gen_random_uuid(), branch_id, gen_random_uuid()::text, operation, member_id, bank_account_id,
            account_version, amount, currency, channel, '', '', '', maker_id, %s, %s, {hold}, created_at, expires_at,
            changed_at, source_id
          from sheaf.intent where id = %s"""


async def test_no_intent_is_born_further_on_or_without_hold_and_quorum(
    farm: Farm, intent: IntentView, api: Connection[Any]
) -> None:
    with_hold, without = COPY.format(hold="hold_id"), COPY.format(hold="null")
    for state in ("authorized", "sent", "settled", "cancelled", "failed"):
        refused(api, "SH002", with_hold, state, ["manager"], intent.id)
    refused(api, "SH036", with_hold, "validated", [], intent.id)
    refused(api, "SH036", without, "validated", ["manager"], intent.id)
    refused(api, CHECK, with_hold, "validated", ["boss"], intent.id)
    api.execute(with_hold.encode(), ["validated", ["manager"], intent.id])


async def test_transit_is_looked_at_even_from_where_the_branch_is_out_of_sight(farm: Farm, intent: IntentView) -> None:
    """The check is deferred: by then the context may have been taken away."""
    row = farm.query("select hold_id, amount from sheaf.intent where id = %s", intent.id)[0]
    await farm.sign(farm.manager, [intent.id])
    with as_role(farm.url, EXECUTOR) as executor:
        executor.execute(MOVE, ["sent", intent.id])
        executor.execute(MOVE, ["settled", intent.id])
        executor.execute(
            """insert into sheaf.ledger_transfer (id, branch_id, kind, hold_id, intent_id, subject, at)
               values (%s, 1, 'post', %s, %s, '', %s)""",
            [transfer := uuid4(), row[0], intent.id, NOW],
        )
        write_legs(executor, transfer, (FUNDING, -row[1], -row[1]), (TRANSIT, row[1], 0))
        executor.commit()
    with as_role(farm.url, STATEMENTS) as worker:
        refused(worker, "SH033", MOVE, "reconciled", intent.id)
        worker.execute(MOVE, ["reconciled", intent.id])
        refused(worker, "SH039", "set local sheaf.branches = '{}'")


async def test_no_bank_account_without_an_approved_case(farm: Farm, intent: IntentView, api: Connection[Any]) -> None:
    insert = """insert into sheaf.bank_account (id, branch_id, member_id, version, bank, number_cipher, number_digest,
                  number_last4, name, effective_at, bank_change_id)
                select gen_random_uuid(), branch_id, member_id, version + 1, bank, number_cipher, number_digest,
                  number_last4, name, effective_at, %s from sheaf.bank_account where member_id = %s"""
    refused(api, "SH021", insert, None, intent.member_id)
    refused(api, "SH022", insert, uuid4(), intent.member_id)
    refused(api, DENIED, "update sheaf.bank_account set bank = '004'")
    refused(api, DENIED, "update sheaf.bank_change set account_name = 'x'")
    succeeds_without(farm, "drop trigger guard on sheaf.bank_account", insert, None, intent.member_id)


async def test_a_sign_off_through_the_verbs_is_what_the_guard_lets_pass(farm: Farm, intent: IntentView) -> None:
    request = await farm.signed_request(farm.manager, [intent.id])
    await farm.done(farm.manager, sign_off_verbs.sign_off, request, now())
    assert farm.state(intent.id) == "authorized"
