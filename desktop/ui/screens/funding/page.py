"""Moving money from the treasury to a branch: a request with the amount typed twice, the list, and the sign-off.

Object names: funding_page, funding_branch, funding_amount, funding_amount_again, funding_reason, funding_send,
funding_table, funding_sign.
"""

from __future__ import annotations

from typing import Final

import msgspec
from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from desktop.core import texts
from desktop.core.outcomes import said_of_funding
from desktop.core.screens.base import Action as May
from desktop.core.screens.liquidity import Liquidity
from desktop.core.signing import Kind as Signed
from desktop.i18n import dates, keys, liquidity, outcome
from desktop.i18n.text import Text
from desktop.ui.keys.actions import Action
from desktop.ui.pages import Workbench
from desktop.ui.screens.pieces import DeskPage, allow, moment, named, show_amount
from desktop.ui.screens.sign_off.flow import sign
from desktop.ui.theme.fonts import scaled
from desktop.ui.theme.tokens import Tone
from desktop.ui.widgets.amount import AmountTwice
from desktop.ui.widgets.basics import PAGE_MARGIN, Button, DeliberateButton, Label, form, row, scrolled
from desktop.ui.widgets.cards import Card
from desktop.ui.widgets.fields import Choice, Field
from desktop.ui.widgets.status import Mark, chip_width
from desktop.ui.widgets.table import Column, DataTable, Kind
from shared.permissions import Permission
from shared.wire.auth import BranchView
from shared.wire.payments import FundingView

FORM_WIDTH: Final = 420
FACES: Final[dict[str, tuple[Tone, str]]] = {
    "requested": ("wait", "clock"),
    "effective": ("ok", "circle-check"),
    "rejected": ("bad", "ban"),
    "expired": ("quiet", "timer-off"),
}


def state_mark(state: str) -> Mark:
    """The chip of a request's state."""
    tone, icon = FACES[state]
    return Mark(tone, icon, liquidity.FUNDING_STATE[state]())


class FundingPage(DeskPage[Liquidity]):
    """The form on the left for who may ask, the requests on the right; a new page takes the next request."""

    def __init__(self, bench: Workbench, *, resume: bool = True) -> None:
        super().__init__(bench, Liquidity(bench.core), "funding_page")
        self._loaded, self._looked_for_draft = False, not resume
        session = self.desk.session
        branches = session.branches if session is not None else ()
        self.branch = named(Choice([(b.code, _branch_words(b)) for b in branches], liquidity.BRANCH), "funding_branch")
        self.amount = AmountTwice()
        named(self.amount.first.edit, "funding_amount")
        named(self.amount.second.edit, "funding_amount_again")
        self.reason = named(QLineEdit(), "funding_reason")
        self.reason.setMaxLength(500)
        self.send = named(DeliberateButton(liquidity.SEND, icon="send"), "funding_send")
        self.why_not = Label(size="small", ink="muted", wrap=True)
        self.table: DataTable[FundingView] = named(DataTable(liquidity.FUNDING_TABLE, _columns()), "funding_table")
        self.sign = named(Button(liquidity.SIGN, icon="shield-check", kind="primary"), "funding_sign")
        self.why_not_sign = Label(size="small", ink="muted", wrap=True)
        self.form_card = self._form_card()
        self._assemble()
        self._connect()
        self._begin_form()
        self.begin()

    def _form_card(self) -> Card:
        card = Card(liquidity.NEW_REQUEST)
        fields = form(
            Field(liquidity.BRANCH, self.branch),
            self.amount.first,
            self.amount.second,
            Field(liquidity.REASON, self.reason),
        )
        fields.addStretch()
        inner = QWidget()
        inner.setLayout(fields)
        card.body.addWidget(scrolled(inner), 1)
        card.body.addWidget(self.why_not)
        card.body.addWidget(self.send)
        return card

    def _assemble(self) -> None:
        foot = row(spacing=12)
        foot.addWidget(self.why_not_sign, 1)
        foot.addWidget(self.sign)
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addWidget(self.table, 1)
        right.addLayout(foot)
        layout = row(self.form_card, spacing=14, margins=(PAGE_MARGIN, 16, PAGE_MARGIN, 14))
        layout.addLayout(right, 1)
        self.setLayout(layout)
        self.table.set_loading()

    def _connect(self) -> None:
        self.branch.picked.connect(lambda code: self.model.edit(branch=code))
        self.amount.changed.connect(self._take_amount)
        self.reason.textChanged.connect(lambda text: self.model.edit(reason=text))
        self.send.clicked.connect(self._submit)
        submit = Action("submit", keys.SUBMIT, self._submit, self.form_card, ("Ctrl+Return",), "send")
        self.bench.commands.add(submit)
        self.table.current_changed.connect(lambda _id: self._draw_sign())
        self.table.opened.connect(lambda _id: self._sign())
        self.table.may_open = lambda: self._may_sign().enabled
        self.sign.clicked.connect(self._sign)

    def _begin_form(self) -> None:
        # Set past `edit`: a form that nobody typed in is no draft to keep.
        self.model.form = msgspec.structs.replace(self.model.form, branch=self.branch.key())

    def shown(self, subject: str | None) -> None:
        """Read the requests; a subject is the branch to ask for, or a request to show."""
        if subject and self.branch.findData(subject) >= 0:
            self.branch.set_key(subject)
            self._begin_form()
        self.work(self._load(subject), "funding.load")

    def refresh(self) -> None:
        """F5."""
        self.desk.sync.wake()
        self.work(self._load(None), "funding.load")

    def panes(self) -> list[QWidget]:
        """Form and list."""
        return [self.branch, self.table.view]

    async def _load(self, subject: str | None) -> None:
        if subject is None:
            await self._resume_newest()
        await self.model.load()
        self._loaded = True
        self.draw()
        place = self.table.model.source.index_of(subject) if subject else None
        if place is not None:
            self.table.view.go_to(place)

    def draw(self) -> None:
        """Form, rows, buttons."""
        self.form_card.setFixedWidth(scaled(FORM_WIDTH))
        session = self.desk.session
        self.form_card.setVisible(session is not None and session.can(Permission.REQUEST_FUNDING))
        if self._loaded or self.model.funding:
            self.table.set_rows([(str(view.id), view) for view in self.model.funding])
        hint = liquidity.NO_REQUESTS_HINT if self.form_card.isVisibleTo(self) else None
        self.table.empty.set_face("arrow-left-right", liquidity.NO_REQUESTS, hint)
        action = self.model.may_request
        allow(self.send, action)
        if action.enabled:
            self.why_not.set_ink("muted")
        self.why_not.setText("" if action.why_not is None else action.why_not())
        self._draw_sign()

    def _draw_sign(self) -> None:
        may = self._may_sign()
        self.sign.set_words(liquidity.SIGN if self.offline is None else self.offline)
        allow(self.sign, may)
        chosen = self.table.current_row()
        open_now = chosen is not None and chosen.state == "requested"
        self.why_not_sign.setText(may.why_not() if may.why_not is not None and open_now else "")

    def _may_sign(self) -> May:
        session, chosen = self.desk.session, self.table.current_row()
        if session is None or not session.can(Permission.SIGN_FUNDING):
            return May(texts.NOT_ALLOWED)
        if chosen is None or chosen.state != "requested":
            return May(texts.NOTHING_SELECTED if chosen is None else liquidity.FUNDING_STATE[chosen.state])
        return May(texts.OWN_ITEM if chosen.maker_id == session.user_id else self.offline)

    def _take_amount(self) -> None:
        self.model.edit(amount=self.amount.first.edit.text(), amount_again=self.amount.second.edit.text())

    def _submit(self) -> None:
        """Ask for it, or say why not."""
        if self.model.may_request.enabled:
            self.work(self._send(), "funding.request")
        else:
            self.why_not.set_ink("danger")

    async def _send(self) -> None:
        if await self.model.request() is None:
            return
        self.bench.renew_page(self, lambda: FundingPage(self.bench, resume=False))
        self.bench.toasts.show_notice(liquidity.SENT, "info")
        self.desk.sync.wake()

    async def _resume_newest(self) -> None:
        """After a crash or a new sign-in the unfinished form is there again, once; not over what was asked for."""
        first, self._looked_for_draft = not self._looked_for_draft, True
        if first and not self.model.form.reason and await self.model.resume_newest():
            self._fill()
            self.bench.toasts.show_notice(liquidity.RESUMED, "info")

    def _fill(self) -> None:
        """The model's form into the fields, without taking it for typing."""
        kept = self.model.form
        self.branch.set_key(kept.branch)
        pairs = ((self.amount.first.edit, kept.amount), (self.amount.second.edit, kept.amount_again))
        for edit, text in (*pairs, (self.reason, kept.reason)):
            blocker = QSignalBlocker(edit)
            edit.setText(text)
            blocker.unblock()
        for amount in (self.amount.first, self.amount.second):
            amount.set_error(None)
            amount.set_hint(None)
        self.draw()

    def _sign(self) -> None:
        if self._may_sign().enabled and (chosen := self.table.current_row()) is not None:
            self.work(self._sign_now(chosen), "funding.sign")

    async def _sign_now(self, chosen: FundingView) -> None:
        if await sign(self.bench, self, Signed.FUNDING, [chosen.id], maker=chosen.maker, number=chosen.number):
            await self.desk.sync.once()
            await self.model.load()


def _branch_words(branch: BranchView) -> Text:
    return Text(f"{branch.code} · {branch.name_th}", f"{branch.code} · {branch.name_en}")


def _columns() -> list[Column[FundingView]]:
    return [
        Column("state", liquidity.STATE, lambda f: state_mark(f.state), Kind.CHIP, _widest_state, keep=9),
        Column("number", liquidity.NUMBER, lambda f: f.number, Kind.MUTED, "FD2611-0000000", keep=7),
        Column("branch", liquidity.BRANCH, lambda f: f.branch, Kind.TEXT, "NSN", keep=8),
        Column("amount", liquidity.AMOUNT, lambda f: show_amount(f.amount), Kind.MONEY, "38,250,000.00", keep=9),
        Column("reason", liquidity.REASON, _reason, Kind.TEXT, "เติมเงินรับซื้อ", stretch=True, keep=6),
        Column("maker", liquidity.MAKER, lambda f: f.maker, Kind.MUTED, "สุดา แก้วใสสว่าง", keep=4),
        Column("at", liquidity.CREATED, lambda f: moment(f.created_at), Kind.MUTED, dates.widest_moment, keep=5),
    ]


def _reason(view: FundingView) -> str:
    """What it is for; of a rejected one why it was."""
    said = said_of_funding(view)
    return view.reason if said is None else f"{outcome.BY[said.by]()}: {outcome.reason('', said.text, said.who)}"


def _widest_state() -> Mark:
    return max((state_mark(state) for state in FACES), key=chip_width)
