"""The bank's own books, in SQLite: an executed payment is on disk before its confirm is answered."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

import msgspec

from lab.sandbox_bank.clock import bangkok, bangkok_date

Status = Literal["INITIATE_COMPLETED", "CONFIRM_PROCESSING", "CONFIRM_COMPLETED", "CONFIRM_FAILED", "CANCELED"]
LineKind = Literal["payment", "return", "extra"]


class Account(msgspec.Struct, frozen=True, rename="camel"):
    """An account that the bank knows: `{"bankCode", "accountNo", "name", "status"}`."""

    bank_code: str
    account_no: str
    name: str
    status: Literal["ACTIVE", "CLOSED"] = "ACTIVE"


class Transaction(msgspec.Struct, frozen=True):
    """One payment as the bank sees it; amounts are satang, moments milliseconds since 1970."""

    token: str
    reference: str
    bank_reference: str
    bank_code: str
    account_no: str
    payee_name: str
    amount: int
    status: Status
    code: str | None
    reason: str | None
    initiated_at: int
    due_at: int | None
    executed_at: int | None
    returned_at: int | None


class Line(msgspec.Struct, frozen=True):
    """One booked line of the company account: debits are negative satang."""

    booked_at: int
    amount: int
    kind: LineKind
    reference: str
    bank_reference: str
    counterparty: str


class Statement(msgspec.Struct, frozen=True):
    """One cut of the company account: `opening + sum(lines) = closing`, in satang."""

    number: int
    cut_at: int
    opening: int
    closing: int
    stem: str


class Booking(msgspec.Struct, frozen=True):
    """How an execution is to be booked: faithfully, unless a fault wants otherwise."""

    difference: int = 0
    hidden: bool = False
    return_due: int | None = None


FAITHFUL: Final = Booking()
_TRANSACTION: Final = ", ".join(Transaction.__struct_fields__)
_LINE: Final = ", ".join(Line.__struct_fields__)
_STATEMENT: Final = ", ".join(Statement.__struct_fields__)


class Books:
    """Accounts, payments, booked lines and statements of one sandbox bank."""

    def __init__(self, file: Path, company_account: str, opening_balance: int) -> None:
        self._company_account = company_account
        # The bank is one process and one event loop, so one connection; WAL with NORMAL survives kill -9.
        self._db = sqlite3.connect(file, isolation_level=None)
        self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;")
        self._db.executescript(Path(__file__).with_name("books.sql").read_text(encoding="utf-8"))
        starts = (("opening", opening_balance), ("balance", opening_balance), ("sequence", 0), ("clock_offset", 0))
        self._db.executemany("INSERT OR IGNORE INTO facts VALUES (?, ?)", starts)

    @property
    def connection(self) -> sqlite3.Connection:
        """For the tables that another module of the bank keeps in the same file."""
        return self._db

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def fact(self, name: Literal["balance", "clock_offset", "opening"]) -> int:
        """A number that the bank remembers about itself; money in satang, the clock's offset in seconds."""
        return int(self._db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()[0])

    def remember_clock_offset(self, seconds: int) -> None:
        """Keep the clock's offset, so that a restart does not go back in time."""
        self._db.execute("UPDATE facts SET value = ? WHERE name = 'clock_offset'", (seconds,))

    def put_accounts(self, accounts: Iterable[Account]) -> int:
        """Add or replace accounts; returns how many."""
        rows = [(one.bank_code, one.account_no, one.name, one.status) for one in accounts]
        with self._transaction():
            self._db.executemany("INSERT OR REPLACE INTO accounts VALUES (?, ?, ?, ?)", rows)
        return len(rows)

    def account(self, bank_code: str, account_no: str) -> Account | None:
        """The account with this number, if the bank knows it."""
        row = self._db.execute(
            "SELECT bank_code, account_no, name, status FROM accounts WHERE bank_code = ? AND account_no = ?",
            (bank_code, account_no),
        ).fetchone()
        return Account(*row) if row else None

    def initiate(self, reference: str, payee: Account, amount: int, now: int) -> Transaction | None:
        """Note a payment that may be confirmed; None when the partner has used the reference before."""
        if self._db.execute("SELECT 1 FROM transactions WHERE reference = ?", (reference,)).fetchone():
            return None
        with self._transaction():
            sequence = self._next()
            at, holder = bangkok(now), (payee.bank_code, payee.account_no, payee.name)
            token = f"SCBX{at:%Y%m%d%H%M%S}{sequence:09d}"
            self._db.execute(
                "INSERT INTO transactions (token, reference, bank_reference, bank_code, account_no, payee_name, amount,"
                " booked_amount, status, initiated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'INITIATE_COMPLETED', ?)",
                (token, reference, _bank_reference(now, sequence), *holder, amount, amount, now),
            )
        return self.transaction(token)

    def transaction(self, token: str) -> Transaction | None:
        """The payment of a token."""
        row = self._db.execute(f"SELECT {_TRANSACTION} FROM transactions WHERE token = ?", (token,)).fetchone()
        return Transaction(*row) if row else None

    def by_reference(self, reference: str) -> Transaction | None:
        """The payment of one of the partner's references."""
        row = self._db.execute(f"SELECT {_TRANSACTION} FROM transactions WHERE reference = ?", (reference,)).fetchone()
        return Transaction(*row) if row else None

    def transactions(self) -> list[Transaction]:
        """Every payment, oldest first."""
        rows = self._db.execute(f"SELECT {_TRANSACTION} FROM transactions ORDER BY bank_reference")
        return [Transaction(*row) for row in rows]

    def execute(self, token: str, now: int, booking: Booking = FAITHFUL) -> None:
        """Move the money of an initiated payment, now and durably."""
        with self._transaction():
            self._plan(token, booking)
            self._book(token, now)

    def defer(self, token: str, due_at: int, booking: Booking = FAITHFUL) -> None:
        """Accept a confirm that executes later."""
        with self._transaction():
            self._plan(token, booking)
            self._db.execute(
                "UPDATE transactions SET status = 'CONFIRM_PROCESSING', due_at = ? WHERE token = ?", (due_at, token)
            )

    def fail(self, token: str, code: str, reason: str) -> None:
        """Refuse a confirm for good."""
        self._db.execute(
            "UPDATE transactions SET status = 'CONFIRM_FAILED', code = ?, reason = ? WHERE token = ?",
            (code, reason, token),
        )

    def cancel(self, token: str) -> None:
        """Let an initiated payment lapse."""
        self._db.execute("UPDATE transactions SET status = 'CANCELED' WHERE token = ?", (token,))

    def settle(self, now: int) -> list[Transaction]:
        """Execute what was deferred until now and book the returns that are due; returns the payments executed."""
        due = self._db.execute("SELECT token FROM transactions WHERE due_at <= ?", (now,)).fetchall()
        returns = self._db.execute(
            "SELECT token, return_due FROM transactions WHERE return_due <= ?", (now,)
        ).fetchall()
        if not due and not returns:
            return []
        with self._transaction():
            for (token,) in due:
                self._book(token, now)
            for token, moment in returns:
                self._give_back(token, moment)
        return [done for (token,) in due if (done := self.transaction(token))]

    def lines(self, statement: int | None) -> list[Line]:
        """The lines of a statement in booking order, or with None those that no statement has shown yet."""
        rows = self._db.execute(
            f"SELECT {_LINE} FROM lines WHERE statement IS ? AND hidden = 0 ORDER BY id", (statement,)
        )
        return [Line(*row) for row in rows]

    def statements(self) -> list[Statement]:
        """Every statement that was cut, oldest first."""
        rows = self._db.execute(f"SELECT {_STATEMENT} FROM statements ORDER BY number")
        return [Statement(*row) for row in rows]

    def add_extra_debit(self, amount: int, now: int) -> None:
        """Book a debit that no call made."""
        with self._transaction():
            sequence = self._next()
            self._add_line(Line(now, -amount, "extra", f"X{sequence:09d}", _bank_reference(now, sequence), "014"))

    def deposit(self, amount: int, now: int) -> int:
        """Somebody pays money into the company's account; its balance then."""
        with self._transaction():
            sequence = self._next()
            self._add_line(Line(now, amount, "extra", f"X{sequence:09d}", _bank_reference(now, sequence), "014"))
        return self.fact("balance")

    def cut_statement(self, now: int) -> Statement:
        """Close a statement over every line not shown so far; its opening is the closing of the one before."""
        with self._transaction():
            last = self._db.execute("SELECT number, closing FROM statements ORDER BY number DESC LIMIT 1").fetchone()
            number, opening = (last[0] + 1, last[1]) if last else (1, self.fact("opening"))
            closing = opening + sum(line.amount for line in self.lines(None))
            stem = f"STMT_{self._company_account}_{bangkok_date(now):%Y%m%d}"
            earlier = self._db.execute("SELECT count(*) FROM statements WHERE stem GLOB ?", (stem + "*",)).fetchone()[0]
            statement = Statement(number, now, opening, closing, f"{stem}_{earlier + 1:02d}" if earlier else stem)
            self._db.execute("INSERT INTO statements VALUES (?, ?, ?, ?, ?)", msgspec.structs.astuple(statement))
            self._db.execute("UPDATE lines SET statement = ? WHERE statement IS NULL AND hidden = 0", (number,))
        return statement

    def _plan(self, token: str, booking: Booking) -> None:
        self._db.execute(
            "UPDATE transactions SET booked_amount = amount + ?, hidden = ?, return_due = ? WHERE token = ?",
            (booking.difference, booking.hidden, booking.return_due, token),
        )

    def _book(self, token: str, now: int) -> None:
        reference, bank_reference, bank_code, amount, hidden = self._db.execute(
            "UPDATE transactions SET status = 'CONFIRM_COMPLETED', executed_at = ?, due_at = NULL WHERE token = ?"
            " RETURNING reference, bank_reference, bank_code, booked_amount, hidden",
            (now, token),
        ).fetchone()
        self._add_line(Line(now, -amount, "payment", reference, bank_reference, bank_code), hidden)

    def _give_back(self, token: str, moment: int) -> None:
        reference, bank_reference, bank_code, amount = self._db.execute(
            "UPDATE transactions SET returned_at = return_due, return_due = NULL WHERE token = ?"
            " RETURNING reference, bank_reference, bank_code, booked_amount",
            (token,),
        ).fetchone()
        self._add_line(Line(moment, amount, "return", reference, bank_reference, bank_code))

    def _add_line(self, line: Line, hidden: int = 0) -> None:
        self._db.execute(
            f"INSERT INTO lines ({_LINE}, hidden) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (*msgspec.structs.astuple(line), hidden),
        )
        self._db.execute("UPDATE facts SET value = value + ? WHERE name = 'balance'", (line.amount,))

    def _next(self) -> int:
        row = self._db.execute("UPDATE facts SET value = value + 1 WHERE name = 'sequence' RETURNING value").fetchone()
        return int(row[0])

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")


def _bank_reference(now: int, sequence: int) -> str:
    return f"FT{bangkok_date(now):%y%m%d}{sequence:08d}"
