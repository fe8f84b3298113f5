"""The line to the bank: kept connections against a new one for each call, at a bank of 0 and of 50 ms.

Both competitors are the same channel with the same encoding, checks and logs (written to nowhere); they differ in
nothing but whether a connection is kept. The bank is a process of its own that does as little as it can.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import aiohttp
import msgspec
import structlog
import uvloop

from lab.bench.harness import (
    BenchResult,
    BenchSettings,
    Figure,
    Goal,
    Series,
    at_least,
    at_most,
    clients,
    in_turns,
    machine,
    percentile,
)
from lab.bench.lean_bank import Seen
from server.channels.base import OpenStatus, PaymentOrder, StillOpen
from server.channels.scb import ScbChannel, ScbSettings
from server.channels.scb_line import BankLine
from server.logs import configure_logs
from server.pki import issue_client, issue_server, open_authority
from shared.banks import AccountNumber
from shared.ids import AttemptId
from shared.money import Satang

_FEW, _MANY = 16, 64
_DELAY_MS = 50
_KEPT, _NEW, _KEPT_50, _NEW_50 = "kept, 0 ms", "new for each call, 0 ms", "kept, 50 ms", "new for each call, 50 ms"
_FASTER, _OF_LIMIT = 10.0, 0.85


async def run(settings: BenchSettings) -> BenchResult:
    """Measure in a thread whose event loop is uvloop's, as the executor's is."""
    return await asyncio.to_thread(_run, settings)


def _run(settings: BenchSettings) -> BenchResult:
    configure_logs("bench")
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        structlog.configure(logger_factory=structlog.PrintLoggerFactory(nowhere))
        return uvloop.run(_with_bank(settings))


async def _with_bank(settings: BenchSettings) -> BenchResult:
    async with _bank(settings) as bank:
        return await _measure(settings, bank)


async def _measure(settings: BenchSettings, bank: _Bank) -> BenchResult:
    kept, new = ScbChannel(bank.settings), ScbChannel(bank.settings)
    new._line = _Reconnecting(bank.settings.line(), lambda: "0" * 32)
    lasted: dict[str, list[float]] = {}
    fresh: list[int] = []

    async def turn(name: str, channel: ScbChannel, count: int, milliseconds: int) -> float:
        await bank.ask(f"/delay/{milliseconds}")
        if channel is kept:
            await _calls(channel, count)
        before = await bank.handshakes()
        a_second, seconds = await clients(count, settings.seconds, lambda _: _call(channel))
        lasted.setdefault(name, []).extend(seconds)
        if channel is kept:
            fresh.append(await bank.handshakes() - before)
        return a_second

    reached = await in_turns(
        settings,
        {
            _KEPT: lambda: turn(_KEPT, kept, _FEW, 0),
            _NEW: lambda: turn(_NEW, new, _FEW, 0),
            _KEPT_50: lambda: turn(_KEPT_50, kept, _MANY, _DELAY_MS),
            _NEW_50: lambda: turn(_NEW_50, new, _MANY, _DELAY_MS),
        },
    )
    await kept.close()
    await new.close()
    # The first entry is of the round that is not counted.
    return BenchResult(
        name="channel",
        figures=_figures(reached, lasted),
        goals=_goals(reached, sum(fresh[2:])),
        remarks=[
            f"{_FEW} callers at 0 ms and {_MANY} at {_DELAY_MS} ms; TLS 1.3, certificates of both sides ECDSA P-256"
        ],
        machine=machine(),
    )


def _figures(reached: dict[str, Series], lasted: dict[str, list[float]]) -> list[Figure]:
    figures = [series.figure("calls/s") for series in reached.values()]
    return figures + [
        Figure(f"{name}: p{share * 100:.0f}", "ms", percentile(seconds, share) * 1000)
        for name, seconds in lasted.items()
        for share in (0.5, 0.99)
    ]


def _goals(reached: dict[str, Series], handshakes: int) -> list[Goal]:
    limit = _MANY / (_DELAY_MS / 1000)
    part, note = reached[_KEPT_50].median / limit, f"{limit:,.0f} calls/s"
    return [
        at_least("kept connections over new ones, bank at 0 ms", reached[_KEPT].over(reached[_NEW]), _FASTER),
        at_least("of callers / latency, bank at 50 ms", part, _OF_LIMIT, note),
        at_most("handshakes in steady state", handshakes, 0),
    ]


async def _call(channel: ScbChannel) -> int:
    answer = await channel.inquire(_ORDER, _TOKEN, _ORDER.created_at)
    if answer != StillOpen(OpenStatus.AWAITING_CONFIRM):
        raise RuntimeError(f"the bank of this bench answered {answer}")
    return 1


async def _calls(channel: ScbChannel, count: int) -> None:
    """Open the connections that a turn will use."""
    await asyncio.gather(*(_call(channel) for _ in range(count)))


_ORDER = PaymentOrder(
    attempt_id=AttemptId(UUID(int=1)),
    bank_ref="BENCH",
    payee_bank_code="034",
    payee_account_number=AccountNumber("012345674412"),
    amount=Satang(100),
    created_at=datetime(2026, 11, 20, 3, tzinfo=UTC),
)
_TOKEN = "TBENCH"


class _Reconnecting(BankLine):
    """The same line, ending each connection after its call; the TLS context is built once here too."""

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(ssl=self._context, limit=self._settings.max_connections, force_close=True)
            self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        return self._session


@dataclass(frozen=True)
class _Bank:
    """The lean bank: how to pay there, and a connection of its own to ask it."""

    settings: ScbSettings
    session: aiohttp.ClientSession

    async def ask(self, path: str) -> bytes:
        """The data of an answer."""
        async with self.session.post(path) as response:
            return bytes(msgspec.json.decode(await response.read(), type=dict[str, msgspec.Raw])["data"])

    async def handshakes(self) -> int:
        """How many connections it has accepted, TLS included."""
        return msgspec.json.decode(await self.ask("/seen"), type=Seen).handshakes


@asynccontextmanager
async def _bank(settings: BenchSettings) -> AsyncIterator[_Bank]:
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
        assert process.stdout is not None
        port = int(await process.stdout.readline())
        bank = ScbSettings(
            base_url=f"https://127.0.0.1:{port}",
            api_key="bench",
            api_secret="bench",
            corporate_id="BENCH",
            payer_account="1112223338",
            payer_tax_id="0105500000000",
            authority_file=str(authority.certificate_file),
            client_certificate=str(client.certificate),
            client_key=str(client.key),
            max_connections=_MANY,
            # Each competitor rests while the others have their turns.
            keepalive_seconds=8 * settings.seconds + 20,
        )
        connector = aiohttp.TCPConnector(ssl=BankLine(bank.line(), lambda: "")._context)
        timeout = aiohttp.ClientTimeout(total=60)
        async with aiohttp.ClientSession(f"https://127.0.0.1:{port}", connector=connector, timeout=timeout) as session:
            yield _Bank(bank, session)
        process.terminate()
        await process.wait()
