"""A channel's circuit breaker: no payments until the bank has answered a question that moves nothing.

It opens after several in a row without an answer, and at once when the bank says that every payment would fare alike.
No payment finds out whether a silent bank is back: a question does (`Channel.probe`, or any inquiry that is answered).
Only what no question can prove, such as an account that was empty, is tried by one payment at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class BreakerState(StrEnum):
    """closed: payments flow; open: none is begun, questions are asked; half_open: one payment at a time tries."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, kw_only=True)
class BreakerSettings:
    """Seconds. `rest` doubles with each question and trial that fails, up to `rest_most`.

    `first`: payments at once after an outage, until one of them is answered. `trial_most`: how long others wait for the
    end of a trial, which for a file may be hours away.
    """

    failures: int = 5
    within: float = 60.0
    rest: float = 5.0
    rest_most: float = 300.0
    first: int = 3
    trial_most: float = 900.0


@dataclass(frozen=True)
class Cause:
    """Why a channel is not used: a code of the table of the bank's codes, and what is shown beside its words."""

    code: str = ""
    told: str = ""


class Breaker:
    """Knows nothing of payments but their ids; every moment is the event loop's."""

    def __init__(self, settings: BreakerSettings) -> None:
        self._settings = settings
        self.state = BreakerState.CLOSED
        self.cause = Cause()
        self._row: list[float] = []
        self._told = self._unprovable = self._deceived = self._wary = False
        self._trials: dict[UUID, float] = {}
        self._rest = settings.rest
        self._opened = self._until = 0.0

    # --- payments

    def may_begin(self, moment: float) -> int | None:
        """How many payments may begin now; None for no limit."""
        if self.state is BreakerState.OPEN:
            return 0
        if self.state is BreakerState.CLOSED and not self._wary:
            return None
        self._trials = {one: since for one, since in self._trials.items() if moment - since < self._settings.trial_most}
        most = self._settings.first if self.state is BreakerState.CLOSED else 1
        return max(0, most - len(self._trials))

    def began(self, payment: UUID, moment: float) -> None:
        """A payment begins; while few may, it is one of those whose answers are waited for."""
        if self._wary or self.state is BreakerState.HALF_OPEN:
            self._trials[payment] = moment

    def may_confirm(self, payment: UUID) -> bool:
        """Whether a payment that the bank has only taken note of should go on."""
        return self.state is BreakerState.CLOSED or payment in self._trials

    def answered(self, payment: UUID) -> None:
        """The bank gave a definite answer. After an outage only a trial's counts: others may be answers of long ago."""
        if self.state is BreakerState.CLOSED and not self._wary:
            self._row.clear()
        elif payment in self._trials:
            self._close()
            self._wary, self._rest = False, self._settings.rest
            self._told = self._unprovable = self._deceived = False

    def taken(self, payment: UUID) -> None:
        """The bank has taken it for processing: an answer, but no proof that what it refused before is over."""
        if not self._told:
            self.answered(payment)

    def is_trial(self, payment: UUID) -> bool:
        """Whether others wait for this payment's end."""
        return payment in self._trials

    def unanswered(self, payment: UUID, moment: float, cause: Cause) -> None:
        """The bank was not reached, or what it did is not known."""
        if payment in self._trials:
            # The question was answered and the payment was not: the next answer to a question proves less.
            self._deceived = True
            self._longer()
            self._open(moment, cause)
        elif self.state is BreakerState.CLOSED:
            self._row = [one for one in self._row if moment - one <= self._settings.within] + [moment]
            if len(self._row) >= self._settings.failures:
                self._open(moment, cause)

    def refused(
        self, moment: float, cause: Cause, rest: float, payment: UUID | None = None, *, provable: bool = False
    ) -> None:
        """Every payment would fare alike (an empty account, keys, rights, hours): open at once, for at least `rest`.

        `provable`: a question meets it too. Once open only what a trial hears counts: others were under way before.
        """
        trial = payment is not None and payment in self._trials
        if (self._wary or self.state is not BreakerState.CLOSED) and self._told and not trial:
            return
        if trial:
            self._deceived = True
            self._longer()
        self._rest, self._told = max(self._rest, rest), True
        self._unprovable = not provable
        self._open(moment, cause)

    def interrupted(self, payment: UUID) -> None:
        """A trial ended on our side, which says nothing about the bank: another one may try."""
        self._trials.pop(payment, None)

    # --- questions

    def is_due(self, moment: float) -> bool:
        """Whether the bank should be asked now whether it is there."""
        return self.state is BreakerState.OPEN and moment >= self._until

    def heard(self, asked_at: float, moment: float, *, proof: bool = True) -> bool:
        """A question that was asked at `asked_at` was answered, so the bank is there; whether payments may begin again.

        Answers to what was asked before it opened are none, and after a refusal its rest is kept. Without `proof` there
        was nothing to ask.
        """
        if self.state is not BreakerState.OPEN or asked_at < self._opened or (self._told and moment < self._until):
            return False
        if self._unprovable or self._deceived or not proof:
            self.state = BreakerState.HALF_OPEN
        else:
            self._close()
            self._wary = True
        return True

    def unheard(self, moment: float, cause: Cause) -> None:
        """The bank did not answer the question either."""
        if self.state is BreakerState.OPEN:
            self._longer()
            self._until = moment + self._rest
            # What a payment heard says more than that nobody is there now.
            self.cause = self.cause if self._unprovable else cause

    def remember(self, moment: float, cause: Cause, rest: float, *, provable: bool) -> None:
        """An executor before this one left it open: ask first, after `rest` where only a payment proves."""
        self._told = self._unprovable = not provable
        self._open(moment, cause)
        self._until = moment if provable else moment + rest

    def _longer(self) -> None:
        self._rest = min(self._rest * 2, self._settings.rest_most)

    def _open(self, moment: float, cause: Cause) -> None:
        self.state, self.cause, self._wary = BreakerState.OPEN, cause, False
        self._opened, self._until = moment, moment + self._rest
        self._trials.clear()
        self._row.clear()

    def _close(self) -> None:
        self.state, self.cause = BreakerState.CLOSED, Cause()
        self._trials.clear()
        self._row.clear()
