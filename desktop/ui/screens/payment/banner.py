"""The payee as two names side by side, the register's and the bank's: seen before any amount can be typed."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtWidgets import QWidget

from desktop.core.lights import Light, account_light, no_light
from desktop.i18n import dates, members, payment
from desktop.ui.screens.pieces import instant, masked_account
from desktop.ui.widgets.basics import IconLabel, Label, column, row
from desktop.ui.widgets.cards import Card
from shared.banks import bank_short
from shared.wire.members import MemberView


class NameBanner(Card):
    """In the colour of the bank's word on the account (desktop.core.lights)."""

    def __init__(self) -> None:
        super().__init__(padding=18)
        self.setObjectName("payment_banner")
        self._icon = IconLabel("circle-help", "quiet", 28)
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
        light = banner_light(member, now)
        self.set_tone("" if light.tone == "quiet" else light.tone)
        self._icon.set_face(light.icon, light.tone)
        self._register.setText(member.name)
        self._code.setText(f"{member.code} · {members.STATUS[member.status]()}")
        self._bank.setText(member.check.bank_name if member.check is not None else "—")
        self._said.setText(" · ".join(part for part in (light.text(), _said(member)) if part))
        self.setAccessibleName(f"{member.name} {self._bank.text()} {self._said.text()}")


def banner_light(member: MemberView, now: datetime) -> Light:
    """Standing first, then the bank's word."""
    if member.status != "active":
        return no_light(members.STATUS[member.status], now)
    return account_light(member.verdict, now)


def _said(member: MemberView) -> str:
    account, check = member.account, member.check
    bank = masked_account(bank_short(account.bank), account.last4) if account is not None else ""
    asked = instant(check.checked_at) if check is not None else None
    return payment.checked(bank, dates.moment(asked)) if asked is not None else bank
