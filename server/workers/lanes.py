"""Who may begin next: shares of what is free, by branch and channel, and what each channel may take."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from server.payments.sending import Lane
from server.workers.breaker import Breaker, BreakerSettings, BreakerState


@dataclass(frozen=True, kw_only=True)
class ChannelLimits:
    """`at_once` payments under way in one executor; `starts_per_second` of all executors together, 0 for no limit."""

    at_once: int = 64
    starts_per_second: float = 0.0


class Gate:
    """What one channel may take: its breaker, its rate, and how many are under way."""

    def __init__(self, limits: ChannelLimits, breaker: BreakerSettings) -> None:
        self.limits = limits
        self.breaker = Breaker(breaker)
        self.executors = 1
        self._tokens = 1.0
        self._filled_at: float | None = None

    def room(self, moment: float, under_way: int) -> int:
        """How many payments may begin now."""
        room = max(0, self.limits.at_once - under_way)
        allowed = self.breaker.may_begin(moment)
        if allowed is not None:
            room = min(room, allowed)
        return min(room, int(self._fill(moment))) if self.limits.starts_per_second else room

    def began(self, payment: UUID) -> None:
        """A payment has been claimed."""
        self._tokens -= 1.0
        self.breaker.began(payment)

    @property
    def is_closed(self) -> bool:
        """Whether the channel is thought to work."""
        return self.breaker.state is BreakerState.CLOSED

    def _fill(self, moment: float) -> float:
        # Each executor takes its part of the bank's quota, and never saves up more than half a second of it.
        rate = self.limits.starts_per_second / self.executors
        passed = 0.0 if self._filled_at is None else moment - self._filled_at
        self._filled_at = moment
        self._tokens = min(max(1.0, rate / 2), self._tokens + passed * rate)
        return self._tokens


def shares(
    waiting: Mapping[Lane, int],
    under_way: Mapping[Lane, int],
    rooms: Mapping[str, int],
    *,
    branch_most: int,
    free: int,
    turn: int,
) -> dict[Lane, int]:
    """How many each lane may begin: whoever has least under way is next, however long its queue is.

    `waiting` says how many wait in each lane; no branch gets above `branch_most` under way, so that the longest queue
    never holds every place when another branch comes. `turn` rotates who is first among equals.
    """
    order = list(waiting)
    left, rooms = dict(waiting), dict(rooms)
    busy = _by_branch(under_way)
    queue = [(under_way.get(lane, 0), (index - turn) % len(order), lane) for index, lane in enumerate(order)]
    heapq.heapify(queue)
    given: dict[Lane, int] = {}
    while queue and free > 0:
        load, place, lane = heapq.heappop(queue)
        if not left[lane] or rooms.get(lane.channel, 0) <= 0 or busy.get(lane.branch_id, 0) >= branch_most:
            continue
        given[lane] = given.get(lane, 0) + 1
        left[lane] -= 1
        rooms[lane.channel] -= 1
        busy[lane.branch_id] = busy.get(lane.branch_id, 0) + 1
        free -= 1
        heapq.heappush(queue, (load + 1, place, lane))
    return given


def _by_branch(under_way: Mapping[Lane, int]) -> dict[int, int]:
    totals: dict[int, int] = {}
    for lane, count in under_way.items():
        totals[lane.branch_id] = totals.get(lane.branch_id, 0) + count
    return totals


def lanes_of(pairs: Sequence[tuple[int, str]]) -> dict[Lane, int]:
    """How many of each lane there are."""
    counts: dict[Lane, int] = {}
    for branch_id, channel in pairs:
        lane = Lane(branch_id, channel)
        counts[lane] = counts.get(lane, 0) + 1
    return counts
