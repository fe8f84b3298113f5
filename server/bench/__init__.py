"""Benchmarks that anyone can run again: what is claimed of speed is a ratio of two medians of one run."""

from __future__ import annotations

BENCHES: dict[str, str] = {
    "batch": "server.bench.batch",
    "channel": "server.bench.channel",
    "execute": "server.bench.execute",
    "http": "server.bench.http",
    "ledger": "server.bench.ledger",
    "lookup": "server.bench.lookup",
    "reloads": "server.bench.reloads",
    "submit": "server.bench.submit",
}
"""What `sheaf bench NAME` runs: each module has `async def run(settings: BenchSettings) -> BenchResult`."""
