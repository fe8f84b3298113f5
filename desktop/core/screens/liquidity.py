"""Live money by branch, and asking the treasury for more."""

from __future__ import annotations

import msgspec

from desktop.core import texts
from desktop.core.desk import Desk
from desktop.core.forms import FundingForm
from desktop.core.operations import records
from desktop.core.screens.base import Action, Screen, first_reason
from desktop.core.screens.drafts import DraftKeeper
from desktop.core.store import queries
from desktop.core.store.cache import Changes
from desktop.core.store.entities import satang
from desktop.core.store.outbox import EventKind
from shared.limits import LONG_TEXT
from shared.money import AmountProblem, Satang, format_amount, parse_amount
from shared.permissions import Permission
from shared.text import TextProblem, clean_text
from shared.wire.payments import FundingView, RequestFundingRequest
from shared.wire.records import BranchLiquidity, LiquidityReply


class Liquidity(Screen):
    """`branches` with what is posted, held and free; `funding` requests; a form for a new one."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.branches: tuple[BranchLiquidity, ...] = ()
        self.treasury = ""
        self.funding: tuple[FundingView, ...] = ()
        self.form = FundingForm()
        self.draft = DraftKeeper(desk, EventKind.FUNDING, lambda: self.form)

    async def load(self) -> None:
        """Requests from the cache, money from the server."""
        self.funding = tuple(await self.desk.cache.read(lambda c: queries.newest(c, "funding")))
        answer = await records.get_liquidity(self.desk.client)
        if isinstance(answer, LiquidityReply):
            self.branches, self.treasury, self.failure = tuple(answer.branches), answer.treasury, None
        else:
            self.failure = answer
        self.on_change()

    @property
    def available(self) -> Satang:
        """Free money over all branches shown, in satang."""
        return Satang(sum(satang(branch.available) for branch in self.branches))

    def edit(self, **fields: str) -> None:
        """Set fields as typed: branch, amount, amount_again, reason."""
        self.form = msgspec.structs.replace(self.form, **fields)
        self.draft.touch()
        self.on_change()

    @property
    def may_request(self) -> Action:
        """Branch, the same amount twice, and a reason."""
        first, second = parse_amount(self.form.amount), parse_amount(self.form.amount_again)
        agree = not isinstance(first, AmountProblem) and first == second
        return first_reason(
            self._may(Permission.REQUEST_FUNDING),
            None if self.form.branch else texts.FILL_IN,
            None if agree else texts.AMOUNT_TWICE,
            None if self.form.reason.strip() else texts.NEEDS_REASON,
        )

    async def request(self) -> str | None:
        """Hand the request to the outbox; the event's id. The next request has a Liquidity of its own."""
        amount, reason = parse_amount(self.form.amount), clean_text(self.form.reason, LONG_TEXT)
        if not self.may_request.enabled or isinstance(amount, AmountProblem) or isinstance(reason, TextProblem):
            return None
        request = RequestFundingRequest(branch=self.form.branch, amount=format_amount(amount), reason=reason)
        self.form = msgspec.structs.replace(self.form, request=request)
        return await self.draft.submit()

    async def resume_newest(self) -> bool:
        """Show the draft that was left last; whether there was one worth showing."""
        event = await self.draft.newest()
        form = FundingForm() if event is None else msgspec.json.decode(event.body, type=FundingForm)
        if event is None or msgspec.structs.replace(form, branch="") == FundingForm():
            return False
        self.draft.adopt(event)
        self.form = msgspec.structs.replace(form, request=None)
        self.on_change()
        return True

    def _rows_changed(self, changes: Changes) -> None:
        if "funding" in changes or "intents" in changes:
            self._start(self.load())
