"""What a monitoring system reads: calls by verb and status, their duration, and how fresh revocations are."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from server.http.push import RevocationPush

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """One worker's figures."""

    def __init__(self, push: RevocationPush) -> None:
        self._registry = CollectorRegistry()
        self._calls = Counter("sheaf_http_requests", "Calls answered.", ["verb", "status"], registry=self._registry)
        self._seconds = Histogram(
            "sheaf_http_request_seconds",
            "How long calls took.",
            ["verb"],
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
            registry=self._registry,
        )
        age = Gauge(
            "sheaf_revocation_push_age_seconds", "Since the revocation push was heard.", registry=self._registry
        )
        age.set_function(lambda: push.age)

    def count(self, verb: str, status: int, seconds: float) -> None:
        """Count one call."""
        self._calls.labels(verb, str(status)).inc()
        self._seconds.labels(verb).observe(seconds)

    def text(self) -> bytes:
        """The exposition format."""
        return generate_latest(self._registry)
