"""What a signer should look at before opening a row: read from the cache, for the list only; the sheets decide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from desktop.core import texts
from desktop.core.clock import parse_instant
from desktop.core.screens.approvals import ApprovalRow
from desktop.core.screens.payment_risks import members_changing, payment_risks
from desktop.core.screens.sign_off import Kind
from desktop.core.store import queries
from desktop.core.store.database import Connection
from desktop.core.store.entities import satang
from desktop.i18n.text import Text
from shared.money import Satang

GOOD_MATCH: Final = 80
USED_ELSEWHERE: Final = Text("เอกสารนี้|เคยใช้กับ|สมาชิกอื่น", "A document was used for another member")


def risks_of(connection: Connection, rows: Sequence[ApprovalRow]) -> dict[str, tuple[Text, ...]]:
    """Row id -> what to look at, the gravest first; rows with nothing are left out."""
    changing = members_changing(connection)
    found = {row.id: _risks(connection, row, changing) for row in rows}
    return {row_id: risks for row_id, risks in found.items() if risks}


def _risks(connection: Connection, row: ApprovalRow, changing: frozenset[UUID]) -> tuple[Text, ...]:
    if row.kind is Kind.BANK_CHANGE:
        return (USED_ELSEWHERE,) if any(document.used_elsewhere for document in row.view.documents) else ()
    return _payment_risks(connection, row.view, changing) if row.kind is Kind.INTENTS else ()


def _payment_risks(connection: Connection, view: Any, changing: frozenset[UUID]) -> tuple[Text, ...]:
    member = queries.view(connection, "members", str(view.member_id))
    check = member.check if member is not None else None
    amount, at = Satang(satang(view.amount)), parse_instant(view.created_at)
    known = payment_risks(connection, view.id, view.member_id, amount, view.weigh_ticket, changing, at)
    differs = check is not None and check.match < GOOD_MATCH
    return tuple([texts.NAME_MISMATCH] * differs + [risk.text for risk in known])
