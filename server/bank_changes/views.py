"""What the wire shows of a bank change: accounts by their last digits, documents without content."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from server.approvals.cases import roles_missing, signatures_of
from server.approvals.rules import BOTH
from server.bank_changes import store
from server.context import Policy
from server.database.transaction import Row, Transaction
from server.members.rules import BankCheck, Unanswered, verdict
from server.members.views import verdict_words
from server.wire_time import wire_time
from shared.lifecycle import BankChangeState
from shared.wire.approvals import SignatureView
from shared.wire.bank_changes import AskedBankView, BankChangeView, DocumentView

_OPEN = (BankChangeState.DRAFT, BankChangeState.REQUESTED)


async def bank_change_views(tx: Transaction, case_ids: Sequence[UUID]) -> list[BankChangeView]:
    """Cases by id in the order asked; those that the transaction may not see are left out. Four statements."""
    if not case_ids:
        return []
    cases = {row["id"]: row for row in await store.view_rows(tx, case_ids)}
    documents: dict[UUID, list[Row]] = defaultdict(list)
    for row in await store.view_documents(tx, case_ids):
        documents[row["bank_change_id"]].append(row)
    sign_offs = await signatures_of(tx, case_ids)
    asked = {row["bank_change_id"]: row for row in await store.view_checks(tx, case_ids)}
    said = {key: _asked_view(row, tx.services.policy) for key, row in asked.items()}
    return [_view(cases[key], documents[key], sign_offs[key], said.get(key)) for key in case_ids if key in cases]


async def bank_change_view(tx: Transaction, case_id: UUID) -> BankChangeView:
    """A case that is known to be there."""
    return (await bank_change_views(tx, [case_id]))[0]


def _view(
    case: Row, documents: Sequence[Row], sign_offs: list[SignatureView], asked: AskedBankView | None
) -> BankChangeView:
    return BankChangeView(
        id=case["id"],
        number=case["number"],
        branch=case["branch"],
        member_id=case["member_id"],
        member_code=case["member_code"],
        member_name=case["member_name"],
        state=case["state"],
        old_bank=case["old_bank"],
        old_last4=case["old_last4"],
        new_bank=case["bank"],
        new_last4=case["number_last4"],
        new_account_name=case["account_name"],
        reason=case["reason"],
        maker=case["maker"] or "",
        maker_id=case["maker_id"],
        documents=[_document_view(row) for row in documents],
        signatures=sign_offs,
        needed=roles_missing(BOTH, sign_offs) if case["state"] in _OPEN else [],
        created_at=wire_time(case["created_at"]),
        expires_at=wire_time(case["expires_at"]),
        version=case["version"],
        asked=asked,
    )


def _asked_view(row: Row, policy: Policy) -> AskedBankView:
    check = unanswered = None
    if row["state"] == "done":
        check = BankCheck(
            bank_name=row["bank_name"], status=row["account_status"], match=row["match"], checked_at=row["checked_at"]
        )
    else:
        unanswered = Unanswered(failed=row["state"] == "failed", at=row["checked_at"] or row["requested_at"])
    said = verdict(check, unanswered, policy, row["checked_at"] or row["requested_at"])
    return AskedBankView(
        state=row["state"],
        requested_at=wire_time(row["requested_at"]),
        checked_at=wire_time(row["checked_at"]) if row["checked_at"] else "",
        bank_name=row["bank_name"],
        status=row["account_status"],
        match=row["match"],
        verdict=verdict_words(said),
    )


def _document_view(row: Row) -> DocumentView:
    return DocumentView(
        sha256=row["sha256"],
        name=row["name"],
        media_type=row["media_type"],
        size=row["size"],
        used_elsewhere=row["used_elsewhere"],
    )
