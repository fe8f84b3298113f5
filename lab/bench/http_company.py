"""A company to ask over HTTP: branches with money and a cashier at a desk each, members by the million, API workers."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import secrets
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import msgspec
import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lab.bench.harness import Cluster
from lab.company import Hire, Plan, Worker, build
from server.bootstrap import NewBranch, administration
from server.context import Services, Vault, system_clock
from server.environment import foreign_environment
from server.identity import rules
from server.identity.tokens import OperationClaims, ShopClaims, TokenKeys, keys_of, resources_digest
from server.installation import toml_text
from server.pki import write_secret
from server.settings import CONFIG_FILE
from server.wire_time import wire_time
from shared.canonical import device_proof_bytes, digest, session_proof
from shared.money import Satang
from shared.permissions import Role
from shared.wire.encode import encode
from shared.wire.payments import SubmitIntentRequest
from shared.wire.resources import resources_of
from shared.wire.table import BY_NAME, EVENTS_PATH

_MONEY = Satang(10**12)


class Cashier(msgspec.Struct, frozen=True):
    """A person at a desk, who can sign what the desk signs."""

    branch_id: int
    branch: str
    user_id: UUID
    device_id: UUID
    key: Ed25519PrivateKey
    shop_token: str
    proof_key: bytes


class Company(msgspec.Struct, frozen=True):
    """A member's number is its id, and modulo the number of branches its branch."""

    cluster: Cluster
    services: Services
    vault_key: bytes
    cashiers: list[Cashier]
    members: int

    def member(self, branch: int, number: int) -> UUID:
        """The id of some member of the branch with this index."""
        count = len(self.cashiers)
        return UUID(int=count * (1 + number % (self.members // count - 1)) + branch)


async def found(cluster: Cluster, branches: int, members: int) -> Company:
    """Make the company in an empty database."""
    vault_key = secrets.token_bytes(32)
    services, now = Services(vault=Vault(vault_key)), system_clock()
    codes = [f"B{number:03d}" for number in range(1, branches + 1)]
    plan = Plan(
        by="bench",
        branches=[NewBranch(code=code, name_th=code, name_en=code) for code in codes],
        hires=[Hire(username=f"cashier.{code.lower()}", branch=code, role=Role.CASHIER) for code in codes],
        treasury=Satang(_MONEY * branches),
        funds=_MONEY,
    )
    async with (
        administration(cluster.url, services, name="sheaf-bench") as database,
        database.transaction([]) as tx,
    ):
        made = await build(tx, plan, now)
    cashiers = [_signed_in(worker, services, now) for worker in made.people.values()]
    await asyncio.to_thread(_register, cluster.url, branches, members, now)
    return Company(cluster, services, vault_key, cashiers, members)


def _signed_in(worker: Worker, services: Services, now: datetime) -> Cashier:
    actor, keys = worker.actor, keys_of(services.vault)
    claims = ShopClaims(
        sub=actor.user,
        sid=services.new_id(now),
        did=actor.device,
        bid=actor.branch_id,
        usr=actor.name,
        name=actor.name,
        roles=[role.value for role in actor.roles],
        jti=services.new_id(now),
        iat=now.timestamp(),
        exp=(now + timedelta(days=1)).timestamp(),
    )
    token, proof_key = keys.issue(claims), keys.proof_key(claims)
    return Cashier(actor.branch_id, worker.branch, actor.user, actor.device, worker.key, token, proof_key)


def _register(url: str, branches: int, members: int, now: datetime) -> None:
    """Members with a verified account each; their laws are looked at in tests, so the triggers rest here."""
    values = {"branches": branches, "members": members, "now": now}
    with psycopg.connect(url) as admin:
        admin.execute("set session_replication_role = replica")
        admin.execute(
            """
            insert into sheaf.member (id, branch_id, code, name, name_sort, national_id_cipher, national_id_digest,
              national_id_last4, phone, status, created_at, changed_at, code_key, name_key)
            select lpad(to_hex(n), 32, '0')::uuid, 1 + n %% %(branches)s, 'M' || n, 'สมชาย ใจดี ' || n,
              'สมชาย ใจดี ' || n, '\\x00', int8send(n), '0000', '0812345678', 'active', %(now)s, %(now)s,
              'M' || n, 'สมชาย ใจดี ' || n
            from generate_series(1::bigint, %(members)s) n
            """,
            values,
        )
        admin.execute(
            """
            insert into sheaf.bank_account (id, branch_id, member_id, version, bank, number_cipher, number_digest,
              number_last4, name, effective_at)
            select ('a' || substr(m.id::text, 2))::uuid, m.branch_id, m.id, 1, '014', '\\x00', m.national_id_digest,
              '0000', m.name, %(now)s
            from sheaf.member m
            """,
            values,
        )
        admin.execute(
            """
            insert into sheaf.account_check (id, branch_id, member_id, bank_account_id, state, requested_at,
              requested_by, checked_at, bank_name, account_status, match)
            select ('c' || substr(a.id::text, 2))::uuid, a.branch_id, a.member_id, a.id, 'done', %(now)s, 'bench',
              %(now)s, a.name, 'ACTIVE', 100
            from sheaf.bank_account a
            """,
            values,
        )
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("vacuum analyze sheaf.member, sheaf.bank_account, sheaf.account_check")


class Requests:
    """Requests that are signed before they are timed."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._keys: TokenKeys = keys_of(company.services.vault)
        self._made = 0

    def events(self, place: int) -> bytes:
        """Opens the event stream of a branch's desk."""
        return self._signed(self._company.cashiers[place], "GET", EVENTS_PATH, b"")

    def lookups(self, count: int) -> list[bytes]:
        """Validations of different members, taking turns over the branches."""
        company, made = self._company, []
        for number in range(self._made, self._made + count):
            place = number % len(company.cashiers)
            target = f"/api/v1/members/{company.member(place, number * 7919)}/validation"
            made.append(self._signed(company.cashiers[place], "GET", target, b""))
        self._made += count
        return made

    def submissions(self, count: int, branches: int) -> list[bytes]:
        """Intents of `branches` branches in turn, each with an operation token of its own that is in the database."""
        company, now, made, tokens = self._company, system_clock(), [], []
        verb = BY_NAME["submit_intent"]
        for number in range(self._made, self._made + count):
            cashier = company.cashiers[number % branches]
            request = SubmitIntentRequest(
                branch=cashier.branch,
                member_id=company.member(number % branches, number * 7919),
                account_version=1,
                amount=f"{1 + number % 900}.{number % 100:02d}",
                produce="ข้าวเปลือกหอมมะลิ",
                weigh_ticket=f"W-{number}",
            )
            sent = encode(verb, request)
            claims = OperationClaims(
                sub=cashier.user_id,
                did=cashier.device_id,
                verb=verb.name,
                resources=resources_digest(resources_of(verb.name, request)),
                content=digest(sent.body),
                jti=company.services.new_id(now),
                iat=now.timestamp(),
                exp=(now + rules.OPERATION_TOKEN_LIFE).timestamp(),
            )
            tokens.append((claims, cashier.branch_id))
            extra = f"Idempotency-Key: {number:032x}\r\nOperation-Token: {self._keys.issue(claims)}\r\n"
            made.append(self._signed(cashier, sent.method, sent.target, sent.body, extra))
        self._made += count
        self._mint(tokens, now)
        return made

    def _mint(self, tokens: Sequence[tuple[OperationClaims, int]], now: datetime) -> None:
        with (
            psycopg.connect(self._company.cluster.url) as admin,
            admin.cursor() as cursor,
            cursor.copy(
                """copy sheaf.operation_token (id, branch_id, user_id, device_id, verb, resources_digest,
                     content_digest, signature, with_code, issued_at, expires_at) from stdin"""
            ) as copy,
        ):
            for claims, branch in tokens:
                ends = now + rules.OPERATION_TOKEN_LIFE
                copy.write_row(
                    (
                        claims.jti,
                        branch,
                        claims.sub,
                        claims.did,
                        claims.verb,
                        claims.resources,
                        claims.content,
                        b"",
                        False,
                        now,
                        ends,
                    )
                )

    def _signed(self, cashier: Cashier, method: str, target: str, body: bytes, extra: str = "") -> bytes:
        time, nonce = wire_time(system_clock()), secrets.token_hex(16)
        proved = device_proof_bytes(method, target, time, nonce, body)
        # as a desk does: what only reads is proved by the session's key
        name, proof = (
            ("Device-Mac", session_proof(cashier.proof_key, proved))
            if method == "GET"
            else ("Device-Signature", cashier.key.sign(proved))
        )
        head = (
            f"{method} {target} HTTP/1.1\r\nHost: bench\r\nDevice-Id: {cashier.device_id}\r\nDevice-Time: {time}\r\n"
            f"Device-Nonce: {nonce}\r\n{name}: {base64.b64encode(proof).decode()}\r\n"
            f"Authorization: Bearer {cashier.shop_token}\r\n{extra}"
        )
        if body:
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        return head.encode() + b"\r\n" + body


@asynccontextmanager
async def api_workers(company: Company, workers: int = 2) -> AsyncIterator[int]:
    """Real `sheaf serve` workers until the block ends; the port."""
    # a log line a call goes to nobody here, as it would to a file
    async with api_service(company, workers, Path(os.devnull)) as (port, _):
        yield port


@asynccontextmanager
async def api_service(
    company: Company, workers: int, log: Path
) -> AsyncIterator[tuple[int, asyncio.subprocess.Process]]:
    """`sheaf serve` until the block ends; its port and its master, which logs into a file."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="sheaf-bench-") as folder, log.open("ab") as errors:
        config = Path(folder, CONFIG_FILE)
        sections: dict[str, dict[str, object]] = {
            "database": {"url": company.cluster.url},
            "keys": {
                "role_secret": company.cluster.secret,
                "vault_key": base64.b64encode(company.vault_key).decode(),
            },
            "api": {"port": port, "workers": workers},
        }
        write_secret(config, toml_text(sections).encode())
        command = [sys.executable, "-m", "server.cli", "serve", "--config", str(config)]
        process = await asyncio.create_subprocess_exec(*command, env=foreign_environment(), stderr=errors)
        try:
            await listening(port)
            yield port, process
        finally:
            process.terminate()
            async with asyncio.timeout(40):
                await process.wait()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


async def listening(port: int) -> None:
    """Wait until somebody does."""
    for _ in range(300):
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return
        await asyncio.sleep(0.1)
    raise TimeoutError("the server did not start")
