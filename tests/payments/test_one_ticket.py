"""One weigh ticket is paid once, in however many writings it comes: alone, together, in a batch, in another branch."""

from __future__ import annotations

import asyncio

import pytest

from server.batches import verbs as batch_verbs
from server.payments import verbs
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.wire.payments import AddBatchLinesRequest, IntentLine, OpenBatchRequest, SubmitIntentRequest
from tests.payments.farm import Farm, now
from tests.payments.refusals import refuses

WRITINGS = ["W-{}", "w-{}", "W\u2011{}", "Ｗ-{}", "W \u2212 {}", "W\u200b-{}\u00a0", "ｗ－{}"]
THAI = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")


def _writings(number: int) -> list[str]:
    return [writing.format(number) for writing in WRITINGS] + [f"W-{number}".translate(THAI)]


async def test_a_second_writing_is_refused_by_the_servers_one_door(farm: Farm) -> None:
    first, *others = _writings(9101)
    paid = await farm.submit(await farm.payee(), weigh_ticket=first)
    for place, ticket in enumerate(others):
        line = farm.line(await farm.payee(), f"{200 + place}.00", weigh_ticket=ticket)
        refusal = await refuses(farm, farm.cashier, verbs.submit_intent, SubmitIntentRequest(branch="NSN", **line))
        assert (refusal.code, refusal.params) == (R.DUPLICATE_TICKET, {"ticket": "W-9101", "number": paid.number})


async def test_of_two_writings_at_the_same_moment_one_is_paid(farm: Farm) -> None:
    lines = [farm.line(await farm.payee(), weigh_ticket=ticket) for ticket in _writings(9102)]
    asked = [SubmitIntentRequest(branch="NSN", **line) for line in lines]
    replies = await asyncio.gather(
        *(farm.ask(farm.cashier, verbs.submit_intent, one, now()) for one in asked), return_exceptions=True
    )
    assert sum(1 for reply in replies if not isinstance(reply, Refused | BaseException)) == 1
    assert farm.query("select count(*) from sheaf.intent where ticket_key = 'W-9102'")[0][0] == 1


async def test_a_batch_with_one_ticket_in_five_writings_is_refused_line_by_line(farm: Farm) -> None:
    five = ["W-12", "W-๑๒", "W\u201112", "Ｗ-12", "w-12"]
    lines = [IntentLine(**farm.line(await farm.payee(), f"{100 + n}.00", weigh_ticket=t)) for n, t in enumerate(five)]
    opened = await farm.done(
        farm.cashier,
        batch_verbs.open_batch,
        OpenBatchRequest(branch="NSN", count=5, total="510.00"),
        now(),
    )
    asked = AddBatchLinesRequest(id=opened.id, first=1, lines=lines)
    reply = await farm.ask(farm.cashier, batch_verbs.add_batch_lines, asked, now())
    assert not isinstance(reply, Refused)
    assert [(one.line, one.refused.code if one.refused else "") for one in reply.results if one.refused] == [
        (line, R.DUPLICATE_TICKET.value) for line in (2, 3, 4, 5)
    ]


async def test_the_radar_finds_a_ticket_of_another_branch_in_another_writing(farm: Farm) -> None:
    await farm.fund("KKN", 10_000)
    await farm.submit(await farm.payee(), "512.00", weigh_ticket="W-9103")
    line = farm.line(await farm.payee(branch="KKN"), "512.00", weigh_ticket="ｗ‑๙๑๐๓")
    refusal = await refuses(farm, farm.stranger, verbs.submit_intent, SubmitIntentRequest(branch="KKN", **line))
    assert (refusal.code, refusal.params["problem"]) == (R.POSSIBLE_DUPLICATE, "ticket_elsewhere")


async def test_what_was_written_is_what_people_see_and_sign(farm: Farm) -> None:
    intent = await farm.submit(await farm.payee(), "513.00", weigh_ticket="ช-๑๒/๓")
    assert intent.weigh_ticket == "ช-๑๒/๓"


async def test_a_key_never_changes(farm: Farm) -> None:
    intent = await farm.submit(await farm.payee(), "617.00")
    with pytest.raises(Exception, match="never changes"):
        farm.query("update sheaf.intent set ticket_key = 'W-1', version = version + 1 where id = %s", intent.id)
