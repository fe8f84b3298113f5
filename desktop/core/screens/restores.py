"""After a restore: what is missing here, where the consent to go on stands, and who may do the next step."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from desktop.core import texts
from desktop.core.answers import Failure
from desktop.core.clock import parse_instant
from desktop.core.desk import Desk
from desktop.core.operations import restores
from desktop.core.screens.base import Action, Screen, first_reason
from desktop.core.sheets import Shown, Subject, check_case
from desktop.core.store.outbox import new_event_id
from desktop.i18n import restore as words
from desktop.i18n.text import Text
from shared.canonical import RestoreSheet
from shared.lifecycle import RestoreState
from shared.permissions import Permission
from shared.wire.restores import MissingPaymentView, ReportView, RestoreList, RestoreView

NEWEST: Final = "newest"
"""The id of the comparison that nobody has proposed yet."""
COMPARED: Final = "compared"
_FOR_PEOPLE: Final = ("absent", "ended")
"""What they find out; one that is unsigned here they sign again, before it runs out."""


class Stage(StrEnum):
    """How far the consent is."""

    CALM = "calm"
    COMPARE = "compare"
    PROPOSE = "propose"
    SIGN = "sign"
    STALE = "stale"
    """A proposal waits, and more was found or compared since: it can only be rejected."""
    AGREED = "agreed"


@dataclass(frozen=True)
class Comparison:
    """One row of the list: a comparison, proposed or not. `total` is baht as the wire writes it."""

    id: str
    state: str
    made_at: str
    maker: str
    count: int
    total: str
    exceptions: int
    payments: tuple[MissingPaymentView, ...]


class Restores(Screen):
    """`listed` is the server's last word; it is never cached."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.listed: RestoreList | None = None
        self.refused: Failure | None = None
        """Why the server did not take a proposal; it stays until somebody tries or asks again."""
        # A lost answer is asked for again under the same key: nothing is proposed twice.
        self._key = new_event_id()

    async def load(self) -> None:
        """Ask the server."""
        answer = await restores.list_restores(self.desk.client)
        if isinstance(answer, RestoreList):
            self.listed, self.failure = answer, None
        else:
            self.failure = answer
        self.on_change()

    @property
    def failure_text(self) -> Text | None:
        """What was refused, else why nothing could be read."""
        failure = self.refused or self.failure
        return None if failure is None else texts.failure_text(failure)

    @property
    def case(self) -> RestoreView | None:
        """The proposal that waits for its signature, or for an executor."""
        return next((one for one in self._cases if self._state(one) in _OPEN), None)

    @property
    def stage(self) -> Stage:
        """Where it stands."""
        if self.listed is None or not (self.listed.behind or self.case):
            return Stage.CALM
        case, newest = self.case, self.listed.newest
        compared = newest is not None and newest.complete
        if case is None:
            return Stage.PROPOSE if compared else Stage.COMPARE
        if case.state == RestoreState.APPROVED:
            return Stage.AGREED
        return Stage.SIGN if compared and newest is not None and newest.digest == case.report else Stage.STALE

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """What may be proposed first, then proposals, newest first."""
        newest = self.listed.newest if self.listed is not None and self.listed.behind else None
        fresh = newest is not None and all(one.report != newest.digest for one in self._cases)
        rows = [_of_report(newest)] if newest is not None and fresh else []
        return (*rows, *(self._of_case(one) for one in self._cases))

    @property
    def left(self) -> int:
        """How many payments the last agreed restore has left for people: to find out, or to sign again."""
        last = next((one for one in self._cases if one.state == RestoreState.SETTLED), None)
        return 0 if last is None else sum(becomes(one) in ("people", "sign") for one in last.payments)

    @property
    def may_propose(self) -> Action:
        """Everything that is told was compared, and nothing waits."""
        why = {
            Stage.CALM: words.NOTHING_STOPS,
            Stage.COMPARE: words.NOT_COMPARED,
            Stage.SIGN: texts.WAITS_FOR_SIGNATURE,
            Stage.STALE: texts.WAITS_FOR_SIGNATURE,
            Stage.AGREED: words.SETTLING,
        }
        return first_reason(self._may(Permission.PROPOSE_RESTORE), self._needs_connection(), why.get(self.stage))

    @property
    def may_sign(self) -> Action:
        """Another person's proposal waits."""
        case = self.case
        waits = case is not None and case.state == RestoreState.REQUESTED
        own = case is not None and str(case.maker_id) == self._user_id
        return first_reason(
            self._may(Permission.SIGN_RESTORE),
            None if waits else texts.NOTHING_SELECTED,
            texts.OWN_ITEM if own else None,
            self._needs_connection(),
        )

    async def propose(self, reason: str) -> bool:
        """Propose to go on with the newest comparison; whether the server took it."""
        newest = self.listed.newest if self.listed is not None else None
        if not self.may_propose.enabled or newest is None or self.busy:
            return False
        self.busy, self.refused = True, None
        answer = await restores.propose_restore(self.desk.client, newest.digest, reason, self._key)
        self.busy = False
        if not isinstance(answer, RestoreView):
            self.refused = answer
            await self.load()
            return False
        self._key = new_event_id()
        await self.load()
        return True

    @property
    def _cases(self) -> tuple[RestoreView, ...]:
        return tuple(self.listed.restores) if self.listed is not None else ()

    def _state(self, case: RestoreView) -> str:
        over = case.state == RestoreState.REQUESTED and parse_instant(case.expires_at) <= self.desk.now()
        return RestoreState.EXPIRED if over else case.state

    def _of_case(self, case: RestoreView) -> Comparison:
        subject = check_case(RestoreSheet, Shown(case.sheet, case.digest, case.version, case), case.id)
        sheet = subject.sheet if isinstance(subject, Subject) and isinstance(subject.sheet, RestoreSheet) else None
        return Comparison(
            id=str(case.id),
            state=self._state(case),
            made_at=case.made_at,
            maker=case.maker,
            count=len(case.payments) if sheet is None else sheet.payments,
            total="" if sheet is None else sheet.total,
            exceptions=0 if sheet is None else sheet.exceptions,
            payments=tuple(case.payments),
        )


_OPEN: Final = (RestoreState.REQUESTED, RestoreState.APPROVED)


def next_step(stage: Stage) -> Text | None:
    """What has to be done now, and by whom."""
    return _NEXT.get(stage)


_NEXT: Final = {
    Stage.COMPARE: words.COMPARE,
    Stage.PROPOSE: words.PROPOSE_NEXT,
    Stage.SIGN: words.SIGN_NEXT,
    Stage.STALE: words.STALE_NEXT,
    Stage.AGREED: words.AGREED_NEXT,
}


def becomes(payment: MissingPaymentView) -> str:
    """What becomes of a payment: people, asked, sign or explained."""
    if not payment.open:
        return "explained"
    if payment.here in _FOR_PEOPLE:
        return "people"
    return "sign" if payment.here == "unsigned" else "asked"


def _of_report(report: ReportView) -> Comparison:
    return Comparison(
        id=NEWEST,
        state=COMPARED,
        made_at=report.made_at,
        maker="",
        count=report.count,
        total=report.total,
        exceptions=report.exceptions,
        payments=tuple(report.payments),
    )
