"""Tells the partner about finished payments; unsigned and unreliable on purpose (docs/bank.md)."""

from __future__ import annotations

import asyncio
from typing import Final

import aiohttp
import msgspec

from lab.sandbox_bank.books import Transaction
from lab.sandbox_bank.clock import bank_time
from lab.sandbox_bank.faults import Fault, FaultBoard, Subject
from shared.money import Satang, format_amount

_TRIES: Final = 3
_TIMEOUT: Final = aiohttp.ClientTimeout(total=10)


class _Acknowledgement(msgspec.Struct):
    res_code: str = msgspec.field(name="resCode")


class Callbacks:
    """Sends each payment's callback at most three times until it is acknowledged with `resCode` 00."""

    def __init__(self, url: str | None, interval_seconds: float, faults: FaultBoard) -> None:
        self.url = url
        self._interval = interval_seconds
        self._faults = faults
        self._tasks: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None

    async def before_answer(self, payment: Transaction) -> bool:
        """Deliver early if a fault asks for it; whether it did."""
        early = self.url is not None and self._faults.strike(Fault.CALLBACK_EARLY, "confirm", subject_of(payment))
        if early:
            await self._post(self._body(payment, 0))
        return bool(early)

    def after_answer(self, payment: Transaction) -> None:
        """Deliver in the background: once, twice or never, as the faults have it."""
        subject = subject_of(payment)
        if self.url is None or self._faults.strike(Fault.CALLBACK_MISSING, "confirm", subject):
            return
        wrong = 100 if self._faults.strike(Fault.CALLBACK_WRONG_AMOUNT, "confirm", subject) else 0
        false = self._faults.strike(Fault.CALLBACK_FALSE, "confirm", subject) is not None
        copies = 2 if self._faults.strike(Fault.CALLBACK_DUPLICATE, "confirm", subject) else 1
        self._send(self._body(payment, wrong, false=false), copies)

    def after_initiate(self, payment: Transaction) -> None:
        """Nothing is paid yet, and a partner is told only by a bank that lies."""
        if self.url is not None and self._faults.strike(Fault.CALLBACK_FALSE, "initiate", subject_of(payment)):
            self._send(self._body(payment, 0, false=True), 1)

    def _send(self, body: bytes, copies: int) -> None:
        task = asyncio.create_task(self._deliver(body, copies))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def pending(self) -> int:
        """How many payments still have something to be told."""
        return len(self._tasks)

    async def close(self) -> None:
        """Give up what has not been delivered."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def _deliver(self, body: bytes, copies: int) -> None:
        for _ in range(copies):
            for attempt in range(_TRIES):
                if attempt:
                    await asyncio.sleep(self._interval)
                if await self._post(body):
                    break

    async def _post(self, body: bytes) -> bool:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=_TIMEOUT)
        try:
            headers = {"content-type": "application/json"}
            async with self._session.post(self.url or "", data=body, headers=headers) as reply:
                answer = msgspec.json.decode(await reply.read(), type=_Acknowledgement)
                return reply.status == 200 and answer.res_code == "00"
        except (aiohttp.ClientError, TimeoutError, OSError, msgspec.MsgspecError):
            return False

    def _body(self, payment: Transaction, wrong: int, *, false: bool = False) -> bytes:
        return msgspec.json.encode(
            {
                "transactionId": payment.bank_reference,
                "partnerTransactionID": payment.reference,
                "tokenizerId": payment.token,
                "amount": format_amount(Satang(payment.amount + wrong)),
                "transactionDateandTime": bank_time(payment.executed_at or payment.initiated_at),
                "currencyCode": "764",
                "transactionType": "Domestic Transfers",
                "sendingBankCode": "014",
                "receivingBankCode": payment.bank_code,
                "payeeAccountNumber": payment.account_no,
                "payeeName": payment.payee_name,
                "channelCode": "PMH",
                "status": "CONFIRM_COMPLETED" if false else payment.status,
                "code": "000" if false else payment.code or "000",
            }
        )


def subject_of(payment: Transaction) -> Subject:
    """What a fault may be narrowed to, for one payment."""
    return Subject(payment.reference, payment.account_no, payment.amount)
