"""`sheaf bench execute`: payments settled a second, and what another branch's long queue does to a short one."""

from __future__ import annotations

import asyncio
import secrets
import ssl
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import msgspec
import psycopg

from lab.bench.execute_company import Queues, found
from lab.bench.execute_process import Job
from lab.bench.harness import (
    BenchResult,
    BenchSettings,
    Cluster,
    Figure,
    at_most,
    cluster,
    machine,
    percentile,
)
from lab.bench.lean_bank import Seen
from server.channels.scb import ScbSettings
from server.context import Services, Vault
from server.database.roles import EXECUTOR
from server.pki import Identity, issue_client, issue_server, open_authority

_PAUSE = 0.09
"""Seconds between the short branch's payments: no multiple of the executor's own rhythm."""
_GROWTH = 1.2


async def run(settings: BenchSettings) -> BenchResult:
    """Drain a long queue at a bank of 0 and of 50 ms; then let a second branch pay alone and beside it, in turns."""
    vault_key = secrets.token_bytes(32)
    services = Services(vault=Vault(vault_key))
    async with cluster(settings) as server, _bank() as bank:
        short = settings.rounds * 2 * int(settings.seconds / _PAUSE) + 100
        settings.say(f"signing {settings.queue:,} payments of one branch and {short:,} of another")
        queues = await found(server.url, services, settings.queue, short, datetime.now(UTC))
        async with _executor(server, vault_key, bank):
            bench = _Bench(settings, server, bank, queues)
            figures = await bench.throughput()
            fairness, growth = await bench.fairness()
        remarks = await bench.check()
    return BenchResult(
        name="execute",
        figures=figures + fairness,
        goals=[at_most("p95 authorized to sent beside a long queue, over alone", growth, _GROWTH)],
        remarks=remarks,
        machine=machine(),
    )


class _LeanBank(msgspec.Struct, frozen=True):
    settings: ScbSettings
    ask: Callable[[str], Awaitable[bytes]]

    async def seen(self) -> Seen:
        """What it has seen; arrivals are forgotten with that."""
        return msgspec.json.decode(await self.ask("/seen"), type=_SeenReply).data


class _SeenReply(msgspec.Struct):
    data: Seen


@asynccontextmanager
async def _bank() -> AsyncIterator[_LeanBank]:
    with tempfile.TemporaryDirectory(prefix="sheaf-bench-bank-") as place:
        folder, now = Path(place), datetime.now(UTC)
        authority = open_authority(folder, "authority", now)
        issue_server(authority, folder, "bank", ("127.0.0.1",), now)
        client = issue_client(authority, folder, "client", now)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "lab.bench.lean_bank",
            place,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        port = int(await process.stdout.readline())
        settings = _scb(port, authority.certificate_file, client)
        context = ssl.create_default_context(cafile=str(authority.certificate_file))
        context.load_cert_chain(client.certificate, client.key)
        connector = aiohttp.TCPConnector(ssl=context)
        async with aiohttp.ClientSession(f"https://127.0.0.1:{port}", connector=connector) as session:

            async def ask(path: str) -> bytes:
                async with session.post(path) as response:
                    return await response.read()

            yield _LeanBank(settings, ask)
        process.stdin.close()
        await process.wait()


def _scb(port: int, authority: Path, client: Identity) -> ScbSettings:
    return ScbSettings(
        base_url=f"https://127.0.0.1:{port}",
        api_key="bench",
        api_secret="bench",
        corporate_id="BENCH",
        payer_account="1112223338",
        payer_tax_id="0105500000000",
        authority_file=str(authority),
        client_certificate=str(client.certificate),
        client_key=str(client.key),
    )


@asynccontextmanager
async def _executor(server: Cluster, vault_key: bytes, bank: _LeanBank) -> AsyncIterator[None]:
    with tempfile.NamedTemporaryFile(prefix="sheaf-bench-", suffix=".json") as file:
        file.write(msgspec.json.encode(Job(server.role(EXECUTOR), vault_key.hex(), bank.settings)))
        file.flush()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "lab.bench.execute_process", file.name, stdin=asyncio.subprocess.PIPE
        )
        assert process.stdin is not None
        try:
            yield
        finally:
            process.stdin.close()
            await process.wait()


class _Bench:
    def __init__(self, settings: BenchSettings, server: Cluster, bank: _LeanBank, queues: Queues) -> None:
        self._settings, self._bank, self._queues = settings, bank, queues
        self._admin = psycopg.connect(server.url, autocommit=True)
        # What a person's sign-off does to the row, without the person.
        self._admin.execute("set session_replication_role = replica")
        self._next = 0

    async def throughput(self) -> list[Figure]:
        """Payments from authorized to settled a second, in turns at both banks."""
        part = min(len(self._queues.long) // 10, 2000)
        reached: dict[int, list[float]] = {0: [], 50: []}
        for number in range(self._settings.rounds + 1):
            for delay, rates in reached.items():
                await self._bank.ask(f"/delay/{delay}")
                ids = self._take(part)
                self._authorize(ids)
                began = time.perf_counter()
                await self._until(lambda ids=ids: self._count("settled", ids) == len(ids))  # type: ignore[misc]  # bound now
                if number:
                    rates.append(len(ids) / (time.perf_counter() - began))
                    self._settings.say(f"round {number}: {rates[-1]:,.0f} a second at {delay} ms")
        return [
            Figure(f"settled, bank {delay} ms", "payments/s", statistics.median(rates), min(rates), max(rates))
            for delay, rates in reached.items()
        ]

    async def fairness(self) -> tuple[list[Figure], float]:
        """The short branch alone and beside the long queue, in turns; the ratio of the p95s."""
        await self._bank.ask("/delay/50")
        rest = self._queues.long[self._next :]
        alone: list[float] = []
        beside: list[float] = []
        shorts = iter(self._queues.short)
        drained = 0
        for number in range(self._settings.rounds):
            await self._until(lambda: not self._under_way())
            alone += await self._pay_one_by_one(shorts)
            self._authorize(rest)
            await asyncio.sleep(0.5)
            left = self._count("authorized", rest)
            beside += await self._pay_one_by_one(shorts)
            drained += left - (still := self._count("authorized", rest))
            if not still:
                raise RuntimeError("the long queue was not long enough")
            self._withdraw(rest)
            self._settings.say(f"round {number + 1}: alone {_ms(alone)}, beside {_ms(beside)}")
        figures = [
            Figure("authorized to sent alone, p95", "ms", percentile(alone, 0.95) * 1000),
            Figure("authorized to sent alone, p50", "ms", percentile(alone, 0.5) * 1000),
            Figure("authorized to sent beside, p95", "ms", percentile(beside, 0.95) * 1000),
            Figure("authorized to sent beside, p50", "ms", percentile(beside, 0.5) * 1000),
            Figure("long queue drained meanwhile", "payments", float(drained)),
        ]
        return figures, percentile(beside, 0.95) / percentile(alone, 0.95)

    async def check(self) -> list[str]:
        """Every payment was confirmed at the bank at most once; what was settled was confirmed."""
        seen = await self._bank.seen()
        twice = sum(count > 1 for count in seen.confirmed.values())
        ledger = self._one("select count(*) from sheaf.intent where state in ('settled', 'sent', 'in_doubt')")
        return [f"{len(seen.confirmed):,} payments confirmed of {ledger:,} begun, {twice} of them twice."]

    async def _pay_one_by_one(self, shorts: Iterator[UUID]) -> list[float]:
        """Seconds from the authorizing commit to the order's arrival at the bank, for one payment after another."""
        authorized: dict[UUID, float] = {}
        await self._bank.seen()
        end = time.perf_counter() + self._settings.seconds
        while time.perf_counter() < end:
            intent = next(shorts)
            self._authorize([intent])
            authorized[intent] = time.time()
            await asyncio.sleep(_PAUSE)
        await self._until(lambda: self._count("authorized", list(authorized)) == 0)
        await asyncio.sleep(0.5)
        seen = await self._bank.seen()
        references = self._admin.execute(
            "select intent_id, bank_reference from sheaf.attempt where intent_id = any(%s)", [list(authorized)]
        ).fetchall()
        return [seen.arrived[reference] - authorized[intent] for intent, reference in references]

    def _take(self, count: int) -> list[UUID]:
        self._next += count
        return self._queues.long[self._next - count : self._next]

    def _authorize(self, ids: Sequence[UUID]) -> None:
        self._admin.execute(
            "update sheaf.intent set state = 'authorized', changed_at = %s where id = any(%s) and state = 'validated'",
            [datetime.now(UTC), list(ids)],
        )

    def _withdraw(self, ids: Sequence[UUID]) -> None:
        self._admin.execute(
            "update sheaf.intent set state = 'validated' where id = any(%s) and state = 'authorized'", [list(ids)]
        )
        self._admin.execute("vacuum sheaf.intent")

    def _count(self, state: str, ids: Sequence[UUID]) -> int:
        return self._one("select count(*) from sheaf.intent where id = any(%s) and state = %s", list(ids), state)

    def _under_way(self) -> int:
        return self._one("select count(*) from sheaf.attempt where state not in ('accepted', 'rejected')")

    def _one(self, sql: Any, *parameters: object) -> int:
        return int(self._admin.execute(sql, parameters).fetchall()[0][0])

    async def _until(self, done: Callable[[], bool]) -> None:
        end = time.perf_counter() + 300
        while not done():
            if time.perf_counter() > end:
                raise TimeoutError("the executor did not get through its queue")
            await asyncio.sleep(0.1)


def _ms(values: Sequence[float]) -> str:
    return f"p95 {percentile(values, 0.95) * 1000:.0f} ms of {len(values)}"
