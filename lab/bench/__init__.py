"""Benchmarks that anyone can run again: what is claimed of speed is a ratio of two medians of one run."""

from __future__ import annotations

BENCHES: dict[str, str] = {
    "batch": "lab.bench.batch",
    "channel": "lab.bench.channel",
    "execute": "lab.bench.execute",
    "http": "lab.bench.http",
    "ledger": "lab.bench.ledger",
    "lookup": "lab.bench.lookup",
    "reloads": "lab.bench.reloads",
    "submit": "lab.bench.submit",
}
"""What `sheaf bench NAME` runs: each module has `async def run(settings: BenchSettings) -> BenchResult`."""
