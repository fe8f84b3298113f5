"""A batch is looked at in pages and signed whole: what is signed is what stands there, whoever changed it meanwhile."""

from __future__ import annotations

import base64
from typing import Any

import psycopg
import pytest

from server.batches import verbs as batch_verbs
from server.sign_offs import verbs as sign_off_verbs
from server.sign_offs.verbs import open_sign_off_sheet, sign_off
from shared.canonical import digest, set_bytes
from shared.money import Satang
from shared.refusals import RefusalCode as R
from shared.wire import payments as wire
from tests.payments.farm import Farm, now
from tests.payments.refusals import refuses


@pytest.fixture
async def batch(farm: Farm) -> wire.BatchView:
    """Seven lines that wait for a manager and the treasurer."""
    lines = [farm.line(member, "50000.00") for member in await farm.payees(7)]
    return await farm.batch(lines, "350000.00")


async def _page(farm: Farm, batch: wire.BatchView, after: int, limit: int = 3) -> wire.OpenSheetReply:
    request = wire.OpenSheetRequest(batch_id=batch.id, after=after, limit=limit)
    return await farm.done(farm.manager, open_sign_off_sheet, request, now())


async def test_pages_follow_each_other_to_the_end_and_each_look_is_audited(farm: Farm, batch: wire.BatchView) -> None:
    pages = [await _page(farm, batch, after) for after in (0, 3, 6)]
    assert [(len(page.items), page.next) for page in pages] == [(3, 3), (3, 6), (1, 0)]
    assert {(page.count, page.total, page.batch_version) for page in pages} == {(7, "350000.00", batch.version)}
    for page in pages:
        items = [(digest(base64.b64decode(item.sheet)), Satang(5_000_000)) for item in page.items]
        assert page.digest == digest(set_bytes(items))
    looks = farm.query(
        "select count(*) from sheaf.audit_entry where tag = 'open_sign_off_sheet' and subject = %s", str(batch.id)
    )
    assert looks == [(3,)]
    beyond = wire.OpenSheetRequest(batch_id=batch.id, after=7)
    assert (await refuses(farm, farm.manager, open_sign_off_sheet, beyond)).code is R.NOT_FOUND


async def test_an_open_batch_has_no_sheet(farm: Farm) -> None:
    request = wire.OpenBatchRequest(branch="NSN", count=1, total="1.00")
    opened = await farm.done(farm.cashier, batch_verbs.open_batch, request, now())
    sheet = wire.OpenSheetRequest(batch_id=opened.id)
    assert (await refuses(farm, farm.manager, open_sign_off_sheet, sheet)).code is R.STATE


async def test_one_result_for_the_batch_and_only_the_last_signature_moves_its_lines(
    farm: Farm, batch: wire.BatchView
) -> None:
    versions = "select distinct state, version from sheaf.intent where batch_id = %s"
    for person, state, version in ((farm.manager, "validated", 2), (farm.treasurer, "authorized", 3)):
        request = await farm.signed_request(person, batch_id=batch.id)
        reply = await farm.done(person, sign_off_verbs.sign_off, request, now())
        assert [(one.id, one.state, one.refused) for one in reply.results] == [(batch.id, state, None)]
        assert farm.query(versions, batch.id) == [(state, version)]
    signed = farm.query("select count(*), count(distinct item_digest) from sheaf.sign_off_item where intent_id in "
                        "(select id from sheaf.intent where batch_id = %s)", batch.id)  # fmt: skip
    assert signed == [(14, 7)]


@pytest.mark.parametrize(
    "change",
    [
        "update sheaf.intent set amount = amount + 100 where batch_id = %s and line = 7",
        "update sheaf.intent set note = 'x' where batch_id = %s and line = 1",
        "update sheaf.intent set line = 8 - line where batch_id = %s and line in (3, 5)",
        "delete from sheaf.intent where batch_id = %s and line = 4",
        """update sheaf.bank_account set number_cipher = (
             select number_cipher from sheaf.bank_account a join sheaf.intent i on i.bank_account_id = a.id
             where i.batch_id = %s and i.line = 1)
           where id = (select bank_account_id from sheaf.intent where batch_id = %s and line = 2)""",
    ],
    ids=["amount", "note", "order", "missing", "account"],
)
async def test_a_batch_that_was_changed_behind_the_signers_back_is_not_signed(
    farm: Farm, batch: wire.BatchView, change: str
) -> None:
    request = await farm.signed_request(farm.manager, batch_id=batch.id)
    with psycopg.connect(farm.url) as owner:
        owner.execute("set session_replication_role = replica")
        owner.execute("drop index sheaf.intent_batch_line")
        owner.execute(change.encode(), [batch.id] * change.count("%s"))
        owner.execute(
            "create unique index intent_batch_line on sheaf.intent (batch_id, line) where batch_id is not null"
        )
    assert (await refuses(farm, farm.manager, sign_off, request)).code is R.SIGNATURE


async def test_a_signature_over_other_lines_or_another_order_is_none(farm: Farm, batch: wire.BatchView) -> None:
    items: list[Any] = [*(await _page(farm, batch, 0, 7)).items]
    honest = await farm.signed_request(farm.manager, batch_id=batch.id)
    for chosen in (items[:-1], items[::-1], [*items[:-1], items[0]]):
        pairs = [(digest(base64.b64decode(item.sheet)), Satang(5_000_000)) for item in chosen]
        subject = digest(set_bytes(pairs))
        request = wire.SignOffRequest(
            decision="approve",
            batch_id=batch.id,
            batch_version=honest.batch_version,
            digest=subject,
            signature=farm.manager.sign("approve", subject, ""),
        )
        assert (await refuses(farm, farm.manager, sign_off, request)).code is R.SIGNATURE
