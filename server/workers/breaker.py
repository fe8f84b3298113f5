"""A channel's circuit breaker: no more payments until one gets through.

It opens after several in a row without an answer, and at once when the bank says that every payment would fare alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class BreakerState(StrEnum):
    """closed: payments flow; open: none is begun; half_open: one payment is trying the channel."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, kw_only=True)
class BreakerSettings:
    """Seconds. `rest` doubles with each trial that fails, up to `rest_most`."""

    failures: int = 5
    within: float = 60.0
    rest: float = 5.0
    rest_most: float = 300.0


class Breaker:
    """Knows nothing of payments but their ids; every moment is the event loop's."""

    def __init__(self, settings: BreakerSettings) -> None:
        self._settings = settings
        self.state = BreakerState.CLOSED
        self.reason = ""
        self._row: list[float] = []
        self._told = False
        self._trial: UUID | None = None
        self._rest = settings.rest
        self._until = 0.0

    def may_begin(self, moment: float) -> int | None:
        """How many payments may begin now; None for no limit."""
        match self.state:
            case BreakerState.CLOSED:
                return None
            case BreakerState.OPEN:
                return 1 if moment >= self._until else 0
            case BreakerState.HALF_OPEN:
                return 0

    def began(self, payment: UUID) -> None:
        """A payment begins; the first one after a rest is the trial."""
        if self.state is BreakerState.OPEN:
            self.state, self._trial = BreakerState.HALF_OPEN, payment

    def may_confirm(self, payment: UUID) -> bool:
        """Whether a payment that the bank has only taken note of should go on."""
        return self.state is BreakerState.CLOSED or payment == self._trial

    def answered(self, payment: UUID) -> None:
        """The bank gave a definite answer. While open only the trial's counts: others may be answers of long ago."""
        if self.state is BreakerState.CLOSED:
            self._row.clear()
        elif payment == self._trial:
            self.state, self.reason, self._trial, self._rest = BreakerState.CLOSED, "", None, self._settings.rest
            self._told = False
            self._row.clear()

    def taken(self, payment: UUID) -> None:
        """The bank has taken it for processing: an answer, but no proof that what it refused before is over."""
        if not self._told:
            self.answered(payment)

    def is_trial(self, payment: UUID) -> bool:
        """Whether everybody waits for this payment's end."""
        return self.state is BreakerState.HALF_OPEN and payment == self._trial

    def unanswered(self, payment: UUID, moment: float, reason: str) -> None:
        """The bank was not reached, or what it did is not known."""
        if payment == self._trial:
            self._rest = min(self._rest * 2, self._settings.rest_most)
            self._open(moment, reason)
        elif self.state is BreakerState.CLOSED:
            self._row = [one for one in self._row if moment - one <= self._settings.within] + [moment]
            if len(self._row) >= self._settings.failures:
                self._open(moment, reason)

    def refused(self, moment: float, reason: str, rest: float, payment: UUID | None = None) -> None:
        """Every payment would fare alike (an empty account, keys, rights, hours): open at once, for at least `rest`.

        Once open only what the trial hears counts: the others were under way before.
        """
        trial = payment is not None and payment == self._trial
        if self.state is not BreakerState.CLOSED and self._told and not trial:
            return
        self._rest = min(self._rest * 2, self._settings.rest_most) if trial else self._rest
        self._rest, self._told = max(self._rest, rest), True
        self._open(moment, reason)

    def interrupted(self, payment: UUID, moment: float) -> None:
        """The trial ended on our side, which says nothing about the bank: another one may try."""
        if payment == self._trial:
            self.state, self._trial, self._until = BreakerState.OPEN, None, moment

    def _open(self, moment: float, reason: str) -> None:
        self.state, self.reason, self._trial = BreakerState.OPEN, reason, None
        self._until = moment + self._rest
        self._row.clear()
