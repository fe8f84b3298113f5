"""The statements' tables: fetches, delivered files, statements and their lines."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import date, datetime
from itertools import accumulate
from typing import Final
from uuid import UUID

import msgspec

from server.context import HEAD_OFFICE
from server.database.transaction import Row, Transaction
from server.statements.parsed import StatementLine
from server.statements.rules import Candidate, Known, Outcome
from shared.banks import AccountNumber
from shared.text import mask_account
from shared.thai import start_of_day
from shared.wire.records import FileProblem

ONE_WORKER: Final = 7_235_444
"""The advisory lock that makes a statements worker the only one; it ends with its connection, kill -9 included."""

_LONG_NUMBER = re.compile(r"(?<![0-9A-Za-z])[0-9]{6,}(?![0-9A-Za-z])")


class FileOutcome(msgspec.Struct, frozen=True):
    """What became of one delivered file."""

    sha256: str
    name: str
    outcome: Outcome
    problem: str
    line: int = 0


async def one_at_a_time(tx: Transaction) -> None:
    """Who takes statements in and who sets one aside wait for each other: neither leaves a hole in a chain."""
    await tx.execute("select pg_advisory_xact_lock(hashtextextended('statements', 0))")


async def ask_for_fetch(tx: Transaction, fetch_id: UUID, branch_id: int, actor: str, now: datetime) -> bool:
    """Queue a fetch unless one is open already; whether this one was queued."""
    queued = await tx.execute(
        """
        insert into sheaf.statement_fetch (id, branch_id, state, requested_by, requested_at)
        values (%(id)s, %(branch)s, 'requested', %(actor)s, %(now)s) on conflict do nothing
        """,
        id=fetch_id,
        branch=branch_id,
        actor=actor,
        now=now,
    )
    return queued == 1


async def open_fetch(tx: Transaction) -> Row | None:
    """The fetch that is requested or running, if there is one."""
    return await tx.maybe("select * from sheaf.statement_fetch where state in ('requested', 'running')")


async def fetch_by_id(tx: Transaction, fetch_id: UUID) -> Row | None:
    """One fetch."""
    return await tx.maybe("select * from sheaf.statement_fetch where id = %(id)s", id=fetch_id)


async def last_asked(tx: Transaction) -> datetime | None:
    """When a fetch was last asked for."""
    value: datetime | None = await tx.value("select max(requested_at) from sheaf.statement_fetch")
    return value


async def start_fetch(tx: Transaction, fetch_id: UUID) -> None:
    """The worker has begun."""
    await tx.execute("update sheaf.statement_fetch set state = 'running' where id = %(id)s", id=fetch_id)


async def finish_fetch(
    tx: Transaction,
    fetch_id: UUID,
    *,
    files: int,
    lines: int,
    matched: int,
    problems: Sequence[FileProblem],
    failed: bool,
    now: datetime,
) -> None:
    """The worker has ended, with what it brought."""
    await tx.execute(
        """
        update sheaf.statement_fetch set state = %(state)s, finished_at = %(now)s, files = %(files)s, lines = %(lines)s,
          matched = %(matched)s, problems = %(problems)s::jsonb
        where id = %(id)s
        """,
        id=fetch_id,
        state="failed" if failed else "done",
        now=now,
        files=files,
        lines=lines,
        matched=matched,
        problems=msgspec.json.encode(problems).decode(),
    )


async def files_by_content(tx: Transaction) -> dict[str, Row]:
    """Every file that was ever delivered: SHA-256 -> name, outcome and problem; the latest to change is the last."""
    rows = await tx.rows(
        "select sha256, name, outcome, problem, problem_line from sheaf.statement_file order by changed_at, sha256"
    )
    return {row["sha256"]: row for row in rows}


async def put_files(tx: Transaction, files: Sequence[FileOutcome], now: datetime) -> None:
    """Write what became of files; a file that was judged again is written over."""
    await tx.execute(
        """
        insert into sheaf.statement_file (sha256, branch_id, name, outcome, problem, problem_line, first_seen_at,
          changed_at)
        select f.sha256, %(branch)s, f.name, f.outcome, f.problem, f.line, %(now)s, %(now)s
        from unnest(%(hashes)s::text[], %(names)s::text[], %(outcomes)s::text[], %(problems)s::text[],
                    %(lines)s::int[]) as f (sha256, name, outcome, problem, line)
        on conflict (sha256) do update
          set outcome = excluded.outcome, problem = excluded.problem, problem_line = excluded.problem_line,
            changed_at = excluded.changed_at
          where (statement_file.outcome, statement_file.problem, statement_file.problem_line)
            is distinct from (excluded.outcome, excluded.problem, excluded.problem_line)
        """,
        branch=HEAD_OFFICE,
        now=now,
        hashes=[file.sha256 for file in files],
        names=[file.name for file in files],
        outcomes=[file.outcome.value for file in files],
        problems=[file.problem for file in files],
        lines=[file.line for file in files],
    )


async def put_company_accounts(tx: Transaction, accounts: Collection[AccountNumber], now: datetime) -> None:
    """Write down which accounts the settings name; those that they no longer name pay no more."""
    digests = {tx.vault.digest(account): account[-4:] for account in accounts}
    await tx.execute(
        """
        insert into sheaf.company_account as c (digest, branch_id, last4, active, changed_at)
        select a.digest, %(branch)s, a.last4, true, %(now)s
        from unnest(%(digests)s::bytea[], %(last4)s::text[]) as a (digest, last4)
        on conflict (digest) do update set active = true, changed_at = excluded.changed_at where not c.active
        """,
        branch=HEAD_OFFICE,
        digests=list(digests),
        last4=list(digests.values()),
        now=now,
    )
    await tx.execute(
        """
        update sheaf.company_account set active = false, changed_at = %(now)s
        where active and digest <> all(%(digests)s)
        """,
        digests=list(digests),
        now=now,
    )


async def company_accounts(tx: Transaction) -> set[bytes]:
    """The vault's digests of our accounts: those in the settings, and earlier ones whose statements go on."""
    rows = await tx.rows(
        """
        select digest from sheaf.company_account c
        where active or exists (select from sheaf.statement s where s.account_digest = c.digest)
        """
    )
    return {bytes(row["digest"]) for row in rows}


async def chain_of(tx: Transaction, account: bytes, days: Sequence[date]) -> tuple[Known | None, list[Known]]:
    """An account's last statement, and all of some days; `account` is the vault's digest of its number."""
    rows = await tx.rows(
        """
        select regexp_replace(file_name, '[.][^.]*$', '') stem, format form, number, date, opening, closing, content,
               position
        from sheaf.accepted_statement
        where account_digest = %(account)s and (date = any(%(days)s) or position =
          (select max(position) from sheaf.accepted_statement where account_digest = %(account)s))
        order by position
        """,
        account=account,
        days=list(days),
    )
    known = msgspec.convert(rows, list[Known])
    return (known[-1] if known else None), [item for item in known if item.date in days]


async def insert_statement(tx: Transaction, candidate: Candidate, position: int, file_name: str, now: datetime) -> UUID:
    """Write one statement with its lines; a line belongs to the branch whose attempt it names, else to head office."""
    statement = candidate.statement
    statement_id = tx.services.new_id(now)
    await tx.execute(
        """
        insert into sheaf.statement (id, branch_id, account_digest, account_last4, position, number, format, date,
          opening, closing, line_count, file_name, content, sha256, imported_at)
        values (%(id)s, %(branch)s, %(digest)s, %(last4)s, %(position)s, %(number)s, %(format)s, %(date)s,
          %(opening)s, %(closing)s, %(lines)s, %(file_name)s, %(content)s, %(sha256)s, %(now)s)
        """,
        id=statement_id,
        branch=HEAD_OFFICE,
        digest=tx.vault.digest(statement.account),
        last4=statement.account[-4:],
        position=position,
        number=candidate.number,
        format=candidate.form.value,
        date=statement.date,
        opening=statement.opening,
        closing=statement.closing,
        lines=len(statement.lines),
        file_name=file_name,
        content=candidate.content,
        sha256=candidate.files[0],
        now=now,
    )
    await _insert_lines(tx, statement_id, statement.opening, statement.lines, now)
    return statement_id


async def _insert_lines(
    tx: Transaction, statement_id: UUID, opening: int, lines: Sequence[StatementLine], now: datetime
) -> None:
    await tx.execute(
        """
        insert into sheaf.statement_line (id, branch_id, statement_id, sequence, booked_at, amount, balance, reference,
          bank_reference, description, kind)
        select l.id, coalesce(a.branch_id, %(head_office)s), %(statement)s, l.sequence, l.booked_at, l.amount,
               l.balance, l.reference, l.bank_reference, l.description, l.kind
        from unnest(%(ids)s::uuid[], %(sequences)s::int[], %(times)s::timestamptz[], %(amounts)s::bigint[],
                    %(balances)s::bigint[], %(references)s::text[], %(bank_references)s::text[],
                    %(descriptions)s::text[], %(kinds)s::text[])
             as l (id, sequence, booked_at, amount, balance, reference, bank_reference, description, kind)
        left join sheaf.attempt a on a.bank_reference = l.reference
        """,
        head_office=HEAD_OFFICE,
        statement=statement_id,
        ids=[tx.services.new_id(now) for _ in lines],
        sequences=[line.sequence for line in lines],
        times=[line.booked_at or start_of_day(line.booked_on) for line in lines],
        amounts=[line.amount for line in lines],
        balances=list(accumulate((line.amount for line in lines), initial=opening))[1:],
        references=[line.reference for line in lines],
        bank_references=[line.bank_reference for line in lines],
        descriptions=[_without_accounts(line.description) for line in lines],
        kinds=[line.kind.value for line in lines],
    )


def _without_accounts(description: str) -> str:
    """The bank writes payees' accounts into its texts; they are kept in full only in the archived original."""
    return _LONG_NUMBER.sub(lambda found: mask_account(found[0]), description)


async def list_statements(tx: Transaction, limit: int) -> list[Row]:
    """The newest statements of all accounts, those that were set aside too."""
    return await tx.rows(f"{_STATEMENTS} order by imported_at desc, position desc limit %(limit)s", limit=limit)


async def statement_by_id(tx: Transaction, statement_id: UUID) -> Row | None:
    """One statement."""
    return await tx.maybe(f"{_STATEMENTS} where s.id = %(id)s", id=statement_id)


_STATEMENTS: Final = """
    select s.*, case when s.set_aside_at is not null then 0 else
      (select count(*) from sheaf.statement n where n.account_digest = s.account_digest and n.set_aside_at is null
         and n.position > s.position) end later
    from sheaf.statement s
"""


async def files_not_taken(tx: Transaction, limit: int) -> list[Row]:
    """What waits, was refused or set aside, the latest to change first."""
    return await tx.rows(
        """
        select * from sheaf.statement_file where outcome in ('waiting', 'refused', 'set_aside')
        order by changed_at desc, name limit %(limit)s
        """,
        limit=limit,
    )


async def let_refused_wait(tx: Transaction, now: datetime) -> int:
    """What was refused waits to be judged again; how many."""
    return await tx.execute(
        """
        update sheaf.statement_file set outcome = 'waiting', problem = '', problem_line = 0, changed_at = %(now)s
        where outcome = 'refused'
        """,
        now=now,
    )


async def lines_after(tx: Transaction, statement_id: UUID, sequence: int, limit: int) -> list[Row]:
    """The next lines of a statement that the actor's branches own, with what reconciliation says of each."""
    return await tx.rows(
        """
        select l.sequence, l.booked_at, l.amount, l.balance, l.reference, l.description, coalesce(r.result, '') result,
               coalesce(i.number, '') intent_number
        from sheaf.statement_line l
        left join sheaf.reconciliation r on r.statement_line_id = l.id
        left join sheaf.intent i on i.id = r.intent_id
        where l.statement_id = %(id)s and l.sequence > %(sequence)s
        order by l.sequence limit %(limit)s
        """,
        id=statement_id,
        sequence=sequence,
        limit=limit,
    )
