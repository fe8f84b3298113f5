"""The day after: the bank's statements tell what it paid and what came back, and the real import takes them in."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lab.simulation.bank import Bank, Mood
from lab.simulation.company import Slot
from server.context import Actor
from server.database.transaction import Database
from server.reconciliation.reconciling import reconcile
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
    mark: str
    kind: str
    reference: str
    token: str


async def reconcile_with(bank: Bank, database: Database, place: Slot, mood: Mood) -> None:
    """A night later; of the `mood` count how likely a payment comes back, is booked anew or with another amount.

    The second statement arrives before the first, and both come twice: neither may change what is booked.
    """
    now = bank.clock() + _UNTIL_TOMORROW
    eve = _file(bank, 1, place.begins - _A_DAY, _OPENING, [])
    first, second = _files(bank, mood, now)
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
    last = _file(bank, 4, now, bank.closing, [])
    actor = Actor(name="statements", branch_codes={row["code"]: int(row["id"]) for row in place.branches})
    async with database.transaction(actor.branches) as tx:
        await import_files(tx, actor, [last], now)


def _files(bank: Bank, mood: Mood, now: datetime) -> tuple[Delivered, Delivered]:
    """What was booked on the day, and what the morning brought: returns, and bookings taken back and made again."""
    evening, morning = [], []
    for token, payment in bank.payments.items():
        if payment.paid_at is None:
            continue
        if payment.told and bank.draw.random() < mood.booked_otherwise:
            bank.counts["booked_otherwise"] += 1
            payment.booked = payment.amount + bank.draw.choice([-1, 1, 100])
        evening += [_Line(payment.paid_at, -payment.on_statement, "D", "NTRF", payment.reference, token)] * (
            payment.times_paid
        )
        if payment.booked is not None:
            continue
        if bank.draw.random() < mood.returned:
            bank.counts["returned"] += 1
            payment.returned_at = now
            morning.append(_Line(now, payment.amount, "C", "NRTI", payment.reference, token))
        elif bank.draw.random() < mood.rebooked:
            bank.counts["rebooked"] += 1
            again = [
                _Line(now, payment.amount, "RD", "NTRF", payment.reference, token),
                _Line(now, -payment.amount, "D", "NTRF", payment.reference, token),
            ]
            bank.draw.shuffle(again)
            morning += again
    evening.sort(key=_moment)
    cut = evening[-1].at if evening else bank.clock()
    closing = _OPENING + sum(line.amount for line in evening)
    bank.closing = closing + sum(line.amount for line in morning)
    return _file(bank, 2, cut, _OPENING, evening), _file(bank, 3, now, closing, morning)


def _moment(line: _Line) -> datetime:
    return line.at


def _file(bank: Bank, number: int, cut: datetime, opening: int, lines: Sequence[_Line]) -> Delivered:
    day = business_date(cut)
    closing = _balance(opening + sum(line.amount for line in lines), cut)
    rows = [f":20:ST{number}", f":25:{bank.account!s}", f":28C:{number:05d}/001", f":60F:{_balance(opening, cut)}"]
    for line in lines:
        at = business_date(line.at)
        entry = f":61:{at:%y%m%d}{at:%m%d}{line.mark}{_plain(line.amount)}{line.kind}{line.reference}//{line.token[:7]}"
        rows += [entry, f":86:REF {line.reference}"]
    content = "".join(f"{row}\r\n" for row in [*rows, f":62F:{closing}", f":64:{closing}"]).encode("ascii")
    return read(f"{day:%Y%m%d}_{number}.mt940", hashlib.sha256(content).hexdigest(), content, cut + _A_DAY)


def _balance(amount: int, at: datetime) -> str:
    return f"C{business_date(at):%y%m%d}THB{_plain(amount)}"


def _plain(amount: int) -> str:
    return format_amount(Satang(abs(amount))).replace(".", ",")
