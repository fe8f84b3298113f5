"""The executor's side of account checks: the questions that wait, and the bank's answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from cryptography.exceptions import InvalidTag

from server.audit import store as audit
from server.channels.base import AccountName, AccountStatus
from server.context import Actor
from server.database.keys import unsealed_text
from server.database.transaction import Row, Transaction
from server.members import store
from shared.audit_tags import AuditTag
from shared.banks import AccountNumber
from shared.names import name_match, proves_a_name


@dataclass(frozen=True, kw_only=True)
class Question:
    """One account whose holder the bank is to name."""

    id: UUID
    branch_id: int
    member_id: UUID
    bank: str
    number: AccountNumber | None
    """None when it does not decrypt: somebody changed the row, and it must not hold the other questions up."""
    registered_name: str = field(repr=False)
    case_id: UUID | None = None
    """The bank change that names the account, or None for one that is effective."""


async def requested(tx: Transaction, limit: int) -> list[Question]:
    """Up to `limit` questions, oldest first, of the branches that the transaction sees."""
    return [
        Question(
            id=row["id"],
            branch_id=row["branch_id"],
            member_id=row["member_id"],
            bank=row["bank"],
            number=await _number(tx, row),
            registered_name=row["account_name"],
            case_id=row["case_id"],
        )
        for row in await store.requested_checks(tx, limit)
    ]


async def _number(tx: Transaction, row: Row) -> AccountNumber | None:
    try:
        return AccountNumber(await unsealed_text(tx, row["number_cipher"]))
    except InvalidTag:
        return None


def _named(answer: AccountName | None, number: AccountNumber | None) -> AccountName | None:
    if answer is None or proves_a_name(answer.name, number or ""):
        return answer
    return None if answer.status is AccountStatus.ACTIVE else AccountName(name="", status=answer.status)


async def record(tx: Transaction, actor: Actor, question: Question, answer: AccountName | None, now: datetime) -> bool:
    """Write the bank's answer, or with None that it gave none: the member then stays unverified, never "OK".

    An answer that calls the account good and names nobody (``OK``, ``N/A``, the number again) is none either. False,
    and nothing written, when another executor has answered the question.
    """
    answer = _named(answer, question.number)
    match = name_match(question.registered_name, answer.name) if answer else 0
    if question.case_id is not None:
        await store.hold_case(tx, question.case_id)
    row = await store.record_check(
        tx,
        question.id,
        state="done" if answer else "failed",
        bank_name=answer.name if answer else "",
        status=answer.status.value if answer else "",
        match=match,
        now=now,
    )
    if row is None:
        return False
    outcome = {
        "member": str(row["member_id"]),
        "status": answer.status.value if answer else "no_answer",
        "match": match,
    }
    await audit.append(
        tx, actor, row["branch_id"], AuditTag.ACCOUNT_CHECKED, f"account_check/{question.id}", outcome, now
    )
    return True
