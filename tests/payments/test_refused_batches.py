"""What may not become of a batch, and that refused lines leave nothing behind."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from server.batches import verbs as batches
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.wire import payments as wire
from shared.wire.common import ById
from tests.payments.farm import Farm, now
from tests.payments.refusals import refuses, unchanged


async def _opened(farm: Farm, count: int = 2, total: str = "200.00") -> wire.BatchView:
    request = wire.OpenBatchRequest(branch="NSN", count=count, total=total)
    return await farm.done(farm.cashier, batches.open_batch, request, now())


def _lines(batch: wire.BatchView, lines: list[dict[str, Any]], first: int = 1) -> wire.AddBatchLinesRequest:
    return wire.AddBatchLinesRequest(id=batch.id, first=first, lines=[wire.IntentLine(**line) for line in lines])


async def _filled(farm: Farm) -> wire.BatchView:
    batch = await _opened(farm)
    lines = [farm.line(await farm.payee()) for _ in range(2)]
    await farm.done(farm.cashier, batches.add_batch_lines, _lines(batch, lines), now())
    return batch


async def _refused_lines(farm: Farm, request: wire.AddBatchLinesRequest) -> dict[int, str]:
    reply = await unchanged(farm, farm.cashier, batches.add_batch_lines, request, now())
    assert not isinstance(reply, Refused), reply
    return {result.line: result.refused.code for result in reply.results if result.refused}


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"branch": "KKN"}, R.NOT_FOUND, "branch"),
        ({"total": "1e3"}, R.MONEY_INVALID, "total"),
        ({"total": "0"}, R.MONEY_INVALID, "total"),
        ({"note": "a\x00"}, R.INVALID, "note"),
    ],
    ids=str,
)
async def test_a_batch_that_can_not_be_is_not_opened(
    farm: Farm, changed: dict[str, object], code: R, field: str
) -> None:
    content: dict[str, Any] = {"branch": "NSN", "count": 1, "total": "1.00", **changed}
    refusal = await refuses(farm, farm.cashier, batches.open_batch, wire.OpenBatchRequest(**content))
    assert (refusal.code, refusal.field) == (code, field)


async def test_one_bad_line_keeps_all_of_the_call_out_and_is_named(farm: Farm) -> None:
    batch = await _opened(farm, 4)
    good, suspended = farm.line(await farm.payee()), farm.line(await farm.payee())
    farm.query("update sheaf.member set status = 'suspended' where id = %s", suspended["member_id"])
    lines = [good, good | {"amount": "-1", "weigh_ticket": ""}, suspended, good | {"currency": "USD"}]
    assert await _refused_lines(farm, _lines(batch, lines)) == {
        2: R.MONEY_INVALID.value,
        3: R.MEMBER_NOT_ACTIVE.value,
        4: R.CURRENCY.value,
    }


async def test_a_ticket_stands_once_in_a_batch_within_a_call_and_across_calls(farm: Farm) -> None:
    batch = await _opened(farm, 3)
    first = farm.line(await farm.payee(), weigh_ticket="W-8001")
    twin = farm.line(await farm.payee(), weigh_ticket="w-8001")
    assert await _refused_lines(farm, _lines(batch, [first, twin])) == {2: R.DUPLICATE_TICKET.value}
    await farm.done(farm.cashier, batches.add_batch_lines, _lines(batch, [first]), now())
    assert await _refused_lines(farm, _lines(batch, [twin], first=2)) == {2: R.DUPLICATE_TICKET.value}


async def test_lines_sent_again_are_harmless_and_other_content_is_refused(farm: Farm) -> None:
    batch = await _opened(farm, 3)
    lines = [farm.line(await farm.payee(), documents=["a" * 64]) for _ in range(2)]
    first = await farm.done(farm.cashier, batches.add_batch_lines, _lines(batch, lines), now())
    again = await unchanged(farm, farm.cashier, batches.add_batch_lines, _lines(batch, lines), now())
    assert again == first
    for changed in ({"amount": "100.01"}, {"documents": []}, {"note": "x"}, {"weigh_ticket": "W-OTHER"}):
        request = _lines(batch, [lines[0] | changed])
        assert await _refused_lines(farm, request) == {1: R.INVALID.value}
    beyond = _lines(batch, [farm.line(await farm.payee())], first=4)
    assert await _refused_lines(farm, beyond) == {4: R.INVALID.value}


async def test_a_batch_is_its_makers_while_it_is_open(farm: Farm) -> None:
    batch = await _filled(farm)
    line = _lines(batch, [farm.line(await farm.payee())])
    close = wire.CloseBatchRequest(id=batch.id, count=2, total="200.00")
    cancel = wire.CancelBatchRequest(id=batch.id, version=1)
    for verb, request in (
        (batches.add_batch_lines, line),
        (batches.close_batch, close),
        (batches.cancel_batch, cancel),
    ):
        assert (await refuses(farm, farm.manager, verb, request)).code is R.FORBIDDEN  # type: ignore[arg-type]  # each verb with its own request
        assert (await refuses(farm, farm.stranger, verb, request)).code is R.NOT_FOUND  # type: ignore[arg-type]  # as above
    assert (await refuses(farm, farm.stranger, batches.get_batch, ById(id=batch.id))).code is R.NOT_FOUND


@pytest.mark.parametrize(
    ("count", "total", "code"),
    [
        (1, "200.00", R.BATCH_TOTALS),
        (2, "200.01", R.BATCH_TOTALS),
        (3, "300.00", R.BATCH_TOTALS),
        (2, "NaN", R.MONEY_INVALID),
    ],
)
async def test_a_batch_closes_only_with_its_own_count_and_total(farm: Farm, count: int, total: str, code: R) -> None:
    batch = await _filled(farm)
    close = wire.CloseBatchRequest(id=batch.id, count=count, total=total)
    assert (await refuses(farm, farm.cashier, batches.close_batch, close)).code is code


async def test_a_batch_that_lacks_a_line_does_not_close(farm: Farm) -> None:
    batch = await _opened(farm)
    await farm.done(
        farm.cashier, batches.add_batch_lines, _lines(batch, [farm.line(await farm.payee(), "200.00")]), now()
    )
    close = wire.CloseBatchRequest(id=batch.id, count=2, total="200.00")
    refusal = await refuses(farm, farm.cashier, batches.close_batch, close)
    assert (refusal.code, refusal.params["count"]) == (R.BATCH_TOTALS, "1")


async def test_a_batch_whose_members_changed_meanwhile_does_not_close(farm: Farm) -> None:
    batch = await _filled(farm)
    farm.query(
        """update sheaf.member set status = 'suspended'
           where id = (select member_id from sheaf.intent where batch_id = %s and line = 2)""",
        batch.id,
    )
    close = wire.CloseBatchRequest(id=batch.id, count=2, total="200.00")
    refusal = await refuses(farm, farm.cashier, batches.close_batch, close)
    assert (refusal.code, refusal.params) == (R.BATCH_LINES, {"count": "1"})


async def test_a_batch_beyond_the_branchs_money_does_not_close(farm: Farm) -> None:
    lines = [farm.line(await farm.payee(), "2000000.00") for _ in range(6)]
    opened = await _opened(farm, 6, "12000000.00")
    await farm.done(farm.cashier, batches.add_batch_lines, _lines(opened, lines), now())
    close = wire.CloseBatchRequest(id=opened.id, count=6, total="12000000.00")
    assert (await refuses(farm, farm.cashier, batches.close_batch, close)).code is R.FUNDS


async def test_a_submitted_batch_takes_no_lines_and_an_ended_one_nothing(farm: Farm) -> None:
    batch = await _filled(farm)
    close = wire.CloseBatchRequest(id=batch.id, count=2, total="200.00")
    closed = await farm.done(farm.cashier, batches.close_batch, close, now())
    line = _lines(batch, [farm.line(await farm.payee())])
    assert (await refuses(farm, farm.cashier, batches.add_batch_lines, line)).code is R.STATE
    assert (await refuses(farm, farm.cashier, batches.close_batch, close)).code is R.STATE
    stale = wire.CancelBatchRequest(id=batch.id, version=closed.version - 1)
    assert (await refuses(farm, farm.cashier, batches.cancel_batch, stale)).code is R.STALE_VERSION
    cancel = wire.CancelBatchRequest(id=batch.id, version=closed.version)
    ended = await farm.done(farm.cashier, batches.cancel_batch, cancel, now())
    again = wire.CancelBatchRequest(id=batch.id, version=ended.version)
    assert (await refuses(farm, farm.cashier, batches.cancel_batch, again)).code is R.STATE


async def test_what_is_no_batch_is_not_found(farm: Farm) -> None:
    for verb, request in (
        (batches.get_batch, ById(id=uuid4())),
        (batches.close_batch, wire.CloseBatchRequest(id=uuid4(), count=1, total="1.00")),
        (batches.cancel_batch, wire.CancelBatchRequest(id=uuid4(), version=1)),
        (batches.add_batch_lines, wire.AddBatchLinesRequest(id=uuid4(), first=1, lines=[])),
    ):
        assert (await refuses(farm, farm.cashier, verb, request)).code is R.NOT_FOUND  # type: ignore[arg-type]  # each verb with its own request
    bad = wire.ListBatchesRequest(cursor="nothing")
    assert (await refuses(farm, farm.cashier, batches.list_batches, bad)).code is R.CURSOR
