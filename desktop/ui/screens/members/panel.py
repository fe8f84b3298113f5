"""One member at the side: account, the bank's name for it, the verdict as a list of checks, last payments."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QStackedLayout, QVBoxLayout, QWidget

from desktop.core.lights import Asked, Light, account_light, copy_light, no_light, payable_light, reason_light
from desktop.core.screens.members import Members
from desktop.i18n import common, dates, members
from desktop.i18n.status import STATUS
from desktop.ui.screens.pieces import instant, masked_account, moment, named, show_amount
from desktop.ui.theme.fonts import scaled
from desktop.ui.widgets.basics import Button, Label, column, line, row, scrolled
from desktop.ui.widgets.cards import Facts
from desktop.ui.widgets.flow import words_and_chip
from desktop.ui.widgets.light_line import LightLine, light_mark
from desktop.ui.widgets.states import EmptyState
from desktop.ui.widgets.status import Mark, StatusChip
from shared.banks import bank_short
from shared.refusals import RefusalCode as R
from shared.wire.balances import MemberBalance
from shared.wire.bank_changes import BankChangeView
from shared.wire.members import MemberView

WIDTH = 380


class MemberPanel(QFrame):
    """Buttons belong to the page, which connects them."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("room", "card")
        self.setObjectName("members_panel")
        self._name, self._chip = Label(size="title", wrap=True), StatusChip()
        self._facts, self._payments, self._cases = Facts(), Facts(), Facts()
        self._verdict = StatusChip()
        self._checks = [LightLine() for _ in range(4)]
        self._no_payments = Label(members.NO_PAYMENTS, ink="muted", size="small")
        self._cases_box = QWidget()
        self.check_bank = named(Button(members.CHECK_BANK, icon="landmark"), "members_check_bank")
        self.change = named(Button(members.CHANGE_BANK, icon="credit-card"), "members_change_bank")
        self.pay = named(Button(members.PAY, icon="banknote-arrow-up", kind="primary"), "members_pay")
        self._stack = QStackedLayout(self)
        self._stack.addWidget(EmptyState("circle-user", common.NOTHING_SELECTED, common.NOTHING_SELECTED_HINT))
        self._stack.addWidget(self._filled())

    def _filled(self) -> QWidget:
        head = row(self._name, spacing=8)
        head.setStretch(0, 1)
        head.addWidget(self._chip)
        inner = QWidget()
        layout = column(spacing=9, margins=(20, 12, 14, 8))
        layout.addLayout(head)
        layout.addWidget(self._facts)
        layout.addWidget(line())
        layout.addWidget(words_and_chip(Label(members.VERDICT, weight="semibold"), self._verdict))
        for check in self._checks:
            layout.addWidget(check)
        self._cases_box.setLayout(column(line(), Label(members.CASES, weight="semibold"), self._cases, spacing=9))
        layout.addWidget(self._cases_box)
        layout.addWidget(line())
        layout.addWidget(Label(members.LAST_PAYMENTS, weight="semibold"))
        layout.addWidget(self._payments)
        layout.addWidget(self._no_payments)
        layout.addStretch()
        inner.setLayout(layout)
        buttons = QVBoxLayout()
        buttons.setContentsMargins(20, 10, 16, 16)
        buttons.setSpacing(8)
        pair = row(self.change, self.pay, spacing=8)
        pair.setStretch(0, 1)
        pair.setStretch(1, 1)
        buttons.addWidget(self.check_bank)
        buttons.addLayout(pair)
        holder = QWidget()
        whole = column(scrolled(inner), spacing=0, margins=(0, 6, 4, 0))
        whole.addLayout(buttons)
        holder.setLayout(whole)
        return holder

    def draw_model(self, model: Members) -> None:
        """The opened member, or the empty state."""
        self.setFixedWidth(scaled(WIDTH))
        member = model.member
        self._stack.setCurrentIndex(0 if member is None else 1)
        if member is None:
            return
        self._name.setText(member.name)
        self._chip.set_mark(standing_mark(member))
        self._facts.set_facts([*_facts(member), *_kept(model.balance)])
        self._verdict.set_mark(light_mark(_verdict(model)))
        for made, found in zip(self._checks, _checks(model, member), strict=True):
            made.set_light(found)
        shown = [(view.number, f"{show_amount(view.amount)} · {STATUS[view.state]()}") for view in model.last_payments]
        self._payments.set_facts(shown)
        self._no_payments.setVisible(not shown)
        self._cases_box.setVisible(bool(model.cases))
        self._cases.set_facts([(case.number, _case(case)) for case in model.cases[:5]])


def standing_mark(member: MemberView) -> Mark:
    """A member's standing in the desk's own copy, as a chip: no verdict, so never green."""
    tone, icon = {"active": ("quiet", "circle-user"), "suspended": ("wait", "clock")}.get(member.status, ("bad", "ban"))
    return Mark(tone, icon, members.STATUS[member.status]())  # type: ignore[arg-type]


def _facts(member: MemberView) -> list[tuple[str, str]]:
    account, check = member.account, member.check
    shown = masked_account(bank_short(account.bank), account.last4) if account is not None else members.NO_ACCOUNT()
    facts = [(members.CODE(), member.code), (members.ACCOUNT(), shown)]
    if account is not None:
        facts.append((members.ACCOUNT_SINCE(), _day(account.effective_at)))
    facts.append((members.BANK_SAYS(), check.bank_name if check is not None else "—"))
    if check is not None:
        facts.append((members.CHECKED_AT(), f"{moment(check.checked_at)} · {members.match(check.match)}"))
    return [*facts, (members.ID_CARD(), f"•••• {member.id_last4}"), (members.PHONE(), member.phone or "—")]


def _kept(balance: MemberBalance | None) -> list[tuple[str, str]]:
    """What the company keeps for the member; what is nothing is not said, but the balance itself."""
    if balance is None:
        return []
    facts = [(members.BALANCE(), show_amount(balance.balance))]
    for words, amount in ((members.HELD, balance.held), (members.OWED, balance.owed)):
        if amount != "0.00":
            facts.append((words(), show_amount(amount)))
    return facts


def _day(text: str) -> str:
    at = instant(text)
    return dates.day(at.astimezone(dates.BANGKOK).date()) if at is not None else ""


def _asked(model: Members) -> Asked:
    return Asked(model.validation, model.unanswered, model.validating)


def _verdict(model: Members) -> Light:
    """The whole verdict in a word; why not stands in the lines below."""
    now, asked = model.desk.now(), _asked(model)
    if asked.verdict is not None and not asked.verdict.payable:
        return no_light(members.NOT_PAYABLE, now)
    return payable_light(asked, members.PAYABLE if asked.verdict is not None else members.VERDICT_SHORT, now)


def _checks(model: Members, member: MemberView) -> tuple[Light, Light, Light, Light]:
    """Each line is green only by the server's verdict; what the bank says has its own age."""
    now, asked = model.desk.now(), _asked(model)
    open_case = any(case.state in ("draft", "requested") for case in model.cases)
    return (
        reason_light(asked, R.MEMBER_NOT_ACTIVE, members.CHECK_STANDING, now),
        reason_light(asked, R.ACCOUNT_MISSING, members.CHECK_ACCOUNT, now),
        account_light(member.verdict, now),
        copy_light(
            members.OPEN_CASE if open_case else None, members.CHECK_NO_CASE, model.desk.sync.status.pulled_at, now
        ),
    )


def _case(case: BankChangeView) -> str:
    return f"{masked_account(bank_short(case.new_bank), case.new_last4)} · {members.CASE_STATES[case.state]()}"
