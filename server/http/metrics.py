"""What a monitoring system reads: calls by verb and status, how long they took, what must be well, and every process.

Workers of one `sheaf serve` share a folder of counters, so that whichever of them is asked answers for all, those that
have ended included. The folder is named before the client library is imported (`server/processes/master.py`). Nothing
but counters stands in it: what is true only while a process lives comes from its beats, so that it ends with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, values
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector

from server.environment import figures_folder
from server.health.beats import LATE
from server.health.examine import worst_of_each
from server.health.finding import Finding
from server.health.rules import Heard, lives
from server.http.health import Told
from server.routing.channel_alarms import Lane
from shared.health import severity

_log = structlog.get_logger(__name__)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def count_as(number: int) -> None:
    """Keep this worker's figures under a number that no other living one has, and count on from where the last one was.

    What a killed worker has left may be anything; a file that can't be read is begun anew.
    """
    folder = figures_folder()
    if folder is None:
        return
    for file in Path(folder).glob(f"*_{number}.db"):
        try:
            list(MmapedDict.read_all_values_from_file(str(file)))  # type: ignore[no-untyped-call]
        except Exception as bad:  # the library's own errors, and those of whatever bytes it met
            _log.warning("figures of an earlier worker are lost", file=file.name, error=type(bad).__name__)
            file.unlink(missing_ok=True)
    values.ValueClass = values.MultiProcessValue(lambda: number)  # type: ignore[no-untyped-call]


class Metrics:
    """One worker's figures, and in a shared folder everybody's."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._calls = Counter("sheaf_http_requests", "Calls answered.", ["verb", "status"], registry=self._registry)
        self._seconds = Histogram(
            "sheaf_http_request_seconds",
            "How long calls took.",
            ["verb"],
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
            registry=self._registry,
        )
        self._known: dict[tuple[str, int], tuple[Counter, Histogram]] = {}

    def count(self, verb: str, status: int, seconds: float) -> None:
        """Count one call."""
        known = self._known.get((verb, status))
        if known is None:
            # the library looks its labels up under a lock, each time
            known = self._known[verb, status] = self._calls.labels(verb, str(status)), self._seconds.labels(verb)
        calls, took = known
        calls.inc()
        took.observe(seconds)

    def text(self, told: Told) -> bytes:
        """The exposition format; what could not be read is a figure too."""
        registry = self._registry
        if figures_folder() is not None:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        true_now = CollectorRegistry()
        true_now.register(_True(told))
        return generate_latest(registry) + generate_latest(true_now)


class _True:
    """Figures that are true for all workers alike, whichever is asked."""

    def __init__(self, told: Told) -> None:
        self._told = told

    def collect(self) -> Iterator[Metric]:
        """The families of the exposition format."""
        yield from _health(self._told.findings)
        yield from _channels(self._told.lanes, self._told.at)
        yield from _processes(self._told.processes)


def _health(findings: Sequence[Finding]) -> Iterable[Metric]:
    labels = ["check", "subject"]
    level = GaugeMetricFamily("sheaf_health", "How it is: 0 well, 1 warns, 2 not known, 3 bad.", labels=labels)
    value = GaugeMetricFamily("sheaf_health_value", "What is compared with its bounds.", labels=[*labels, "unit"])
    since = GaugeMetricFamily("sheaf_health_since_seconds", "Since when it is so, in Unix time.", labels=labels)
    for one in worst_of_each(findings).values():
        level.add_metric([one.name, one.subject], severity(one.level))
        if one.value is not None:
            value.add_metric([one.name, one.subject, one.unit], one.value)
        if one.since is not None:
            since.add_metric([one.name, one.subject], one.since.timestamp())
    return level, value, since


def _channels(lanes: Sequence[Lane] | None, now: datetime) -> Iterable[Metric]:
    known = GaugeMetricFamily("sheaf_channels_known", "Whether the channels could be read.", lanes is not None)
    waiting = GaugeMetricFamily("sheaf_payments_waiting", "Signed payments not sent.", labels=["channel"])
    oldest = GaugeMetricFamily("sheaf_payments_waiting_seconds", "Of the oldest of them.", labels=["channel"])
    alarm = GaugeMetricFamily(
        "sheaf_channel_alarm", "Whether payments can't leave by it, and why.", labels=["channel", "state", "code"]
    )
    for lane in lanes or ():
        waiting.add_metric([lane.channel], lane.waiting)
        age = 0.0 if lane.oldest is None else (now - lane.oldest).total_seconds()
        oldest.add_metric([lane.channel], max(0.0, age))
        alarm.add_metric([lane.channel, lane.state.value, lane.code], lane.is_alarm)
    return known, waiting, oldest, alarm


_FACTS: Mapping[str, tuple[str, str, float, Callable[..., Metric]]] = {
    "cpu_ms": ("sheaf_process_cpu_seconds", "Processor time.", 0.001, CounterMetricFamily),
    "memory_bytes": ("sheaf_process_memory_bytes", "Resident memory.", 1, GaugeMetricFamily),
    "open_files": ("sheaf_process_open_files", "Open descriptors.", 1, GaugeMetricFamily),
    "log_lines_lost": ("sheaf_log_lines_lost", "Log lines not written.", 1, CounterMetricFamily),
    "undeclared_refusals": ("sheaf_undeclared_refusals", "Refusals that no row declares.", 1, CounterMetricFamily),
    "sending": ("sheaf_executor_sending", "Payments being sent.", 1, GaugeMetricFamily),
    "asking": ("sheaf_executor_asking", "Payments asked about.", 1, GaugeMetricFamily),
    "push_age_ms": ("sheaf_revocation_push_age_seconds", "Since a worker heard it.", 0.001, GaugeMetricFamily),
    "files_free_mb": ("sheaf_files_free_bytes", "Free where our files lie.", 1_000_000, GaugeMetricFamily),
}
"""What beats tell: the family, what it is, the factor to its unit, and its kind."""


def _processes(known: Sequence[Heard] | None) -> Iterable[Metric]:
    """A process that has ended, or is silent, is down; of its other figures nothing is left."""
    labels = ["kind", "process"]
    up = GaugeMetricFamily("sheaf_process_up", "Whether it was heard in the last seconds.", labels=labels)
    clock = GaugeMetricFamily("sheaf_process_clock_seconds", "Its clock before the database's.", labels=labels)
    yield GaugeMetricFamily("sheaf_processes_known", "Whether the processes could be read.", known is not None)
    for one in known or ():
        up.add_metric([one.kind, one.name], lives(one, LATE))
    living = [one for one in known or () if lives(one, LATE)]
    for one in living:
        clock.add_metric([one.kind, one.name], one.apart.total_seconds())
    yield from (up, clock)
    for fact, (name, what, factor, family) in _FACTS.items():
        figure = family(name, what, labels=labels)
        for one in living:
            if isinstance(value := one.facts.get(fact), int):
                figure.add_metric([one.kind, one.name], value * factor)  # type: ignore[attr-defined]
        yield figure
