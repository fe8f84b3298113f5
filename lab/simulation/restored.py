"""A day on which the database is lost and an old copy put back: nothing is paid again, and nothing is hidden."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from lab.simulation.bank import Bank
from lab.simulation.connections import Cabinet, SimulatedDatabase
from lab.simulation.day import APPROVING, Day, Wish
from lab.simulation.invariants import Verdicts
from lab.simulation.put_back import Backup, put_back, take
from lab.simulation.schedule import Schedule
from lab.simulation.servers import POLLS
from server.audit import verification
from server.context import Policy
from server.database.transaction import Row, Transaction
from server.ledger import check
from server.restore import report as reports
from server.restore import rules, store
from server.restore.journal import read_folder
from shared.canonical import digest as digest_of
from shared.refusals import RefusalCode
from shared.wire import restores as wire
from shared.wire.approvals import SignCaseRequest
from shared.wire.common import Nothing

_PAID = frozenset({"settled", "reconciled", "returned"})
_MAY_BE_PAID = _PAID | {"in_doubt"}
_SEEN_WITHIN = 8000.0
"""Seconds in which every executor has looked, however often it died."""


class RestoredSchedule(Schedule):
    """Also draws when the copy is made (yesterday, or in the middle of things) and when it is put back."""

    may_wait = True
    polls: Mapping[str, float] = {**POLLS, "look": 200.0}

    def __init__(self, number: int, cabinet: Cabinet, spy: Any = None) -> None:
        super().__init__(number, cabinet, spy)
        self.intents = max(self.intents, 8)
        self.policy = Policy(approval_life=timedelta(hours=72))
        self.copied_at = 0.0 if number % 3 == 0 else self._draw.uniform(0.0, self.length)
        self.lost_after = self._draw.choice([0.0, 5.0, 120.0, 900.0])
        self.evening = 600.0
        self.verdicts = Verdicts()
        self.names: dict[str, str] = {}
        """The wish of each reference that any history of the database has known."""
        self.listed: set[str] = set()
        """References that reports have named."""

    async def _live_through(self, day: Day, office: SimulatedDatabase) -> None:
        living = asyncio.create_task(super()._live_through(day, office))
        await asyncio.sleep(self.copied_at)
        backup = take(self._cabinet.turns.monitor)
        await asyncio.sleep(self.lost_after)
        lost = await self._restore(day, office, backup)
        await self._see_it(day, office, lost=lost, known=await self._known_outside(office))
        await living
        if await self._behind(office):
            # Only a desk had seen what was lost.
            await self._agreed(day, office)
        await self._once_more(day, office)
        await asyncio.sleep(self.evening)

    async def _restore(self, day: Day, office: SimulatedDatabase, backup: Backup) -> bool:
        """The machine burns, and the copy is put on another one with the same files; whether anything was lost."""
        stage = self.stage
        await stage.apis.halt()
        await stage.executors.halt()
        await self._learn_names(office)
        lost = put_back(self._cabinet.turns.monitor, backup)
        stage.bank.counts["restored"] += 1
        # What people were answered is not what stands here: they look anew.
        day.forget()
        stage.network.answers.clear()
        return lost

    async def _known_outside(self, office: SimulatedDatabase) -> bool:
        """Whether any executor's file is ahead of what stands here: what is younger than its last look is not."""
        files, _ = read_folder(self._cabinet.positions)
        async with office.transaction([0, self._slot.branch_id]) as tx:
            facts = await store.facts(tx)
            return any([rules.found(file, facts, await store.lost_history(tx, file.heads)) for file in files])

    async def _see_it(self, day: Day, office: SimulatedDatabase, *, lost: bool, known: bool) -> None:
        """Executors come back to it: they stand still until two people agree, unless nobody knows of anything lost."""
        stage = self.stage
        moves = stage.bank.moves
        stage.apis.go_on()
        stage.executors.go_on()
        await self._until(office, lambda behind: behind is known)
        if not known and not await self._behind(office):
            stage.bank.counts["lost unseen" if lost else "lost nothing"] += 1
            return
        self.verdicts.holds("what lost nothing goes on without people", lost)
        self.verdicts.holds("a database that is behind stands still", await self._behind(office))
        await asyncio.sleep(600.0)
        self.verdicts.holds("nothing leaves before consent", stage.bank.moves == moves, stage.bank.moves - moves)
        await self._agreed(day, office)

    async def _agreed(self, day: Day, office: SimulatedDatabase) -> None:
        await self._agree(day, office)
        await self._until(office, lambda behind: not behind)
        self.verdicts.holds("with consent it goes on", not await self._behind(office))
        self.stage.bank.counts["agreed"] += 1

    async def _agree(self, day: Day, office: SimulatedDatabase) -> None:
        """One compares and proposes, another signs; however often the network loses it."""
        slot = self._slot
        # An API may stand still for an hour, again and again, for most of a day.
        for _ in range(200):
            files, damaged = read_folder(self._cabinet.positions, with_sent=True)
            async with office.transaction([0, slot.branch_id]) as tx:
                report = await reports.compare(tx, files, damaged, self._clock())
                body = report.encoded()
                await store.keep_report(tx, digest_of(body), body, self._clock())
            self.listed |= {item.reference for item in report.items}
            proposal = wire.ProposeRestoreRequest(report=digest_of(body), reason="the machine has burnt")
            view = (await day.administrator.do("propose_restore", proposal)).value or await self._open(day)
            if view is not None and await self._signed(day, view):
                return
            await asyncio.sleep(60.0)

    async def _open(self, day: Day) -> wire.RestoreView | None:
        """The proposal that waits: the answer to it may have been lost."""
        listed = await day.administrator.ask("list_restores", Nothing())
        return next((one for one in listed.restores if one.state == "requested"), None) if listed else None

    async def _signed(self, day: Day, view: wire.RestoreView) -> bool:
        """Whether it is agreed. One that does not tell all any more is rejected, for a newer one."""
        reply = await day.treasurer.do("sign_restore", self._decision(day, view, "approve", ""))
        if reply.refused is not None and reply.refused.code is RefusalCode.RESTORE_REPORT:
            await day.treasurer.do("sign_restore", self._decision(day, view, "reject", "more was found"))
        listed = await day.treasurer.ask("list_restores", Nothing())
        return listed is not None and any(
            one.id == view.id and one.state in ("approved", "settled") for one in listed.restores
        )

    def _decision(
        self, day: Day, view: wire.RestoreView, decision: Literal["approve", "reject"], reason: str
    ) -> SignCaseRequest:
        return SignCaseRequest(
            id=view.id,
            version=view.version,
            decision=decision,
            reason=reason,
            digest=view.digest,
            signature=day.treasurer.signature(decision, view.digest, reason),
        )

    async def _once_more(self, day: Day, office: SimulatedDatabase) -> None:
        """People find what lost its signatures or is not there any more, and do all of it again."""
        async with office.transaction([self._slot.branch_id]) as tx:
            rows = await tx.rows(
                "select id, note, state, batch_id from sheaf.intent where branch_id = %(branch)s",
                branch=self._slot.branch_id,
            )
        by_note = {row["note"]: row for row in rows}
        for wish in day.wishes:
            await self._again(day, wish, by_note.get(wish.note))

    async def _again(self, day: Day, wish: Wish, row: Row | None) -> None:
        if wish.batch:
            return
        if row is None and wish.key:
            await day.offer_again(wish)
        elif row is not None and row["state"] == "validated" and wish.course in APPROVING:
            await day.approve_again(row["id"], wish)

    async def _until(self, office: SimulatedDatabase, wanted: Any) -> None:
        loop = asyncio.get_running_loop()
        over = loop.time() + _SEEN_WITHIN
        while loop.time() < over:
            self.stage.executors.wake()
            await asyncio.sleep(50.0)
            if wanted(await self._behind(office)):
                return

    async def _behind(self, office: SimulatedDatabase) -> bool:
        async with office.transaction([0, self._slot.branch_id]) as tx:
            return await store.is_behind(tx)

    async def _learn_names(self, office: SimulatedDatabase) -> None:
        async with office.transaction([self._slot.branch_id]) as tx:
            self.names |= await names_of(tx, self._slot.branch_id)

    async def _judged(self, tx: Transaction, day: Day, bank: Bank) -> Verdicts:
        self.names |= await names_of(tx, self._slot.branch_id)
        await judge_restored(tx, self.verdicts, self, day, bank)
        return self.verdicts


async def names_of(tx: Transaction, branch: int) -> dict[str, str]:
    """The wish of each reference."""
    rows = await tx.rows(
        """
        select a.bank_reference, i.note from sheaf.attempt a join sheaf.intent i on i.id = a.intent_id
        where a.branch_id = %(branch)s
        """,
        branch=branch,
    )
    return {row["bank_reference"]: row["note"] for row in rows}


async def judge_restored(tx: Transaction, verdicts: Verdicts, schedule: RestoredSchedule, day: Day, bank: Bank) -> None:
    """No wish paid twice; each payment of the bank's settled here, in doubt here, or listed; nothing settled unpaid."""
    branch = day.slot.branch_id
    intents = await tx.rows("select * from sheaf.intent where branch_id = %(branch)s", branch=branch)
    attempts = await tx.rows("select * from sheaf.attempt where branch_id = %(branch)s", branch=branch)
    by_id = {row["id"]: row for row in intents}
    intent_of = {row["bank_reference"]: by_id[row["intent_id"]] for row in attempts}
    paid: Counter[str] = Counter()
    paid_here: Counter[UUID] = Counter()
    for payment in bank.payments.values():
        if not payment.times_paid:
            continue
        note = schedule.names.get(payment.reference)
        verdicts.holds("every payment is somebody's wish", note is not None, payment.reference)
        paid[note or payment.reference] += payment.times_paid
        here = intent_of.get(payment.reference)
        known = here is not None and here["state"] in _MAY_BE_PAID
        verdicts.holds("nothing paid is hidden", known or payment.reference in schedule.listed, payment.reference)
        if here is not None:
            paid_here[here["id"]] += payment.times_paid
    for note, times in paid.items():
        verdicts.holds("nobody paid twice", times <= 1, f"{note}: {times} times")
    for row in intents:
        if row["channel"] == "scb" and row["state"] in _PAID:
            verdicts.holds("settled means paid", paid_here[row["id"]] == 1, f"{row['note']} {row['state']}")
        ended = row["state"] not in ("authorized", "sent")
        verdicts.holds("everything has ended", ended, f"{row['note']} {row['state']}")
    report = await check.check(tx)
    verdicts.holds("ledger balanced", report.balanced, report.differences[:3])
    trail = await verification.verify(tx)
    verdicts.holds("audit intact", trail.first_bad is None, trail.first_bad)
    for bug in day.network.bugs:
        verdicts.holds("no bug", False, bug)
