"""An executor's housekeeping when its machine's clock was wrong and is put right."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, cast

from server.workers.house import House

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


class Noted:
    """Commits of an executor that only write down what they are asked; and jobs that are none."""

    executor, watch = 7, None

    def __init__(self) -> None:
        self.adopted: list[int] = []
        self.anchors = 0

    async def adopt(self, dead: int) -> int:
        self.adopted.append(dead)
        return 1

    async def anchor_audit(self) -> None:
        self.anchors += 1

    def __getattr__(self, name: str) -> Any:
        return None


async def test_what_was_put_off_while_a_clock_was_wrong_is_due_when_it_is_put_right() -> None:
    """Payments in doubt that would have been asked about years later, and the anchor of the audit trail."""
    now, commits = [NOW], Noted()
    anything = cast(Any, commits)
    house = House(anything, anything, {}, lambda: now[0], timedelta(seconds=15), timedelta(hours=1), anything)
    await house._anchor_audit()
    for at in (NOW, NOW + timedelta(seconds=1), NOW + timedelta(days=3650), NOW + timedelta(days=3650, seconds=9)):
        now[0] = at
        await house._mind_the_clock()
        await house._anchor_audit()
    assert (commits.adopted, commits.anchors) == ([], 2)
    now[0] = NOW + timedelta(seconds=12)
    await house._mind_the_clock()
    await house._anchor_audit()
    assert (commits.adopted, commits.anchors) == ([7], 3)
    await house._mind_the_clock()
    assert commits.adopted == [7]
