"""Finds out whether a bank that was given up is back, by a question that moves nothing, with or without payments."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

import structlog

from server.channels.base import Channel, Probing, Unknown
from server.workers.breaker import Cause
from server.workers.lanes import Gate
from shared.bank_codes import NO_ANSWER, Verdict, bank_code

log = structlog.get_logger("executor")

_EVERY_CALL: Final = frozenset({Verdict.STOP, Verdict.NEW_TOKEN, Verdict.UNAVAILABLE})


def is_provable(code: str) -> bool:
    """Whether a question meets it too (silence, keys, certificates), or only a payment does (an empty account)."""
    return bank_code(code).verdict in _EVERY_CALL


class Prober:
    """Asks one channel's question when its breaker says that it is time."""

    def __init__(self, channel: Channel, gate: Gate, clock: Callable[[], datetime], again: Callable[[], None]) -> None:
        """`again` is called when payments may begin again."""
        self._channel, self._gate, self._clock, self._again = channel, gate, clock, again

    async def probe(self) -> None:
        """One question at most. A channel that has none is tried by one payment at a time."""
        breaker, asked_at = self._gate.breaker, _moment()
        if not breaker.is_due(asked_at):
            return
        answer = await self._channel.probe(self._clock()) if isinstance(self._channel, Probing) else None
        if isinstance(answer, Unknown):
            breaker.unheard(_moment(), Cause(NO_ANSWER, answer.told or answer.evidence))
        elif breaker.heard(asked_at, _moment(), proof=isinstance(self._channel, Probing)):
            log.warning("the bank answers again", channel=self._channel.name, state=breaker.state.value)
            self._again()


def recall(gates: Mapping[str, Gate], left_open: Mapping[str, Cause], rest: float) -> None:
    """Who starts anew sends no round of payments to a bank that the executor before it gave up for these causes."""
    for name, cause in left_open.items():
        gates[name].breaker.remember(_moment(), cause, rest, provable=is_provable(cause.code))


def _moment() -> float:
    return asyncio.get_running_loop().time()
