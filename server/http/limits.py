"""How much one caller may ask for: token buckets of a worker, those that all workers share, and one-time numbers."""

from __future__ import annotations

import hashlib
import ipaddress
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from uuid import UUID

import structlog
from psycopg import Error as DatabaseError
from sqlalchemy.exc import SQLAlchemyError

from server.database.transaction import Database
from server.failpoints import failpoint
from server.http import store

_MOST_KEYS = 10_000
_PRUNE_EVERY = 256
_STRICTER = 4
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Rate:
    """`burst` at once, then one each `seconds`."""

    burst: int
    seconds: float


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


class Limiter:
    """Buckets that all workers share, in the database; a worker's own stand before them, so that a flood stays here.

    Without the database a worker decides alone, and allows a quarter.
    """

    def __init__(self, database: Database, monotonic: Callable[[], float]) -> None:
        self._database, self._monotonic = database, monotonic
        self._own: dict[Rate, tuple[TokenBuckets, TokenBuckets]] = {}
        self._takes = 0

    async def wait(self, rate: Rate, *key: str) -> int:
        """0 when the key may go on, else the seconds to wait."""
        own, strict = self._own.setdefault(
            rate,
            (
                TokenBuckets(rate.burst, rate.seconds),
                TokenBuckets(max(1, rate.burst // _STRICTER), rate.seconds * _STRICTER),
            ),
        )
        moment = self._monotonic()
        seconds = own.wait(key, moment)
        if seconds:
            return seconds
        try:
            return ceil(await self._take(rate, *key))
        except (DatabaseError, SQLAlchemyError, OSError, TimeoutError) as error:
            _log.error("limits are this worker's own", error=type(error).__name__)
            return strict.wait(key, moment)

    async def first_use(self, subject: UUID | None, number: str, life: timedelta) -> bool:
        """Whether a one-time number was not used before at any worker; raises what the database raises."""
        return await self._take(Rate(burst=1, seconds=life.total_seconds()), "nonce", str(subject), number) == 0

    @failpoint("http.take")
    async def _take(self, rate: Rate, *key: str) -> float:
        digest = hashlib.sha256("\n".join(key).encode()).digest()[:16]
        now: datetime = self._database.services.clock()
        self._takes += 1
        async with self._database.transaction(()) as tx:
            if self._takes % _PRUNE_EVERY == 0:
                await store.forget_full_buckets(tx, now)
            return await store.take(tx, digest, rate.burst, rate.seconds, now)


def address_of(peer: str | None, forwarded: Sequence[str], trusted: Sequence[str]) -> str:
    """Whom a call without any proof is counted for: its address, and of IPv6 the network of 64 bits.

    `forwarded` are the values of X-Forwarded-For; only what a trusted proxy wrote there is believed, from the right.
    """
    networks = [ipaddress.ip_network(one, strict=False) for one in trusted]
    hops = [hop.strip() for value in forwarded for hop in value.split(",")]
    address = _address(peer or "")
    while address is not None and hops and any(address in network for network in networks):
        address = _address(hops.pop()) or address
    if address is None:
        return peer or "-"
    return str(address) if address.version == 4 else str(ipaddress.ip_network((address, 64), strict=False))


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if address.version == 6 else None
    return mapped or address
