"""Batches of 10,000 and 50,000 lines from open to authorized: two people look at every sheet and sign what they saw.

The verbs run in this process as the API's role, one transaction each, as the HTTP layer runs them.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import resource
import secrets
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any, Final
from uuid import UUID

import msgspec
import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lab.bench.batch_company import BRANCH, Company, found
from lab.bench.harness import BenchResult, BenchSettings, Figure, Series, at_most, cluster, machine
from lab.company import Worker
from server.batches import verbs as batch_verbs
from server.context import Services, Vault, system_clock
from server.database.roles import API
from server.database.transaction import Database
from server.sign_offs import verbs as sign_off_verbs
from shared.canonical import digest, parse_sheet, set_head, set_line, sign_off_bytes
from shared.money import Satang, format_amount, parse_amount
from shared.refusals import Refused
from shared.wire import payments as wire

LINES: Final = 10_000
MOST: Final = 50_000
PAGE: Final = 500
"""Lines in one call, as the desk sends and asks for them."""
SECONDS: Final = 5.0

Phases = dict[str, float]


async def run(settings: BenchSettings) -> BenchResult:
    """Rounds of 10,000 lines, then 50,000 once."""
    services = Services(vault=Vault(secrets.token_bytes(32)))
    async with cluster(settings) as own:
        settings.say(f"making {MOST:,} members")
        company = await found(own, services, MOST)
        database = Database(own.role(API), services, connections=2, name="sheaf-bench")
        desk = _Desk(database, company)
        try:
            await desk.batch(2500)  # so that no plan and no cache is made while the clock runs
            await asyncio.to_thread(_analyze, own.url)
            rounds = []
            for number in range(settings.rounds):
                rounds.append(await desk.batch(LINES))
                settings.say(f"round {number + 1} of {settings.rounds}: {_told(rounds[-1])}")
            before = _memory()
            most = await desk.batch(MOST)
            settings.say(f"{MOST:,} lines: {_told(most)}")
        finally:
            await database.close()
    return _result(rounds, most, _memory() - before)


def _result(rounds: list[Phases], most: Phases, grown: float) -> BenchResult:
    figures = [Series(f"{LINES:,} lines: {phase}", [one[phase] for one in rounds]) for phase in rounds[0]]
    medians = {phase: series.median for phase, series in zip(rounds[0], figures, strict=True)}
    return BenchResult(
        name="batch",
        figures=[
            *(series.figure("s") for series in figures),
            *(Figure(f"{MOST:,} lines: {phase}", "s", seconds, note="once") for phase, seconds in most.items()),
            Figure(f"{MOST:,} lines: memory", "MB", grown, note="how much larger this process became"),
        ],
        goals=[
            at_most(f"{LINES:,} lines submitted (s)", medians["submitted"], SECONDS, "open, add and close"),
            at_most(
                f"{LINES:,} lines signed (s)", medians["signed, last"], SECONDS, "the sign-off that authorizes them"
            ),
        ],
        remarks=["'looked at' is every page fetched, parsed and hashed by one signer, before the signature."],
        machine=machine(),
    )


def _told(phases: Phases) -> str:
    return ", ".join(f"{phase} {seconds:.2f} s" for phase, seconds in phases.items())


def _analyze(url: str) -> None:
    """What autovacuum would have done by then."""
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("vacuum analyze")


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


class _Desk:
    """Plays the maker's and both signers' desks. Every batch pays other amounts: none looks like one of before."""

    def __init__(self, database: Database, company: Company) -> None:
        self._database, self._company = database, company
        self._batches = 0

    async def batch(self, count: int) -> Phases:
        """Seconds of each phase."""
        self._batches += 1
        phases: Phases = defaultdict(float)
        amounts = [Satang(100_00 + self._batches * 100 + number % 97) for number in range(count)]
        total = format_amount(Satang(sum(amounts)))
        opened = await self._open(phases, count, total)
        for first in range(0, count, PAGE):
            lines = [self._line(number, amounts[number]) for number in range(first, min(first + PAGE, count))]
            await self._add(phases, opened.id, first + 1, lines)
        close = wire.CloseBatchRequest(id=opened.id, count=count, total=total)
        await self._timed(phases, "closed", self._company.cashier, batch_verbs.close_batch, close)
        for signer, place in ((self._company.manager, "first"), (self._company.treasurer, "last")):
            await self._sign(phases, signer, place, opened.id)
        phases["submitted"] = phases["opened"] + phases["added"] + phases["closed"]
        return dict(phases)

    async def _open(self, phases: Phases, count: int, total: str) -> wire.BatchView:
        request = wire.OpenBatchRequest(branch=BRANCH, count=count, total=total)
        reply: wire.BatchView = await self._timed(
            phases, "opened", self._company.cashier, batch_verbs.open_batch, request
        )
        return reply

    def _line(self, number: int, amount: Satang) -> wire.IntentLine:
        return wire.IntentLine(
            member_id=self._company.members[number],
            account_version=1,
            amount=format_amount(amount),
            produce="ข้าวเปลือกหอมมะลิ",
            weigh_ticket=f"W-{self._batches}-{number}",
        )

    async def _add(self, phases: Phases, batch: UUID, first: int, lines: list[wire.IntentLine]) -> None:
        request = wire.AddBatchLinesRequest(id=batch, first=first, lines=lines)
        reply = await self._timed(phases, "added", self._company.cashier, batch_verbs.add_batch_lines, request)
        refused = [result.refused for result in reply.results if result.refused]
        if refused:
            raise RuntimeError(f"a line was refused: {refused[0].code}")

    async def _sign(self, phases: Phases, signer: Worker, place: str, batch: UUID) -> None:
        began = time.perf_counter()
        subject, version = await self._look(signer, batch)
        phases[f"looked at, {place}"] = time.perf_counter() - began
        request = wire.SignOffRequest(
            decision="approve",
            batch_id=batch,
            batch_version=version,
            digest=subject,
            signature=_signature(signer.key, subject),
        )
        await self._timed(phases, f"signed, {place}", signer, sign_off_verbs.sign_off, request)

    async def _look(self, signer: Worker, batch: UUID) -> tuple[str, int]:
        """The digest of what was shown, and the batch's version."""
        hashed, after, version = hashlib.sha256(), 0, 0
        while True:
            request = wire.OpenSheetRequest(batch_id=batch, after=after, limit=PAGE)
            page = await self._call(signer, sign_off_verbs.open_sign_off_sheet, request)
            if not after:
                total = parse_amount(page.total)
                hashed.update(set_head(page.count, Satang(int(total) if isinstance(total, int) else 0)))
            for item in page.items:
                sheet = base64.b64decode(item.sheet)
                parse_sheet(sheet)
                hashed.update(set_line(digest(sheet)))
            after, version = page.next, page.batch_version
            if not after:
                return hashed.hexdigest(), version

    async def _timed(
        self, phases: Phases, phase: str, signer: Worker, verb: Callable[..., Awaitable[Any]], request: Any
    ) -> Any:
        began = time.perf_counter()
        reply = await self._call(signer, verb, request)
        phases[phase] = phases.get(phase, 0.0) + time.perf_counter() - began
        return reply

    async def _call(self, signer: Worker, verb: Callable[..., Awaitable[Any]], request: Any) -> Any:
        """One transaction, and the reply as bytes, as the HTTP layer does it."""
        async with self._database.transaction(signer.actor.branches) as tx:
            reply = await verb(tx, signer.actor, request, system_clock())
        if isinstance(reply, Refused):
            raise RuntimeError(f"refused: {reply.code.value} {reply.params}")
        msgspec.json.encode(reply)
        return reply


def _signature(key: Ed25519PrivateKey, subject: str) -> str:
    return base64.b64encode(key.sign(sign_off_bytes("approve", subject, ""))).decode()
