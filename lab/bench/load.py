"""Sends prepared requests as fast as they are answered: by wrk where it is installed, else by sockets of our own."""

from __future__ import annotations

import asyncio
import multiprocessing
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec
import uvloop

from lab.bench.harness import percentile

# wrk asks once for a request only to look at it. When all have been sent the last one is sent again: a proof that was
# used is refused, so it shows among the statuses that too few were prepared.
_SCRIPT = """
local threads = {}
function setup(thread) table.insert(threads, thread) end
function init(args)
  items, asked, statuses = {}, -1, {}
  local file = io.open(args[1], "rb")
  while true do
    local length = file:read(8)
    if not length then break end
    items[#items + 1] = file:read(tonumber(length))
  end
  file:close()
end
function request()
  asked = asked + 1
  return items[math.max(1, math.min(asked, #items))]
end
function response(status)
  local name = tostring(status)
  statuses[name] = (statuses[name] or 0) + 1
end
function done(summary, latency)
  local parts = {}
  for status, count in pairs(threads[1]:get("statuses")) do
    parts[#parts + 1] = string.format('"%s":%d', status, count)
  end
  io.stderr:write(string.format('{"seconds":%f,"p50":%f,"p99":%f,"statuses":{%s}}', summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, table.concat(parts, ",")))
end
"""


class Load(msgspec.Struct, frozen=True):
    """What came back in so many seconds: milliseconds of a call, and how often each status."""

    seconds: float
    p50: float
    p99: float
    statuses: dict[int, int]

    def rate(self, status: int) -> float:
        """Answers with this status a second."""
        return self.statuses.get(status, 0) / self.seconds


def generator() -> str:
    """What sends the requests here."""
    return "sockets of our own" if shutil.which("wrk") is None else "wrk"


async def drive(port: int, requests: Sequence[bytes], connections: int, seconds: int) -> Load:
    """Send requests once each, over so many connections that wait for each answer, for so many seconds."""
    wrk = shutil.which("wrk")
    if wrk is not None:
        return await _by_wrk(wrk, port, requests, connections, seconds)
    return await asyncio.to_thread(_by_process, port, requests, connections, seconds)


async def _by_wrk(wrk: str, port: int, requests: Sequence[bytes], connections: int, seconds: int) -> Load:
    with tempfile.TemporaryDirectory(prefix="sheaf-bench-") as folder:
        script, data = Path(folder) / "replay.lua", Path(folder) / "requests"
        script.write_text(_SCRIPT, "utf-8")
        data.write_bytes(b"".join(b"%08d%s" % (len(request), request) for request in requests))
        process = await asyncio.create_subprocess_exec(
            *(wrk, "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", str(script)),
            *(f"http://127.0.0.1:{port}", "--", str(data)),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        _, answer = await process.communicate()
        return msgspec.json.decode(answer, type=Load, strict=False)


def _by_process(port: int, requests: Sequence[bytes], connections: int, seconds: int) -> Load:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_generate, args=(theirs, port, connections, seconds))
    process.start()
    ours.send(list(requests))
    found: Load = ours.recv()
    process.join()
    return found


def _generate(pipe: Connection, port: int, connections: int, seconds: int) -> None:
    pipe.send(uvloop.run(_replay(port, pipe.recv(), connections, seconds)))


async def _replay(port: int, requests: Sequence[bytes], connections: int, seconds: int) -> Load:
    waiting = iter(requests)
    latencies: list[float] = []
    statuses: Counter[int] = Counter()
    start = time.perf_counter()

    async def connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for request in waiting:
            began = time.perf_counter()
            if began - start >= seconds:
                break
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(_length(head))
            latencies.append(time.perf_counter() - began)
            statuses[int(head[9:12])] += 1
        writer.close()

    await asyncio.gather(*(connection() for _ in range(connections)))
    p50, p99 = (percentile(latencies, share) * 1000 for share in (0.5, 0.99))
    return Load(time.perf_counter() - start, p50, p99, dict(statuses))


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise ValueError("an answer without a length")
