"""The day after: the bank's statements tell what it paid and what came back, and the real import takes them in."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from server.context import Actor
from server.database.transaction import Database
from server.reconciliation.reconciling import reconcile
from server.simulation.bank import Bank
from server.simulation.company import Slot
from server.statements.importing import Delivered, import_files, read
from server.statements.store import put_company_accounts
from shared.money import Satang, format_amount
from shared.thai import business_date

_UNTIL_TOMORROW = timedelta(hours=30)
_A_DAY = timedelta(days=1)
A_WEEK = timedelta(days=6)
_OPENING = 10**12


@dataclass(frozen=True)
class _Line:
    at: datetime
    amount: int
    kind: str
    reference: str
    token: str


async def reconcile_with(bank: Bank, database: Database, place: Slot, returned: float) -> None:
    """A night later; `returned` is how likely (0 to 1) a payment comes back in the morning.

    The second statement arrives before the first, and both come twice: neither may change what is booked.
    """
    now = bank.clock() + _UNTIL_TOMORROW
    eve = _file(bank, 1, place.begins - _A_DAY, _OPENING, [])
    first, second = _files(bank, returned, now)
    actor = Actor(name="statements", branch_codes={row["code"]: int(row["id"]) for row in place.branches})
    for delivered in ([eve], [second], [first, second], [first], [second]):
        async with database.transaction(actor.branches) as tx:
            await put_company_accounts(tx, [bank.account], now)
            await import_files(tx, actor, delivered, now)
        async with database.transaction(actor.branches) as tx:
            await reconcile(tx, actor, now)


async def reconcile_a_week(bank: Bank, database: Database, place: Slot) -> None:
    """The next statement of the account, `A_WEEK` later and empty: what is on none by now was never paid."""
    now = bank.clock() + A_WEEK
    paid = sum(payment.amount * payment.times_paid for payment in bank.payments.values())
    came_back = sum(payment.amount for payment in bank.payments.values() if payment.returned_at)
    last = _file(bank, 4, now, _OPENING - paid + came_back, [])
    actor = Actor(name="statements", branch_codes={row["code"]: int(row["id"]) for row in place.branches})
    async with database.transaction(actor.branches) as tx:
        await import_files(tx, actor, [last], now)


def _files(bank: Bank, returned: float, now: datetime) -> tuple[Delivered, Delivered]:
    """What was paid, and what came back."""
    debits, credits = [], []
    for token, payment in bank.payments.items():
        if payment.paid_at is None:
            continue
        paid = _Line(payment.paid_at, -payment.amount, "NTRF", payment.reference, token)
        debits += [paid] * payment.times_paid
        if bank.draw.random() < returned:
            bank.counts["returned"] += 1
            payment.returned_at = now
            credits.append(_Line(now, payment.amount, "NRTI", payment.reference, token))
    debits.sort(key=_moment)
    evening = debits[-1].at if debits else bank.clock()
    closing = _OPENING + sum(line.amount for line in debits)
    return _file(bank, 2, evening, _OPENING, debits), _file(bank, 3, now, closing, credits)


def _moment(line: _Line) -> datetime:
    return line.at


def _file(bank: Bank, number: int, cut: datetime, opening: int, lines: Sequence[_Line]) -> Delivered:
    day = business_date(cut)
    closing = _balance(opening + sum(line.amount for line in lines), cut)
    rows = [f":20:ST{number}", f":25:{bank.account!s}", f":28C:{number:05d}/001", f":60F:{_balance(opening, cut)}"]
    for line in lines:
        at, mark = business_date(line.at), "D" if line.amount < 0 else "C"
        entry = f":61:{at:%y%m%d}{at:%m%d}{mark}{_plain(line.amount)}{line.kind}{line.reference}//{line.token[:7]}"
        rows += [entry, f":86:REF {line.reference}"]
    content = "".join(f"{row}\r\n" for row in [*rows, f":62F:{closing}", f":64:{closing}"]).encode("ascii")
    return read(f"{day:%Y%m%d}_{number}.mt940", hashlib.sha256(content).hexdigest(), content, cut + _A_DAY)


def _balance(amount: int, at: datetime) -> str:
    return f"C{business_date(at):%y%m%d}THB{_plain(amount)}"


def _plain(amount: int) -> str:
    return format_amount(Satang(abs(amount))).replace(".", ",")
