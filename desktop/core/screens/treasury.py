"""The treasury beside the bank: what is recorded, what nobody has recorded yet, and a form for it."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from desktop.core import texts
from desktop.core.answers import Problem
from desktop.core.desk import Desk
from desktop.core.operations import treasury
from desktop.core.screens.base import Action, Screen, first_reason
from desktop.core.store.outbox import new_event_id
from desktop.i18n import treasury as words
from desktop.i18n.text import Text
from shared.limits import DOCUMENT_BYTES
from shared.money import AmountProblem, format_amount, parse_amount
from shared.permissions import Permission
from shared.refusals import RefusalCode as R
from shared.thai import business_date, parse_date
from shared.wire.treasury import CreditLine, DepositList, DepositView, RecordDepositRequest, TreasuryReply


class DepositForm(msgspec.Struct, frozen=True):
    """What was typed, chosen and attached; `line` is the bank's own, where the form is about one."""

    amount: str = ""
    amount_again: str = ""
    received: str = ""
    payer: str = ""
    reference: str = ""
    reason: str = ""
    duplicate_reason: str = ""
    line: CreditLine | None = None
    document_name: str = ""
    document: bytes = b""


class Treasury(Screen):
    """`view` is the server's newest word, `deposits` what was recorded; figures are never cached."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.view: TreasuryReply | None = None
        self.deposits: tuple[DepositView, ...] = ()
        self.form = DepositForm()
        self.asks_why = False
        """The server has found what looks the same; a reason says that it is other money."""
        self._key = new_event_id()

    async def load(self) -> None:
        """Ask the server for both sides and the records."""
        view = await treasury.get_treasury(self.desk.client)
        listed = await treasury.list_deposits(self.desk.client)
        failure = None
        if isinstance(view, TreasuryReply):
            self.view = view
        else:
            failure = view
        if isinstance(listed, DepositList):
            self.deposits = tuple(listed.deposits)
        else:
            failure = listed
        self.failure = failure
        self.on_change()

    def edit(self, **fields: Any) -> None:
        """Set fields as typed. Another content is another request: it gets a key of its own."""
        changed = msgspec.structs.replace(self.form, **fields)
        if changed != self.form:
            self.form, self._key = changed, new_event_id()
            self.on_change()

    def choose(self, line: CreditLine) -> None:
        """Fill the form in from a line of the statement."""
        self.edit(
            line=line,
            amount=line.amount,
            amount_again=line.amount,
            received=line.booked_on,
            payer=self.form.payer or line.description[:120],
        )

    def attach(self, name: str, content: bytes) -> Text | None:
        """Take the slip; why not, when it can be none."""
        if len(content) > DOCUMENT_BYTES:
            return texts.DOCUMENT_SIZE
        if not content.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"%PDF-")):
            return texts.DOCUMENT_KIND
        self.edit(document_name=name[-120:], document=content)
        return None

    def start_anew(self) -> None:
        """An empty form."""
        self.form, self.asks_why, self._key = DepositForm(), False, new_event_id()
        self.failure = None
        self.on_change()

    @property
    def received_on(self) -> date | None:
        """The day, when what was typed is one that has come."""
        day = parse_date(self.form.received)
        return day if isinstance(day, date) and day <= business_date(self.desk.now()) else None

    @property
    def may_record(self) -> Action:
        """The same amount twice, a day that has come, who and why, and a line or a slip."""
        form = self.form
        first, second = parse_amount(form.amount), parse_amount(form.amount_again)
        agree = not isinstance(first, AmountProblem) and first == second
        evidence = form.line is not None or form.document
        return first_reason(
            self._may(Permission.RECORD_DEPOSIT),
            self._needs_connection(),
            None if agree else texts.AMOUNT_TWICE,
            None if self.received_on else words.NEEDS_DAY,
            None if form.payer.strip() else words.NEEDS_PAYER,
            None if form.reason.strip() else texts.NEEDS_REASON,
            None if evidence else words.NEEDS_EVIDENCE,
            None if form.duplicate_reason.strip() or not self.asks_why else words.NEEDS_OTHER,
        )

    async def record(self) -> DepositView | None:
        """Send it; the record, or None with `failure`, and the form as it was."""
        amount = parse_amount(self.form.amount)
        day = self.received_on
        if not self.may_record.enabled or isinstance(amount, AmountProblem) or day is None or self.busy:
            return None
        form = self.form
        request = RecordDepositRequest(
            amount=format_amount(amount),
            payer=form.payer,
            reason=form.reason,
            received_on=day.isoformat(),
            reference=form.reference,
            duplicate_reason=form.duplicate_reason,
            statement_line_id=form.line.id if form.line else None,
            document_name=form.document_name,
            document=form.document,
        )
        self.busy = True
        self.on_change()
        answer = await treasury.record_deposit(self.desk.client, request, self._key)
        self.busy = False
        if isinstance(answer, DepositView):
            self.start_anew()
            return answer
        self.failure = answer
        self.asks_why = self.asks_why or (isinstance(answer, Problem) and answer.code == R.DEPOSIT_DUPLICATE)
        self.on_change()
        return None

    def may_sign(self, chosen: DepositView | None) -> Action:
        """Somebody else's record that waits."""
        return first_reason(
            self._may(Permission.SIGN_DEPOSIT),
            _waits(chosen),
            texts.OWN_ITEM if chosen is not None and str(chosen.maker_id) == self._user_id else None,
            self._needs_connection(),
        )

    def may_cancel(self, chosen: DepositView | None) -> Action:
        """One's own record that waits."""
        return first_reason(
            self._may(Permission.RECORD_DEPOSIT),
            _waits(chosen),
            words.NOT_YOURS if chosen is not None and str(chosen.maker_id) != self._user_id else None,
            self._needs_connection(),
        )

    async def cancel(self, chosen: DepositView) -> bool:
        """Take it back; whether the server did."""
        answer = await treasury.cancel_deposit(self.desk.client, chosen.id, chosen.version)
        if not isinstance(answer, DepositView):
            self.failure = answer
            self.on_change()
            return False
        await self.load()
        return True

    async def read_document(self, deposit: UUID) -> bytes | None:
        """A record's slip; None with `failure`."""
        answer = await treasury.get_deposit_document(self.desk.client, deposit)
        if isinstance(answer, bytes):
            return answer
        self.failure = answer
        self.on_change()
        return None


def _waits(chosen: DepositView | None) -> Text | None:
    if chosen is None:
        return texts.NOTHING_SELECTED
    return None if chosen.state == "requested" else words.STATE[chosen.state]
