"""The workers of one reading of the settings: brought up together, kept at their number, replaced one by one."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog

from server.processes.messages import Plan
from server.processes.worker import Worker

_log = structlog.get_logger(__name__)
START_SECONDS = 60.0
_FIRST_DELAY, _LONGEST_DELAY = 0.25, 30.0
_STEADY_SECONDS = 30.0
_KEEPS_ENDING = 3
_HEIR_DELAY = 60.0


@dataclass
class Place:
    """Where one worker belongs; `due` is when the next one may be started there, in the loop's seconds."""

    worker: Worker | None = None
    heir: Worker | None = None
    failures: int = 0
    due: float = 0.0
    heir_due: float = 0.0
    told: list[tuple[str, str]] | None = None


@dataclass
class Crew:
    """`hire` starts a worker; `first` is the one that reads the settings."""

    hire: Callable[[], Worker]
    first: Worker
    deadline: float
    plan: Plan | None = None
    sockets: Sequence[socket.socket] = ()
    places: list[Place] = field(default_factory=list)

    @property
    def workers(self) -> list[Worker]:
        """All that are in their places, those that are to follow them included."""
        if not self.places:
            return [self.first]
        return [one for place in self.places for one in (place.worker, place.heir) if one is not None]

    def launch(self, plan: Plan, sockets: Sequence[socket.socket], *, at_once: bool) -> None:
        """The settings are known and the sockets are there: everybody may work."""
        self.plan, self.sockets = plan, sockets
        self.first.go(sockets, at_once=at_once)
        self.places = [Place(self.first)]
        for _ in range(plan.workers - 1):
            self.places.append(Place(self._start(at_once=at_once)))

    def trouble(self, now: float) -> str | None:
        """Why it will not become ready, as far as that is known."""
        for worker in self.workers:
            if worker.problems is not None:
                return "; ".join(f"{place} {text}".strip() for place, text in worker.problems)
            if worker.gone:
                return f"a worker ended at its start ({worker.how}); its own words stand above"
        if now > self.deadline:
            waits = next((worker.why for worker in self.workers if worker.why), "")
            return f"not ready after {START_SECONDS:.0f} s{': ' if waits else ''}{waits}"
        return None

    @property
    def ready(self) -> bool:
        """Whether everybody works."""
        return bool(self.places) and all(place.worker and place.worker.works for place in self.places)

    @property
    def up(self) -> bool:
        """Whether everybody works, or waits for what is away."""
        return bool(self.places) and all(
            place.worker and (place.worker.works or place.worker.waits) for place in self.places
        )

    def keep(self, now: float) -> None:
        """Replace who has ended, is leaving, or has grown too heavy."""
        for place in self.places:
            worker = place.worker
            if worker is None:
                if now >= place.due:
                    place.worker = self._start(at_once=True)
            elif worker.gone:
                self._ended(place, worker, now)
            elif worker.leaving:
                self._let_go(place, worker)
                place.due = now
            elif worker.heavy:
                self._follow(place, worker, now)

    def _start(self, *, at_once: bool) -> Worker:
        assert self.plan is not None
        worker = self.hire()
        worker.begin(self.plan.settings)
        worker.go(self.sockets, at_once=at_once)
        return worker

    def _let_go(self, place: Place, worker: Worker) -> None:
        assert self.plan is not None
        worker.drain(self.plan.drain, last=False)
        place.worker = None

    def _ended(self, place: Place, worker: Worker, now: float) -> None:
        """The first end after a steady life is mended at once; then it takes longer each time."""
        place.worker = None
        place.failures = 0 if now - worker.born > _STEADY_SECONDS else place.failures + 1
        delay = 0.0 if place.failures <= 1 else min(_FIRST_DELAY * 2.0 ** (place.failures - 2), _LONGEST_DELAY)
        if worker.refused:
            delay = _LONGEST_DELAY
            if worker.problems == place.told:
                place.due = now + delay
                return  # it was told, and nothing has changed
            place.told = worker.problems
            for where, text in worker.problems or ():
                _log.error("a worker will not start", place=where, problem=text)
        place.due = now + delay
        _log.error("a worker ended", worker=worker.pid, how=worker.how, starts_again_in=delay)
        if place.failures >= _KEEPS_ENDING:
            _log.error("a worker keeps ending; the cause stands in its own last lines", times=place.failures)

    def _follow(self, place: Place, worker: Worker, now: float) -> None:
        """Another one works before the heavy one leaves."""
        heir = place.heir
        if heir is None:
            if now >= place.heir_due:
                place.heir = self._start(at_once=False)
        elif heir.works:
            self._let_go(place, worker)
            # One whose setting is below what any worker needs must not be replaced without an end.
            place.worker, place.heir, place.heir_due = heir, None, now + _HEIR_DELAY
        elif heir.gone:
            place.heir, place.heir_due = None, now + _HEIR_DELAY
