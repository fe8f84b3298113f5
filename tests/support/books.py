"""Payments in any state and the bank's statements over them, written straight into a company's database."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, LiteralString
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from lab.sandbox_bank.books import Line, Statement
from lab.sandbox_bank.statements import csv_file, mt940_file
from server.context import Actor
from server.database.roles import STATEMENTS
from server.database.transaction import Database
from server.ledger.accounts import Purpose, account_id, payable_id
from server.reconciliation.reconciling import Reconciled, reconcile
from server.statements.importing import Delivered, ImportReport, import_files, read
from tests.support.world import Company

ACCOUNT = "1112223338"
MORNING = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
LATER = datetime(2027, 6, 1, tzinfo=UTC)
CODES = {"HQ": 0, "NSN": 1, "KKN": 2, "CRI": 3}
EVERYTHING = tuple(CODES.values())
WORKER = Actor(name="statements", branch_codes=CODES)
TREASURER = Actor(name="treasurer", branch_codes=CODES)
_CLEARING = account_id("NSN", Purpose.CLEARING)


@dataclass
class Bank:
    """Cuts statements of the company's account, one after the other, in both forms."""

    number: int = 0
    balance: int = 500_000_000_00
    lines: list[Line] = field(default_factory=list)

    def book(
        self,
        reference: str,
        amount: int,
        kind: Literal["payment", "return", "extra"] = "payment",
        at: datetime = MORNING,
    ) -> None:
        """Put one line on the next statement; debits are negative."""
        moment = int(at.timestamp()) * 1000 + len(self.lines)
        bank_reference = f"FT{self.number:06d}{len(self.lines):08d}"
        self.lines.append(Line(moment, amount, kind, reference, bank_reference, "034 020123454412"))

    def cut(self, at: datetime = MORNING) -> dict[str, bytes]:
        """The files of the next statement by name."""
        self.number += 1
        closing = self.balance + sum(line.amount for line in self.lines)
        stem = f"STMT_{ACCOUNT}_{at:%Y%m%d}_{self.number:02d}"
        statement = Statement(self.number, int(at.timestamp()) * 1000, self.balance, closing, stem)
        files = {f"{stem}.mt940": mt940_file(ACCOUNT, statement, self.lines, "C")}
        if self.lines:
            files[f"{stem}.csv"] = csv_file(ACCOUNT, statement, self.lines)
        self.balance, self.lines = closing, []
        return files


class Books:
    """One company's payments; `db` is the statements worker's database."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.db: Database = company.database(role=STATEMENTS, connections=3)
        self.bank = Bank()
        self._count = 0
        self._gifts = 0
        self.own(ACCOUNT)

    def own(self, *accounts: str) -> None:
        """Make accounts ours, as the settings' channels do when the statements worker starts."""
        with psycopg.connect(self.company.admin_url) as admin, admin.cursor() as cursor:
            cursor.executemany(
                """insert into sheaf.company_account (digest, branch_id, last4, active, changed_at)
                   values (%s, 0, %s, true, %s)""",
                [(self.db.services.vault.digest(one), one[-4:], MORNING) for one in accounts],
            )

    async def close(self) -> None:
        """Close the worker's connections."""
        await self.db.close()

    def rows(self, sql: LiteralString, *parameters: object) -> list[dict[str, Any]]:
        """Ask as the superuser."""
        with psycopg.connect(self.company.admin_url, row_factory=dict_row) as admin:
            return admin.execute(sql, parameters).fetchall()

    def pay(
        self,
        count: int = 1,
        state: str = "settled",
        attempt: str = "accepted",
        *,
        amount: int = 48_250_00,
        branch: str = "NSN",
        at: datetime = MORNING,
    ) -> list[str]:
        """Payments whose last attempt ended as told; the references of the attempts."""
        numbers = range(self._count + 1, self._count + count + 1)
        self._count += count
        with psycopg.connect(self.company.admin_url) as admin:
            admin.execute("set session_replication_role = replica")
            self._write(admin, numbers, state, attempt, amount, CODES[branch], at)
        if state in ("settled", "reconciled"):
            purpose = Purpose.TRANSIT if state == "settled" else Purpose.PAID
            self._post(numbers, branch, account_id(branch, purpose), amount, at)
        return [f"S{n:015d}" for n in numbers]

    def _write(
        self,
        admin: psycopg.Connection[Any],
        numbers: range,
        state: str,
        attempt: str,
        amount: int,
        branch: int,
        at: datetime,
    ) -> None:
        maker = next(iter(self.company.people.values())).user_id
        admin.execute(
            "insert into sheaf.executor (id, started_at) overriding system value values (1, %s) on conflict do nothing",
            [at],
        )
        with admin.cursor() as cursor:
            cursor.executemany(
                """insert into sheaf.member (id, branch_id, code, name, name_sort, national_id_cipher, created_at,
                     national_id_digest, national_id_last4, status, changed_at, code_key, name_key)
                   values (%(member)s, %(branch)s, %(number)s, 'm', 'm', '', %(at)s,
                     '', '', 'active', %(at)s, %(number)s, 'M')""",
                rows := [
                    {
                        "n": n,
                        "member": member_id(n),
                        "intent": intent_id(n),
                        "attempt_id": UUID(int=3 << 100 | n),
                        "number": f"PV2611-{n:07d}",
                        "reference": f"S{n:015d}",
                        "branch": branch,
                        "state": state,
                        "attempt": attempt,
                        "amount": amount,
                        "maker": maker,
                        "source": account_id(branch, Purpose.FUNDING),
                        "at": at,
                    }
                    for n in numbers
                ],
            )
            cursor.executemany(
                """insert into sheaf.bank_account (id, branch_id, member_id, version, bank, number_cipher,
                     number_digest, number_last4, name, effective_at)
                   values (%(member)s, %(branch)s, %(member)s, 1, '034', '', '', '', 'm', %(at)s)""",
                rows,
            )
            cursor.executemany(
                """insert into sheaf.intent (id, branch_id, number, operation, member_id, bank_account_id,
                     account_version, amount, currency, channel, produce, weigh_ticket, note, maker_id, state,
                     created_at, expires_at, changed_at, source_id)
                   values (%(intent)s, %(branch)s, %(number)s, 'disbursement', %(member)s, %(member)s, 1, %(amount)s,
                     'THB', 'scb', '', '', '', %(maker)s, %(state)s, %(at)s, %(at)s, %(at)s, %(source)s)""",
                rows,
            )
            cursor.executemany(
                """insert into sheaf.attempt (id, branch_id, intent_id, ordinal, bank_reference, state, executor_id,
                     prepared_at, ended_at)
                   values (%(attempt_id)s, %(branch)s, %(intent)s, 1, %(reference)s, %(attempt)s, 1, %(at)s, %(at)s)""",
                rows,
            )

    def _post(self, numbers: range, branch: str, target: UUID, amount: int, at: datetime) -> None:
        with psycopg.connect(self.company.admin_url) as admin, admin.cursor() as cursor:
            cursor.execute("select set_config('sheaf.branches', '{0,1,2,3}', false)")
            cursor.executemany(
                """insert into sheaf.ledger_transfer (id, branch_id, kind, intent_id, subject, at)
                   values (%s, %s, 'transfer', %s, '', %s)""",
                [(UUID(int=4 << 100 | n), CODES[branch], intent_id(n), at) for n in numbers],
            )
            cursor.execute(
                """insert into sheaf.ledger_entry (transfer_id, account_id, branch_id, posted)
                   select t, a, %s, p from unnest(%s::uuid[]) t, unnest(%s::uuid[], %s::bigint[]) as l (a, p)""",
                [
                    CODES[branch],
                    [UUID(int=4 << 100 | n) for n in numbers],
                    [account_id(branch, Purpose.CLEARING), target],
                    [-amount, amount],
                ],
            )

    def give_out(self, reference: str, amount: int, *, only_hold: bool = False) -> None:
        """The member of a payment takes out of their balance what a withdrawal would, or promises it."""
        n = int(reference[1:])
        self._gifts += 1
        payable, transfer = payable_id(member_id(n)), UUID(int=(2**48 - 1) << 80 | self._gifts)
        kind, hold = ("hold", transfer) if only_hold else ("transfer", None)
        with psycopg.connect(self.company.admin_url) as admin, admin.cursor() as cursor:
            cursor.execute("select set_config('sheaf.branches', '{0,1,2,3}', false)")
            cursor.execute(
                """insert into sheaf.ledger_transfer (id, branch_id, kind, hold_id, subject, at)
                   values (%s, 1, %s, %s, '', %s)""",
                [transfer, kind, hold, MORNING],
            )
            legs = [(payable, 0, amount)] if only_hold else [(payable, -amount, 0), (_CLEARING, amount, 0)]
            cursor.execute(
                """insert into sheaf.ledger_entry (transfer_id, account_id, branch_id, posted, held)
                   select %s, a, 1, p, h from unnest(%s::uuid[], %s::bigint[], %s::bigint[]) as l (a, p, h)""",
                [transfer, *(list(column) for column in zip(*legs, strict=True))],
            )

    def let_go(self) -> None:
        """The newest promise of `give_out` ends without a payment."""
        promised = UUID(int=(2**48 - 1) << 80 | self._gifts)
        self._gifts += 1
        with psycopg.connect(self.company.admin_url) as admin:
            admin.execute("select set_config('sheaf.branches', '{0,1,2,3}', false)")
            admin.execute(
                """insert into sheaf.ledger_transfer (id, branch_id, kind, hold_id, subject, at)
                   values (%s, 1, 'void', %s, '', %s)""",
                [void := UUID(int=(2**48 - 1) << 80 | self._gifts), promised, MORNING],
            )
            admin.execute(
                """insert into sheaf.ledger_entry (transfer_id, account_id, branch_id, posted, held)
                   select %s, account_id, 1, 0, -amount from sheaf.ledger_hold where id = %s""",
                [void, promised],
            )

    def analyze(self) -> None:
        """What autovacuum does within a minute: give the planner its statistics."""
        with psycopg.connect(self.company.admin_url, autocommit=True) as admin:
            admin.execute("analyze")

    def walk(self, reference: str, state: str, attempt: str) -> None:
        """What the executor does between two runs: end an attempt and take its intent to a state."""
        n = int(reference[1:])
        with psycopg.connect(self.company.admin_url) as admin:
            admin.execute("set session_replication_role = replica")
            admin.execute("update sheaf.intent set state = %s where id = %s", [state, intent_id(n)])
            admin.execute("update sheaf.attempt set state = %s where intent_id = %s", [attempt, intent_id(n)])
        if state == "settled":
            amount = self.rows("select amount from sheaf.intent where id = %s", intent_id(n))[0]["amount"]
            self._post(range(n, n + 1), "NSN", account_id("NSN", Purpose.TRANSIT), amount, MORNING)

    async def take(self, files: dict[str, bytes], at: datetime | None = None) -> ImportReport:
        """Import files as the statements worker does; without a time on a day when all of them have long come."""
        now = at or LATER
        delivered: list[Delivered] = [
            read(name, hashlib.sha256(content).hexdigest(), content, now) for name, content in files.items()
        ]
        async with self.db.transaction(EVERYTHING) as tx:
            return await import_files(tx, WORKER, delivered, now)

    async def reconcile(self, at: datetime = MORNING) -> Reconciled:
        """One run as the statements worker."""
        async with self.db.transaction(EVERYTHING) as tx:
            return await reconcile(tx, WORKER, at)

    def state(self, reference: str) -> str:
        """The state of the intent of a reference."""
        found = self.rows("select state from sheaf.intent where id = %s", intent_id(int(reference[1:])))
        return str(found[0]["state"])

    def balance(self, account: UUID) -> int:
        """What an account holds, in satang; 0 when it is not open."""
        found = self.rows("select posted from sheaf.ledger_account where id = %s", account)
        return int(found[0]["posted"]) if found else 0

    def results(self) -> dict[str, tuple[str, str]]:
        """reference -> (result, reason), where a reference has one result."""
        found = self.rows("select reference, result, reason from sheaf.reconciliation order by reference")
        return {row["reference"]: (row["result"], row["reason"]) for row in found}


def member_id(n: int) -> UUID:
    """The member of payment n."""
    return UUID(int=1 << 100 | n)


def intent_id(n: int) -> UUID:
    """The intent of payment n."""
    return UUID(int=2 << 100 | n)
