"""The bank of a simulation: its books never err, its answers do."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from lab.simulation.processes import Process, current
from server.channels import scb
from server.channels.base import (
    NOT_SENT,
    Accepted,
    AccountName,
    AccountStatus,
    Announcement,
    Confirmation,
    Duplicate,
    Finding,
    Found,
    Initiated,
    InitiateLost,
    Mismatch,
    NotFound,
    OpenStatus,
    PaymentOrder,
    Rejected,
    Standing,
    StillOpen,
    Unknown,
    refusal,
)
from shared.banks import AccountNumber
from shared.evidence import Evidence
from shared.money import Satang, format_amount

_PATIENCE = 30.0
"""Seconds after which the server's side gives a call up."""


class Mood(msgspec.Struct, kw_only=True):
    """How likely (0 to 1) each misbehaviour is; all 0 is a bank that works."""

    initiate_lost: float = 0.0
    initiate_refused: float = 0.0
    refused: float = 0.0
    lost_before: float = 0.0
    lost_after: float = 0.0
    late: float = 0.0
    processing: float = 0.0
    fails_later: float = 0.0
    inquiry_lost: float = 0.0
    inquiry_denies: float = 0.0
    callback: float = 0.0
    callback_unpaid: float = 0.0
    callback_lies: float = 0.0
    not_sent: float = 0.0
    short: float = 0.0
    returned: float = 0.0
    rebooked: float = 0.0
    booked_otherwise: float = 0.0
    slow: float = 0.0
    stopped: float = 0.0
    forgets: float = 0.0


@dataclass
class Payment:
    """One token of the bank: paid at most once, whatever is asked how often."""

    reference: str
    bank: str
    account: str
    amount: int
    state: str = "awaiting"
    code: str = "112"
    """Why it failed, if it did."""
    times_paid: int = 0
    paid_at: datetime | None = None
    returned_at: datetime | None = None
    told: bool = False
    """The server's side was told that it is paid."""
    booked: int | None = None
    """What the statement says that it was, if not the amount."""

    @property
    def on_statement(self) -> int:
        """Satang that the statement books."""
        return self.amount if self.booked is None else self.booked


@dataclass
class Bank:
    """Books by token; `call_back` posts a callback to the server's side."""

    world: Process
    """Whose tasks the bank's are: what is under way there outlives the executor that asked for it."""
    draw: random.Random
    clock: Callable[[], datetime]
    mood: Mood
    account: AccountNumber
    """The company's own, which pays."""
    payments: dict[str, Payment] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    call_back: Callable[[bytes], Awaitable[None]] | None = None
    later: set[asyncio.Task[None]] = field(default_factory=set)
    moves: int = 0
    """Announcements and confirms that have reached it, whatever it made of them."""
    closing: int = 0
    """Satang on the company's account when the last statement was written."""

    def chance(self, what: str) -> bool:
        """Whether this misbehaviour happens now."""
        share: float = getattr(self.mood, what)
        hit = share > 0 and self.draw.random() < share
        if hit:
            self.counts[what] += 1
        return hit

    def by_reference(self, reference: str) -> tuple[str, Payment] | None:
        """The token and the payment of a reference: one has one."""
        found = [(token, payment) for token, payment in self.payments.items() if payment.reference == reference]
        return found[0] if found else None

    def announce(self, order: PaymentOrder) -> str:
        """Take note of an order; its token. Empty for a reference that the bank has, and has not forgotten."""
        if self.by_reference(order.bank_ref) and not self.chance("forgets"):
            self.counts["duplicate"] += 1
            return ""
        token = f"T{len(self.payments) + 1:06d}{order.bank_ref}"
        account = str(order.payee_account_number)
        self.payments[token] = Payment(order.bank_ref, order.payee_bank_code, account, order.amount)
        if self.chance("callback_unpaid"):
            # Of what nobody has confirmed, and perhaps never will.
            self.after(self.draw.uniform(0, 60), self._call_back, token)
        return token

    def refuses(self, payment: Payment) -> str:
        """The code with which a payment ends unpaid now, if it does."""
        for what, code in (("refused", "112"), ("short", "116")):
            if self.chance(what):
                payment.state, payment.code = "failed", code
                return code
        return ""

    def pay(self, token: str) -> bool:
        """Move the money of a token that was not confirmed before."""
        payment = self.payments[token]
        if payment.state not in ("awaiting", "processing"):
            return False
        payment.state, payment.paid_at = "paid", self.clock()
        payment.times_paid += 1
        if self.chance("callback"):
            self.after(self.draw.uniform(0, 60), self._call_back, token)
        return True

    def after(self, seconds: float, work: Callable[[str], Awaitable[None]], token: str) -> None:
        """Do something later; nobody dies of it but the schedule's end."""

        async def wait() -> None:
            await asyncio.sleep(seconds)
            await work(token)

        task = self.world.run(wait())
        self.later.add(task)
        task.add_done_callback(self.later.discard)

    async def _call_back(self, token: str) -> None:
        payment = self.payments[token]
        reference, amount = payment.reference, payment.amount
        if self.chance("callback_lies"):
            reference = self.draw.choice(["SNOBODYKNOWSTHIS", reference, ""])
            amount = self.draw.choice([0, amount - 1, amount + 100, 10 * amount])
        body = {
            "transactionId": token,
            "partnerTransactionID": reference,
            "amount": format_amount(Satang(max(amount, 0))),
            "status": self.draw.choice(["CONFIRM_COMPLETED", "CONFIRM_FAILED", "OK"]),
        }
        if self.call_back is not None:
            await self.call_back(msgspec.json.encode(body))

    async def pay_later(self, token: str) -> None:
        """What was under way arrives."""
        self.pay(token)

    async def fail_later(self, token: str) -> None:
        """What was processing comes to nothing."""
        payment = self.payments[token]
        if payment.state == "processing":
            payment.state = "failed"


class SimulatedChannel:
    """The Channel of one executor process to the bank, over a network that loses and delays."""

    name = "scb"
    manifest = scb.MANIFEST
    payer_account: AccountNumber

    def __init__(self, bank: Bank) -> None:
        self._bank = bank
        self.payer_account = bank.account

    async def initiate(self, order: PaymentOrder, now: datetime) -> Announcement:
        """Announce an order."""
        bank = self._bank
        bank.moves += 1
        await self._travel()
        if bank.chance("stopped"):
            return Rejected("9500", "keys", retryable_as_new_attempt=True, stop_channel=True)
        if bank.chance("initiate_lost"):
            if bank.draw.random() < 0.5:
                bank.announce(order)
            await asyncio.sleep(_PATIENCE)
            return InitiateLost(Evidence.NO_ANSWER, "timeout")
        if bank.chance("initiate_refused"):
            again = bank.draw.random() < 0.5
            return Rejected("112" if not again else "9900", "refused", retryable_as_new_attempt=again)
        token = bank.announce(order)
        await self._travel()
        return Initiated(token, None, Satang(0)) if token else Duplicate("400/1111")

    async def confirm(self, order: PaymentOrder, token: str, now: datetime) -> Confirmation:
        """Move the money, or not, and say so, or not."""
        bank = self._bank
        bank.moves += 1
        await self._travel()
        payment = bank.payments[token]
        if bank.chance("not_sent"):
            return Rejected(NOT_SENT, "no connection", retryable_as_new_attempt=True)
        if bank.chance("lost_before"):
            await asyncio.sleep(_PATIENCE)
            return Unknown(Evidence.NO_ANSWER, "timeout")
        if bank.chance("late"):
            bank.after(bank.draw.choice([40.0, 600.0, 2700.0, 4000.0]), bank.pay_later, token)
            await asyncio.sleep(_PATIENCE)
            return Unknown(Evidence.NO_ANSWER, "timeout")
        if payment.state != "awaiting":
            return Unknown(Evidence.UNEXPLAINED, "400/1111")
        if code := bank.refuses(payment):
            return refusal(code, "refused")
        if bank.chance("processing"):
            payment.state = "processing"
            end = bank.fail_later if bank.chance("fails_later") else bank.pay_later
            bank.after(bank.draw.choice([5.0, 300.0, 2700.0, 5000.0]), end, token)
            return Unknown(Evidence.UNEXPLAINED, "CONFIRM_PROCESSING")
        bank.pay(token)
        if bank.chance("lost_after"):
            await asyncio.sleep(bank.draw.choice([0.1, _PATIENCE]))
            told = bank.draw.choice(["timeout", "LB9999", "504"])
            return Unknown(Evidence.UNEXPLAINED, told, told)
        await self._travel()
        payment.told = True
        return Accepted(now)

    async def inquire(self, order: PaymentOrder, token: str, now: datetime) -> Standing:
        """How a token stands."""
        bank = self._bank
        await self._travel()
        if bank.chance("inquiry_lost"):
            await asyncio.sleep(_PATIENCE)
            return Unknown(Evidence.NO_ANSWER, "timeout")
        payment = bank.payments.get(token)
        if payment is None or bank.chance("inquiry_denies"):
            return NotFound()
        said = self._standing(payment, now)
        await self._travel()
        return said

    async def find(self, order: PaymentOrder, now: datetime) -> Finding:
        """What the bank has under a reference."""
        bank = self._bank
        await self._travel()
        if bank.chance("inquiry_lost"):
            await asyncio.sleep(_PATIENCE)
            return Unknown(Evidence.NO_ANSWER, "timeout")
        known = bank.by_reference(order.bank_ref)
        if known is None or bank.chance("inquiry_denies"):
            return NotFound()
        token, payment = known
        ours = (order.payee_bank_code, str(order.payee_account_number), order.amount)
        if (payment.bank, payment.account, payment.amount) != ours:
            return Mismatch()
        said = self._standing(payment, now)
        await self._travel()
        return Found(token, order.payee_name, said)

    def _standing(self, payment: Payment, now: datetime) -> Accepted | Rejected | StillOpen:
        match payment.state:
            case "paid":
                payment.told = True
                return Accepted(now)
            case "failed":
                return refusal(payment.code, "refused", spent=True)
            case "processing":
                return StillOpen(OpenStatus.PROCESSING)
            case _:
                return StillOpen(OpenStatus.AWAITING_CONFIRM)

    async def verify(self, bank_code: str, account_number: AccountNumber, now: datetime) -> AccountName | Unknown:
        """Whose account."""
        await self._travel()
        return AccountName("", AccountStatus.NOT_FOUND)

    async def probe(self, now: datetime) -> Unknown | None:
        """Whether the bank answers questions, as it does inquiries."""
        await self._travel()
        if self._bank.chance("inquiry_lost"):
            await asyncio.sleep(_PATIENCE)
            return Unknown(Evidence.NO_ANSWER, "timeout")
        return Unknown(Evidence.UNEXPLAINED, "9500", "9500") if self._bank.chance("stopped") else None

    async def close(self) -> None:
        """Nothing is open."""

    async def _travel(self) -> None:
        slow = self._bank.chance("slow")
        await asyncio.sleep(self._bank.draw.uniform(5.0, 25.0) if slow else self._bank.draw.uniform(0.005, 0.3))
        await current().awake()
