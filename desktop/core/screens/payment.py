"""New payment: the name before the amount, the amount twice, and nothing is sent that was not checked as it stands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import msgspec

from desktop.core import texts
from desktop.core.answers import Failure, Problem
from desktop.core.desk import Desk
from desktop.core.forms import PaymentForm
from desktop.core.operations import payments, registry
from desktop.core.screens.base import ALLOWED, Action, Screen, first_reason
from desktop.core.screens.drafts import DraftKeeper
from desktop.core.screens.similar import Similar, similar_to
from desktop.core.store.cache import Changes
from desktop.core.store.outbox import EventKind, PendingEvent
from desktop.core.ways import Way
from desktop.i18n.text import Text
from shared.lifecycle import PAYABLE_AGAIN, IntentState
from shared.limits import LINE_TEXTS, SHORT_TEXT
from shared.money import AmountProblem, Satang, baht_text, baht_text_english, format_amount, parse_amount
from shared.permissions import Permission
from shared.refusals import OF_ACCOUNTS, RefusalCode
from shared.text import TextProblem, clean_text
from shared.wire.balances import RecipientView
from shared.wire.members import MemberView, ValidationView
from shared.wire.payments import IntentPreview, IntentView, SubmitIntentRequest


@dataclass(frozen=True)
class Checks:
    """What was found out about exactly `form`; any edit makes them worthless."""

    form: PaymentForm
    validation: ValidationView | None
    duplicates: tuple[Similar, ...]
    warnings: tuple[Text, ...]
    preview: IntentPreview | None = None
    """Fees and what arrives, as the server would have it now; None when it did not say."""
    refused: Problem | None = None
    """Why the server would not take it as it stands."""
    recipient: RecipientView | None = None
    """Whom a transfer goes to."""
    previewed_at: datetime | None = None
    """When the server said that it would take it as it stands, likeness to earlier payments included."""
    unanswered: Failure | None = None
    """Why the server gave no verdict on the member."""

    @property
    def repeats(self) -> bool:
        """The double-pay radar would stop it: a reason is asked for, and one more approver."""
        return self.refused is not None and self.refused.code == RefusalCode.POSSIBLE_DUPLICATE

    @property
    def told(self) -> frozenset[str]:
        """What a person must see before it is sent: warnings, like payments, deductions, whom it goes to."""
        shown = self.preview
        parts = () if shown is None else (("fee", shown.fee), ("post", shown.post_fee), ("advance", shown.advance))
        told = {text.en for text in self.warnings} | {f"{one.number} {one.created_at}" for one in self.duplicates}
        told |= {f"{name} {amount}" for name, amount in parts if amount not in ("", "0.00")}
        told |= {self.recipient.name} if self.recipient is not None else set()
        return frozenset(told | ({str(self.refused.code)} if self.refused is not None else set()))


class NewPayment(Screen):
    """One payment, from its first letter to its submission: the next is another NewPayment.

    Fields are set with `edit`; call `check` when the person pauses, then `submit`. Who asks to submit before the answer
    of the check is there calls `wish`, and `granted` when something changed.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.form = PaymentForm()
        self.member: MemberView | None = None
        self.first: IntentView | None = None
        """The payment that this one pays again."""
        self.checks: Checks | None = None
        self.sent_event = ""
        self._wished: PaymentForm | None = None
        self._told: frozenset[str] = frozenset()
        self.draft = DraftKeeper(desk, EventKind.PAYMENT, lambda: self.form)
        self._detach.append(desk.sender.moved.add(lambda _: self._start(self._look_again())))

    async def choose_member(self, member_id: UUID) -> None:
        """Show this member's name and account; an amount typed for another member is forgotten."""
        self.member, self.first = await self.desk.cache.get("members", str(member_id)), None
        account = self.member.account if self.member else None
        self.form = PaymentForm(
            member_id=str(member_id),
            account_version=account.version if account else 0,
            produce=self.form.produce,
            weigh_ticket=self.form.weigh_ticket,
            way=self.form.way,
        )
        self._edited()

    def edit(self, **fields: str) -> None:
        """Set fields of the form as typed, by their names; what was handed over does not change any more."""
        if self.sent_event:
            return
        self.form = msgspec.structs.replace(self.form, **fields)
        self._edited()

    @property
    def amount(self) -> Satang | AmountProblem:
        """The first amount field."""
        return parse_amount(self.form.amount)

    @property
    def difference(self) -> Satang | None:
        """By how much the two amounts differ; None while either is no amount."""
        first, second = self.amount, parse_amount(self.form.amount_again)
        if isinstance(first, AmountProblem) or isinstance(second, AmountProblem):
            return None
        return Satang(abs(first - second))

    @property
    def words(self) -> Text | None:
        """The amount spelled out."""
        amount = self.amount
        return None if isinstance(amount, AmountProblem) else Text(baht_text(amount), baht_text_english(amount))

    @property
    def may_type_amount(self) -> Action:
        """Only once the payee's name and account are on the screen."""
        if self.member is None:
            return Action(texts.CHOOSE_MEMBER)
        return Action(texts.NO_ACCOUNT) if self.member.account is None and self.way.needs_account else ALLOWED

    @property
    def way(self) -> Way:
        """To the bank, kept with the company, withdrawn or transferred."""
        return Way(self.form.way)

    @property
    def may_check(self) -> Action:
        """Both amounts agree."""
        nobody = self.way is Way.TRANSFER and not self.form.to_member.strip()
        return first_reason(
            self.may_type_amount.why_not,
            texts.NEEDS_RECIPIENT if nobody else None,
            None if self.difference == 0 else texts.AMOUNT_TWICE,
        )

    @property
    def may_submit(self) -> Action:
        """The checks are of this very form and nothing in them forbids it."""
        checks = self.checks
        if self.sent_event:
            return Action(texts.HANDED_OVER)
        if checks is None or checks.form != self.form:
            return first_reason(
                self._may(Permission.SUBMIT_INTENT), self.may_check.why_not, texts.CHECKING if self.busy else None,
                texts.CHECK_FIRST,
            )  # fmt: skip
        reason_missing = (bool(checks.duplicates) or checks.repeats) and not self.form.duplicate_reason.strip()
        return first_reason(
            self._may(Permission.SUBMIT_INTENT),
            self._fresh_enough(),
            not_payable(checks.validation, self.way),
            texts.NEEDS_REASON if reason_missing else None,
            texts.failure_text(checks.refused) if checks.refused is not None and not checks.repeats else None,
        )

    @property
    def checked(self) -> bool:
        """The checks are of this very form."""
        return self.checks is not None and self.checks.form == self.form

    @property
    def wished(self) -> bool:
        """Submission was asked for and waits for the check of this very form."""
        return self._wished is not None

    def wish(self) -> bool:
        """Submit as soon as this very form is checked; False when there is nothing to wait for."""
        waits = self.may_check.enabled and not self.checked
        self._wished = self.form if waits else None
        self.on_change()
        return waits

    def granted(self) -> Action | None:
        """What becomes of the wish: still waiting (None), or it may be submitted, or why not.

        Nobody signs what they have not seen: fees, a recipient's name or a warning that came with the answer is looked
        at first.
        """
        if self._wished is None or (self._wished == self.form and not self.checked):
            return None
        same, self._wished = self._wished == self.form, None
        return first_reason(
            None if same else texts.CHANGED_WAITING,
            self.may_submit.why_not,
            texts.LOOK_FIRST if self.checks is not None and not self.checks.told <= self._told else None,
        )

    async def check(self) -> None:
        """Ask the server about the member, and the cache about payments like this one."""
        form, amount = self.form, self.amount
        if not self.may_check.enabled or isinstance(amount, AmountProblem):
            return
        self.busy = True
        self.on_change()
        answer = await registry.validate_member(self.desk.client, UUID(form.member_id))
        validation = answer if isinstance(answer, ValidationView) else None
        self.failure = None if isinstance(answer, ValidationView) else answer
        duplicates = await self._duplicates(form, amount)
        payable = validation is not None and not_payable(validation, self.way) is None
        preview = await self._preview(amount) if payable else None
        recipient = await self._recipient(form)
        if form == self.form:
            warnings = self._warnings(validation, duplicates)
            said = preview if isinstance(preview, IntentPreview) else None
            refused = preview if isinstance(preview, Problem) else None
            self.checks = Checks(
                form, validation, duplicates, warnings, said, refused, recipient,
                previewed_at=self.desk.now() if said is not None else None, unanswered=self.failure,
            )  # fmt: skip
        self.busy = False
        self.on_change()

    async def submit(self) -> str | None:
        """Hand the payment to the outbox; the event's id, or None when it may not be sent."""
        amount = self.amount
        await self._look_again()  # another one like it may have been handed over since
        if not self.may_submit.enabled or isinstance(amount, AmountProblem) or self.desk.session is None:
            return None
        self.form = msgspec.structs.replace(self.form, request=self._request(amount, self.desk.session.branch))
        self.sent_event = await self.draft.submit()
        self.on_change()
        return self.sent_event

    async def undo(self) -> bool:
        """Take it back within the undo window; the form is as it was."""
        taken = await self.draft.undo()
        if taken:
            self.form, self.sent_event = msgspec.structs.replace(self.form, request=None), ""
            self._edited()
        return taken

    async def resume_newest(self) -> bool:
        """Show the draft that was left last; whether there was one worth showing."""
        event = await self.draft.newest()
        if event is None or msgspec.json.decode(event.body, type=PaymentForm) == PaymentForm():
            return False
        await self.resume(event)
        return True

    async def discard(self) -> None:
        """Throw the draft away; the next payment has a NewPayment of its own."""
        await self.draft.discard()

    async def begin_again(self, payment: str) -> bool:
        """An empty form filled in from a payment that was not paid; False where that can't be paid again.

        What came back from the bank is owed to the member and is paid from there, else it would be paid twice.
        """
        view = await self.desk.cache.get("intents", payment)
        if view is None or not pays_again(view):
            return False
        returned = view.state == IntentState.RETURNED
        way = Way.WITHDRAW if returned else Way.of(view.operation, view.destination)
        amount = (view.payout if returned else "") or view.amount
        await self.choose_member(view.member_id)
        self.first = view
        self.edit(
            amount=amount, amount_again=amount, produce=view.produce, weigh_ticket=view.weigh_ticket,
            note=view.note, way=way, to_member=view.counterparty_code, replaces=str(view.id),
        )  # fmt: skip
        return True

    async def resume(self, event: PendingEvent) -> None:
        """Go on with a kept draft, or mend an event that the server refused."""
        form = msgspec.json.decode(event.body, type=PaymentForm)
        self.draft.adopt(event)
        self.member = await self.desk.cache.get("members", form.member_id) if form.member_id else None
        self.first = await self.desk.cache.get("intents", form.replaces) if form.replaces else None
        account = self.member.account if self.member else None
        self.form = msgspec.structs.replace(form, request=None, account_version=account.version if account else 0)
        self.checks = None
        self.on_change()

    def _rows_changed(self, changes: Changes) -> None:
        if self.member is not None and str(self.member.id) in changes.get("members", ()) and not self.sent_event:
            self._start(self._reload_member(str(self.member.id)))
        if "intents" in changes:
            self._start(self._look_again())

    async def _reload_member(self, member_id: str) -> None:
        """The payee changed while the form was open: show the new account and let everything be checked again."""
        self.member = await self.desk.cache.get("members", member_id)
        account = self.member.account if self.member else None
        self.form = msgspec.structs.replace(self.form, account_version=account.version if account else 0)
        self._edited()

    def _edited(self) -> None:
        self._told = self._told if self.checks is None else self.checks.told
        self.checks = None
        self.draft.touch()
        self.on_change()

    async def _preview(self, amount: Satang) -> IntentPreview | Failure | None:
        session = self.desk.session
        if session is None:
            return None
        return await payments.preview_intent(self.desk.client, self._request(amount, session.branch))

    async def _recipient(self, form: PaymentForm) -> RecipientView | None:
        if Way(form.way) is not Way.TRANSFER:
            return None
        answer = await registry.find_recipient(self.desk.client, form.to_member.strip())
        return answer if isinstance(answer, RecipientView) else None

    async def _duplicates(self, form: PaymentForm, amount: Satang) -> tuple[Similar, ...]:
        if not Way(form.way).pays_produce:
            return ()
        return await similar_to(self.desk, form.member_id, amount, form.weigh_ticket, own_event=self.draft.event_id)

    async def _look_again(self) -> None:
        """Something left this desk or came to it: what was found once may be out of date."""
        checks, amount = self.checks, self.amount
        if checks is None or checks.form != self.form or isinstance(amount, AmountProblem):
            return
        found = await self._duplicates(checks.form, amount)
        if self.checks is checks and found != checks.duplicates:
            self.checks = replace(checks, duplicates=found, warnings=self._warnings(checks.validation, found))
            self.on_change()

    def _warnings(self, validation: ValidationView | None, duplicates: tuple[Similar, ...]) -> tuple[Text, ...]:
        warnings = [texts.DUPLICATE] if duplicates else []
        if validation is None:
            return (*warnings, texts.NOT_CHECKED_OFFLINE)
        if validation.member.verdict.says == "name_differs":
            warnings.append(texts.NAME_MISMATCH)
        return tuple(warnings)

    def _request(self, amount: Satang, branch: str) -> SubmitIntentRequest:
        form, way = self.form, self.way
        produce = way.pays_produce
        return SubmitIntentRequest(
            branch=self.member.branch if self.member else branch,
            operation=way.operation,
            to=way.to,
            to_member=form.to_member.strip() if way is Way.TRANSFER else "",
            member_id=UUID(form.member_id),
            account_version=form.account_version,
            amount=format_amount(amount),
            produce=_cleaned(form.produce, LINE_TEXTS["produce"]) if produce else "",
            weigh_ticket=_cleaned(form.weigh_ticket, LINE_TEXTS["weigh_ticket"]) if produce else "",
            note=_cleaned(form.note),
            duplicate_reason=_cleaned(form.duplicate_reason, LINE_TEXTS["duplicate_reason"]) if produce else "",
            pays_again=UUID(form.replaces) if form.replaces else None,
        )


def pays_again(view: IntentView) -> bool:
    """Whether a payment may be paid again: it ended unpaid or came back, and no other one pays it again already."""
    return view.state in PAYABLE_AGAIN and not view.paid_again_number


def not_payable(validation: ValidationView | None, way: Way) -> Text | None:
    """Without an answer the server decides when the payment reaches it. Money in our books asks for no account."""
    if validation is None or validation.payable:
        return None
    reasons = [one for one in validation.reasons if way.needs_account or one.code not in OF_ACCOUNTS]
    return Text(reasons[0].detail_th, reasons[0].detail_en) if reasons else None


def _cleaned(text: str, most: int = SHORT_TEXT) -> str:
    cleaned = clean_text(text, most, required=False)
    return text if isinstance(cleaned, TextProblem) else cleaned
