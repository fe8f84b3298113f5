"""The verbs of whoever records money that was paid in, and of whoever looks at books and bank together."""

from __future__ import annotations

import hashlib
from datetime import datetime
from uuid import UUID

from cryptography.exceptions import InvalidTag

from server.audit import store as audit
from server.context import HEAD_OFFICE, Actor
from server.database.keys import unsealed
from server.database.transaction import Transaction
from server.treasury import balance, store
from server.treasury.rules import Terms, difference, line_refusal, read_terms
from shared.audit_tags import AuditTag
from shared.lifecycle import DepositState
from shared.money import Satang, format_amount
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.thai import business_date
from shared.wire.common import ById, Nothing
from shared.wire.treasury import (
    CancelDepositRequest,
    CreditLine,
    DepositList,
    DepositView,
    DifferencePart,
    RecordDepositRequest,
    TreasuryReply,
)

_NEWEST = 200


async def record_deposit(
    tx: Transaction, actor: Actor, request: RecordDepositRequest, now: datetime
) -> DepositView | Refused:
    """Write the record; no money is in the books before a treasurer other than its maker has signed.

    Refuses with what `read_terms` and `line_refusal` name, ALREADY_EXISTS for a document that was recorded upon, and
    DEPOSIT_DUPLICATE where the same amount came in about the same day and no reason says that it is other money.
    """
    if HEAD_OFFICE not in actor.branches:
        return Refused(R.FORBIDDEN)
    terms = read_terms(request, business_date(now))
    if isinstance(terms, Refused):
        return terms
    await store.one_at_a_time(tx)
    received = await _received(tx, request, terms)
    if isinstance(received, Refused):
        return received
    sha256 = hashlib.sha256(request.document).hexdigest() if request.document else None
    refusal = await _recorded_before(tx, terms, received, sha256)
    if refusal is not None:
        return refusal
    deposit_id = tx.services.new_id(now)
    values: dict[str, object] = {
        "id": deposit_id,
        "amount": terms.amount,
        "received_on": received,
        "payer": terms.payer,
        "reference": terms.reference,
        "reason": terms.reason,
        "duplicate_reason": terms.duplicate_reason,
        "line": request.statement_line_id,
        "sha256": sha256,
        "maker": actor.user,
        "expires": now + tx.services.policy.approval_life,
    }
    await store.insert_deposit(tx, values, now)
    if sha256:
        await store.insert_document(tx, deposit_id, sha256, terms.document_name, terms.media_type, request.document)
    view = (await store.deposit_views(tx, [deposit_id]))[0]
    detail = {"number": view.number, "amount": view.amount, "digest": view.digest}
    await audit.append(tx, actor, HEAD_OFFICE, AuditTag.RECORD_DEPOSIT, str(deposit_id), detail, now)
    return view


async def _received(tx: Transaction, request: RecordDepositRequest, terms: Terms) -> object | Refused:
    """The day on which the money came in, as the line says where there is one."""
    if request.statement_line_id is None:
        return terms.received_on
    line = await store.line_of(tx, request.statement_line_id)
    refusal = line_refusal(line, terms)
    return refusal if refusal is not None or line is None else line.booked_on


async def _recorded_before(tx: Transaction, terms: Terms, received: object, sha256: str | None) -> Refused | None:
    taken = await store.same_document(tx, sha256) if sha256 else None
    if taken is not None:
        return Refused(R.ALREADY_EXISTS, field="document", params={"what": taken})
    same = await store.looks_the_same(tx, terms.amount, received, terms.reference)  # type: ignore[arg-type]  # a date
    if same is None or terms.duplicate_reason:
        return None
    params = {"number": same["number"], "date": same["received_on"].isoformat()}
    return Refused(R.DEPOSIT_DUPLICATE, field="duplicate_reason", params=params)


async def list_deposits(tx: Transaction, actor: Actor, request: Nothing, now: datetime) -> DepositList:
    """The newest 200."""
    return DepositList(deposits=await store.deposit_views(tx, await store.newest(tx, _NEWEST)))


async def get_deposit_document(tx: Transaction, actor: Actor, request: ById, now: datetime) -> bytes | Refused:
    """The document; the look is recorded. NOT_FOUND; DOCUMENT_INVALID for content that was changed in the database."""
    content = await document_content(tx, request.id)
    if content is None:
        return Refused(R.NOT_FOUND)
    sha256 = hashlib.sha256(content).hexdigest()
    await store.record_look(tx, request.id, sha256, actor.user, now)
    detail = {"sha256": sha256}
    await audit.append(tx, actor, HEAD_OFFICE, AuditTag.VIEW_DOCUMENT, f"deposit/{request.id}", detail, now)
    return content


async def document_content(tx: Transaction, deposit_id: UUID) -> bytes | None:
    """A deposit's document as it was given; None without one, or when it is not what was stored."""
    found = await store.document(tx, deposit_id)
    if found is None:
        return None
    try:
        content = await unsealed(tx, found["content_cipher"])
    except InvalidTag:
        return None
    return content if hashlib.sha256(content).hexdigest() == found["sha256"] else None


async def cancel_deposit(
    tx: Transaction, actor: Actor, request: CancelDepositRequest, now: datetime
) -> DepositView | Refused:
    """Take one's own record back before it is signed. NOT_FOUND, FORBIDDEN (another's), STATE, STALE_VERSION."""
    row = await store.lock_deposit(tx, request.id)
    if row is None:
        return Refused(R.NOT_FOUND)
    if row["maker_id"] != actor.user:
        return Refused(R.FORBIDDEN)
    if row["state"] != DepositState.REQUESTED:
        return Refused(R.STATE, params={"state": row["state"], "allowed": DepositState.REQUESTED.value})
    if row["version"] != request.version:
        return Refused(R.STALE_VERSION, params={"version": str(row["version"])})
    await store.move_deposit(tx, request.id, DepositState.CANCELLED, now)
    detail = {"number": row["number"]}
    await audit.append(tx, actor, HEAD_OFFICE, AuditTag.CANCEL_DEPOSIT, str(request.id), detail, now)
    return (await store.deposit_views(tx, [request.id]))[0]


async def get_treasury(tx: Transaction, actor: Actor, request: Nothing, now: datetime) -> TreasuryReply | Refused:
    """Books and bank side by side; every part of their difference is named, and what no part explains."""
    if HEAD_OFFICE not in actor.branches:
        return Refused(R.FORBIDDEN)
    books, bank = await balance.books(tx), await balance.bank(tx)
    parts = [] if bank is None else difference(books, bank.said, await balance.unproved(tx, bank.first_day))
    apart = 0 if bank is None else bank.said.closing - books.total
    return TreasuryReply(
        treasury=_baht(books.treasury),
        branches=_baht(books.branches),
        members=_baht(books.members),
        others=_baht(books.others),
        transit=_baht(books.transit),
        books=_baht(books.total),
        bank_balance="" if bank is None else _baht(bank.said.closing),
        bank_date="" if bank is None else bank.last_day.isoformat(),
        difference=_baht(apart),
        parts=[DifferencePart(kind=kind, count=count, amount=_baht(amount)) for kind, count, amount in parts],  # type: ignore[arg-type]  # the rule's words are the wire's
        unexplained=_baht(apart - sum(amount for _, _, amount in parts)),
        credits=[
            CreditLine(
                id=row["id"],
                booked_on=row["booked_on"].isoformat(),
                amount=_baht(row["amount"]),
                reference=row["reference"],
                description=row["description"],
                statement=row["line"],
            )
            for row in await balance.open_credits(tx, _NEWEST)
        ],
    )


def _baht(satang: int) -> str:
    return format_amount(Satang(satang))
