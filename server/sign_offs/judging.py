"""Judges again, at the moment of sending, all that submission and sign-off have judged: nothing stays good by itself.

Per cause: a signature that does not stand any more, a member who may not be paid, an account that was replaced or that
the bank does not vouch for cancels the payment, releases its money and names the cause. An answer of the bank's that is
only too old ends nothing: the bank is asked again, and the payment waits for its word. The maker's later fate is no
cause: the maker asked, and others decided.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from server.approvals.rules import TIER_ROLE, payment_quorum
from server.context import Actor, Policy
from server.database.transaction import Row, Transaction
from server.members import store as members
from server.members.rules import Payee
from server.payments import store, submission
from server.payments.binding import payable_refusal, recipient_refusal
from server.payments.views import members_anywhere
from server.routing.operations import Destination
from server.sign_offs.evidence import KnownSets, Proven, Unproven, verify_signatures
from shared.lifecycle import IntentState
from shared.money import Satang
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.thai import business_date, start_of_day

TIER_LIFTED = "tier.lifted"
"""Failure code: what the member or account is paid on the day needs more signatures than this payment has."""


class Waits(msgspec.Struct, frozen=True):
    """Nothing is wrong but the age of what the bank said about this account, which it must say again."""

    account_id: UUID


Judged = Proven | Unproven | Waits


async def judge_again(
    tx: Transaction, rows: Sequence[Row], now: datetime, known: KnownSets | None = None
) -> dict[UUID, Judged]:
    """For each intent row (with `signed_total`): whether it may be sent now, as it was signed."""
    proofs = await verify_signatures(tx, rows, known)
    lifted = await _lifted(tx, [row for row in rows if TIER_ROLE not in row["quorum"]])
    found = await members.payees(tx, [row["member_id"] for row in rows])
    others = await members_anywhere(tx, [row["counterparty_member_id"] for row in rows])
    judged: dict[UUID, Judged] = {}
    for row in rows:
        proof = proofs[row["id"]]
        if row["id"] in lifted:
            judged[row["id"]] = Unproven("what is paid today needs more signatures than it has", TIER_LIFTED)
        elif isinstance(proof, Proven):
            payee = found.get(row["member_id"])
            refusal = payable_refusal(payee, row["destination"], row["account_version"], tx.services.policy, now)
            refusal = refusal or recipient_refusal(others.get(row["counterparty_member_id"]))
            judged[row["id"]] = proof if refusal is None else _not_now(refusal, payee, tx.services.policy, now)
        else:
            judged[row["id"]] = proof
    return judged


async def _lifted(tx: Transaction, rows: Sequence[Row]) -> set[UUID]:
    """Which of what the lowest tier signed is, with all else that it alone signed of that day, above it.

    Submission sees to it; this stands where somebody got round it. What was within the tier when it was signed stays
    so, whatever comes later: what lifts the sum needs its tier, and is not counted here.
    """
    if not rows:
        return set()
    sums = await tx.value(
        "select sheaf.day_sums(%(members)s::uuid[], %(operations)s, %(banks)s, %(days)s::timestamptz[], %(role)s)",
        members=[row["member_id"] for row in rows],
        operations=[row["operation"] for row in rows],
        banks=[row["destination"] == Destination.BANK for row in rows],
        days=[start_of_day(business_date(row["submitted_at"])) for row in rows],
        role=TIER_ROLE.value,
    )
    policy = tx.services.policy
    return {
        row["id"] for row, paid in zip(rows, sums, strict=True) if TIER_ROLE in payment_quorum(Satang(paid), policy)
    }


def _not_now(refusal: Refused, payee: Payee | None, policy: Policy, now: datetime) -> Unproven | Waits:
    account = payee.account if payee else None
    old = refusal.code is R.ACCOUNT_UNVERIFIED and refusal.params.get("problem") == "stale"
    # an answer from a future is no answer: it is asked for again like an old one
    if old and account is not None:
        return Waits(account.id)
    return Unproven(" ".join([refusal.code.value, *refusal.params.values()]), refusal.code.value)


async def cancel_refused(
    tx: Transaction, actor: Actor, rows: Sequence[Row], judged: Mapping[UUID, Judged], now: datetime
) -> list[Row]:
    """Cancel what must not be sent, with its cause, and give its money back; the rows that ended."""
    refused = [(row, one) for row in rows if isinstance(one := judged[row["id"]], Unproven)]
    moves = [
        store.Move(
            id=row["id"],
            target=IntentState.CANCELLED,
            evidence=one.reason,
            failure_code=one.code,
            failure_text=one.reason,
        )
        for row, one in refused
    ]
    await store.move_intents(tx, moves, actor.name, now)
    await submission.release(tx, [submission.release_of(row) for row, _ in refused], "not sent", now)
    return [row for row, _ in refused]


async def ask_the_bank(
    tx: Transaction,
    actor: Actor,
    rows: Sequence[Row],
    judged: Mapping[UUID, Judged],
    rest: Callable[[UUID], None],
    now: datetime,
) -> list[Row]:
    """Ask the bank again about accounts whose answer is too old; the rows that a question was written for.

    `rest` is told of every payment that waits.
    """
    asked: dict[UUID, Row] = {}
    for row in rows:
        one = judged[row["id"]]
        if not isinstance(one, Waits):
            continue
        rest(row["id"])
        if one.account_id in asked or await members.open_check(tx, one.account_id) is not None:
            continue
        asked[one.account_id] = row
        await members.request_check(
            tx,
            check_id=tx.services.new_id(now),
            branch_id=row["branch_id"],
            member_id=row["member_id"],
            account_id=one.account_id,
            by=actor.name,
            now=now,
        )
    return list(asked.values())


async def withdrawn(tx: Transaction, intents: Sequence[UUID]) -> set[UUID]:
    """Which of these lost a signature, their member or their account since they were judged; one round trip."""
    ids = await tx.value("select sheaf.withdrawn_intents(%(ids)s::uuid[])", ids=list(intents))
    return set(ids)
