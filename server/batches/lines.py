"""The lines of an open batch: decided like single intents, compared when they come again, written a page at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from server.batches import batches
from server.company_rules import rules as company
from server.company_rules.programs import Payment
from server.company_rules.rules import Rule, Subjects
from server.company_rules.store import effective_rules
from server.context import Actor, Policy
from server.database.transaction import Row, Transaction
from server.members.store import payees
from server.payments.binding import payable_refusal
from server.payments.facts import AskedAt, Facts, read_facts
from server.payments.radar import likenesses, possible_duplicate, repeated
from server.payments.rating import IntentClaim, of_intent
from server.payments.rules import CleanLine, Planned, after_repaying, asked, clean_line, decide, duplicate_ticket
from server.payments.writing import PlannedRow, planned_row
from server.routing.operations import Operation
from shared.ids import id_by_key, voucher_number
from shared.lifecycle import IntentState
from shared.money import Satang
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.thai import business_date
from shared.wire.payments import IntentLine

PAGE = 1000
"""Lines that are looked at together when a batch closes."""
_TRIES = 3
_OTHER_LINE = Refused(R.INVALID, field="lines", params={"problem": "other_line"})
_BEYOND_BATCH = Refused(R.INVALID, field="lines", params={"problem": "beyond_batch"})
Judged = UUID | Planned | Refused
"""A line that stands there already, one that may be written, or why neither."""


class Added(msgspec.Struct, frozen=True, kw_only=True):
    """Each line's intent by its number, why not, or None where only others speak against it; and how many are new."""

    answers: dict[int, UUID | Refused | None]
    written: int = 0


class _Page(msgspec.Struct, frozen=True, kw_only=True):
    """What one call found: each of its lines by number, and fresh voucher numbers for those that are new."""

    lines: dict[int, Judged]
    numbers: list[int]

    @property
    def new(self) -> dict[int, Planned]:
        """The lines that may be written."""
        return {number: line for number, line in self.lines.items() if isinstance(line, Planned)}

    @property
    def good(self) -> bool:
        """Whether no line is refused."""
        return not any(isinstance(line, Refused) for line in self.lines.values())


async def add_lines(
    tx: Transaction, actor: Actor, batch: Row, first: int, lines: Sequence[IntentLine], now: datetime
) -> Added:
    """Write all of the lines that are new, or with one refusal none. The batch is locked.

    OVERLOADED for lines whose member or ticket changed under our hands several times.
    """
    cleaned = {number: _clean(line, tx.services.policy) for number, line in enumerate(lines, first)}
    stale: Sequence[int] = []
    for _ in range(_TRIES):
        page = await _judge(tx, actor, batch, cleaned, now)
        if not page.good or not page.new:
            return Added(answers={number: _answer(line) for number, line in page.lines.items()})
        rows = _rows(tx, actor, batch, page, now)
        stale = await batches.write_lines(tx, batch["branch_id"], rows, now)
        if not stale:
            written = {row.line: row.id for row in rows}
            answers = {number: written.get(number) or _answer(line) for number, line in page.lines.items()}
            return Added(answers=answers, written=len(rows))
    return Added(answers={number: Refused(R.OVERLOADED) if number in stale else None for number in cleaned})


def _clean(line: IntentLine, policy: Policy) -> CleanLine | Refused:
    """A batch has one hold, on the branch's funding, so its lines are disbursements."""
    clean = clean_line(line, policy)
    single = isinstance(clean, CleanLine) and clean.operation != Operation.DISBURSEMENT
    return Refused(R.INVALID, field="operation", params={"problem": "batch_operation"}) if single else clean


def _answer(line: Judged) -> UUID | Refused | None:
    return None if isinstance(line, Planned) else line


async def _judge(
    tx: Transaction, actor: Actor, batch: Row, cleaned: Mapping[int, CleanLine | Refused], now: datetime
) -> _Page:
    """A line that came before is compared and not decided again: a replay is answered as the first call was."""
    present = {row["line"]: row for row in await batches.lines_at(tx, batch["id"], min(cleaned), max(cleaned))}
    new = {
        number: line
        for number, line in cleaned.items()
        if isinstance(line, CleanLine) and number not in present and number <= batch["count"]
    }
    wanted = [asked(line, actor.user) for line in new.values()]
    asked_here = AskedAt(branch=batch["branch_id"], sight=actor.branches, items=wanted)
    (facts,), numbers = await read_facts(tx, [asked_here], len(new), now, batch=True)
    tickets: set[str] = set()
    seen: set[tuple[object, ...]] = set()
    judged: dict[int, Judged] = {}
    for number, line in cleaned.items():
        if isinstance(line, Refused):
            judged[number] = line
        elif number in present:
            judged[number] = present[number]["id"] if _same(present[number], line) else _OTHER_LINE
        elif number > batch["count"]:
            judged[number] = _BEYOND_BATCH
        elif line.ticket_key in tickets:
            judged[number] = duplicate_ticket(line.ticket_key, "-")
        elif (likeness := alike(line, facts, seen)) and not line.duplicate_reason:
            judged[number] = repeated(likeness, now)
        else:
            decided = decide(
                line,
                facts,
                maker=actor.user,
                branch_id=batch["branch_id"],
                branch_code=batch["branch"],
                policy=tx.services.policy,
                now=now,
                batch=True,
            )
            judged[number] = decided
            facts = after_repaying(facts, decided)
            tickets |= {line.ticket_key} - {""}
    return _Page(lines=judged, numbers=numbers)


def alike(line: CleanLine, facts: Facts, seen: set[tuple[object, ...]]) -> str | None:
    """How a line is like an earlier one of the same call: `amount`, or `account` of another member; else None."""
    payee = facts.payees.get(line.member_id)
    found = likenesses(line.operation, line.member_id, line.amount, (payee and payee.digest) or "")
    account = {mark for mark in found if mark[0] == "account"}
    mine = {(*mark, line.member_id) for mark in account}
    if ("amount", line.member_id, line.amount) in seen:
        return "amount"
    if account & seen and not mine & seen:
        return "account"
    seen |= found | mine
    return None


def _same(row: Row, line: CleanLine) -> bool:
    content = msgspec.structs.asdict(line) | {"documents": list(line.documents)}
    del content["weigh_ticket"]  # one ticket in another writing is the same line: its key says so
    return all(row[name] == value for name, value in content.items())


def _rows(tx: Transaction, actor: Actor, batch: Row, page: _Page, now: datetime) -> list[PlannedRow]:
    """Rows of state created: the quorum, the hold and the limits are the whole batch's and come when it closes."""
    day = business_date(now)
    rows = []
    for (number, planned), sequence in zip(page.new.items(), page.numbers, strict=True):
        row = planned_row(
            planned,
            actor,
            branch_id=batch["branch_id"],
            ordinal=number,
            id=id_by_key(int(now.timestamp() * 1000), "line", batch["id"].bytes[6:].hex(), str(number)),
            number=voucher_number(day.year, day.month, sequence),
            state=IntentState.CREATED.value,
            expires_at=batch["expires_at"],
            batch_id=batch["id"],
            line=number,
        )
        rows.append(msgspec.structs.replace(row, quorum=(), claims=()))
    return rows


async def recheck(tx: Transaction, actor: Actor, batch: Row, now: datetime) -> Refused | None:
    """What stands against submitting an open batch's lines now; their limits are taken, of all or of none.

    BATCH_LINES with the number of lines whose payee may not be paid any more, or the refusal of a limit.
    """
    rules = await effective_rules(tx, now)
    refused = 0
    claims: list[IntentClaim] = []
    async for rows in batches.pages(tx, batch["id"], PAGE):
        found = await payees(tx, [row["member_id"] for row in rows])
        for row in rows:
            payee = found.get(row["member_id"])
            refusal = payable_refusal(payee, row["destination"], row["account_version"], tx.services.policy, now)
            refused += refusal is not None
        if rules:
            taken = _claims(rules, rows, batch, now)
            if isinstance(taken, Refused):
                return taken
            claims += taken
    suspect = await batches.suspect_line(tx, batch, now - tx.services.policy.duplicate_window)
    if suspect is not None:
        return possible_duplicate(suspect, batch["branch_id"])
    if refused:
        return Refused(R.BATCH_LINES, params={"count": str(refused)})
    return await _take(tx, rules, claims, batch["branch_id"])


def _claims(rules: Sequence[Rule], rows: Sequence[Row], batch: Row, now: datetime) -> list[IntentClaim] | Refused:
    taken: list[IntentClaim] = []
    for row in rows:
        subjects = Subjects(member=row["member_id"], branch=batch["branch_id"], maker=batch["maker_id"])
        found = company.claims(rules, Payment(company.facts_of(row)), Satang(row["amount"]), subjects, now)
        if isinstance(found, Refused):
            return found
        taken += of_intent(row["id"], found)
    return taken


async def _take(
    tx: Transaction, rules: Sequence[Rule], claims: Sequence[IntentClaim], branch_id: int
) -> Refused | None:
    if not claims:
        return None
    over = await tx.value(
        "select sheaf.take_limits(%(claims)s::jsonb, %(branch)s::int)",
        claims=msgspec.json.encode(claims).decode(),
        branch=branch_id,
    )
    if over is None:
        return None
    return company.over_limit(rules, over["rule"], over["period"], over["left_amount"], over["left_count"])
