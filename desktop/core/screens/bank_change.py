"""New bank details: old and new side by side, the account typed twice, documents first."""

from __future__ import annotations

from uuid import UUID

import msgspec

from desktop.core import texts
from desktop.core.desk import Desk
from desktop.core.forms import BankChangeForm, KeptDocument
from desktop.core.screens.base import Action, Screen, first_reason
from desktop.core.screens.drafts import DraftKeeper
from desktop.core.store.outbox import EventKind, PendingEvent
from desktop.i18n.text import Text
from shared.banks import AccountNumber, AccountProblem, check_account
from shared.limits import DOCUMENT_BYTES, LONG_TEXT, SHORT_TEXT
from shared.permissions import Permission
from shared.text import TextProblem, clean_text
from shared.wire.bank_changes import RequestBankChangeRequest
from shared.wire.encode import media_type
from shared.wire.members import MemberView


class BankChange(Screen):
    """Fields are set with `edit`; documents with `attach`; then `submit`."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.form = BankChangeForm()
        self.member: MemberView | None = None
        self.sent_event = ""
        self.draft = DraftKeeper(desk, EventKind.BANK_CHANGE, lambda: self.form)

    async def choose_member(self, member_id: UUID) -> None:
        """Show the member's present account beside the new one."""
        self.member = await self.desk.cache.get("members", str(member_id))
        account = self.member.account if self.member else None
        self.edit(member_id=str(member_id), account_version=account.version if account else 0)

    def edit(self, **fields: str | int) -> None:
        """Set fields as typed: bank, account, account_again, account_name, reason."""
        if self.sent_event:
            return
        self.form = msgspec.structs.replace(self.form, **fields)
        self.draft.touch()
        self.on_change()

    async def attach(self, name: str, content: bytes) -> Text | None:
        """Keep a scan with the form; why not, when it is no document."""
        if len(content) > DOCUMENT_BYTES:
            return texts.DOCUMENT_SIZE
        if media_type(content) == "application/octet-stream":
            return texts.DOCUMENT_KIND
        sha256 = await self.desk.outbox.keep_document(name[:120], content)
        if all(document.sha256 != sha256 for document in self.form.documents):
            kept = KeptDocument(sha256=sha256, name=name[:120], size=len(content))
            self.form = msgspec.structs.replace(self.form, documents=(*self.form.documents, kept))
            await self.draft.flush()
        self.on_change()
        return None

    def detach(self, sha256: str) -> None:
        """Take a document off the form."""
        left = tuple(document for document in self.form.documents if document.sha256 != sha256)
        self.form = msgspec.structs.replace(self.form, documents=left)
        self.draft.touch()
        self.on_change()

    @property
    def account(self) -> AccountNumber | AccountProblem:
        """The new account's digits, or why they cannot be one, as the server judges it."""
        return self._digits(self.form.account)

    @property
    def account_again(self) -> AccountNumber | AccountProblem:
        """What was typed the second time."""
        return self._digits(self.form.account_again)

    def _digits(self, typed: str) -> AccountNumber | AccountProblem:
        policy = self.desk.sync.status.policy
        return check_account(self.form.bank, typed, production=policy is not None and policy.production_accounts)

    @property
    def may_submit(self) -> Action:
        """Everything is filled in, typed twice and documented."""
        form = self.form
        return first_reason(
            self._may(Permission.REQUEST_BANK_CHANGE),
            None if self.member is not None else texts.CHOOSE_MEMBER,
            texts.ACCOUNT_WRONG if isinstance(self.account, AccountProblem) else None,
            None if self._typed_twice() else texts.ACCOUNTS_DIFFER,
            None if form.account_name.strip() else texts.NAME_NEEDED,
            None if form.reason.strip() else texts.NEEDS_REASON,
            None if form.documents else texts.DOCUMENT_NEEDED,
        )

    async def submit(self) -> str | None:
        """Hand the case to the outbox; the event's id."""
        name, reason = clean_text(self.form.account_name, SHORT_TEXT), clean_text(self.form.reason, LONG_TEXT)
        if not self.may_submit.enabled or isinstance(name, TextProblem) or isinstance(reason, TextProblem):
            return None
        request = RequestBankChangeRequest(
            member_id=UUID(self.form.member_id),
            account_version=self.form.account_version,
            bank=self.form.bank,
            account_number=str(self.account),
            account_name=name,
            reason=reason,
        )
        self.form = msgspec.structs.replace(self.form, request=request)
        self.sent_event = await self.draft.submit()
        self.on_change()
        return self.sent_event

    async def undo(self) -> bool:
        """Take it back within the undo window."""
        taken = await self.draft.undo()
        if taken:
            self.form, self.sent_event = msgspec.structs.replace(self.form, request=None), ""
            self.on_change()
        return taken

    async def resume(self, event: PendingEvent) -> None:
        """Go on with a kept draft, or mend a refused case."""
        form = msgspec.json.decode(event.body, type=BankChangeForm)
        self.draft.adopt(event)
        self.member = await self.desk.cache.get("members", form.member_id) if form.member_id else None
        account = self.member.account if self.member else None
        self.form = msgspec.structs.replace(form, request=None, account_version=account.version if account else 0)
        self.on_change()

    async def resume_newest(self) -> bool:
        """Show the draft that was left last; whether there was one worth showing."""
        event = await self.draft.newest()
        if event is None or msgspec.json.decode(event.body, type=BankChangeForm) == BankChangeForm():
            return False
        await self.resume(event)
        return True

    def _typed_twice(self) -> bool:
        again = self.account_again
        return not isinstance(again, AccountProblem) and again == self.account
