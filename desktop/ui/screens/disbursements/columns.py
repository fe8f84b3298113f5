"""The columns of the list of payments."""

from __future__ import annotations

from collections.abc import Callable

from desktop.i18n import dates, disbursements
from desktop.i18n.status import STATUS
from desktop.ui.screens.pieces import masked_account, moment, show_amount
from desktop.ui.widgets.status import FACES, Mark, widest_status
from desktop.ui.widgets.table import Cell, Column, Kind
from shared.banks import bank_short
from shared.wire.payments import IntentView

Row = IntentView | None


def columns() -> list[Column[Row]]:
    """A row that is still being read shows nothing."""
    d, wide = disbursements, "นางสาวจันทร์เพ็ญ"
    return [
        Column("number", d.NUMBER, _cell(lambda r: r.number), Kind.MUTED, "PV2611-0000000", sortable=True, keep=9),
        Column("newest", d.WHEN, _cell(_when), Kind.MUTED, dates.widest_moment, sortable=True, keep=6),
        Column("member", d.MEMBER, _cell(lambda r: r.member_name), sample=wide, stretch=True, sortable=True, keep=8),
        Column("amount", d.AMOUNT, _cell(_amount), Kind.MONEY, "2,000,000.00", sortable=True, keep=9),
        Column("state", d.STATE, _cell(_state), Kind.CHIP, widest_status, keep=9),
        Column("code", d.CODE, _cell(lambda r: r.member_code), Kind.MUTED, "NSN-00000", keep=4),
        Column("account", d.ACCOUNT, _cell(_account), Kind.MUTED, "KBANK •••• 0000", keep=3),
        Column("produce", d.PRODUCE, _cell(lambda r: r.produce), Kind.MUTED, "มันสำปะหลัง", keep=2),
    ]


def _cell(read: Callable[[IntentView], Cell]) -> Callable[[Row], Cell]:
    return lambda row: "" if row is None else read(row)


def _state(row: IntentView) -> Cell:
    tone, icon = FACES[row.state]
    return Mark(tone, icon, STATUS[row.state]())


def _when(row: IntentView) -> Cell:
    return moment(row.created_at)


def _amount(row: IntentView) -> Cell:
    return show_amount(row.amount)


def _account(row: IntentView) -> Cell:
    return masked_account(bank_short(row.account.bank), row.account.last4)
