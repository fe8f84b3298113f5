"""What two people's consent answers for: the files that were compared, for one restore."""

from __future__ import annotations

from datetime import timedelta

from server.restore import store
from server.restore.rules import told_by_person
from server.restore.verbs import propose_restore
from shared.wire.restores import ProposeRestoreRequest
from tests.restore.test_watch import (
    CODES,
    Machine,
    Machines,
    ask,
    company,
    compared,
    forget,
    kinds,
    machines,
    signed,
)
from tests.support.world import Company

__all__ = ["company", "machines"]


async def agreed(company: Company, machine: Machine) -> None:
    """Two people agree to what the machine's files say; nobody has settled it yet."""
    wanted = ProposeRestoreRequest(report=await compared(company, machine), reason="disk")
    case = await ask(company, "administrator", propose_restore, wanted)
    assert (await signed(company, case)).state == "approved"


async def test_consent_says_nothing_of_a_file_that_was_not_compared(company: Company, machines: Machines) -> None:
    here = machines("here")
    first = await here.start()
    await here.let_go(first)
    forget(company, "update sheaf.executor_position set position = 0")
    assert await here.look(first)
    await agreed(company, machines("elsewhere"))
    assert await here.look(first)
    assert kinds(company) == ["position"]
    await agreed(company, here)
    assert not await here.look(first)


async def test_consent_that_comes_back_with_a_copy_says_nothing_of_what_was_paid_since(
    company: Company, machines: Machines
) -> None:
    """The copy was taken between two people's consent and its settlement; the same witness stands in it."""
    here = machines("here")
    first = await here.start()
    await here.let_go(first)
    forget(company, "update sheaf.executor_position set position = 0")
    assert await here.look(first)
    await agreed(company, here)
    assert not await here.look(first)
    await here.let_go(first)
    forget(company, "update sheaf.executor_position set position = 0")
    forget(company, "update sheaf.restore set state = 'approved'")
    forget(company, "update sheaf.restore_witness set restore_id = null")
    assert await here.look(first)
    assert kinds(company) == ["position"]


async def test_each_restore_needs_a_consent_of_its_own(company: Company, machines: Machines) -> None:
    """A backup of before the settlement was restored: the consent in it was about an earlier restore."""
    here = machines("here")
    first = await here.start()

    async def told() -> None:
        company.clock.forward(timedelta(seconds=1))
        async with company.administration() as database, database.transaction(tuple(CODES.values())) as tx:
            await store.tell(tx, [told_by_person("command line", "restored", company.clock())], company.clock())

    await told()
    await agreed(company, here)
    await told()
    assert await here.look(first)
    assert kinds(company) == ["person"]
    await agreed(company, here)
    assert not await here.look(first)
