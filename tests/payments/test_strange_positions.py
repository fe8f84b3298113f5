"""A position file that somebody has edited moves no payment by another one's name."""

from __future__ import annotations

from uuid import UUID

import pytest

from server.restore import report
from server.restore.journal import Known, Sent
from server.restore.report import Here
from shared.ids import bank_reference
from tests.members.world import CODES
from tests.payments.farm import Farm, now


def sent(intent: UUID, *, of: UUID | None = None, ordinal: int = 1, payout: int = 100_00, at: str = "") -> Sent:
    return Sent(
        reference=bank_reference(of or intent, ordinal), attempt_id=UUID(int=9), intent_id=intent, ordinal=ordinal,
        branch_id=CODES["NSN"], channel="scb", payout=payout, token=f"T{at}", at=at or now().isoformat(),
    )  # fmt: skip


async def compared(farm: Farm, *files: list[Sent]) -> list[report.Item]:
    known = [Known(file_id=UUID(int=number), sent=lines) for number, lines in enumerate(files)]
    async with farm.owner.transaction(tuple(CODES.values())) as tx:
        return (await report.compare(tx, known, [], now())).items


async def test_a_line_that_no_executor_wrote_is_for_people(farm: Farm) -> None:
    one, other = [(await farm.submit(await farm.payee())).id for _ in range(2)]
    await farm.sign(farm.manager, [one, other])
    assert [item.here for item in await compared(farm, [sent(one), sent(other)])] == [Here.UNSENT, Here.UNSENT]
    (strange,) = await compared(farm, [sent(one, of=other)])
    assert (strange.here, strange.payee, strange.is_exception) == (Here.ABSENT, "", True)
    (dear,) = await compared(farm, [sent(one, payout=900_00)])
    assert dear.here is Here.ABSENT
    # and where an attempt of that reference is here, it is another payment's
    farm.query("insert into sheaf.executor (id, started_at) overriding system value values (900, now())")
    farm.query(
        """insert into sheaf.attempt
             (id, branch_id, intent_id, ordinal, bank_reference, state, executor_id, prepared_at)
           values (gen_random_uuid(), %s, %s, 1, %s, 'prepared', 900, now())""",
        CODES["NSN"],
        other,
        bank_reference(other, 1),
    )
    (strange,) = await compared(farm, [sent(one, of=other)])
    assert strange.here is Here.ABSENT


@pytest.mark.parametrize("turned", [False, True])
async def test_the_newest_try_of_a_reference_counts_whichever_file_has_it(farm: Farm, turned: bool) -> None:
    intent = (await farm.submit(await farm.payee())).id
    files = [[sent(intent, at="2026-11-30T03:00:00+00:00")], [sent(intent, at="2026-11-30T04:00:00+00:00")]]
    (item,) = await compared(farm, *(files[::-1] if turned else files))
    assert item.sent is not None
    assert item.sent.token == "T2026-11-30T04:00:00+00:00"
