"""A batch from a file: nothing leaves until every row was judged and a person typed the control total."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace
from typing import Final

import msgspec

from desktop.core import texts
from desktop.core.answers import Offline, Problem
from desktop.core.desk import Desk
from desktop.core.forms import BatchForm, BatchProgress
from desktop.core.operations import registry
from desktop.core.screens.base import Action, Screen, first_reason
from desktop.core.screens.drafts import DraftKeeper
from desktop.core.sender import Progress
from desktop.core.spreadsheets import FileRow, judge, mark_twins, read_rows, write_problems
from desktop.core.store import queries
from desktop.core.store.outbox import WAITING, EventKind, PendingEvent
from desktop.i18n.text import Text, language
from shared.limits import AT_ONCE, SHORT_TEXT
from shared.money import Satang, format_amount, parse_amount
from shared.permissions import Permission
from shared.wire.members import ValidateMembersItem, ValidationView
from shared.wire.payments import IntentLine

_GONE: Final = ("cancelled", "rejected", "expired")


class Batch(Screen):
    """`open_file`, mend or leave out the problem rows, type the control total, `submit`; `cancel` stops the reading."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.form = BatchForm()
        self.rows: tuple[FileRow, ...] = ()
        self.verdicts: dict[str, ValidationView] = {}
        self.judged = 0
        self.progress: Progress | None = None
        self.file_problem: Text | None = None
        self.sent_before: Text | None = None
        self.sent_event = ""
        self.draft = DraftKeeper(desk, EventKind.BATCH, lambda: self.form)
        self._reading: asyncio.Task[None] | None = None
        self._detach.append(desk.sender.progress.add(self._note_progress))

    async def open_file(self, name: str, content: bytes) -> None:
        """Read and judge a file; the form is kept from here on. The file after a handed-over one has its own Batch."""
        self.form = BatchForm(file_name=name, file_sha256=hashlib.sha256(content).hexdigest(), content=content)
        await self._read(content)

    def cancel(self) -> None:
        """Stop reading or judging; what was judged stays, nothing can be sent."""
        if self._reading is not None:
            self._reading.cancel()

    def edit(self, **fields: str) -> None:
        """Set fields as typed: control_total, note."""
        self.form = msgspec.structs.replace(self.form, **fields)
        self.draft.touch()
        self.on_change()

    def leave_out(self, line: int, left_out: bool = True) -> None:
        """Leave a row out of the batch, or take it in again."""
        self._set_left_out(set(self.form.left_out) | {line} if left_out else set(self.form.left_out) - {line})

    def leave_out_problems(self) -> None:
        """Leave out every row that has a problem now."""
        self._set_left_out(set(self.form.left_out) | {row.line for row in self.problem_rows})

    def _set_left_out(self, lines: set[int]) -> None:
        self.form = msgspec.structs.replace(self.form, left_out=tuple(sorted(lines)))
        self.rows = tuple(mark_twins(self.rows, self.form.left_out))  # of two alike the one that stays may go
        self.draft.touch()
        self.on_change()

    @property
    def problem_rows(self) -> tuple[FileRow, ...]:
        """Rows that must be mended or left out, first in the table."""
        return tuple(row for row in self.rows if row.problems)

    @property
    def ready_rows(self) -> tuple[FileRow, ...]:
        """What would be sent."""
        return tuple(row for row in self.rows if row.ready and row.line not in self.form.left_out)

    @property
    def left_out_rows(self) -> tuple[FileRow, ...]:
        """What would not."""
        return tuple(row for row in self.rows if row.line in self.form.left_out)

    @property
    def total(self) -> Satang:
        """The sum of what would be sent, in satang."""
        return Satang(sum(row.amount for row in self.ready_rows))

    @property
    def may_submit(self) -> Action:
        """Every row is judged, problems are dealt with, and the typed control total is the sum."""
        open_problems = any(row.line not in self.form.left_out for row in self.problem_rows)
        return first_reason(
            self._may(Permission.SUBMIT_INTENT),
            texts.FILE_EMPTY if not self.rows else None,
            texts.NOT_JUDGED if self.judged < len(self.rows) else None,
            texts.PROBLEM_ROWS if open_problems else None,
            texts.FILE_EMPTY if not self.ready_rows else None,
            None if parse_amount(self.form.control_total) == self.total else texts.CONTROL_TOTAL,
        )

    async def submit(self) -> str | None:
        """Hand the batch to the outbox; the event's id. It goes on by itself after any lost answer."""
        session = self.desk.session
        if not self.may_submit.enabled or session is None:
            return None
        lines = tuple(_line(row) for row in self.ready_rows)
        self.form = msgspec.structs.replace(
            self.form, branch=session.branch, total=format_amount(self.total), lines=lines
        )
        self.sent_event = await self.draft.submit()
        self.on_change()
        return self.sent_event

    async def undo(self) -> bool:
        """Take it back within the undo window."""
        taken = await self.draft.undo()
        if taken:
            self.form, self.sent_event = msgspec.structs.replace(self.form, lines=()), ""
            self.on_change()
        return taken

    async def resume(self, event: PendingEvent) -> None:
        """Go on with a kept draft, or mend a refused batch: the file is judged anew, with what the server refused."""
        self.form = msgspec.structs.replace(msgspec.json.decode(event.body, type=BatchForm), lines=())
        sent = msgspec.json.decode(event.body, type=BatchForm).lines
        refused = msgspec.json.decode(event.progress, type=BatchProgress).refused
        self.draft.adopt(event)
        await self._read(self.form.content)
        bad = {_facts(sent[result.line - 1]): result.refused for result in refused if result.line <= len(sent)}
        self.rows = tuple(
            replace(row, problems=(*row.problems, Text(found.detail_th, found.detail_en)))
            if row.ready and (found := bad.get(_facts(_line(row)))) is not None
            else row
            for row in self.rows
        )
        self.on_change()

    def problems_file(self) -> bytes:
        """The problem rows as .xlsx."""
        return write_problems(self.problem_rows, language())

    async def _read(self, content: bytes) -> None:
        self.cancel()
        self.rows, self.judged, self.file_problem, self.failure = (), 0, None, None
        self._reading = asyncio.get_running_loop().create_task(self._read_and_judge(content))
        await asyncio.wait([self._reading])  # a cancelled reading is not an error of whoever waits for it
        if not self._reading.cancelled():
            self._reading.result()
        self.busy = False
        self.on_change()

    async def _read_and_judge(self, content: bytes) -> None:
        self.busy = True
        self.on_change()
        rows = await asyncio.to_thread(read_rows, content)
        if isinstance(rows, Text):
            self.file_problem = rows
            return
        self.rows = tuple(rows)
        await self._warn_if_sent_before()
        await self.draft.flush()
        await self._judge(rows)

    async def judge_again(self) -> None:
        """Ask the server again about rows that it has not judged, after the connection came back."""
        await self._judge(list(self.rows))

    async def _judge(self, rows: list[FileRow]) -> None:
        codes = list(dict.fromkeys(row.code for row in rows if row.code and len(row.code) <= SHORT_TEXT))
        answers: dict[str, ValidateMembersItem] = {}
        for at in range(0, len(codes), AT_ONCE):
            answer = await registry.validate_members(self.desk.client, codes[at : at + AT_ONCE])
            if isinstance(answer, (Problem, Offline)):
                self.failure = answer
                return
            answers |= {item.code: item for item in answer.items}
            self.rows = tuple(mark_twins(judge(rows, answers), self.form.left_out))
            self.verdicts |= {item.code: item.validation for item in answer.items if item.validation is not None}
            self.judged = sum(1 for row in self.rows if row.code in answers)
            self.on_change()
        self.failure, self.judged = None, len(self.rows)

    async def _warn_if_sent_before(self) -> None:
        """The same file as a batch that still counts, or as one that waits in this desk."""
        known = await self.desk.cache.read(lambda c: queries.newest(c, "batches", 500))
        same = [b.number for b in known if b.file_sha256 == self.form.file_sha256 and b.state not in _GONE]
        waiting = [e for e in await self.desk.outbox.events(WAITING) if e.kind is EventKind.BATCH]
        files = [msgspec.json.decode(event.body, type=BatchForm).file_sha256 for event in waiting]
        if same:
            self.sent_before = Text(f"ไฟล์นี้ส่งแล้วในชุด {same[0]}", f"This file was sent before as {same[0]}")
        elif self.form.file_sha256 in files:
            self.sent_before = texts.FILE_WAITS
        else:
            self.sent_before = None

    def _note_progress(self, progress: Progress) -> None:
        if progress.event_id == self.sent_event:
            self.progress = progress
            self.on_change()


def _facts(line: IntentLine) -> tuple[object, ...]:
    return line.member_id, line.amount, line.weigh_ticket, line.note


def _line(row: FileRow) -> IntentLine:
    member = row.member
    if member is None:
        raise ValueError("only ready rows become lines")
    return IntentLine(
        member_id=member.id,
        account_version=member.account.version if member.account else 0,
        amount=format_amount(row.amount),
        produce=row.produce,
        weigh_ticket=row.weigh_ticket,
        note=row.note,
    )
