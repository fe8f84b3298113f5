"""What long work does to processes: memory, descriptors and latency, and the straight line through each."""

from __future__ import annotations

import asyncio
import contextlib
import os
import statistics
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from lab.endurance.load import Load
from lab.endurance.town import Town

FULL: Final = 1000.0
"""Payments a second that nobody reaches: cashiers wait for their answers."""
_FULL_SECONDS: Final = 30.0
_SAMPLE_SECONDS: Final = 10.0
_WARM: Final = 0.2
"""The part of the time after which growth counts: caches and pools fill before."""
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


class Sample(msgspec.Struct, frozen=True):
    """A process and its children at one moment: seconds since the beginning, resident MiB, open descriptors."""

    at: float
    memory: float
    descriptors: int


async def half_of_full(load: Load, say: Callable[[str], None]) -> float:
    """Half of the payments a second that get through when cashiers only wait for their answers."""
    before = len(load.acknowledged)
    await asyncio.sleep(_FULL_SECONDS)
    full = (len(load.acknowledged) - before) / _FULL_SECONDS
    say(f"{full:.1f} payments a second get through; going on with half of them")
    return max(1.0, full / 2)


async def measured(town: Town, load: Load, seconds: float, say: Callable[[str], None]) -> list[str]:
    """Sample for so long; a line for each process, and one for what cashiers wait."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    load.latencies.clear()
    samples: dict[str, list[Sample]] = {}
    while (at := loop.time() - begun) < seconds:
        load.check()
        for keeper in town.keepers:
            samples.setdefault(keeper.name, []).append(sample(at, keeper.processes()))
        await asyncio.sleep(_SAMPLE_SECONDS)
    say(f"{len(load.latencies)} payments acknowledged in {seconds / 60:.0f} minutes")
    lines = [line for name, some in samples.items() for line in _of_process(name, some, seconds)]
    return [*lines, *_of_latency(load.latencies, seconds)]


def sample(at: float, processes: Sequence[int]) -> Sample:
    """All of these together."""
    memory, descriptors = 0.0, 0
    for pid in processes:
        with contextlib.suppress(OSError, IndexError):
            memory += int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * _PAGE / 1024 / 1024
            descriptors += len(os.listdir(f"/proc/{pid}/fd"))
    return Sample(at, memory, descriptors)


def _of_process(name: str, samples: Sequence[Sample], seconds: float) -> Iterator[str]:
    warm = [one for one in samples if one.at >= seconds * _WARM]
    if len(warm) < 3:
        return
    for what, unit, values in (
        ("memory", "MiB", [one.memory for one in warm]),
        ("descriptors", "", [float(one.descriptors) for one in warm]),
    ):
        slope = per_hour([one.at for one in warm], values)
        yield f"{name} {what}: {values[0]:.0f} to {values[-1]:.0f} {unit}, {slope:+.1f} an hour"


def _of_latency(latencies: Sequence[tuple[float, float]], seconds: float) -> Iterator[str]:
    if not latencies:
        return
    begun = latencies[0][0]
    warm = [(at - begun, took) for at, took in latencies if at - begun >= seconds * _WARM]
    if len(warm) < 10:
        return
    cuts = statistics.quantiles([took for _, took in warm], n=20)
    slope = per_hour([at for at, _ in warm], [took for _, took in warm])
    yield f"submission: median {cuts[9]:.0f} ms, 95 of 100 within {cuts[18]:.0f} ms, {slope:+.1f} ms an hour"


def per_hour(times: Sequence[float], values: Sequence[float]) -> float:
    """How much the straight line through these rises in an hour; times in seconds."""
    return statistics.linear_regression(times, values).slope * 3600
