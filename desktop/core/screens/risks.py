"""What a signer should look at before opening a row: read from the cache, for the list only; the sheets decide."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from desktop.core.clock import parse_instant
from desktop.core.lights import Light, account_light
from desktop.core.screens.approvals import ApprovalRow
from desktop.core.screens.payment_risks import bank_risks, members_changing, payment_risks
from desktop.core.signing import Kind
from desktop.core.store import queries
from desktop.core.store.database import Connection
from desktop.core.store.entities import satang
from desktop.i18n.text import Text
from shared.money import Satang
from shared.wire.members import AccountVerdict

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
    amount, at = Satang(satang(view.amount)), parse_instant(view.created_at)
    known = payment_risks(connection, view.id, view.member_id, amount, view.weigh_ticket, changing, at)
    bank = bank_risks(member.verdict, at) if member is not None and view.account.bank else []
    return tuple(risk.text for risk in (*bank, *known))


def bank_lights(connection: Connection, rows: Sequence[ApprovalRow], now: datetime) -> dict[str, Light]:
    """Row id -> what the bank says of the account that is paid, or that a change names; nothing for other rows."""
    found: dict[str, Light] = {}
    for row in rows:
        if row.kind is Kind.INTENTS and row.view.account.bank:
            member = queries.view(connection, "members", str(row.view.member_id))
            found[row.id] = account_light(member.verdict if member is not None else None, now)
        elif row.kind is Kind.BANK_CHANGE:
            asked = row.view.asked
            found[row.id] = account_light(asked.verdict if asked is not None else AccountVerdict(says="none"), now)
    return found
