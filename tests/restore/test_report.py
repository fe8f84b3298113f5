"""What a comparison lists: what files let go to the bank and the database does not know as let go, or as ended."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import psycopg
import pytest

from server.restore import report
from server.restore.journal import Known, Sent
from shared.ids import bank_reference
from tests.support.world import Company, found

INTENT, TRY, ANOTHER = (UUID(int=number) for number in (1, 2, 3))
REFERENCE = bank_reference(INTENT, 1)


@pytest.fixture
async def company(database_url: str) -> Company:
    return await found(database_url)


def sent(company: Company, attempt: UUID, token: str, ago: timedelta) -> Sent:
    return Sent(
        reference=REFERENCE, attempt_id=attempt, intent_id=INTENT, ordinal=1, branch_id=1, channel="scb",
        payout=100_00, token=token, at=(company.clock() - ago).isoformat(),
    )  # fmt: skip


async def listed(company: Company, *files: list[Sent]) -> list[report.Item]:
    known = [Known(file_id=uuid4(), installation="ours", position=1, sent=file) for file in files]
    async with company.administration() as database, database.transaction((0, 1)) as tx:
        return (await report.compare(tx, known, [], company.clock())).items


@pytest.mark.parametrize(
    ("here", "state", "confirmed", "spent", "is_listed"),
    [
        (None, "", False, False, True),
        (TRY, "prepared", False, False, True),
        (TRY, "confirming", True, False, False),
        (TRY, "accepted", True, False, False),
        # this very confirm was refused, and that is known
        (TRY, "rejected", True, False, False),
        # the bank has ended the reference
        (ANOTHER, "rejected", True, True, False),
        # an earlier try was refused; of the one that was let go nothing is known
        (ANOTHER, "rejected", True, False, True),
        # as far as is known here it never came to a confirm
        (TRY, "rejected", False, False, True),
    ],
)
async def test_what_ended_as_is_known_here_is_not_listed(
    company: Company, here: UUID | None, state: str, confirmed: bool, spent: bool, is_listed: bool
) -> None:
    """Else whatever a bank ever refused would hide what people must find out."""
    now = company.clock()
    if here is not None:
        with psycopg.connect(company.admin_url) as admin:
            admin.execute("set session_replication_role = replica")
            admin.execute(
                """insert into sheaf.attempt (id, branch_id, intent_id, ordinal, bank_reference, state, executor_id,
                     prepared_at, confirming_at, spent) values (%s, 1, %s, 1, %s, %s, 1, %s, %s, %s)""",
                [here, INTENT, REFERENCE, state, now, now if confirmed else None, spent],
            )
    items = await listed(company, [sent(company, TRY, "A", timedelta())])
    assert bool(items) is is_listed


@pytest.mark.parametrize("swapped", [False, True])
async def test_of_one_reference_the_last_try_counts_whosever_file_it_is_in(company: Company, swapped: bool) -> None:
    """An earlier token would be asked about, and the bank would rightly say that it was not paid."""
    files = [[sent(company, TRY, "OLD", timedelta(hours=1))], [sent(company, ANOTHER, "NEW", timedelta())]]
    items = await listed(company, *(reversed(files) if swapped else files))
    assert [item.sent.token for item in items if item.sent] == ["NEW"]
