"""What a person must know or do now, derived from rows and the outbox: an entry is there as long as its cause is.

Only two things are remembered apart: what was seen, and what was dealt with (the outbox's marks).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

import msgspec

from desktop.core.clock import wire_time
from desktop.core.desk import Desk
from desktop.core.forms import PaymentForm
from desktop.core.outcomes import By, Said, said_of_case, said_of_funding, said_of_payment, was_stopped
from desktop.core.screens.approvals import Approvals
from desktop.core.screens.base import Screen
from desktop.core.screens.sync_screen import answer_text
from desktop.core.store import queries
from desktop.core.store.cache import Changes
from desktop.core.store.database import Connection
from desktop.core.store.outbox import WAITING, EventKind, EventState, PendingEvent
from desktop.core.sync import SyncStatus
from desktop.i18n.text import Text
from shared.permissions import Permission, Role
from shared.wire.payments import BatchView, IntentView
from shared.wire.records import ChannelAlarm

NEWS_DAYS: Final = timedelta(days=3)
TO_DO_DAYS: Final = timedelta(days=30)
_OPEN: Final = frozenset({"created", "validated", "authorized", "sent", "in_doubt"})


class What(StrEnum):
    """What happened; the words and faces are the window's."""

    PAID = "paid"
    REJECTED = "rejected"
    FAILED = "failed"
    STOPPED = "stopped"
    RETURNED = "returned"
    EXPIRED = "expired"
    IN_DOUBT = "in_doubt"
    EFFECTIVE = "effective"
    TO_SIGN = "to_sign"
    SENT_BACK = "sent_back"
    HELD_UP = "held_up"


NEWS: Final = frozenset({What.PAID, What.EFFECTIVE})
"""Nothing is to be done about these."""
STANDING: Final = frozenset({What.IN_DOUBT, What.TO_SIGN, What.SENT_BACK, What.HELD_UP})
"""These end with their cause and not by a word of the person."""
ALARMS: Final = frozenset({What.FAILED, What.STOPPED, What.RETURNED, What.IN_DOUBT, What.REJECTED, What.HELD_UP})
_FIXERS: Final = {"operator": Role.ADMINISTRATOR}
"""Who of the desk's people cares for what; else the role has the fixer's name."""


@dataclass(frozen=True)
class Entry:
    """One line. `amount` is the wire's, empty where none is moved; `kind` is the cache's or `outbox`."""

    what: What
    kind: str
    row_id: str
    number: str
    who: str
    amount: str
    at: str
    said: Said | None = None
    answer: Text | None = None
    mend: tuple[str, str] | None = None
    """The page and the subject that open the form again, filled in."""
    count: int = 1
    alarm: ChannelAlarm | None = None
    seen: bool = False

    @property
    def subject(self) -> str:
        """What marks are kept by: another state of the same row is another thing to see."""
        return f"{self.kind}/{self.row_id}/{self.what}"


class Inbox(Screen):
    """`entries`: first what is to be done, then what is news, each newest first."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.entries: tuple[Entry, ...] = ()
        self.loaded = False
        self.chosen = ""
        self.approvals = Approvals(desk)
        self.approvals.on_change = self._again
        self._loading = self._once_more = False
        self._detach += [
            desk.sender.moved.add(lambda _: self._again()),
            desk.marked.add(lambda _: self._again()),
            desk.sync.status_changed.add(self._status_changed),
        ]

    def close(self) -> None:
        """Hear nothing more."""
        self.approvals.close()
        super().close()

    @property
    def unseen(self) -> tuple[Entry, ...]:
        """What the bell counts."""
        return tuple(entry for entry in self.entries if not entry.seen)

    @property
    def entry(self) -> Entry | None:
        """The chosen one."""
        return next((entry for entry in self.entries if entry.subject == self.chosen), None)

    async def load(self) -> None:
        """Read everything anew; asked for while it is read, it is read once more."""
        self._once_more = True
        if self._loading:
            return
        self._loading = True
        try:
            if not self.loaded:
                await self.approvals.load()
            while self._once_more:
                self._once_more = False
                self.entries, self.loaded = await self._read(), True
        finally:
            self._loading = False
        self.on_change()

    async def see(self) -> None:
        """The person has the list before them."""
        await self._mark([entry.subject for entry in self.unseen], done=False)

    async def see_these(self, subjects: Sequence[str]) -> None:
        """The person closed the notice about them."""
        await self._mark(subjects, done=False)

    async def deal_with(self, subject: str) -> None:
        """Off the list: the person says that nothing is left to do. Not what ends with its cause."""
        entry = next((one for one in self.entries if one.subject == subject), None)
        if entry is not None and entry.what not in STANDING:
            await self._mark([subject], done=True)

    async def clear_news(self) -> None:
        """Take all good news off the list."""
        await self._mark([entry.subject for entry in self.entries if entry.what in NEWS], done=True)

    async def _mark(self, subjects: Sequence[str], *, done: bool) -> None:
        if subjects:
            now = self.desk.now()
            await self.desk.outbox.mark(self._user_id, subjects, done=done, now=now)
            await self.desk.outbox.forget_marks(now - 2 * TO_DO_DAYS)
            self.desk.marked.tell(subjects[0])
            await self.load()

    async def _read(self) -> tuple[Entry, ...]:
        if not self._user_id:
            return ()
        events = await self.desk.outbox.events()
        found = await self.desk.cache.read(lambda c: self._rows(c, events))
        found += [_sent_back(event) for event in events if self._mine_refused(event)]
        found += self._to_sign() + self._held_up()
        marks = await self.desk.outbox.marks(self._user_id)
        sent, arrived = _replaced(events, WAITING), _replaced(events, (EventState.DONE,))
        # The outbox forgets what arrived after some days; that the old one was dealt with stays.
        over = [one.subject for one in found if one.row_id in arrived and not marks.get(one.subject)]
        if over:
            await self.desk.outbox.mark(self._user_id, over, done=True, now=self.desk.now())
        gone = sent | arrived
        kept = [one for one in found if not marks.get(one.subject) and one.row_id not in gone]
        shown = [replace(one, seen=one.subject in marks) for one in kept]
        newest = sorted(shown, key=lambda one: one.at, reverse=True)
        return tuple(sorted(newest, key=lambda one: one.what in NEWS))

    def _rows(self, connection: Connection, events: Sequence[PendingEvent]) -> list[Entry]:
        session = self.desk.session
        signs = session is not None and session.can(Permission.SIGN_INTENT)
        news, to_do = wire_time(self.desk.now() - NEWS_DAYS), wire_time(self.desk.now() - TO_DO_DAYS)
        me = self._user_id
        reached = queries.reached
        mine = [
            *reached(connection, ["settled", "reconciled"], news, maker_id=me),
            *reached(
                connection, ["rejected", "failed", "returned", "expired", "in_doubt", "cancelled"], to_do, maker_id=me
            ),
        ]
        others = reached(connection, ["failed", "returned", "cancelled"], news) if signs else []
        others += reached(connection, ["in_doubt"], "") if signs else []
        entries = [self._payment(view) for view in mine if _told_alone(view) and _is_open(view)]
        entries += [self._payment(view) for view in others if str(view.maker_id) != me and _is_open(view)]
        entries += self._batches(connection, events, news, to_do)
        entries += self._cases(connection, events, news, to_do)
        return entries + self._funding(connection, news, to_do)

    def _payment(self, view: IntentView) -> Entry:
        what = _what_became(view)
        said = said_of_payment(view)
        again = what in (What.REJECTED, What.FAILED, What.STOPPED, What.RETURNED, What.EXPIRED)
        pays = self._may(Permission.SUBMIT_INTENT) is None and str(view.maker_id) == self._user_id
        return Entry(
            what, "intents", str(view.id), view.number, view.member_name, view.amount, view.changed_at,
            said=None if what in NEWS or what is What.EXPIRED or said.empty else said,
            mend=("payment", f"again:{view.id}") if again and pays and not view.paid_again_number else None,
        )  # fmt: skip

    def _batches(self, connection: Connection, events: Sequence[PendingEvent], news: str, to_do: str) -> list[Entry]:
        entries = []
        for view in queries.newest(connection, "batches"):
            what = _end_of_batch(view)
            since = news if what is What.PAID else to_do
            if what is None or str(view.maker_id) != self._user_id or view.created_at < since:
                continue
            why = queries.batch_reason(connection, str(view.id)) if what is What.REJECTED else ""
            said = Said(By.APPROVER, text=why) if what is What.REJECTED else None
            mend = None if what is What.PAID else _kept(events, EventKind.BATCH, str(view.id)) or ("batch", "")
            entries.append(
                Entry(
                    what,
                    "batches",
                    str(view.id),
                    view.number,
                    view.note,
                    view.total,
                    view.created_at,
                    said=said,
                    mend=mend,
                    count=view.count,
                )
            )
        return entries

    def _cases(self, connection: Connection, events: Sequence[PendingEvent], news: str, to_do: str) -> list[Entry]:
        ends = {"effective": What.EFFECTIVE, "rejected": What.REJECTED, "expired": What.EXPIRED}
        cases = queries.newest(connection, "bank_changes")
        newer: dict[Any, str] = {}
        entries = []
        for view in cases:  # newest first: an older case of the same member was asked for again
            what, again = ends.get(view.state), view.member_id in newer
            newer.setdefault(view.member_id, view.created_at)
            at = max([signed.at for signed in view.signatures], default=view.created_at)
            since = news if what is What.EFFECTIVE else to_do
            if what is None or str(view.maker_id) != self._user_id or at < since:
                continue
            if what is not What.EFFECTIVE and again:
                continue
            mend = _kept(events, EventKind.BANK_CHANGE, str(view.id)) or ("bank_changes", f"member:{view.member_id}")
            entries.append(
                Entry(
                    what,
                    "bank_changes",
                    str(view.id),
                    view.number,
                    view.member_name,
                    "",
                    at,
                    said=said_of_case(view),
                    mend=None if what in NEWS else mend,
                )
            )
        return entries

    def _funding(self, connection: Connection, news: str, to_do: str) -> list[Entry]:
        ends = {"effective": What.EFFECTIVE, "rejected": What.REJECTED, "expired": What.EXPIRED}
        entries = []
        for view in queries.newest(connection, "funding"):
            what = ends.get(view.state)
            at = max([signed.at for signed in view.signatures], default=view.created_at)
            if what is None or str(view.maker_id) != self._user_id or at < (news if what in NEWS else to_do):
                continue
            entries.append(
                Entry(
                    what,
                    "funding",
                    str(view.id),
                    view.number,
                    view.branch,
                    view.amount,
                    at,
                    said=said_of_funding(view),
                    mend=None if what in NEWS else ("funding", view.branch),
                )
            )
        return entries

    def _to_sign(self) -> list[Entry]:
        rows = [row for row in self.approvals.rows if row.sign.enabled]
        if not rows:
            return []
        newest = rows[-1]
        total = len(rows)
        return [Entry(What.TO_SIGN, "approvals", newest.id, "", "", "", newest.created_at, count=total)]

    def _held_up(self) -> list[Entry]:
        """Channels by which nothing leaves: for who can mend one, and for who makes or signs what waits for it."""
        session = self.desk.session
        if session is None:
            return []
        waits = session.can(Permission.SUBMIT_INTENT) or session.can(Permission.SIGN_INTENT)
        concerns = [
            alarm
            for alarm in self.desk.sync.status.alarms
            if (waits and alarm.waiting) or _FIXERS.get(alarm.who_can_fix, alarm.who_can_fix) in session.user.roles
        ]
        return [
            Entry(
                What.HELD_UP, "channels", f"{one.channel}@{one.since}", "", "", one.total if one.waiting else "",
                one.since, count=one.waiting, alarm=one,
            )
            for one in concerns
        ]  # fmt: skip

    def _mine_refused(self, event: PendingEvent) -> bool:
        return event.state is EventState.NEEDS_ATTENTION and event.user_id == self._user_id

    def _again(self) -> None:
        self._start(self.load())

    def _status_changed(self, _status: SyncStatus) -> None:
        self._again()

    def _rows_changed(self, changes: Changes) -> None:
        self._again()


_PAGES: Final = {
    EventKind.PAYMENT: "payment", EventKind.BATCH: "batch", EventKind.BANK_CHANGE: "bank_changes",
    EventKind.FUNDING: "funding",
}  # fmt: skip


def _sent_back(event: PendingEvent) -> Entry:
    return Entry(
        What.SENT_BACK, "outbox", event.id, "", "", "", event.created_at, answer=answer_text(event),
        mend=(_PAGES[event.kind], f"event:{event.id}"),
    )  # fmt: skip


def _told_alone(view: IntentView) -> bool:
    """A line of a batch is told of with its batch, unless it was treated apart."""
    return view.batch_id is None or view.state in ("failed", "returned", "in_doubt") or was_stopped(view)


def _is_open(view: IntentView) -> bool:
    """Not what another payment does already, nor what its maker took back."""
    return not view.paid_again_number and (view.state != "cancelled" or was_stopped(view))


def _what_became(view: IntentView) -> What:
    if view.state in ("settled", "reconciled"):
        return What.PAID
    return What.STOPPED if was_stopped(view) else What(view.state)


def _end_of_batch(view: BatchView) -> What | None:
    if view.state in ("rejected", "expired"):
        return What(view.state)
    ended = view.states and not _OPEN & {state for state, count in view.states.items() if count}
    paid = any(view.states.get(state) for state in ("settled", "reconciled"))
    return What.PAID if ended and paid else None


def _kept(events: Sequence[PendingEvent], kind: EventKind, row_id: str) -> tuple[str, str] | None:
    """The form from which a row was made, while the outbox still has it."""
    for event in reversed(events):
        if event.kind is kind and event.state is EventState.DONE and row_id.encode() in event.answer:
            return _PAGES[kind], f"event:{event.id}"
    return None


def _replaced(events: Sequence[PendingEvent], states: Sequence[EventState]) -> frozenset[str]:
    """Payments that were mended and handed over again; one that the server refused then is back on the list."""
    bodies = [event.body for event in events if event.kind is EventKind.PAYMENT and event.state in states]
    forms = [msgspec.json.decode(body, type=PaymentForm) for body in bodies]
    return frozenset(form.replaces for form in forms if form.replaces)
