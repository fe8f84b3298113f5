"""The day in numbers, with the last known ones greyed while they are read anew."""

from __future__ import annotations

from desktop.core.desk import Desk
from desktop.core.operations import records
from desktop.core.screens.approvals import Approvals
from desktop.core.screens.base import AMBER_AGE, Screen
from desktop.core.signing import Kind
from desktop.core.store.cache import Changes
from desktop.core.store.outbox import EventState
from desktop.core.sync import SyncStatus
from shared.wire.records import DashboardReply


class Dashboard(Screen):
    """`numbers` are the server's, `to_sign` the cache's, `drafts` and `returned` this desk's own."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.numbers: DashboardReply | None = None
        self.stale = True
        self.drafts = 0
        self.returned = 0
        self.queued = 0
        self._alarms = desk.sync.status.alarms
        self._detach.append(desk.sync.status_changed.add(self._status_changed))
        self._approvals = Approvals(desk)
        self._approvals.on_change = lambda: self.on_change()

    def close(self) -> None:
        """Hear nothing more."""
        self._approvals.close()
        super().close()

    @property
    def to_sign(self) -> int:
        """Payments and batches that wait for this person's signature; none when there is no connection."""
        money = (Kind.INTENTS, Kind.BATCH)
        return sum(row.kind in money and row.sign.enabled for row in self._approvals.rows)

    async def load(self) -> None:
        """The desk's own numbers at once, then the server's."""
        await self._approvals.load()
        outbox = await self.desk.outbox.counts()
        self.drafts = outbox.get(EventState.DRAFT, 0)
        self.returned = outbox.get(EventState.NEEDS_ATTENTION, 0)
        self.queued = sum(outbox.get(s, 0) for s in (EventState.HELD, EventState.QUEUED, EventState.SENDING))
        self.stale = True
        self.on_change()
        answer = await records.get_dashboard(self.desk.client)
        if isinstance(answer, DashboardReply):
            self.numbers, self.stale, self.failure = answer, False, None
        else:
            self.failure = answer
        self.on_change()

    @property
    def old(self) -> bool:
        """The cache is older than a day: shown in amber."""
        pulled = self.desk.sync.status.pulled_at
        return pulled is not None and self.desk.now() - pulled > AMBER_AGE

    def _status_changed(self, status: SyncStatus) -> None:
        if status.alarms != self._alarms:
            self._alarms = status.alarms
            self._read_anew()

    def _rows_changed(self, changes: Changes) -> None:
        self._read_anew()

    def _read_anew(self) -> None:
        if not self.busy:
            self.busy = True
            self._start(self._reload())

    async def _reload(self) -> None:
        await self.load()
        self.busy = False
