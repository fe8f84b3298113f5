"""The list of bank changes, and reading a case's documents before or without signing it."""

from __future__ import annotations

import hashlib
from uuid import UUID

from desktop.core import texts
from desktop.core.answers import Problem
from desktop.core.desk import Desk
from desktop.core.operations import registry
from desktop.core.screens.base import Action, Screen, first_reason
from desktop.core.store import queries
from desktop.core.store.cache import Changes
from shared.permissions import Permission
from shared.wire.bank_changes import BankChangeView
from shared.wire.members import CheckAccountReply


class BankCases(Screen):
    """`cases` newest first, `case` is the chosen one; every look at a document is audited by the server."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.cases: tuple[BankChangeView, ...] = ()
        self.chosen = ""
        self.loaded = False

    async def load(self) -> None:
        """The cached cases."""
        self.cases = tuple(await self.desk.cache.read(lambda c: queries.newest(c, "bank_changes")))
        self.loaded = True
        self.on_change()

    @property
    def case(self) -> BankChangeView | None:
        """The chosen case."""
        return next((case for case in self.cases if str(case.id) == self.chosen), None)

    def choose(self, case_id: str) -> None:
        """Show a case; the same one again changes nothing."""
        if case_id == self.chosen:
            return
        self.chosen, self.failure = case_id, None
        self.on_change()

    @property
    def may_request(self) -> Action:
        """A new case may be begun without a connection; it is sent later."""
        return first_reason(self._may(Permission.REQUEST_BANK_CHANGE))

    @property
    def may_sign(self) -> Action:
        """Nobody signs what they asked for, and nobody twice."""
        case, session = self.case, self.desk.session
        if case is None or session is None:
            return Action(texts.NOTHING_SELECTED)
        return first_reason(
            self._may(Permission.SIGN_BANK_CHANGE),
            None if case.state == "requested" else texts.TOO_LATE,
            texts.OWN_ITEM if case.maker_id == session.user_id else None,
            texts.ALREADY_SIGNED if any(signed.user_id == session.user_id for signed in case.signatures) else None,
            texts.OTHERS_TURN if case.needed and not set(case.needed) & set(session.user.roles) else None,
            self._needs_connection(),
        )

    @property
    def may_cancel(self) -> Action:
        """Its maker takes back a case that nobody finished."""
        case, session = self.case, self.desk.session
        mine = case is not None and session is not None and case.maker_id == session.user_id
        open_now = case is not None and case.state in ("draft", "requested")
        return first_reason(None if mine and open_now else texts.TOO_LATE, self._needs_connection())

    async def cancel(self) -> bool:
        """Withdraw the chosen case; True when the server did."""
        if self.case is None or not self.may_cancel.enabled:
            return False
        answer = await registry.cancel_bank_change(self.desk.client, self.case.id)
        if isinstance(answer, BankChangeView):
            self.failure = None
            await self.desk.cache.put("bank_changes", [answer])
        else:
            self.failure = answer
        await self.load()
        return self.failure is None

    @property
    def may_ask(self) -> Action:
        """The bank is asked again about a case that waits for its approvers, unless it is being asked."""
        case = self.case
        waits = case is not None and case.state == "requested"
        asked = case is not None and case.asked is not None and case.asked.state == "requested"
        return first_reason(
            self._may(Permission.CHECK_ACCOUNT),
            None if waits else texts.TOO_LATE,
            texts.CHECKING if asked else None,
            self._needs_connection(),
        )

    async def ask_bank(self) -> bool:
        """Ask; the answer comes by sync as a newer version of the case."""
        if self.case is None or not self.may_ask.enabled:
            return False
        case = self.case.id
        answer = await registry.check_bank_change(self.desk.client, case)
        self.failure = None if isinstance(answer, CheckAccountReply) else answer
        self.desk.sync.wake()
        self.on_change()
        return self.failure is None

    async def read_document(self, case: UUID, sha256: str) -> bytes | None:
        """A document's bytes; None, with `failure`, when they could not be had or are not what they should be."""
        answer = await registry.get_document(self.desk.client, case, sha256)
        if not isinstance(answer, bytes):
            self.failure = answer
        elif hashlib.sha256(answer).hexdigest() == sha256:
            return answer
        else:
            self.failure = Problem(
                code="desk.document", status=502, detail_th=texts.TAMPERED.th, detail_en=texts.TAMPERED.en
            )
        self.on_change()
        return None

    def _rows_changed(self, changes: Changes) -> None:
        if "bank_changes" in changes:
            self._start(self.load())
