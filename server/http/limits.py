"""How much one caller may ask for: a token bucket for each key, and bodies that end in time."""

from __future__ import annotations

from collections import OrderedDict

_MOST_KEYS = 10_000


class TokenBuckets:
    """`burst` at once, then one each `seconds`. Kept per worker and bounded: the least recent key is forgotten."""

    def __init__(self, burst: int, seconds: float) -> None:
        self._burst, self._seconds = burst, seconds
        self._buckets: OrderedDict[object, tuple[float, float]] = OrderedDict()

    def wait(self, key: object, now: float) -> int:
        """0 when the key may go on (which takes one token), else the seconds to wait; `now` in seconds."""
        tokens, since = self._buckets.pop(key, (float(self._burst), now))
        tokens = min(float(self._burst), tokens + (now - since) / self._seconds)
        allowed = tokens >= 1
        self._buckets[key] = (tokens - 1 if allowed else tokens, now)
        if len(self._buckets) > _MOST_KEYS:
            self._buckets.popitem(last=False)
        return 0 if allowed else max(1, int((1 - tokens) * self._seconds + 0.999))
