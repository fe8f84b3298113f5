"""A company that can pay: people with roles, verified members, funded branches, a real sandbox bank and an executor."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

from lab.company import vouch
from lab.sandbox_bank.bank import RunningBank
from lab.sandbox_bank.books import Account
from server.batches import verbs as batch_verbs
from server.batches.closing import close_finished
from server.channels import open_channels
from server.database.roles import EXECUTOR, role_url
from server.database.transaction import Database
from server.ledger import posting
from server.ledger.accounts import Purpose, account_id, open_branch_accounts
from server.ledger.check import LedgerReport, check
from server.payments import verbs
from server.restore.watch import Watch
from server.sign_offs import verbs as sign_off_verbs
from server.treasury.funding_store import funding_transfers
from server.workers.commits import Commits
from server.workers.payments import Executor, ExecutorSettings
from shared.canonical import digest, set_bytes
from shared.money import Satang, parse_amount
from shared.wire import payments as wire
from tests.conftest import ROLE_SECRET
from tests.lab.sandbox_bank.fixtures import scb_settings
from tests.members.world import CODES, SERVICES, WORKER, Person, World, raw_member
from tests.waiting import eventually

_TICKETS = count(1)
_NUMBERS = count(500_001)
QUICK = ExecutorSettings(inquiry_schedule=(0.2, 0.2, 0.5), retry_delay=0.05, housekeeping=0.1)


def now() -> datetime:
    """The present; the bank's clock runs too, so a fixed one would not do here."""
    return datetime.now(UTC)


class Farm(World):
    """The company of tests.members.world, with money."""

    async def open_money(self) -> None:
        """Accounts of all branches, capital in the treasury, and the roles of the people in the database."""
        async with self.owner.transaction(tuple(CODES.values())) as tx:
            for code, branch in CODES.items():
                await open_branch_accounts(tx, branch, code)
            capital, treasury = account_id("HQ", Purpose.CAPITAL), account_id("HQ", Purpose.TREASURY)
            opening = posting.Transfer(
                id=SERVICES.new_id(now()),
                branch_id=0,
                kind=posting.Kind.TRANSFER,
                legs=(posting.Leg(capital, posted=-(10**13)), posting.Leg(treasury, posted=10**13)),
                subject="opening",
            )
            await posting.post(tx, [opening], now())

    async def fund(self, branch: str, baht: int) -> None:
        """Move money from the treasury to a branch."""
        async with self.owner.transaction(tuple(CODES.values())) as tx:
            transfers = funding_transfers(tx, CODES[branch], branch, Satang(baht * 100), "funding", now())
            await posting.post(tx, transfers, now())

    async def payee(self, *, branch: str = "NSN", **changed: Any) -> UUID:
        """A member whose account the bank has confirmed just now."""
        member = await self.member(branch=branch, **changed)
        await self.vouched([member])
        return member

    async def payees(self, count: int) -> list[UUID]:
        """Many members at once."""
        rows = [raw_member(next(_NUMBERS)) for _ in range(count)]
        assert (await self.take_over(rows)).inserted == count
        found = self.query("select id from sheaf.member where code = any(%s) order by id", [row.code for row in rows])
        members = [member for (member,) in found]
        await self.vouched(members)
        return members

    async def vouched(self, members: Sequence[UUID]) -> None:
        """The bank has just confirmed the accounts of these members."""
        async with self.owner.transaction(tuple(CODES.values())) as tx:
            await vouch(tx, members, now())

    def bank_account_of(self, member: UUID) -> Account:
        """The member's account as the bank is to know it."""
        bank, cipher, name = self.query(
            "select bank, number_cipher, name from sheaf.bank_account where member_id = %s order by version desc",
            member,
        )[0]
        return Account(bank, SERVICES.vault.decrypt_text(bytes(cipher)), name)

    def line(self, member: UUID, baht: str = "100.00", **changed: Any) -> dict[str, Any]:
        """What an intent for this member asks for."""
        return {
            "member_id": member,
            "account_version": 1,
            "amount": baht,
            "produce": "ข้าวหอมมะลิ",
            "weigh_ticket": f"W-{next(_TICKETS)}",
            **changed,
        }

    async def submit(self, member: UUID, baht: str = "100.00", **changed: Any) -> wire.IntentView:
        """Submit one intent as the cashier; refusals fail the test."""
        request = wire.SubmitIntentRequest(branch="NSN", **self.line(member, baht, **changed))
        return await self.done(self.cashier, verbs.submit_intent, request, now())

    async def batch(self, lines: Sequence[dict[str, Any]], total: str) -> wire.BatchView:
        """Submit a batch as the cashier."""
        opened = await self.done(
            self.cashier,
            batch_verbs.open_batch,
            wire.OpenBatchRequest(branch="NSN", count=len(lines), total=total),
            now(),
        )
        for at in range(0, len(lines), 1000):
            page = [wire.IntentLine(**line) for line in lines[at : at + 1000]]
            request = wire.AddBatchLinesRequest(id=opened.id, first=at + 1, lines=page)
            added = await self.done(self.cashier, batch_verbs.add_batch_lines, request, now())
            assert not [result for result in added.results if result.refused], added.results[:3]
        return await self.done(
            self.cashier,
            batch_verbs.close_batch,
            wire.CloseBatchRequest(id=opened.id, count=len(lines), total=total),
            now(),
        )

    async def signed_request(
        self,
        person: Person,
        intents: Sequence[UUID] = (),
        batch_id: UUID | None = None,
        decision: str = "approve",
        reason: str = "",
    ) -> wire.SignOffRequest:
        """A sign-off as the person's desk makes it: digests recomputed from the sheets that the server gave."""
        pages = [await self._page(person, intents, batch_id, 0)]
        while pages[-1].next:
            pages.append(await self._page(person, intents, batch_id, pages[-1].next))
        opened, items = pages[0], [item for page in pages for item in page.items]
        sheets = [base64.b64decode(item.sheet) for item in items]
        pairs = [(digest(sheet), _amount(sheet)) for sheet in sheets]
        assert (len(items), sum(amount for _, amount in pairs)) == (opened.count, parse_amount(opened.total))
        subject = digest(set_bytes(pairs))
        return wire.SignOffRequest(
            decision=decision,  # type: ignore[arg-type]  # tests also send what is no decision
            items=[] if batch_id else [wire.SignItem(id=item.id, version=item.version) for item in items],
            batch_id=batch_id,
            batch_version=opened.batch_version,
            reason=reason,
            digest=subject,
            signature=person.sign(decision, subject, reason),
        )

    async def _page(
        self, person: Person, intents: Sequence[UUID], batch_id: UUID | None, after: int
    ) -> wire.OpenSheetReply:
        request = wire.OpenSheetRequest(intents=list(intents), batch_id=batch_id, after=after)
        return await self.done(person, sign_off_verbs.open_sign_off_sheet, request, now())

    async def sign(self, person: Person, intents: Sequence[UUID] = (), batch_id: UUID | None = None) -> None:
        """Approve; refusals fail the test."""
        request = await self.signed_request(person, intents, batch_id)
        reply = await self.done(person, sign_off_verbs.sign_off, request, now())
        assert not [result for result in reply.results if result.refused], reply

    async def reject(
        self, person: Person, reason: str, intents: Sequence[UUID] = (), batch_id: UUID | None = None
    ) -> None:
        """Reject with a reason; refusals fail the test."""
        request = await self.signed_request(person, intents, batch_id, "reject", reason)
        reply = await self.done(person, sign_off_verbs.sign_off, request, now())
        assert not [result for result in reply.results if result.refused], reply

    async def close_batches(self) -> int:
        """What the executor's housekeeping does."""
        async with self.executor.transaction(tuple(CODES.values())) as tx:
            return await close_finished(tx, WORKER, now())

    def state(self, intent_id: UUID) -> str:
        """Where an intent stands."""
        return str(self.query("select state from sheaf.intent where id = %s", intent_id)[0][0])

    async def reaches(self, intent_id: UUID, *states: str) -> str:
        """Wait until an intent is in one of the states."""
        await eventually(lambda: self.state(intent_id) in states)
        return self.state(intent_id)

    def balance(self, branch: str, purpose: Purpose) -> tuple[int, int]:
        """(posted, held) in satang."""
        row = self.query("select posted, held from sheaf.ledger_account where id = %s", account_id(branch, purpose))[0]
        return int(row[0]), int(row[1])

    async def ledger(self) -> LedgerReport:
        """Recompute everything."""
        async with self.owner.transaction(tuple(CODES.values())) as tx:
            return await check(tx)

    @asynccontextmanager
    async def executor_at(self, bank: RunningBank, settings: ExecutorSettings = QUICK) -> AsyncIterator[Executor]:
        """An executor in this loop, talking to the bank over mutual TLS."""
        url = role_url(self.url, EXECUTOR, ROLE_SECRET)
        database = Database(url, SERVICES, connections=5)
        channels = open_channels({"scb": scb_settings(bank.description)})
        executor = Executor(database, url, SERVICES, channels, settings)
        stop = asyncio.Event()
        running = asyncio.create_task(executor.run(stop))
        try:
            yield executor
        finally:
            stop.set()
            await running
            for channel in channels.values():
                await channel.close()
            await database.close()


def _amount(sheet: bytes) -> Satang:
    text = next(line for line in sheet.decode().splitlines() if line.startswith("amount="))
    return Satang(int(text.removeprefix("amount=").replace(".", "")))


def bank_dir(tmp_path: Path) -> Path:
    """Where a test's bank keeps its books."""
    return tmp_path / "bank"


async def commits_of(farm: Farm, database: Database, *channels: str) -> Commits:
    """The transactions of an executor that has begun: it has its fence, and has looked at where the database stands."""
    commits = Commits(database, channels, Watch(None))
    await commits.learn_branches()
    commits.executor = farm.query("insert into sheaf.executor (started_at) values (now()) returning id")[0][0]
    await commits.look()
    return commits
