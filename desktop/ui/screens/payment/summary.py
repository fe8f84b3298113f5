"""The right side of a new payment: what will be sent, in figures and words, and what was checked."""

from __future__ import annotations

from datetime import datetime

from desktop.core import texts
from desktop.core.lights import (
    Asked,
    Light,
    account_light,
    care_light,
    no_light,
    payable_light,
    said_light,
    seen_light,
    waiting_light,
)
from desktop.core.screens.payment import NewPayment
from desktop.core.ways import Way
from desktop.i18n import members, payment
from desktop.ui.screens.pieces import masked_account, money_parts
from desktop.ui.widgets.basics import Label, line
from desktop.ui.widgets.cards import Card, Facts
from desktop.ui.widgets.light_line import LightLine
from shared.banks import bank_short
from shared.money import AmountProblem, display_amount
from shared.refusals import OF_ACCOUNTS, RefusalCode
from shared.wire.members import AccountVerdict


class SummaryPane(Card):
    """Draws the model and holds nothing of its own."""

    def __init__(self) -> None:
        super().__init__(payment.SUMMARY)
        self.setObjectName("payment_summary")
        self._figure = Label("0.00", size="figure")
        self._words = Label(ink="muted", wrap=True)
        self._facts = Facts()
        self._lines = [LightLine() for _ in range(4)]
        for widget in (self._figure, self._words, line(), self._facts, line()):
            self.body.addWidget(widget)
        self.body.addWidget(Label(payment.CHECKS, size="title"))
        for made in self._lines:
            self.body.addWidget(made)
        self.body.addStretch()

    def draw_model(self, model: NewPayment) -> None:
        """Figures, facts and checks of the form as it stands."""
        amount = model.amount
        agreed = model.difference == 0 and not isinstance(amount, AmountProblem)
        self._figure.setText("0.00" if isinstance(amount, AmountProblem) else display_amount(amount))
        self._figure.set_ink("" if agreed else "faint")
        self._words.setText(model.words() if model.words is not None and agreed else "")
        self._facts.set_facts(_facts(model), strong=frozenset({0}))
        for made, found in zip(self._lines, _checks(model), strict=True):
            made.set_light(found)


def _facts(model: NewPayment) -> list[tuple[str, str]]:
    member = model.member
    account = member.account if member is not None else None
    shown = masked_account(bank_short(account.bank), account.last4) if account is not None else "—"
    return [
        (
            payment.MEMBER() if model.way is Way.TRANSFER else payment.PAYEE(),
            member.name if member is not None else "—",
        ),
        *_destination(model, shown),
        *(money_parts(model.checks.preview) if model.checks is not None and model.checks.preview is not None else []),
        (payment.APPROVER(), _approvers(model)),
        (payment.EXPECTED(), payment.EXPECTED_WHEN()),
    ]


def _destination(model: NewPayment, account: str) -> list[tuple[str, str]]:
    """The account at the bank, or that there is none, and whom a transfer goes to."""
    way = (payment.WAY(), payment.WAYS[model.way]())
    if model.way.needs_account:
        return [way, (payment.ACCOUNT(), account)] if model.way is Way.WITHDRAW else [(payment.ACCOUNT(), account)]
    if model.way is Way.KEEP:
        return [way, (payment.ACCOUNT(), payment.STAYS())]
    found = model.checks.recipient if model.checks is not None else None
    return [way, (payment.TO(), f"{found.name} · {found.branch}" if found is not None else "—")]


def _approvers(model: NewPayment) -> str:
    preview = model.checks.preview if model.checks is not None else None
    both = preview is not None and "treasurer" in preview.roles
    return payment.MANAGER_AND_TREASURER() if both else payment.MANAGER()


def _checks(model: NewPayment) -> tuple[Light, Light, Light, Light]:
    now = model.desk.now()
    twice = seen_light(payment.CHECK_TWICE, now) if model.difference == 0 else waiting_light(texts.AMOUNT_TWICE, now)
    return _payable(model, now), _name(model, now), twice, _once(model, now)


def _payable(model: NewPayment, now: datetime) -> Light:
    checks = model.checks
    if checks is None:
        return payable_light(Asked(busy=model.busy), payment.CHECK_PAYABLE, now)
    if checks.refused is not None and not checks.repeats:
        return no_light(texts.failure_text(checks.refused), now)
    ignore: frozenset[RefusalCode] = frozenset() if model.way.needs_account else OF_ACCOUNTS
    asked = Asked(checks.validation, checks.unanswered, model.busy)
    return payable_light(asked, payment.CHECK_PAYABLE, now, ignore=ignore)


def _name(model: NewPayment, now: datetime) -> Light:
    if model.member is None:
        return waiting_light(members.CHECK_NAME, now)
    verdict = model.member.verdict if model.way.needs_account else AccountVerdict(says="not_needed")
    return account_light(verdict, now)


def _once(model: NewPayment, now: datetime) -> Light:
    checks, policy = model.checks, model.desk.sync.status.policy
    question = payment.check_once(policy.duplicate_days if policy is not None else None)
    if checks is None:
        return waiting_light(question, now, asking=model.busy)
    if checks.duplicates or checks.repeats:
        return care_light(payment.DUPLICATES, now)
    return said_light(question, checks.previewed_at, now, checks.unanswered)
