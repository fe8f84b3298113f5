"""The payee as two names side by side, the register's and the bank's: seen before any amount can be typed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from PySide6.QtWidgets import QWidget

from desktop.i18n import dates, members, payment
from desktop.ui.screens.pieces import instant, masked_account
from desktop.ui.widgets.basics import IconLabel, Label, column, row
from desktop.ui.widgets.cards import Card
from shared.banks import bank_short
from shared.wire.members import MemberView

GOOD_MATCH: Final = 80
FRESH_CHECK: Final = timedelta(hours=24)
"""How long the bank's word on an account is good for."""


class NameBanner(Card):
    """Green when the names agree, red when they do not, amber when the bank was not asked."""

    def __init__(self) -> None:
        super().__init__(padding=18)
        self.setObjectName("payment_banner")
        self._icon = IconLabel("circle-check", "ok", 28)
        self._register, self._bank = Label(size="heading", wrap=True), Label(size="heading", wrap=True)
        self._code, self._said = Label(size="small", ink="muted"), Label(size="small", ink="muted", wrap=True)
        left, right = QWidget(), QWidget()
        left.setLayout(
            column(Label(payment.REGISTER, size="small", ink="muted"), self._register, self._code, spacing=2)
        )
        right.setLayout(column(Label(payment.BANK_NAME, size="small", ink="muted"), self._bank, self._said, spacing=2))
        across = row(self._icon, left, right, spacing=18)
        across.setStretch(1, 1)
        across.setStretch(2, 1)
        self.body.addLayout(across)
        self.hide()

    def show_member(self, member: MemberView | None, now: datetime) -> None:
        """Both names, the code, the masked account and when the bank was asked."""
        self.setVisible(member is not None)
        if member is None:
            return
        tone, icon, token = _face(member, now)
        self.set_tone(tone)
        self._icon.set_face(icon, token)
        self._register.setText(member.name)
        self._code.setText(f"{member.code} · {members.STATUS[member.status]()}")
        check, account = member.check, member.account
        self._bank.setText(check.bank_name if check is not None else members.NOT_CHECKED())
        self._said.setText(_said(member) if account is not None else members.NO_ACCOUNT())
        self.setAccessibleName(f"{member.name} {self._bank.text()} {self._said.text()}")


def _face(member: MemberView, now: datetime) -> tuple[str, str, str]:
    if member.account is None or member.status != "active":
        return "bad", "ban", "bad"
    asked = instant(member.check.checked_at) if member.check is not None else None
    if member.check is None or asked is None or now - asked > FRESH_CHECK:
        return "wait", "triangle-alert", "wait"
    return ("ok", "circle-check", "ok") if member.check.match >= GOOD_MATCH else ("bad", "triangle-alert", "bad")


def _said(member: MemberView) -> str:
    account, check = member.account, member.check
    bank = masked_account(bank_short(account.bank), account.last4) if account is not None else ""
    asked = instant(check.checked_at) if check is not None else None
    return payment.checked(bank, dates.moment(asked)) if asked is not None else bank
