"""One branch's day: what people want, what they do about it, and what they remember of it."""

from __future__ import annotations

import asyncio
import base64
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from lab.simulation.company import BALANCE, DAY_MOST, LIMIT_FROM, Slot, actor_of, member_code
from lab.simulation.desks import Desk, Network
from server.routing.operations import Operation
from shared.canonical import IntentSheet, digest, parse_sheet, set_bytes
from shared.money import Satang, format_amount
from shared.permissions import Role
from shared.refusals import RefusalCode
from shared.refusals import RefusalCode as R
from shared.wire import payments as wire
from shared.wire.common import ById
from shared.wire.records import SyncRequest

LIMIT = Satang(200_000_00)
APPROVING = ("approve", "approve_twice")
COURSES = {"approve": 60, "approve_twice": 10, "reject": 8, "cancel": 8, "race": 10, "forget": 4}
"""What becomes of a wish, and how often."""


@dataclass
class Wish:
    """One payment that somebody wants, found again by its note, and what the desks know of it."""

    note: str
    member: UUID
    amount: int
    ticket: str
    course: str
    operation: Operation = Operation.DISBURSEMENT
    to_balance: bool = False
    payee: UUID | None = None
    """Whom a transfer goes to."""
    batch: str = ""
    acknowledged: set[UUID] = field(default_factory=set)
    refused: str = ""
    signed_by: dict[UUID, Role] = field(default_factory=dict)
    """Whoever sent an approval, whether it arrived or not."""
    sheets: set[tuple[str, str, int]] = field(default_factory=set)
    """(bank, account, payout) of every sheet that was signed."""
    key: str = ""
    """The idempotency key of its submission."""
    stopped: bool = False
    """A cancellation or rejection was acknowledged."""


@dataclass
class Day:
    """The wishes of a schedule and the desks that pursue them."""

    network: Network
    slot: Slot
    draw: random.Random
    wishes: list[Wish] = field(default_factory=list)
    changes: Counter[tuple[UUID, int]] = field(default_factory=Counter)
    """Decisions that were acknowledged, by the intent or batch and the version that the person was shown."""
    copy: dict[UUID, tuple[str, int]] = field(default_factory=dict)
    """What the reading desk has of the intents: state and version."""
    pauses: tuple[float, ...] = (0.05, 30.0, 120.0)
    """Seconds from one reading to the next."""
    thought: float = 40.0
    """Seconds that people think, on average."""
    courses: Mapping[str, int] = field(default_factory=lambda: COURSES)
    _cursor: str = ""

    def __post_init__(self) -> None:
        slot = self.slot
        self.cashier, self.manager, self.deputy, self.treasurer, self.administrator = (
            Desk(self.network, person, actor_of(person, slot)) for person in slot.people
        )
        self.reader = Desk(self.network, slot.cashier, actor_of(slot.cashier, slot))

    async def live(self, intents: int, length: float) -> None:
        """Pursue about so many wishes, begun over `length` seconds."""
        tasks = []
        left = intents
        while left > 0:
            lines = self.draw.choice([2, 3, 5]) if left > 2 and self.draw.random() < 0.15 else 1
            wishes = [self._wish(line=lines > 1) for _ in range(lines)]
            left -= lines
            work = self._single(wishes[0]) if lines == 1 else self._batch(wishes)
            tasks.append(asyncio.create_task(self._begin(self.draw.uniform(0, length), work)))
        reader = asyncio.create_task(self._read_on())
        await asyncio.gather(*tasks)
        reader.cancel()

    async def live_through_everything(self) -> None:
        """Pursue a wish of every course, and batches of three courses, at once."""
        tasks = [asyncio.create_task(self._single(self._wish(course))) for course in COURSES]
        batches = [[self._wish(course, line=True), self._wish(line=True)] for course in ("approve", "reject", "cancel")]
        tasks += [asyncio.create_task(self._batch(wishes)) for wishes in batches]
        reader = asyncio.create_task(self._read_on())
        await asyncio.gather(*tasks)
        reader.cancel()

    async def _read_on(self) -> None:
        while True:
            await self.read(once=True)
            await asyncio.sleep(self.draw.choice(self.pauses))

    async def read(self, *, once: bool = False) -> None:
        """Take what has changed into the desk's copy, a page or all."""
        more = True
        while more:
            reply = await self.reader.do("sync", SyncRequest(cursor=self._cursor, limit=5))
            if reply.refused is not None and reply.refused.code is RefusalCode.CURSOR_GONE:
                # The database was put back: a desk begins anew.
                self._cursor = ""
                self.copy.clear()
                continue
            page = reply.value
            if page is None:
                return
            for view in page.intents:
                self.copy[view.id] = (view.state, view.version)
            self._cursor, more = page.cursor, page.more and not once

    def forget(self) -> None:
        """The database is another one: what was answered before is no news of it."""
        self.changes.clear()
        for wish in self.wishes:
            wish.acknowledged.clear()
            wish.stopped = False

    async def offer_again(self, wish: Wish) -> None:
        """The desk's outbox has it as done, and the server does not know it: the same again, by the same key."""
        request = wire.SubmitIntentRequest(branch=self.slot.code, **self._line(wish))
        reply = await self.cashier.do("submit_intent", request, key=wish.key)
        if reply.value is not None and wish.course in APPROVING:
            await self._approve(reply.value.id, wish)

    async def approve_again(self, intent: UUID, wish: Wish) -> None:
        """Its signatures were lost."""
        await self._approve(intent, wish)

    async def _begin(self, after: float, work: Any) -> None:
        await asyncio.sleep(after)
        await work

    def _wish(self, course: str = "", *, line: bool = False) -> Wish:
        number = len(self.wishes) + 1
        amount = self.draw.choice(
            [100_00, 4_825_000, 19_999_999, 20_000_001, 50_000_000, self.draw.randrange(1, 10**7)]
        )
        course = course or self.draw.choices(list(self.courses), list(self.courses.values()))[0]
        ticket = f"W-{self.slot.code}-{number}" if self.draw.random() < 0.6 else ""
        wish = Wish(f"wish {number}", self.draw.choice(self.slot.members), amount, ticket, course)
        kind = self.draw.random()
        if kind < 0.1:
            wish.to_balance = True
        elif kind < 0.4 and not line:
            self._from_balance(wish)
        elif self.slot.branch_id > LIMIT_FROM and self.draw.random() < 0.15:
            self._to_the_limit(wish)
        self.wishes.append(wish)
        return wish

    def _to_the_limit(self, wish: Wish) -> None:
        """Just what is left of the member's day, or a satang more."""
        wished = sum(one.amount for one in self.wishes if one.member == wish.member)
        if wished < DAY_MOST:
            wish.amount = DAY_MOST - wished + self.draw.choice([0, 1])

    def _from_balance(self, wish: Wish) -> None:
        """Some are of what members have with the company; a batch has none of these."""
        wish.ticket = ""
        wish.amount = self.draw.choice([BALANCE, BALANCE // 2, self.draw.randrange(1, BALANCE)])
        wish.operation = self.draw.choice([Operation.WITHDRAWAL, Operation.TRANSFER])
        if wish.operation is Operation.TRANSFER:
            wish.payee = self.draw.choice([one for one in self.slot.members if one != wish.member])

    def _line(self, wish: Wish) -> dict[str, Any]:
        return {
            "member_id": wish.member,
            "account_version": 1,
            "amount": format_amount(Satang(wish.amount)),
            "produce": "rice" if wish.operation is Operation.DISBURSEMENT else "",
            "weigh_ticket": wish.ticket,
            "note": wish.note,
            "operation": wish.operation.value,
            "to": "balance" if wish.to_balance else "bank",
            "to_member": "" if wish.payee is None else self._code(wish.payee),
        }

    def _code(self, member: UUID) -> str:
        return member_code(self.slot.branch_id, self.slot.members.index(member))

    # --- single intents

    async def _single(self, wish: Wish) -> None:
        request = wire.SubmitIntentRequest(branch=self.slot.code, **self._line(wish))
        reply = await self.cashier.do("submit_intent", request)
        wish.key = reply.key
        if reply.refused is not None:
            wish.refused = reply.refused.code.value
        view = reply.value
        if view is None:
            return
        wish.acknowledged.add(view.id)
        await self._think()
        match wish.course:
            case "approve":
                await self._approve(view.id, wish)
            case "approve_twice":
                await asyncio.gather(self._approve(view.id, wish), self._sign(self.deputy, view.id, wish))
            case "reject":
                await self._sign(self.manager, view.id, wish, "reject")
            case "cancel":
                await self._cancel(view.id, view.version, wish)
            case "race":
                await asyncio.gather(self._approve(view.id, wish), self._cancel_later(view.id, wish))

    async def _approve(self, intent: UUID, wish: Wish) -> None:
        if wish.amount > LIMIT and self.draw.random() < 0.5:
            await asyncio.gather(self._sign(self.treasurer, intent, wish), self._sign(self.manager, intent, wish))
            return
        await self._sign(self.manager, intent, wish)
        if wish.amount > LIMIT:
            await self._think()
            await self._sign(self.treasurer, intent, wish)

    async def _sign(self, desk: Desk, intent: UUID, wish: Wish, decision: str = "approve") -> None:
        for _ in range(3):
            sheet = await desk.ask("open_sign_off_sheet", wire.OpenSheetRequest(intents=[intent]))
            if sheet is None:
                continue
            reply = await self._signed(desk, sheet, decision, [wish])
            if reply.value is None:
                continue
            refused = [one.refused for one in reply.value.results if one.refused]
            if not refused:
                self.changes[intent, sheet.items[0].version] += 1
                wish.stopped |= decision == "reject"
                return
            if refused[0].code != R.STALE_VERSION:
                return
            await self._think()

    async def _signed(self, desk: Desk, sheet: Any, decision: str, wishes: list[Wish], batch: Any = None) -> Any:
        """Send a decision over what was shown; an approval counts from the moment that it is sent."""
        pairs, reason = [], "" if decision == "approve" else "not today"
        for item in sheet.items:
            data = base64.b64decode(item.sheet)
            shown = parse_sheet(data)
            if not isinstance(shown, IntentSheet):
                raise TypeError("another sheet than was asked for")
            pairs.append((digest(data), shown.amount))
            wish = next(one for one in wishes if one.note == shown.note)
            if decision == "approve":
                wish.signed_by[desk.person.user_id] = desk.person.role
                wish.sheets.add((shown.bank, shown.account, int(shown.payout)))
        subject = digest(set_bytes(pairs))
        request = wire.SignOffRequest(
            decision=decision,  # type: ignore[arg-type]  # one of two words of this module
            items=[] if batch else [wire.SignItem(id=item.id, version=item.version) for item in sheet.items],
            batch_id=batch,
            batch_version=sheet.batch_version,
            reason=reason,
            digest=subject,
            signature=desk.signature(decision, subject, reason),
        )
        return await desk.do("sign_off", request)

    async def _cancel(self, intent: UUID, version: int, wish: Wish) -> None:
        reply = await self.cashier.do(
            "cancel_intent", wire.CancelIntentRequest(id=intent, version=version, reason="no")
        )
        wish.stopped |= reply.value is not None
        self.changes[intent, version] += int(reply.value is not None)

    async def _cancel_later(self, intent: UUID, wish: Wish) -> None:
        await asyncio.sleep(self.draw.uniform(0, 60))
        detail = await self.cashier.ask("get_intent", ById(id=intent))
        if detail is not None:
            await self._cancel(intent, detail.intent.version, wish)

    # --- batches

    async def _batch(self, wishes: list[Wish]) -> None:
        total = format_amount(Satang(sum(wish.amount for wish in wishes)))
        count, course = len(wishes), wishes[0].course
        opened = await self.cashier.do(
            "open_batch", wire.OpenBatchRequest(branch=self.slot.code, count=count, total=total)
        )
        if opened.value is None:
            return
        batch = opened.value.id
        for wish in wishes:
            wish.batch = str(batch)
        lines = [wire.IntentLine(**self._line(wish)) for wish in wishes]
        added = await self.cashier.do("add_batch_lines", wire.AddBatchLinesRequest(id=batch, first=1, lines=lines))
        if added.value is None or any(result.refused for result in added.value.results):
            return
        for wish, result in zip(wishes, added.value.results, strict=True):
            wish.acknowledged.add(result.intent_id)
        closed = await self.cashier.do("close_batch", wire.CloseBatchRequest(id=batch, count=count, total=total))
        if closed.value is None:
            return
        await self._think()
        await self._decide_batch(batch, closed.value.version, wishes, course)

    async def _decide_batch(self, batch: UUID, version: int, wishes: list[Wish], course: str) -> None:
        if course == "cancel":
            request = wire.CancelBatchRequest(id=batch, version=version, reason="no")
            reply = await self.cashier.do("cancel_batch", request)
            self.changes[batch, version] += int(reply.value is not None)
            for wish in wishes:
                wish.stopped |= reply.value is not None
        elif course != "forget":
            await self._sign_batch(self.manager, batch, wishes, "reject" if course == "reject" else "approve")
            if course != "reject" and sum(wish.amount for wish in wishes) > LIMIT:
                await self._sign_batch(self.treasurer, batch, wishes, "approve")

    async def _sign_batch(self, desk: Desk, batch: UUID, wishes: list[Wish], decision: str) -> None:
        for _ in range(3):
            sheet = await desk.ask("open_sign_off_sheet", wire.OpenSheetRequest(batch_id=batch))
            if sheet is None:
                continue
            reply = await self._signed(desk, sheet, decision, wishes, batch)
            if reply.value is not None and not reply.value.results[0].refused:
                self.changes[batch, sheet.batch_version] += 1
                for wish in wishes:
                    wish.stopped |= decision == "reject"
                return

    async def _think(self) -> None:
        await asyncio.sleep(self.draw.expovariate(1 / self.thought))
