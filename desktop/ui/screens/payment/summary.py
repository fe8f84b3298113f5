"""The right side of a new payment: what will be sent, in figures and words, and what was checked."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from desktop.core import texts
from desktop.core.screens.payment import NewPayment, not_payable
from desktop.core.ways import Way
from desktop.i18n import members, payment
from desktop.ui.screens.payment.banner import GOOD_MATCH
from desktop.ui.screens.pieces import masked_account, money_parts
from desktop.ui.widgets.basics import IconLabel, Label, line, row
from desktop.ui.widgets.cards import Card, Facts
from shared.banks import bank_short
from shared.money import AmountProblem, display_amount

_FACES = {
    "ok": ("circle-check", "ok"),
    "bad": ("circle-x", "bad"),
    "wait": ("triangle-alert", "wait"),
    "todo": ("circle-dashed", "faint"),
}
Found = tuple[str, str]


class CheckLine(QWidget):
    """One check: an icon and words; the state is ok, bad, wait or todo."""

    def __init__(self) -> None:
        super().__init__()
        self._icon = IconLabel("circle-dashed", "faint", 18)
        self._words = Label(wrap=True)
        layout = row(self._icon, self._words, spacing=10)
        layout.setStretch(1, 1)
        self.setLayout(layout)

    def set_found(self, found: Found) -> None:
        """What was found."""
        state, words = found
        self._icon.set_face(*_FACES[state])
        self._words.setText(words)
        self._words.set_ink("faint" if state == "todo" else "danger" if state == "bad" else "")
        self.setAccessibleName(words)


class SummaryPane(Card):
    """Draws the model and holds nothing of its own."""

    def __init__(self) -> None:
        super().__init__(payment.SUMMARY)
        self.setObjectName("payment_summary")
        self._figure = Label("0.00", size="figure")
        self._words = Label(ink="muted", wrap=True)
        self._facts = Facts()
        self._lines = [CheckLine() for _ in range(4)]
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
            made.set_found(found)


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


def _checks(model: NewPayment) -> tuple[Found, Found, Found, Found]:
    checks = model.checks
    twice = ("ok" if model.difference == 0 else "todo", payment.CHECK_TWICE())
    name = _name_found(model)
    if checks is None:
        return ("todo", payment.CHECK_PAYABLE()), name, twice, ("todo", payment.CHECK_ONCE())
    payable: Found
    if checks.validation is None:
        payable = ("wait", checks.warnings[-1]() if checks.warnings else payment.CHECK_PAYABLE())
    elif checks.validation.payable:
        payable = ("ok", payment.CHECK_PAYABLE())
    else:
        why = not_payable(checks.validation, model.way)
        payable = ("ok", payment.CHECK_PAYABLE()) if why is None else ("bad", why())
    if checks.refused is not None and not checks.repeats:
        payable = "bad", texts.failure_text(checks.refused)()
    repeats = bool(checks.duplicates) or checks.repeats
    once: Found = ("wait", payment.DUPLICATES()) if repeats else ("ok", payment.CHECK_ONCE())
    return payable, name, twice, once


def _name_found(model: NewPayment) -> Found:
    check = model.member.check if model.member is not None else None
    if check is None:
        return ("todo" if model.member is None else "wait"), members.CHECK_NAME()
    good = check.match >= GOOD_MATCH
    return ("ok" if good else "bad"), f"{members.CHECK_NAME()} · {members.match(check.match)}"
