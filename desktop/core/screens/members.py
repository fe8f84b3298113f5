"""Finding a member, and whether this member may be paid now."""

from __future__ import annotations

from uuid import UUID

from desktop.core.answers import Failure
from desktop.core.desk import Desk
from desktop.core.operations import registry
from desktop.core.screens.base import Action, Rows, Screen, first_reason
from desktop.core.store import queries
from desktop.core.store.cache import Changes
from desktop.core.store.queries import IntentFilter
from shared.permissions import Permission
from shared.wire.balances import MemberBalance
from shared.wire.bank_changes import BankChangeView
from shared.wire.members import CheckAccountReply, ListMembersRequest, MemberList, MemberView, ValidationView
from shared.wire.payments import IntentView


class Members(Screen):
    """One search over name, code and the last digits of card and account; at the server where the cache has none."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.rows = Rows(self, "members")
        self.text = ""
        self.member: MemberView | None = None
        self.validation: ValidationView | None = None
        self.validating = False
        self.unanswered: Failure | None = None
        """Why there is no verdict of the server."""
        self.balance: MemberBalance | None = None
        self.last_payments: tuple[IntentView, ...] = ()
        self.cases: tuple[BankChangeView, ...] = ()

    async def search(self, text: str) -> None:
        """Search the cache; call it when the person pauses (120 ms)."""
        self.text = text
        places = await self.desk.cache.ids(lambda c: queries.member_places(c, text))
        if places is not None:
            await self.rows.show(places)

    @property
    def may_search_server(self) -> Action:
        """Where the cache does not know the member."""
        return self._connected()

    async def search_server(self) -> None:
        """Ask the server; what it finds is kept."""
        answer = await registry.list_members(self.desk.client, ListMembersRequest(query=self.text[:120]))
        if isinstance(answer, MemberList):
            self.failure = None
            await self.desk.cache.put("members", answer.members)
        else:
            self.failure = answer
        self.on_change()

    async def open(self, member_id: UUID) -> None:
        """One member with the last ten payments and bank changes."""
        key = str(member_id)
        self.member, self.validation = await self.desk.cache.get("members", key), None
        self.unanswered = None
        self.balance = None
        places = await self.desk.cache.read(lambda c: queries.intent_places(c, IntentFilter(member_id=key)))
        self.last_payments = tuple(await self.desk.cache.page("intents", places[:10]))
        newest = await self.desk.cache.read(lambda c: queries.newest(c, "bank_changes"))
        self.cases = tuple(case for case in newest if case.member_id == member_id)
        self.on_change()

    async def validate(self) -> None:
        """The server's word on whether this member may be paid now."""
        if self.member is None:
            return
        asked = self.member
        self.validating = True
        self.on_change()
        answer = await registry.validate_member(self.desk.client, asked.id)
        self.validating = False
        if self._shows(asked.id):  # else the verdict is another member's
            if isinstance(answer, ValidationView):
                self.validation, self.failure, self.unanswered = answer, None, None
            else:
                self.validation, self.failure, self.unanswered = None, answer, answer
        self.on_change()

    def _shows(self, member_id: UUID) -> bool:
        return self.member is not None and self.member.id == member_id

    async def read_balance(self) -> None:
        """What the member has with the company now; balances are not kept on the desk."""
        asked = self.member
        if asked is None:
            return
        answer = await registry.member_balance(self.desk.client, asked.id)
        if isinstance(answer, MemberBalance) and self.member is asked:
            self.balance = answer
            self.on_change()

    @property
    def may_check_account(self) -> Action:
        """Asking the bank needs a connection and the right."""
        return first_reason(self._may(Permission.CHECK_ACCOUNT), self._needs_connection())

    async def check_account(self) -> bool:
        """Ask the bank for the account's name; its answer comes by sync."""
        if self.member is None or not self.may_check_account.enabled:
            return False
        answer = await registry.check_account(self.desk.client, self.member.id)
        self.failure = None if isinstance(answer, CheckAccountReply) else answer
        self.on_change()
        return self.failure is None

    def _connected(self) -> Action:
        return first_reason(self._may(Permission.READ_MEMBERS), self._needs_connection())

    def _rows_changed(self, changes: Changes) -> None:
        if "members" in changes:
            self._start(self._repaint(changes["members"]))

    async def _repaint(self, changed: set[str]) -> None:
        await self.rows.refresh()
        if self.member is not None and str(self.member.id) in changed:
            await self.open(self.member.id)
            if self.desk.online:  # the verdict was of the member as they were
                await self.validate()
        self.on_change()
