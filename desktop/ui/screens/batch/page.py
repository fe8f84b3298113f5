"""Paying many members from one file: read, judge, mend or leave out, type the control total, send, follow.

Object names: batch_page, batch_file (a FileDrop: emit `files_chosen` with one path, or call `open_path`),
batch_progress, batch_stop, batch_again, batch_other_file, batch_card_ready, batch_card_problems, batch_card_left_out,
batch_control_total, batch_filters, batch_table, batch_save_problems (`save_problems_to` takes a path),
batch_leave_out_all, batch_toggle, batch_submit, batch_result, batch_result_words, batch_sending, batch_take_back,
batch_mend, batch_next, batch_problem, batch_template, batch_whole_finding.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QFileDialog, QStackedWidget, QVBoxLayout, QWidget

from desktop.core.files import as_workbook, read_file, write_file
from desktop.core.lights import Asked, payable_light, waiting_light
from desktop.core.screens.batch import Batch
from desktop.core.screens.followed import Followed
from desktop.core.spreadsheets import HEADINGS, FileRow
from desktop.i18n import batch, keys, lights
from desktop.i18n.text import Text
from desktop.ui.keys.actions import Action
from desktop.ui.pages import Workbench
from desktop.ui.screens.batch.parts import FileCard, SentCard, Verdicts
from desktop.ui.screens.pieces import DeskPage, allow, named
from desktop.ui.widgets.basics import PAGE_MARGIN, Button, DeliberateButton, Label, column, row, scrolled
from desktop.ui.widgets.cards import Card, Facts
from desktop.ui.widgets.file_drop import FileDrop
from desktop.ui.widgets.flow import FilterOption, FilterRow
from desktop.ui.widgets.light_line import light_mark
from desktop.ui.widgets.states import ErrorLine
from desktop.ui.widgets.status import Mark
from desktop.ui.widgets.table import Column, DataTable, Kind
from shared.money import display_amount

_TEXT_FILES: Final = frozenset({".csv", ".txt", ".tsv"})
SUFFIXES: Final = frozenset({".xlsx", ".xls", *_TEXT_FILES})
"""An .xls is taken to be told what it is."""
TABLE_LOWEST: Final = 210
PROBLEMS, ALL, READY, LEFT_OUT = "problems", "all", "ready", "left_out"


class BatchPage(DeskPage[Batch]):
    """Three rooms: the drop place, the judged file, and the way of what was sent."""

    def __init__(self, bench: Workbench, *, resume: bool = True) -> None:
        super().__init__(bench, Batch(bench.core), "batch_page")
        self.followed = Followed(bench.core)
        self._chosen = ""
        self._leaving = False
        self._shown: tuple[object, ...] = ()
        self._saving: Text | None = None
        self.drop = named(FileDrop(batch.DROP, batch.DROP_HINT, SUFFIXES, "file-spreadsheet"), "batch_file")
        self.problem = named(ErrorLine(retry=False), "batch_problem")
        self.file = FileCard()
        self.verdicts = Verdicts()
        self.filters = named(FilterRow(), "batch_filters")
        self.table: DataTable[FileRow] = named(DataTable(batch.TABLE, self._columns()), "batch_table")
        # Three rows at least; less than what its empty face would ask for, which a small screen does not have.
        self.table.setMinimumHeight(TABLE_LOWEST)
        self.save = named(Button(batch.SAVE_PROBLEMS, icon="download"), "batch_save_problems")
        self.leave_out_all = named(Button(batch.LEAVE_OUT_ALL, icon="circle-slash"), "batch_leave_out_all")
        self.toggle = named(Button(batch.TOGGLE, icon="arrow-left-right", kind="quiet"), "batch_toggle")
        self.template = named(Button(batch.TEMPLATE, icon="download"), "batch_template")
        self._headings = Facts()
        self.whole = named(Label(size="small", ink="danger", wrap=True), "batch_whole_finding")
        self.why_not = Label(size="small", ink="muted", wrap=True)
        self.submit = named(DeliberateButton(self._submit_words, icon="send"), "batch_submit")
        self.sent = SentCard()
        self._rooms = QStackedWidget()
        self._assemble()
        self._connect()
        self.followed.on_change = self.draw
        self.begin()
        if resume:
            self.work(self._resume_newest(), "batch.resume")

    def _assemble(self) -> None:
        first, last = QWidget(), QWidget()
        start = column(self.drop, self._about_the_file(), spacing=14)
        start.addStretch()
        first.setLayout(start)
        end = column(self.sent)
        end.addStretch()
        last.setLayout(end)
        for room in (scrolled(first), self._judged(), last):
            self._rooms.addWidget(room)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(PAGE_MARGIN, 16, PAGE_MARGIN, 12)
        layout.setSpacing(12)
        layout.addWidget(self.problem)
        layout.addWidget(self._rooms, 1)

    def _about_the_file(self) -> Card:
        card = Card(batch.FORMAT)
        card.body.addWidget(self._headings)
        card.body.addWidget(Label(batch.TEMPLATE_HINT, ink="muted", wrap=True))
        foot = row(self.template, spacing=10)
        foot.addStretch()
        card.body.addLayout(foot)
        return card

    def _judged(self) -> QWidget:
        room = QWidget()
        head = row(self.filters, self.toggle, self.leave_out_all, spacing=10)
        head.setStretch(0, 1)
        foot = row(self.save, spacing=14)
        foot.addWidget(self.why_not, 1)
        foot.addWidget(self.submit)
        layout = column(self.file, self.verdicts, spacing=12)
        layout.addLayout(head)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.whole)
        layout.addLayout(foot)
        room.setLayout(layout)
        return room

    def _connect(self) -> None:
        self.drop.files_chosen.connect(lambda paths: self.open_path(paths[0]))
        self.file.other.clicked.connect(self.start_anew)
        self.file.stop.clicked.connect(self.model.cancel)
        self.file.again.clicked.connect(lambda: self.work(self.model.judge_again(), "batch.judge"))
        self.verdicts.chosen.connect(self._choose_filter)
        self.verdicts.control_typed.connect(lambda text: self.model.edit(control_total=text))
        self.filters.chosen.connect(self._choose_filter)
        self.leave_out_all.clicked.connect(self._leave_out_all)
        self.toggle.clicked.connect(self._toggle)
        self.table.opened.connect(lambda _id: self._toggle())
        self.table.current_changed.connect(lambda _id: self._draw_whole())
        self.save.clicked.connect(self._ask_where_problems)
        self.template.clicked.connect(self._ask_where_template)
        self.submit.clicked.connect(self._submit)
        self.sent.take_back.clicked.connect(lambda: self.work(self._take_back(), "batch.undo"))
        self.sent.mend.clicked.connect(lambda: self.work(self._mend(), "batch.mend"))
        self.sent.next_file.clicked.connect(self.start_anew)
        submit = Action("submit", keys.SUBMIT, self._submit, self, ("Ctrl+Return",), "send", enabled=self._may_try)
        self.bench.commands.add(submit)

    def _columns(self) -> list[Column[FileRow]]:
        return [
            Column("line", batch.LINE, lambda r: f"{r.line:,}" if r.line > 0 else "—", Kind.MONEY, "50,000", keep=8),
            Column("code", batch.CODE, lambda r: r.code or "—", Kind.TEXT, "M0000000000", keep=8),
            Column("name", batch.NAME, lambda r: r.name or "—", Kind.TEXT, "นางสาวจันทร์เพ็ญ ชัยมงคล", keep=6),
            Column("register", batch.REGISTER, _register, Kind.MUTED, "นางสาวจันทร์เพ็ญ ชัยมงคล", keep=4),
            Column("amount", batch.AMOUNT, _amount, Kind.MONEY, "2,000,000.00", keep=9),
            Column("found", batch.FOUND, self._finding, Kind.NOTE, "ยอดเงินต้องมากกว่า 0 บาท", stretch=True, keep=9),
        ]

    def shown(self, subject: str | None) -> None:
        """As it was left; `event:<id>` opens a kept or refused batch."""
        if subject is not None and subject.startswith("event:"):
            self.work(self._open_event(subject.removeprefix("event:")), "batch.open")

    def panes(self) -> list[QWidget]:
        """Total, list, button."""
        return [self.drop] if self._rooms.currentIndex() == 0 else [self.verdicts.control, self.table.view, self.submit]

    def put_away(self) -> None:
        """Let go; the file is kept as a draft."""
        self.followed.on_change = _nothing
        self.followed.close()
        super().put_away()

    def open_path(self, path: Path) -> None:
        """Read a file by its path."""
        self.work(self._open(path), "batch.open")

    def save_problems_to(self, path: Path) -> None:
        """Write the problem rows as .xlsx."""
        self.work(self._save(path), "batch.save")

    def start_anew(self) -> None:
        """Another file has a page of its own, with nothing of this one in it."""
        self.bench.renew_page(self, lambda: BatchPage(self.bench, resume=False))

    def draw(self) -> None:
        """The room that fits, and everything in it."""
        model = self.model
        sent = bool(model.sent_event) and self.followed.event is not None
        opened = bool(model.rows) or model.busy
        self._rooms.setCurrentIndex(2 if sent else 1 if opened else 0)
        problem = self._saving or model.file_problem
        if problem is not None:
            self.problem.show_error(problem)
        else:
            self.problem.clear()
        self._headings.set_facts([(" / ".join(HEADINGS[key][:2]), words()) for key, words in batch.HEADING.items()])
        if sent:
            self.sent.draw_sent(model, self.followed)
            return
        self.file.draw_file(model)
        self.verdicts.draw_verdicts(model)
        self._draw_rows()
        self._draw_buttons()

    @property
    def _filter(self) -> str:
        """What was chosen; else the problems, once all is judged and there are any, or all rows with problems first."""
        return self._chosen or (PROBLEMS if self.model.problem_rows and not self.model.busy else ALL)

    def _draw_rows(self) -> None:
        model = self.model
        out = frozenset(model.form.left_out)
        groups = {
            PROBLEMS: [r for r in model.problem_rows if r.line not in out],
            ALL: [*model.problem_rows, *(r for r in model.rows if not r.problems)],
            READY: list(model.ready_rows),
            LEFT_OUT: list(model.left_out_rows),
        }
        words = {PROBLEMS: batch.PROBLEMS, ALL: batch.ALL, READY: batch.READY, LEFT_OUT: batch.LEFT_OUT}
        self.filters.set_options(
            [FilterOption(key, words[key](), f"{len(groups[key]):,}") for key in words], self._filter
        )
        # A keystroke in the total must not lay 50,000 rows out anew.
        now = (model.rows, model.form.left_out, self._filter)
        if now != self._shown:
            self._shown = now
            self.table.set_rows([(str(r.line), r) for r in groups[self._filter]])
        self._draw_whole()
        self.table.empty.set_face("circle-check" if self._filter == PROBLEMS else "inbox", batch.NO_ROWS)

    def _draw_whole(self) -> None:
        """All that is wrong with the current row: a cell may be too narrow for it."""
        current = self.table.current_row()
        wrong = current is not None and current.line not in self.model.form.left_out
        said = " · ".join(text() for text in current.problems) if current is not None and wrong else ""
        self.whole.setText(said)
        self.whole.setVisible(bool(said))

    def _draw_buttons(self) -> None:
        model = self.model
        out = frozenset(model.form.left_out)
        self.save.setEnabled(bool(model.problem_rows))
        self.leave_out_all.setEnabled(any(r.line not in out for r in model.problem_rows))
        self.submit.set_words(self._submit_words)
        may = model.may_submit
        allow(self.submit, may)
        if may.enabled:
            self.why_not.set_ink("muted")
        total = batch.will_send(f"{len(model.ready_rows):,}", display_amount(model.total))
        self.why_not.setText(total if may.why_not is None else f"{total} — {may.why_not()}")

    def _submit_words(self) -> str:
        return batch.submit(display_amount(self.model.total))

    def _finding(self, shown: FileRow) -> Mark:
        if shown.line in self.model.form.left_out:
            return Mark("quiet", "circle-slash", batch.OUT())
        if shown.problems:
            return Mark("bad", "circle-x", " · ".join(text() for text in shown.problems))
        if shown.member is None:
            return light_mark(
                waiting_light(
                    lights.ASKING if self.model.busy else lights.NOT_ASKED, self.desk.now(), asking=self.model.busy
                )
            )
        asked = Asked(verdict=self.model.verdicts.get(shown.code))
        return light_mark(payable_light(asked, batch.OK, self.desk.now()))

    def _choose_filter(self, key: str) -> None:
        self._chosen = key
        self.draw()

    def _toggle(self) -> None:
        current = self.table.current_row()
        if current is not None:
            self.model.leave_out(current.line, current.line not in self.model.form.left_out)

    def _leave_out_all(self) -> None:
        self.model.leave_out_problems()

    async def _open(self, path: Path) -> None:
        self._saving = None
        content = await read_file(path)
        if not isinstance(content, Text) and path.suffix.lower() in _TEXT_FILES:
            content = as_workbook(content)
        if isinstance(content, Text):
            self._saving = content
            self.draw()
            return
        self._chosen = ""
        await self.model.open_file(path.name, content)
        self._fill()
        self.verdicts.control.setFocus()

    def _fill(self) -> None:
        blocker = QSignalBlocker(self.verdicts.control)
        self.verdicts.control.setText(self.model.form.control_total)
        blocker.unblock()
        self.draw()

    def _ask_where_template(self) -> None:
        self._ask_where(batch.TEMPLATE, "template.xlsx")

    def _ask_where_problems(self) -> None:
        self._ask_where(batch.SAVE_PROBLEMS, "problems.xlsx")

    def _ask_where(self, title: Text, name: str) -> None:
        dialog = QFileDialog(self.window(), title())
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("xlsx")
        dialog.selectFile(name)
        dialog.fileSelected.connect(lambda name: self.save_problems_to(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    async def _save(self, path: Path) -> None:
        self._saving = await write_file(path, self.model.problems_file())
        if self._saving is None:
            self.bench.toasts.show_notice(batch.SAVED, "info")
        self.draw()

    def _submit(self) -> None:
        """Hand it over, or say what is missing."""
        if not self.model.may_submit.enabled:
            self.why_not.set_ink("danger")
        elif not self._leaving:
            self._leaving = True
            self.work(self._hand_over(), "batch.submit")

    def _may_try(self) -> bool:
        return self._rooms.currentIndex() == 1

    async def _hand_over(self) -> None:
        event = await self.model.submit()
        self._leaving = False
        if event is not None:
            await self.followed.follow(event)
            self.desk.sync.wake()
        self.draw()

    async def _take_back(self) -> None:
        taken = await self.model.undo()
        await self.followed.follow("" if taken else self.model.sent_event)
        self.bench.toasts.show_notice(batch.TAKEN_BACK if taken else batch.TOO_LATE, "info" if taken else "wait")
        self._fill()

    async def _mend(self) -> None:
        event = self.followed.event
        if event is None:
            return
        self.model.sent_event = ""
        await self.followed.follow("")
        await self.model.resume(event)
        self._fill()

    async def _open_event(self, event_id: str) -> None:
        event = await self.desk.outbox.get(event_id)
        if event is not None:
            self.model.sent_event = ""
            await self.model.resume(event)
            self._fill()

    async def _resume_newest(self) -> None:
        """After a crash or a new sign-in the unfinished file is there again."""
        event = await self.model.draft.newest()
        if event is not None and not self.model.rows and not self.model.busy:
            await self.model.resume(event)
            self._fill()
            if self.model.rows:
                self.bench.toasts.show_notice(batch.RESUMED, "info")


def _register(shown: FileRow) -> str:
    return shown.member.name if shown.member is not None else "—"


def _amount(shown: FileRow) -> str:
    return display_amount(shown.amount) if shown.amount else "—"


def _nothing() -> None:
    pass
