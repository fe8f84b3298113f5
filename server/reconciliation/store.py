"""Reconciliation's table, and the reading of what it judges."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from server.database.transaction import Row, Transaction
from server.reconciliation.net import Booked
from server.reconciliation.rules import Finding, Payment, Result
from server.statements.parsed import LineKind
from shared.lifecycle import AttemptState, IntentState
from shared.money import Satang
from shared.thai import business_date, start_of_day


async def open_lines(tx: Transaction, again: Iterable[str] = ()) -> list[Booked]:
    """Lines of statements that were not judged yet, lines not explained yet, and all others that share a reference.

    `again` are references to judge whatever was found before. What moves nothing proves nothing.

    A statement is judged in one transaction, so its first line tells whether that has happened. Arrays, not joins: the
    planner's statistics don't know the lines that were imported a moment ago.
    """
    unjudged = await tx.rows(
        """
        select s.id from sheaf.accepted_statement s
        where s.line_count > 0 and not (select exists (
          select from sheaf.reconciliation r where r.result <> 'set_aside' and r.statement_line_id =
            (select l.id from sheaf.statement_line l where l.statement_id = s.id and l.amount <> 0
             order by l.sequence limit 1)))
        """
    )
    unexplained = await tx.rows(
        """
        select reference from sheaf.reconciliation
        where statement_line_id is not null and attempt_id is not null
          and result in ('settlement_pending', 'mismatched', 'unexpected')
        union all
        select reference from sheaf.reconciliation where statement_line_id is null and result = 'unexpected'
        """
    )
    unexplained += await _known_by_now(tx)
    statements = [row["id"] for row in unjudged]
    fresh = await tx.rows(
        f"{_LINES} where l.amount <> 0 and l.statement_id = any(%(statements)s)", statements=statements
    )
    references = {row["reference"] for row in (*fresh, *unexplained) if row["reference"]} | set(again)
    others = await tx.rows(
        f"""{_LINES} where l.reference = any(%(references)s) and l.reference <> '' and l.amount <> 0
            and l.statement_id <> all(%(seen)s)""",
        references=list(references),
        seen=statements,
    )
    return [_booked(row) for row in (*fresh, *others)]


async def _known_by_now(tx: Transaction) -> list[Row]:
    """References of lines that were nobody's when they came, and are of a payment now: they are judged anew.

    A restored database learns of its payments after their statements have come.
    """
    return await tx.rows(
        """
        delete from sheaf.reconciliation r
        where r.statement_line_id is not null and r.attempt_id is null and r.result = 'unexpected'
          and r.reason <> 'recorded_deposit' and r.reference <> ''
          and exists (select from sheaf.attempt a where a.bank_reference = r.reference)
        returning r.reference
        """
    )


_LINES: Final = """
    select l.id, l.branch_id, encode(s.account_digest, 'hex') account, s.position, l.sequence, s.number, s.date,
           l.booked_at, l.reference, l.amount, l.kind
    from sheaf.accepted_line l join sheaf.statement s on s.id = l.statement_id
"""


def _booked(row: Row) -> Booked:
    return Booked(
        line_id=row["id"],
        branch_id=row["branch_id"],
        place=(row["account"], row["position"], row["sequence"]),
        name=f"{row['number']}/{row['date'].isoformat()}/{row['sequence']}",
        date=business_date(row["booked_at"]),
        reference=row["reference"],
        amount=Satang(row["amount"]),
        # A statement in another currency is refused when it is read.
        currency="THB",
        kind=LineKind(row["kind"]),
    )


async def intents_of(tx: Transaction, references: Iterable[str]) -> dict[str, UUID]:
    """The intents that attempts with these references belong to, by reference."""
    rows = await tx.rows(
        "select bank_reference, intent_id from sheaf.attempt where bank_reference = any(%(references)s)",
        references=list(references),
    )
    return {row["bank_reference"]: row["intent_id"] for row in rows}


async def returns_taken(tx: Transaction, accounts: Iterable[UUID], intents: Iterable[UUID]) -> frozenset[UUID]:
    """Which of these returned intents' members have not all of it any more; `accounts` stay locked."""
    await tx.execute("select sheaf.lock_accounts(%(accounts)s::uuid[], '{}', '{}')", accounts=sorted(set(accounts)))
    return frozenset(await tx.value("select sheaf.returns_taken(%(intents)s::uuid[])", intents=list(intents)))


async def free_money(tx: Transaction, accounts: Iterable[UUID]) -> dict[UUID, int]:
    """What is free of these accounts, in satang; the caller has locked them."""
    rows = await tx.rows(
        "select id, posted - held free from sheaf.ledger_account where id = any(%(ids)s)", ids=sorted(accounts)
    )
    return {row["id"]: row["free"] for row in rows}


async def newly_set_aside(tx: Transaction) -> list[UUID]:
    """Statements that were set aside and whose lines still say something."""
    rows = await tx.rows(
        """
        select s.id from sheaf.statement s
        where s.set_aside_at is not null and exists (
          select from sheaf.statement_line l join sheaf.reconciliation r on r.statement_line_id = l.id
          where l.statement_id = s.id and r.result <> 'set_aside')
        """
    )
    return [row["id"] for row in rows]


async def put_aside(tx: Transaction, statements: Iterable[UUID]) -> list[str]:
    """Lines of these statements that do not count any more say nothing; gives the references of all their lines."""
    rows = await tx.rows(
        "select id, reference from sheaf.statement_line where statement_id = any(%(statements)s)",
        statements=list(statements),
    )
    await tx.execute(
        """
        update sheaf.reconciliation set result = 'set_aside', reason = ''
        where statement_line_id = any(%(lines)s) and result <> 'set_aside'
          and not exists (select from sheaf.accepted_line l where l.id = statement_line_id)
        """,
        lines=[row["id"] for row in rows],
    )
    return sorted({row["reference"] for row in rows if row["reference"]})


async def payments(tx: Transaction, references: Iterable[str], taken: frozenset[UUID]) -> list[Payment]:
    """Attempts with these references, and the accepted attempts of all intents that are settled.

    What moved in our own books alone, no statement shows and none is waited for. A bank books the payout.
    """
    settled = await tx.rows("select id from sheaf.intent where state = 'settled' and destination = 'bank'")
    rows = await tx.rows(
        """
        select a.id, a.intent_id, a.branch_id, a.bank_reference, i.payout amount, i.currency, i.state intent_state,
               a.state attempt_state, a.ended_at, coalesce(encode(a.payer_digest, 'hex'), '') payer
        from sheaf.attempt a join sheaf.intent i on i.id = a.intent_id
        where a.bank_reference = any(%(references)s) or (a.intent_id = any(%(settled)s) and a.state = 'accepted')
        """,
        references=list(references),
        settled=[row["id"] for row in settled],
    )
    return [
        Payment(
            attempt_id=row["id"],
            intent_id=row["intent_id"],
            branch_id=row["branch_id"],
            reference=row["bank_reference"],
            amount=Satang(row["amount"]),
            currency=row["currency"],
            intent_state=IntentState(row["intent_state"]),
            attempt_state=AttemptState(row["attempt_state"]),
            settled_at=row["ended_at"],
            # only the attempt that was accepted has moved anything
            taken=row["intent_id"] in taken and row["attempt_state"] == AttemptState.ACCEPTED,
            payer=row["payer"],
        )
        for row in rows
    ]


async def covered(tx: Transaction) -> dict[str, datetime | None]:
    """Up to when the statements of each account of ours tell everything: all days before its newest one's, and that day
    to its last line. An account without a statement tells nothing, unless the settings no longer name it."""
    rows = await tx.rows(
        """
        select encode(c.digest, 'hex') account, s.date,
               (select max(l.booked_at) from sheaf.statement_line l where l.statement_id = s.id) last
        from sheaf.company_account c
        left join lateral (select * from sheaf.accepted_statement s where s.account_digest = c.digest
                           order by s.position desc limit 1) s on true
        where c.active or s.id is not null
        """
    )
    return {row["account"]: _told_until(row) for row in rows}


def _told_until(row: Row) -> datetime | None:
    if row["date"] is None:
        return None
    begun, over = start_of_day(row["date"]), start_of_day(row["date"] + timedelta(days=1))
    # A line may be booked, or valued, beyond its statement's day; the statement tells nothing of the days between.
    return min(max(begun, row["last"] or begun), over)


async def put_findings(tx: Transaction, findings: Sequence[Finding], now: datetime) -> list[Row]:
    """Write results that are new or changed; gives branch_id and result of each of those."""
    if not findings:
        return []
    lines = [finding for finding in findings if finding.line is not None]
    changed = await _attach(tx, _explaining(lines), now)
    changed += await _put_lines(tx, lines, now)
    lineless = [finding for finding in findings if finding.line is None]
    await _end_waiting(tx, lines, lineless)
    return changed + await _put_lineless(tx, lineless, now)


async def _end_waiting(tx: Transaction, lines: Sequence[Finding], lineless: Sequence[Finding]) -> None:
    """A payment whose line has a result of its own waits for none."""
    waiting = {finding.payment.intent_id for finding in lineless if finding.payment}
    found = {finding.payment.intent_id for finding in lines if finding.payment} - waiting
    await tx.execute(
        """
        delete from sheaf.reconciliation
        where intent_id = any(%(found)s) and statement_line_id is null
        """,
        found=sorted(found),
    )


def _explaining(lines: Sequence[Finding]) -> list[Finding]:
    """The one finding of each payment that ends its wait for a line."""
    best: dict[UUID, Finding] = {}
    for result in (Result.MATCHED, Result.RETURNED, Result.MISMATCHED):
        for finding in lines:
            if finding.result is result and finding.payment and finding.payment.attempt_state is AttemptState.ACCEPTED:
                best.setdefault(finding.payment.intent_id, finding)
    return list(best.values())


async def _attach(tx: Transaction, findings: Sequence[Finding], now: datetime) -> list[Row]:
    """A payment's standing result without a line becomes the result of its line."""
    return await tx.rows(
        """
        update sheaf.reconciliation r set statement_line_id = f.line_id, result = f.result, reason = f.reason,
          amount_expected = f.expected, amount_found = f.found, date = f.date, at = %(now)s
        from unnest(%(lines)s::uuid[], %(intents)s::uuid[], %(results)s::text[], %(reasons)s::text[],
                    %(expected)s::bigint[], %(found)s::bigint[], %(dates)s::date[])
             as f (line_id, intent_id, result, reason, expected, found, date)
        where r.intent_id = f.intent_id and r.statement_line_id is null
          and not exists (select from sheaf.reconciliation o where o.statement_line_id = f.line_id)
        returning r.branch_id, r.result
        """,
        now=now,
        **_columns(findings),
    )


async def _put_lines(tx: Transaction, findings: Sequence[Finding], now: datetime) -> list[Row]:
    return await tx.rows(
        """
        insert into sheaf.reconciliation as r (id, branch_id, statement_line_id, intent_id, attempt_id, result, reason,
          amount_expected, amount_found, reference, date, at)
        select f.id, f.branch_id, f.line_id, f.intent_id, f.attempt_id, f.result, f.reason, f.expected, f.found,
               f.reference, f.date, %(now)s
        from unnest(%(ids)s::uuid[], %(branches)s::int[], %(lines)s::uuid[], %(intents)s::uuid[], %(attempts)s::uuid[],
                    %(results)s::text[], %(reasons)s::text[], %(expected)s::bigint[], %(found)s::bigint[],
                    %(references)s::text[], %(dates)s::date[])
             as f (id, branch_id, line_id, intent_id, attempt_id, result, reason, expected, found, reference, date)
        on conflict (statement_line_id) do update
          set result = excluded.result, reason = excluded.reason, amount_expected = excluded.amount_expected,
              amount_found = excluded.amount_found, at = excluded.at
          where (r.result, r.reason) is distinct from (excluded.result, excluded.reason)
            and r.reason <> 'recorded_deposit'
        returning r.branch_id, r.result
        """,
        now=now,
        ids=[tx.services.new_id(now) for _ in findings],
        branches=[finding.branch_id for finding in findings],
        attempts=[finding.payment.attempt_id if finding.payment else None for finding in findings],
        references=[finding.reference for finding in findings],
        **_columns(findings),
    )


async def _put_lineless(tx: Transaction, findings: Sequence[Finding], now: datetime) -> list[Row]:
    return await tx.rows(
        """
        insert into sheaf.reconciliation as r (id, branch_id, intent_id, attempt_id, result, reason, amount_expected,
          amount_found, reference, date, at)
        select f.id, f.branch_id, f.intent_id, f.attempt_id, f.result, f.reason, f.expected, 0, f.reference, f.date,
               %(now)s
        from unnest(%(ids)s::uuid[], %(branches)s::int[], %(intents)s::uuid[], %(attempts)s::uuid[],
                    %(results)s::text[], %(reasons)s::text[], %(expected)s::bigint[], %(references)s::text[],
                    %(dates)s::date[])
             as f (id, branch_id, intent_id, attempt_id, result, reason, expected, reference, date)
        on conflict (intent_id) where statement_line_id is null do update
          set result = excluded.result, reason = excluded.reason, at = excluded.at
          where (r.result, r.reason) is distinct from (excluded.result, excluded.reason)
        returning r.branch_id, r.result
        """,
        now=now,
        ids=[tx.services.new_id(now) for _ in findings],
        branches=[finding.branch_id for finding in findings],
        attempts=[finding.payment.attempt_id if finding.payment else None for finding in findings],
        references=[finding.reference for finding in findings],
        **_columns(findings),
    )


def _columns(findings: Sequence[Finding]) -> dict[str, list[object]]:
    return {
        "lines": [finding.line.line_id if finding.line else None for finding in findings],
        "intents": [finding.payment.intent_id if finding.payment else None for finding in findings],
        "results": [finding.result.value for finding in findings],
        "reasons": [finding.reason.value for finding in findings],
        "expected": [finding.expected for finding in findings],
        "found": [finding.found for finding in findings],
        "dates": [finding.date for finding in findings],
    }


async def counts(tx: Transaction) -> dict[str, int]:
    """How many results of each kind the branches in sight have."""
    rows = await tx.rows("select result, count(*) number from sheaf.reconciliation group by result")
    return {row["result"]: row["number"] for row in rows}


async def page(tx: Transaction, result: str, below: UUID | None, limit: int) -> list[Row]:
    """Results, newest first; an empty `result` means all."""
    return await tx.rows(
        """
        select r.*, coalesce(i.number, '') intent_number
        from sheaf.reconciliation r left join sheaf.intent i on i.id = r.intent_id
        where (%(result)s::text = '' or r.result = %(result)s) and (%(below)s::uuid is null or r.id < %(below)s)
        order by r.id desc limit %(limit)s
        """,
        result=result,
        below=below,
        limit=limit,
    )
