"""What must be true when a day is over, whatever went wrong in it."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any
from uuid import UUID

from lab.simulation.audited import judge_trail
from lab.simulation.bank import Bank
from lab.simulation.company import BALANCE, DAY_MOST, LIMIT_FROM, Slot
from lab.simulation.day import LIMIT, Day, Wish
from server.audit import verification
from server.channels.base import is_duplicate
from server.database.transaction import Row, Transaction
from server.http.undeclared import UNDECLARED
from server.ledger import check
from server.ledger.accounts import payable_id
from server.routing.operations import Destination, Operation
from shared.evidence import Evidence
from shared.ids import bank_reference
from shared.permissions import Role
from shared.thai import business_date

_PAID = frozenset({"settled", "reconciled", "returned"})
_UNPAID = frozenset({"failed", "cancelled", "rejected", "expired", "created", "validated"})
_OPEN = frozenset({"validated", "authorized", "sent", "in_doubt"})
_USES_NOTHING = frozenset({"created", "rejected", "cancelled", "expired", "failed"})
"""Counted in no limit: not submitted yet, or over without a payment."""
_CANNOT_CONFIRM = (Evidence.NOT_APPROVED, Evidence.TOO_OLD)


class Verdicts:
    """Collects what does not hold, and how often each law was looked at."""

    def __init__(self) -> None:
        self.broken: list[str] = []
        self.checked: Counter[str] = Counter()

    def holds(self, law: str, fact: bool, what: object = "") -> None:
        """A law, and whether it holds here."""
        self.checked[law] += 1
        if not fact:
            self.broken.append(f"{law}: {what}")


async def judge(tx: Transaction, day: Day, bank: Bank) -> Verdicts:
    """Look at everything that the transaction sees: the schedule's branch and head office."""
    verdicts = Verdicts()
    branch = day.slot.branch_id
    intents = await tx.rows("select * from sheaf.intent where branch_id = %(branch)s", branch=branch)
    attempts = await tx.rows("select * from sheaf.attempt where branch_id = %(branch)s", branch=branch)
    verdicts.holds("each refusal is declared", not UNDECLARED, dict(UNDECLARED))
    _wishes(verdicts, day, intents)
    _money(verdicts, day, bank, intents, attempts)
    _references(verdicts, bank, intents, attempts)
    unproved = {one.reference for one in bank.payments.values() if one.booked is not None}
    await _ledger(tx, verdicts, branch, intents, sum(row["payout"] for row in _of(intents, attempts, unproved)))
    await _balances(tx, verdicts, day.slot, intents)
    await _holds(tx, verdicts, branch, intents)
    await _limit(tx, verdicts, day.slot, intents)
    await judge_trail(tx, verdicts.holds, branch)
    report = await verification.verify(tx)
    verdicts.holds("audit intact", report.first_bad is None, report.first_bad)
    for key, bodies in day.network.answers.items():
        verdicts.holds("replays equal", len(bodies) == 1, key)
    for broken in day.network.broken_replays:
        verdicts.holds("a replay is answered", False, broken)
    for (subject, version), count in day.changes.items():
        verdicts.holds("one change for one version", count <= 1, f"{subject} {version}")
    for row in intents:
        stands = (row["state"], row["version"])
        verdicts.holds("the desk's copy is true", day.copy.get(row["id"]) == stands, f"{row['note']} {stands}")
    for bug in day.network.bugs:
        verdicts.holds("no bug", False, bug)
    return verdicts


async def judge_waiting(tx: Transaction, branch: int, bank: Bank, now: datetime) -> list[str]:
    """What may wait for later statements once all is quiet: a doubt that nobody may confirm any more, never paid."""
    verdicts = Verdicts()
    rows = await tx.rows(
        """
        select i.note, i.state, i.expires_at, a.bank_reference, a.evidence from sheaf.intent i
        left join sheaf.attempt a on a.intent_id = i.id and a.state not in ('accepted', 'rejected')
        where i.branch_id = %(branch)s and i.state in ('authorized', 'sent', 'in_doubt')
        """,
        branch=branch,
    )
    unconfirmed = {payment.reference for payment in bank.payments.values() if payment.state == "awaiting"}
    for row in rows:
        over = row["state"] == "in_doubt" and row["expires_at"] <= now and row["bank_reference"] in unconfirmed
        # That it was asked about again, and what for: one that nobody asks about any more does not wait rightly.
        rightly = over and row["evidence"] in _CANNOT_CONFIRM
        verdicts.holds("only what can't be confirmed waits", rightly, f"{row['note']} {row['state']} {row['evidence']}")
    return verdicts.broken


def _wishes(verdicts: Verdicts, day: Day, intents: list[Row]) -> None:
    by_id = {row["id"]: row for row in intents}
    by_note: dict[str, list[Row]] = {}
    for row in intents:
        by_note.setdefault(row["note"], []).append(row)
    for wish in day.wishes:
        rows = by_note.get(wish.note, [])
        verdicts.holds("one intent for one wish", len(rows) <= 1, f"{wish.note}: {len(rows)}")
        for intent in sorted(wish.acknowledged):
            verdicts.holds("no acknowledged intent lost", intent in by_id, f"{wish.note} {intent}")
        for row in rows:
            found = (row["member_id"], row["amount"], row["operation"], row["counterparty_member_id"])
            same = found == (wish.member, wish.amount, wish.operation, wish.payee)
            verdicts.holds("intent as wished", same, wish.note)
            if wish.stopped:
                ended = row["state"] in ("cancelled", "rejected", "expired")
                verdicts.holds("stopped stays stopped", ended, f"{wish.note} {row['state']}")


def _money(verdicts: Verdicts, day: Day, bank: Bank, intents: list[Row], attempts: list[Row]) -> None:
    intent_of = {row["bank_reference"]: row["intent_id"] for row in attempts}
    rows = {row["id"]: row for row in intents}
    wishes = {wish.note: wish for wish in day.wishes}
    times: Counter[UUID] = Counter()
    returned = {intent_of.get(one.reference) for one in bank.payments.values() if one.returned_at}
    for payment in bank.payments.values():
        if not payment.times_paid:
            continue
        intent = intent_of.get(payment.reference)
        verdicts.holds("every payment has its attempt", intent is not None, payment.reference)
        if intent is None:
            continue
        times[intent] += payment.times_paid
        wish = wishes[rows[intent]["note"]]
        signed = (payment.bank, payment.account, payment.amount) in wish.sheets
        verdicts.holds("paid as signed", signed, wish.note)
        verdicts.holds("paid with a quorum", _quorum(day, wish), wish.note)
    for row in intents:
        # A debit that does not fit its own payment may be another's too: what it could hide stays in doubt, for people.
        hidden = any(one.booked is not None and one.booked >= row["payout"] for one in bank.payments.values())
        _ended(verdicts, row, times[row["id"]], _quorum(day, wishes[row["note"]]), hidden=hidden)
        came_back, is_back = row["id"] in returned, row["state"] == "returned"
        verdicts.holds("returned means returned", came_back == is_back, f"{row['note']} {row['state']}")
    for payment in bank.payments.values():
        if payment.booked is not None:
            state = rows[intent_of[payment.reference]]["state"]
            verdicts.holds("another amount proves nothing", state == "settled", f"{payment.reference} {state}")


def _references(verdicts: Verdicts, bank: Bank, intents: list[Row], attempts: list[Row]) -> None:
    """A bank that does not hold a reference would not keep a life that has forgotten the next from paying under it."""
    for row in attempts:
        said, ordinal = row["bank_reference"], row["ordinal"]
        follows = said == bank_reference(row["intent_id"], ordinal)
        verdicts.holds("a reference follows from its intent", follows, said)
        if ordinal > 1:
            before = bank.by_reference(bank_reference(row["intent_id"], ordinal - 1))
            ended = before is not None and before[1].state == "failed"
            verdicts.holds("another reference only when the bank has ended the one before", ended, said)
    for row in intents:
        verdicts.holds("a duplicate is no failure", not is_duplicate(row["failure_code"]), row["note"])


def _ended(verdicts: Verdicts, row: Row, paid: int, quorum: bool, *, hidden: bool) -> None:
    """`paid` is how often the bank has paid for the intent."""
    state = row["state"]
    if row["channel"] != "scb":
        verdicts.holds("the bank is not asked for what stays here", paid == 0, row["note"])
        verdicts.holds("moved with a quorum", quorum or state not in _PAID, row["note"])
    elif state in _PAID:
        verdicts.holds("settled means paid", paid == 1, f"{row['note']} {state}")
    elif state in _UNPAID:
        verdicts.holds("unpaid means not paid", paid == 0, f"{row['note']} {state}")
    verdicts.holds("nobody paid twice", paid <= 1, f"{row['note']}: {paid} times")
    waits = state in ("sent", "authorized") or (state == "in_doubt" and (paid > 0 or not hidden))
    verdicts.holds("everything has ended", not waits, f"{row['note']} {state}")


def _quorum(day: Day, wish: Wish) -> bool:
    roles = set(wish.signed_by.values())
    total = wish.amount if not wish.batch else sum(one.amount for one in day.wishes if one.batch == wish.batch)
    return Role.MANAGER in roles and (total <= LIMIT or Role.TREASURER in roles)


def _of(intents: list[Row], attempts: list[Row], references: set[str]) -> list[Row]:
    """The intents that these references are of."""
    named = {row["intent_id"] for row in attempts if row["bank_reference"] in references}
    return [row for row in intents if row["id"] in named]


async def _ledger(tx: Transaction, verdicts: Verdicts, branch: int, intents: list[Row], unproved: int) -> None:
    """`unproved` is what the bank has paid and its statements show with another amount: it stays in transit."""
    report = await check.check(tx)
    verdicts.holds("ledger balanced", report.balanced, report.differences[:3])
    row: dict[str, Any] = await tx.one(
        """
        select coalesce(sum(held), 0)::bigint held,
          coalesce(sum(posted) filter (where purpose = 'transit'), 0)::bigint transit
        from sheaf.ledger_account where branch_id = %(branch)s
        """,
        branch=branch,
    )
    held = sum(one["amount"] + one["fee"] for one in intents if one["state"] in _OPEN)
    verdicts.holds("holds equal open intents", row["held"] == held, f"{row['held']} held, {held} open")
    fees = await tx.value(
        """
        select coalesce(sum(posted), 0)::bigint from sheaf.ledger_account
        where branch_id = %(branch)s and purpose = 'fees'
        """,
        branch=branch,
    )
    due = sum(one["fee"] + one["post_fee"] for one in intents if one["state"] in _PAID)
    verdicts.holds("fees equal what was settled", fees == due, f"{fees} and {due}")
    empty = row["transit"] == unproved
    verdicts.holds("transit is empty when the statements have come", empty, f"{row['transit']} and {unproved}")


async def _balances(tx: Transaction, verdicts: Verdicts, place: Slot, intents: list[Row]) -> None:
    """What a member has with the company is what came and went by settled intents, each once."""
    expected = dict.fromkeys(place.members, BALANCE)
    for row in intents:
        if row["state"] not in _PAID:
            continue
        if row["operation"] != Operation.DISBURSEMENT:
            expected[row["member_id"]] -= row["amount"] + row["fee"]
        if row["operation"] == Operation.TRANSFER:
            expected[row["counterparty_member_id"]] += row["payout"]
        elif row["destination"] == Destination.BALANCE or row["state"] == "returned":
            expected[row["member_id"]] += row["payout"]
    for row in await tx.rows(
        "select member_id, posted from sheaf.ledger_account where id = any(%(ids)s)",
        ids=[payable_id(member) for member in place.members],
    ):
        due = expected[row["member_id"]]
        verdicts.holds("balances are what was settled", row["posted"] == due, f"{row['posted']} and {due}")


async def _holds(tx: Transaction, verdicts: Verdicts, branch: int, intents: list[Row]) -> None:
    """What is left of each hold is what its open intents need, to the satang, and nothing when none is open."""
    needed: Counter[UUID] = Counter()
    for row in intents:
        if row["state"] in _OPEN:
            needed[row["hold_id"]] += row["amount"] + row["fee"]
    left = {
        row["id"]: row["remaining"]
        for row in await tx.rows(
            "select id, remaining from sheaf.ledger_hold where branch_id = %(branch)s and remaining > 0", branch=branch
        )
    }
    for hold in sorted(left.keys() | needed.keys()):
        law = "each hold is what its intents need"
        verdicts.holds(law, left.get(hold, 0) == needed[hold], f"{hold}: {left.get(hold, 0)} and {needed[hold]}")


async def _limit(tx: Transaction, verdicts: Verdicts, place: Slot, intents: list[Row]) -> None:
    """No member gets more in a day than the company's rule allows, and the counter is the sum of what lives."""
    if place.branch_id <= LIMIT_FROM:
        return
    taken: Counter[tuple[UUID, str]] = Counter()
    for row in intents:
        if row["state"] not in _USES_NOTHING:
            taken[row["member_id"], business_date(row["created_at"]).isoformat()] += row["amount"]
    counted = {
        (UUID(row["subject"].removeprefix("member:")), row["period"]): row["amount"]
        for row in await tx.rows(
            """
            select subject, period, amount from sheaf.limit_usage
            where rule = 'cap-member' and subject = any(%(who)s)
            """,
            who=[f"member:{member}" for member in place.members],
        )
        if row["amount"]
    }
    for (member, day), amount in taken.items():
        verdicts.holds("within the day's limit", amount <= DAY_MOST, f"{member} {day} {amount}")
    verdicts.holds("counters of limits are what lives", counted == dict(taken), f"{counted} and {dict(taken)}")
