"""Who may begin next: shares of what is free, by branch and channel, and what each channel may take."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from server.channels.base import Manifest
from server.executing.sending import Lane
from server.workers.breaker import Breaker, BreakerSettings, BreakerState

BEATS = 5
"""So often a lease is renewed while it lasts."""


@dataclass(frozen=True, kw_only=True)
class ChannelLimits:
    """Of one executor, but for `starts_per_second`, which is of all of them together; 0 is no limit.

    More payments are under way (`at_once`) than calls to the bank (`calls`): between its calls a payment is in the
    database.
    """

    at_once: int = 96
    calls: int = 64
    starts_per_second: float = 0.0


def limits_of(manifest: Manifest, lease: float) -> ChannelLimits:
    """What a channel without limits of its own may take; `lease` is an executor's, in seconds.

    A payment announces itself once, so the quota for one call is the quota for beginnings. A call waits for the quota
    inside the channel, where no lease is looked at any more: no more calls than get through between two beats.
    """
    calls, quota = manifest.concurrency, manifest.calls_per_second
    return ChannelLimits(
        at_once=calls + calls // 2,
        calls=min(calls, max(1, int(quota * lease / BEATS))) if quota else calls,
        starts_per_second=quota,
    )


class Gate:
    """What one channel may take: its breaker, its rate, and how many are under way."""

    def __init__(self, limits: ChannelLimits, breaker: BreakerSettings) -> None:
        self.limits = limits
        self.breaker = Breaker(breaker)
        self.calling = asyncio.Semaphore(limits.calls)
        self.executors = 1
        self._tokens = 1.0
        self._filled_at: float | None = None

    def room(self, moment: float, under_way: int, claiming: int) -> int:
        """How many payments may begin now, when `claiming` of those under way are only being claimed."""
        room = self.limits.at_once - under_way
        allowed = self.breaker.may_begin(moment)
        if allowed is not None:
            room = min(room, allowed - claiming)
        if self.limits.starts_per_second:
            room = min(room, int(self._fill(moment)) - claiming)
        return max(0, room)

    def began(self, payment: UUID, moment: float) -> None:
        """A payment has been claimed."""
        self._tokens -= 1.0
        self.breaker.began(payment, moment)

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
    lane_most: Mapping[str, int],
    own: Mapping[str, int],
    free: int,
    turn: int,
) -> dict[Lane, int]:
    """How many each lane may begin: whoever has least under way is next, however long its queue is.

    `waiting` says how many wait in each lane; none gets above its channel's `lane_most` under way, so that the longest
    queue never holds every place when another branch comes. A channel takes what is left of the places of its `own`
    first, which no other channel can hold, and then of the `free` ones. `turn` rotates who is first among equals.
    """
    order = list(waiting)
    left, rooms, own = dict(waiting), dict(rooms), dict(own)
    queue = [(under_way.get(lane, 0), (index - turn) % len(order), lane) for index, lane in enumerate(order)]
    heapq.heapify(queue)
    given: dict[Lane, int] = {}
    while queue:
        load, place, lane = heapq.heappop(queue)
        name = lane.channel
        places = own.get(name, 0) + max(free, 0)
        if not left[lane] or min(rooms.get(name, 0), places) <= 0 or load >= lane_most[name]:
            continue
        given[lane] = given.get(lane, 0) + 1
        left[lane] -= 1
        rooms[name] -= 1
        if own.get(name, 0) > 0:
            own[name] -= 1
        else:
            free -= 1
        heapq.heappush(queue, (load + 1, place, lane))
    return given


def lanes_of(pairs: Sequence[tuple[int, str]]) -> dict[Lane, int]:
    """How many of each lane there are."""
    counts: dict[Lane, int] = {}
    for branch_id, channel in pairs:
        lane = Lane(branch_id, channel)
        counts[lane] = counts.get(lane, 0) + 1
    return counts
