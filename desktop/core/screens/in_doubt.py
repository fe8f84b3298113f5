"""Payments of which the bank has not said what it did: evidence, countdown, and nothing that could pay twice."""

from __future__ import annotations

from uuid import UUID

from desktop.core.clock import parse_instant
from desktop.core.desk import Desk
from desktop.core.operations import doubt
from desktop.core.screens.base import Action, Screen, first_reason
from desktop.core.store.cache import Changes
from shared.permissions import Permission
from shared.wire.doubt import AskReply, DoubtList, DoubtView


class InDoubt(Screen):
    """`payments`, oldest doubt first. Never cached: a countdown of yesterday would mislead."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.payments: tuple[DoubtView, ...] = ()
        self.cursor = ""
        self.asked: frozenset[UUID] = frozenset()

    async def load(self) -> None:
        """The first page."""
        self.cursor = ""
        await self._read(())

    async def more(self) -> None:
        """The next page, when there is one."""
        if self.cursor:
            await self._read(self.payments)

    @property
    def flagged(self) -> int:
        """How many have waited past the next business day."""
        return sum(payment.flagged for payment in self.payments)

    def seconds_left(self, payment: DoubtView) -> int:
        """Seconds until the bank is asked again; 0 when it is being asked."""
        if payment.intent.id in self.asked or not payment.next_inquiry_at:
            return 0
        return max(0, int((parse_instant(payment.next_inquiry_at) - self.desk.now()).total_seconds()))

    def may_ask(self, payment: DoubtView | None) -> Action:
        """Managers and treasurers, with a connection."""
        if payment is None or "ask_bank_now" not in payment.safe:
            return first_reason(self._may(Permission.SIGN_INTENT), self._needs_connection())
        return first_reason(self._needs_connection())

    async def ask(self, payment: DoubtView) -> bool:
        """Have the bank asked now; whether the request arrived."""
        answer = await doubt.ask_bank_now(self.desk.client, payment.intent.id)
        arrived = isinstance(answer, AskReply)
        self.failure = None if isinstance(answer, AskReply) else answer
        if arrived:
            self.asked |= {payment.intent.id}
        self.on_change()
        return arrived

    async def _read(self, before: tuple[DoubtView, ...]) -> None:
        answer = await doubt.list_in_doubt(self.desk.client, self.cursor)
        if isinstance(answer, DoubtList):
            self.payments, self.cursor, self.failure = (*before, *answer.payments), answer.cursor, None
            self.asked = frozenset()
        else:
            self.failure = answer
        self.on_change()

    def _rows_changed(self, changes: Changes) -> None:
        if "intents" in changes:
            self._start(self.load())
