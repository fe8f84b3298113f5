"""What a monitoring system reads: calls by verb and status, how long they took, how fresh revocations are, what waits.

Workers of one `sheaf serve` share a folder of counters, so that whichever of them is asked answers for all, those that
have ended included. The folder is named before the client library is imported (`server/http/serve.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector

from server.http.push import RevocationPush
from server.payments.channel_alarms import Lane
from server.settings import figures_are_shared

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """One worker's figures, and in a shared folder everybody's."""

    def __init__(self, push: RevocationPush) -> None:
        self._push = push
        self._registry = CollectorRegistry()
        self._calls = Counter("sheaf_http_requests", "Calls answered.", ["verb", "status"], registry=self._registry)
        self._seconds = Histogram(
            "sheaf_http_request_seconds",
            "How long calls took.",
            ["verb"],
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
            registry=self._registry,
        )
        self._age = Gauge(
            "sheaf_revocation_push_age_seconds",
            "Since the revocation push was heard; of the worker that heard it longest ago.",
            registry=self._registry,
            multiprocess_mode="livemax",
        )

    def count(self, verb: str, status: int, seconds: float) -> None:
        """Count one call."""
        self._calls.labels(verb, str(status)).inc()
        self._seconds.labels(verb).observe(seconds)

    def note_age(self) -> None:
        """Write down how long ago this worker's push was heard, for whichever worker is asked."""
        self._age.set(self._push.age)

    def text(self, lanes: Sequence[Lane] | None, now: datetime) -> bytes:
        """The exposition format; `lanes` None could not be read, which is a figure too."""
        self.note_age()
        registry = self._registry
        if figures_are_shared():
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        waiting = CollectorRegistry()
        waiting.register(_Lanes(lanes, now))
        return generate_latest(registry) + generate_latest(waiting)


class _Lanes:
    """Figures that are true for all workers alike: what signed payments wait for."""

    def __init__(self, lanes: Sequence[Lane] | None, now: datetime) -> None:
        self._lanes, self._now = lanes, now

    def collect(self) -> Iterator[Metric]:
        """The families of the exposition format."""
        yield GaugeMetricFamily("sheaf_channels_known", "Whether the channels could be read.", self._lanes is not None)
        waiting = GaugeMetricFamily("sheaf_payments_waiting", "Signed payments not sent.", labels=["channel"])
        oldest = GaugeMetricFamily("sheaf_payments_waiting_seconds", "Of the oldest of them.", labels=["channel"])
        alarm = GaugeMetricFamily(
            "sheaf_channel_alarm", "Whether payments can't leave by it, and why.", labels=["channel", "state", "code"]
        )
        for lane in self._lanes or ():
            waiting.add_metric([lane.channel], lane.waiting)
            age = 0.0 if lane.oldest is None else (self._now - lane.oldest).total_seconds()
            oldest.add_metric([lane.channel], max(0.0, age))
            alarm.add_metric([lane.channel, lane.state.value, lane.reason], lane.is_alarm)
        yield from (waiting, oldest, alarm)
