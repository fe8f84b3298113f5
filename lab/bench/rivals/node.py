"""Fastify and Express on the same PostgreSQL: their packages come into a folder that is thrown away again."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import jwt
import msgspec
import psycopg

from lab.bench.http_company import Company, free_port, listening
from server.environment import foreign_environment

RIVALS = ("fastify", "express")
_PACKAGES = ("fastify@5", "express@5", "pg@8", "jsonwebtoken@9")
_INSTALL_SECONDS = 180.0
_SCRIPT = Path(__file__).with_name("rival.js")


class Rivals(msgspec.Struct, frozen=True, kw_only=True):
    """Those that run, by name with their port; none, and why, where Node and its packages can't be had."""

    ports: dict[str, int]
    missing: str = ""


@asynccontextmanager
async def rivals(company: Company, secret: bytes) -> AsyncIterator[Rivals]:
    """One worker of each until the block ends. Their members are ours, in a table without policies and triggers."""
    with tempfile.TemporaryDirectory(prefix="sheaf-bench-") as folder:
        missing = await _install(Path(folder))
        if missing:
            yield Rivals(ports={}, missing=missing)
            return
        await asyncio.to_thread(_tables, company.cluster.url)
        async with contextlib.AsyncExitStack() as stack:
            ports = {
                name: await stack.enter_async_context(_running(Path(folder), name, company.cluster.url, secret))
                for name in RIVALS
            }
            yield Rivals(ports=ports)


async def _install(folder: Path) -> str:
    """Why they can't run here; empty when they can."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        return "there is no Node and npm here"
    command = [npm, "install", "--no-audit", "--no-fund", "--loglevel=error", *_PACKAGES]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(_INSTALL_SECONDS):
            failed = await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
        failed = 1
    return "npm could not install their packages" if failed else ""


@asynccontextmanager
async def _running(folder: Path, name: str, url: str, secret: bytes) -> AsyncIterator[int]:
    port = free_port()
    shutil.copy(_SCRIPT, folder)
    process = await asyncio.create_subprocess_exec(
        *("node", _SCRIPT.name, name, str(port), url, secret.hex()),
        cwd=folder,
        env={**foreign_environment(), "NODE_ENV": "production"},
    )
    try:
        await listening(port)
        yield port
    finally:
        process.terminate()
        await process.wait()


def _tables(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("create schema rival")
        admin.execute("create table rival.member as select id, branch_id, code, name, status from sheaf.member")
        admin.execute("alter table rival.member add primary key (id)")
        admin.execute(
            """
            create table rival.payment (id uuid primary key, branch_id int not null, member_id uuid not null,
              amount bigint not null, produce text not null, ticket text not null, maker text not null,
              created_at timestamptz not null)
            """
        )
        admin.execute("vacuum analyze rival.member")


class RivalRequests:
    """Requests as their clients send them: a bearer token, and nothing else to prove."""

    def __init__(self, company: Company) -> None:
        self.secret = secrets.token_bytes(32)
        self._company = company
        self._made = 0
        self._tokens = [
            jwt.encode({"sub": str(one.user_id), "branch": one.branch_id, "exp": 2**31}, self.secret, algorithm="HS256")
            for one in company.cashiers
        ]

    def lookups(self, count: int) -> list[bytes]:
        """Different members, taking turns over the branches."""
        return [
            self._head(place, "GET", f"/members/{member}").encode() + b"\r\n" for place, member in self._members(count)
        ]

    def submissions(self, count: int) -> list[bytes]:
        """One payment each."""
        made = []
        for place, member in self._members(count):
            number = hashlib.sha256(member.bytes).hexdigest()[:8]
            asked = {
                "branch": self._company.cashiers[place].branch,
                "member_id": str(member),
                "account_version": 1,
                "amount": "123.45",
                "produce": "ข้าวเปลือกหอมมะลิ",
                "weigh_ticket": f"W-{number}",
            }
            body = msgspec.json.encode(asked)
            head = self._head(place, "POST", "/payments")
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            made.append(head.encode() + body)
        return made

    def _members(self, count: int) -> Sequence[tuple[int, UUID]]:
        places = len(self._company.cashiers)
        numbers = range(self._made, self._made + count)
        self._made += count
        return [(number % places, self._company.member(number % places, number * 7919)) for number in numbers]

    def _head(self, place: int, method: str, target: str) -> str:
        return f"{method} {target} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {self._tokens[place]}\r\n"
