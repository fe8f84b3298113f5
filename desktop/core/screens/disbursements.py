"""The list of payments: chips with counts, search, totals, and one payment's life in the inspector."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from desktop.core import texts
from desktop.core.desk import Desk
from desktop.core.operations import payments
from desktop.core.screens.base import Action, Rows, Screen, first_reason
from desktop.core.screens.payment import pays_again
from desktop.core.store import queries
from desktop.core.store.cache import Changes
from desktop.core.store.database import Connection
from desktop.core.store.outbox import WAITING, EventKind, PendingEvent
from desktop.core.store.queries import IntentFilter
from desktop.i18n.status import STATUS
from desktop.i18n.text import Text
from shared.lifecycle import IntentState
from shared.money import Satang
from shared.permissions import Permission
from shared.wire.payments import IntentDetail, IntentView

_CANCELLABLE: Final = ("created", "validated", "authorized")


@dataclass(frozen=True)
class Chip:
    """One status filter."""

    state: str
    label: Text
    count: int
    chosen: bool


class Disbursements(Screen):
    """Rows keep their places while they are looked at: changed ones are repainted, new ones wait for `show_new`."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.filter = IntentFilter()
        self.rows = Rows(self, "intents")
        self.chips: tuple[Chip, ...] = ()
        self.count, self.total = 0, Satang(0)
        self.new_rows = 0
        self.waiting_to_send: tuple[PendingEvent, ...] = ()
        self.selected: IntentView | None = None
        self.detail: IntentDetail | None = None
        self._detach.append(desk.sender.moved.add(lambda _: self._start(self._load_outbox())))

    async def load(self) -> None:
        """Read the list anew with the present filter, new rows included."""
        wanted = self.filter
        places = await self.desk.cache.ids(lambda c: queries.intent_places(c, wanted))
        if places is None:
            return
        await self._load_numbers()
        self.new_rows = 0
        await self._load_outbox(quiet=True)
        await self.rows.show(places)

    async def show_new(self) -> None:
        """Let the rows in that came meanwhile (F5)."""
        await self.load()

    async def search(self, text: str) -> None:
        """Number, name, member code or weigh ticket."""
        await self.use(replace(self.filter, text=text))

    async def choose(self, *, branch: str = "", since: str = "", until: str = "", order: str = "newest") -> None:
        """Branch (head office), creation between two instants of the wire's form, and the order."""
        await self.use(replace(self.filter, branch=branch, since=since, until=until, order=order))

    async def use(self, wanted: IntentFilter) -> None:
        """Show what this filter lets through."""
        self.filter = wanted
        await self.load()

    @property
    def filtered(self) -> bool:
        """Whether anything is left out."""
        return replace(self.filter, order=IntentFilter().order) != IntentFilter()

    async def inspect(self, intent: IntentView) -> None:
        """Show one payment at once from the cache, then its timeline from the server."""
        self.selected, self.detail = intent, None
        self.on_change()
        answer = await payments.get_intent(self.desk.client, intent.id)
        if self.selected is not intent:
            return
        if isinstance(answer, IntentDetail):
            self.detail, self.failure = answer, None
        else:
            self.failure = answer
        self.on_change()

    @property
    def may_cancel(self) -> Action:
        """Only the maker, before it is sent."""
        intent = self.selected
        if intent is None:
            return Action(texts.NOTHING_SELECTED)
        return first_reason(
            self._may(Permission.CANCEL_INTENT),
            None if str(intent.maker_id) == self._user_id else texts.NOT_ALLOWED,
            None if intent.state in _CANCELLABLE and intent.batch_id is None else texts.TOO_LATE,
            self._needs_connection(),
        )

    @property
    def may_pay_again(self) -> Action:
        """What ended unpaid or came back, by whoever may submit payments; not while another one does it."""
        intent = self.selected
        if intent is None:
            return Action(texts.NOTHING_SELECTED)
        return first_reason(
            self._may(Permission.SUBMIT_INTENT), None if pays_again(intent) else texts.NOT_PAYABLE_AGAIN
        )

    async def cancel(self, reason: str) -> bool:
        """Take the selected payment back."""
        intent = self.selected
        if intent is None or not self.may_cancel.enabled:
            return False
        answer = await payments.cancel_intent(self.desk.client, intent.id, intent.version, reason)
        if not isinstance(answer, IntentView):
            self.failure = answer
            self.on_change()
            return False
        self.desk.sync.changed.tell(await self.desk.cache.put("intents", [answer]))
        await self.inspect(answer)
        return True

    async def _load_numbers(self) -> None:
        wanted = self.filter

        def read(c: Connection) -> tuple[dict[str, int], tuple[int, Satang]]:
            return queries.intent_counts(c, wanted.branch), queries.intent_totals(c, wanted)

        counts, (self.count, self.total) = await self.desk.cache.read(read)
        self.chips = tuple(
            Chip(state, STATUS[state], counts.get(state, 0), state in wanted.states)
            for state in IntentState
            if counts.get(state, 0) or state in wanted.states
        )

    async def _load_outbox(self, *, quiet: bool = False) -> None:
        events = await self.desk.outbox.events(WAITING)
        self.waiting_to_send = tuple(event for event in events if event.kind is EventKind.PAYMENT)
        if not quiet:
            self.on_change()

    def _rows_changed(self, changes: Changes) -> None:
        if changed := changes.get("intents"):
            self._start(self._repaint(changed))

    async def _repaint(self, changed: set[str]) -> None:
        await self._load_numbers()
        await self.rows.refresh()
        self.new_rows = max(0, self.count - len(self.rows))
        if self.selected is not None and str(self.selected.id) in changed:
            current = await self.desk.cache.get("intents", str(self.selected.id))
            if current is not None:
                await self.inspect(current)
        self.on_change()
