"""What follows from two people's consent, in one transaction: what was paid is asked about, never sent again.

What no file knows is safe all the same: a reference follows from its payment, and the bank refuses one that it has.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import structlog

from server.approvals.cases import proven_approvals
from server.approvals.rules import TREASURY, still_needed
from server.audit import store as audit
from server.context import HEAD_OFFICE, Actor
from server.database.transaction import Row, Transaction
from server.failpoints import failpoint
from server.payments import store as intents
from server.payments.store import Move
from server.restore import store
from server.restore.journal import Sent
from server.restore.report import Here, Report, digest_of, read_report
from server.restore.views import sheet_of
from shared import canonical
from shared.audit_tags import AuditTag
from shared.evidence import Evidence
from shared.lifecycle import IntentState, RestoreState

log = structlog.get_logger("executor")

Asked = tuple[int, str]
"""A branch and the bank's reference of a payment that is asked about."""


@failpoint("restore.settle")
async def settle(tx: Transaction, actor: Actor, executor_id: int, now: datetime) -> UUID | None:
    """Settle what two people agreed on, and answer its witnesses; the case, None when there is none to settle.

    The transaction sees every branch. What no machine can put right stays in the report, which lists it for people.
    """
    if not await store.is_agreed(tx):
        return None
    await store.one_at_a_time(tx)
    case = await store.agreed(tx)
    if case is None:
        return None
    body = await store.report_body(tx, case["report_id"])
    report = read_report(body)
    if not await _stands(tx, case, body, report):
        await _give_up(tx, actor, case, now)
        return None
    # What waited for signatures may have got them since: how it stands now decides.
    waits = (Here.UNSENT, Here.UNSIGNED)
    sent = [item.sent for item in report.items if item.sent is not None and item.here in waits]
    rows = await intents.lock_intents(tx, sorted({one.intent_id for one in sent}))
    asked = await _known_payments(tx, actor, executor_id, sent, rows, now)
    for file in report.files:
        await store.register_file(tx, file.file_id, file.position, now)
    await store.move_case(tx, case["id"], "settled", now)
    await store.answer_witnesses(tx, case["id"], [one.id for one in report.witnesses])
    detail = {"asked": len(asked), "exceptions": sum(item.is_exception for item in report.items)}
    await audit.append(tx, actor, HEAD_OFFICE, AuditTag.RESTORE_SETTLED, str(case["id"]), detail, now)
    for branch in sorted({branch for branch, _ in asked}):
        references = sorted(reference for at, reference in asked if at == branch)
        told = {"count": len(references), "references": references}
        await audit.append(tx, actor, branch, AuditTag.INTENT_IN_DOUBT, references[0], told, now)
    found: UUID = case["id"]
    return found


async def _stands(tx: Transaction, case: Row, body: bytes, report: Report) -> bool:
    """Whether what is settled is what was signed, by another one than its maker, whose signature counts to this day."""
    digest = canonical.digest(canonical.sheet_bytes(sheet_of(case, report)))
    signed = await proven_approvals(tx, case["id"], case["maker_id"], digest)
    return digest_of(body) == case["report"] and not still_needed(TREASURY, signed)


async def _give_up(tx: Transaction, actor: Actor, case: Row, now: datetime) -> None:
    """Payments go on standing still: another proposal, and another signature, are needed."""
    log.error("consent does not stand any more", restore=str(case["id"]), do="propose and sign it anew")
    await store.move_case(tx, case["id"], RestoreState.EXPIRED, now)
    told = {"count": 1, "of": [f"restore/{case['id']}"]}
    await audit.append(tx, actor, HEAD_OFFICE, AuditTag.SIGNATURES_VOIDED, str(case["id"]), told, now)


async def _known_payments(
    tx: Transaction, actor: Actor, executor_id: int, sent: Sequence[Sent], rows: dict[UUID, Row], now: datetime
) -> list[Asked]:
    """Give each payment of a file its attempt as it was when the confirm left; the newest of each intent counts."""
    newest: dict[UUID, Sent] = {}
    for one in sent:
        if one.intent_id not in newest or newest[one.intent_id].ordinal < one.ordinal:
            newest[one.intent_id] = one
    asked = []
    for one in newest.values():
        row = rows.get(one.intent_id)
        if row is not None and await _put_in_doubt(tx, actor, executor_id, one, row, now):
            asked.append((one.branch_id, one.reference))
    return asked


async def _put_in_doubt(tx: Transaction, actor: Actor, executor_id: int, sent: Sent, row: Row, now: datetime) -> bool:
    """One attempt that was confirmed, as far as anybody knows: whether it is asked about now."""
    if row["state"] not in (IntentState.AUTHORIZED, IntentState.SENT, IntentState.IN_DOUBT):
        return False
    here = await tx.maybe(
        "select id, state, spent from sheaf.attempt where bank_reference = %(reference)s", reference=sent.reference
    )
    if here is None:
        await _write_attempt(tx, executor_id, sent, now)
    elif here["state"] == "rejected" and not here["spent"]:
        # A next try of the same reference, as `references.write` begins it.
        await tx.execute(
            """
            update sheaf.attempt set id = %(id)s, state = 'prepared', executor_id = %(executor)s, token = '',
              ended_at = null, inquiries = 0, flagged_at = null, taken_at = null
            where bank_reference = %(reference)s and executor_id <= %(executor)s
            """,
            id=sent.attempt_id if sent.attempt_id != here["id"] else tx.services.new_id(now),
            executor=executor_id,
            reference=sent.reference,
        )
    elif here["state"] not in ("prepared", "initiated"):
        return False
    await _ask_about(tx, executor_id, sent.reference, sent.token, datetime.fromisoformat(sent.at), now)
    await _to_doubt(tx, actor, row, f"{sent.reference} {Evidence.ASKED_AFTER_RESTORE}", now)
    return True


async def _write_attempt(tx: Transaction, executor_id: int, sent: Sent, now: datetime) -> None:
    """The attempt as it was; an earlier reference was given up only when the bank itself had ended it unpaid."""
    await tx.execute(
        """
        update sheaf.attempt set state = 'rejected', spent = true, executor_id = %(executor)s, ended_at = %(now)s,
          inquire_at = null, evidence = %(evidence)s, told = ''
        where intent_id = %(intent)s and ordinal < %(ordinal)s and state not in ('accepted', 'rejected')
          and executor_id <= %(executor)s
        """,
        evidence=Evidence.LATER_REFERENCE.value,
        executor=executor_id,
        intent=sent.intent_id,
        ordinal=sent.ordinal,
        now=now,
    )
    await tx.execute(
        """
        insert into sheaf.attempt (id, branch_id, intent_id, ordinal, bank_reference, state, executor_id, prepared_at)
        values (%(id)s, %(branch)s, %(intent)s, %(ordinal)s, %(reference)s, 'prepared', %(executor)s, %(at)s)
        """,
        id=sent.attempt_id,
        branch=sent.branch_id,
        intent=sent.intent_id,
        ordinal=sent.ordinal,
        reference=sent.reference,
        executor=executor_id,
        at=datetime.fromisoformat(sent.at),
    )


async def _ask_about(
    tx: Transaction, executor_id: int, reference: str, token: str, confirming: datetime, now: datetime
) -> None:
    await tx.execute(
        """
        update sheaf.attempt set state = 'unknown', executor_id = greatest(executor_id, %(executor)s),
          token = case when token = '' then %(token)s else token end, confirming_at = %(confirming)s,
          inquire_at = %(now)s, evidence = %(evidence)s, told = ''
        where bank_reference = %(reference)s
        """,
        executor=executor_id,
        token=token,
        confirming=confirming,
        now=now,
        evidence=Evidence.ASKED_AFTER_RESTORE.value,
        reference=reference,
    )


async def _to_doubt(tx: Transaction, actor: Actor, row: Row, evidence: str, now: datetime) -> None:
    steps = {
        IntentState.AUTHORIZED: (IntentState.SENT, IntentState.IN_DOUBT),
        IntentState.SENT: (IntentState.IN_DOUBT,),
    }
    for target in steps.get(IntentState(row["state"]), ()):
        await intents.move_intents(tx, [Move(id=row["id"], target=target, evidence=evidence)], actor.name, now)
