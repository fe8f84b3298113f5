"""Pieces of the batch page: the file's card, the verdicts with the control total, and the way of a sent batch."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QProgressBar, QWidget

from desktop.core.screens.batch import Batch
from desktop.core.screens.followed import Followed
from desktop.core.spreadsheets import FileRow
from desktop.core.store.outbox import EventState
from desktop.i18n import batch
from desktop.ui.screens.pieces import named
from desktop.ui.widgets.amount import AmountEdit
from desktop.ui.widgets.basics import Button, IconLabel, Label, column, row
from desktop.ui.widgets.cards import Card, StatCard
from desktop.ui.widgets.fields import Field
from shared.money import AmountProblem, Satang, display_amount

_TAIL = 8


class FileCard(Card):
    """Name, rows, hash and the progress of the checking; `other`, `stop` and `again` are its buttons."""

    def __init__(self) -> None:
        super().__init__(padding=16)
        self._name = Label(size="title", wrap=True)
        self._about = Label(size="small", ink="muted")
        self._warning = Label(size="small", ink="wait", weight="medium", wrap=True)
        self.progress = named(QProgressBar(), "batch_progress")
        self.progress.setTextVisible(False)
        self.stop = named(Button(batch.CANCEL_READING, icon="x", kind="quiet"), "batch_stop")
        self.again = named(Button(batch.AGAIN, icon="refresh-cw", kind="quiet"), "batch_again")
        self.other = named(Button(batch.OTHER_FILE, icon="upload"), "batch_other_file")
        words = column(self._name, self._about, self._warning, self.progress, spacing=2)
        layout = row(IconLabel("file-spreadsheet", "accent", 32), spacing=14)
        layout.addLayout(words, 1)
        for button in (self.stop, self.again, self.other):
            layout.addWidget(button)
        self.body.addLayout(layout)

    def draw_file(self, model: Batch) -> None:
        """What is known of the file now."""
        total = len(model.rows)
        self._name.setText(model.form.file_name)
        self._about.setText(self._about_words(model, total))
        warning = model.sent_before or model.failure_text
        self._warning.setText("" if warning is None else warning())
        self._warning.setVisible(warning is not None)
        self.progress.setVisible(model.busy)
        self.progress.setRange(0, total)
        self.progress.setValue(model.judged)
        self.progress.setAccessibleName(batch.checked(f"{model.judged:,}", f"{total:,}"))
        self.stop.setVisible(model.busy)
        self.again.setVisible(not model.busy and model.judged < total)
        self.other.setEnabled(not model.busy)

    @staticmethod
    def _about_words(model: Batch, total: int) -> str:
        if model.busy and not total:
            return batch.READING()
        if model.judged < total:
            return batch.checked(f"{model.judged:,}", f"{total:,}")
        rows = sum(1 for shown in model.rows if shown.line > 0)
        return batch.about(f"{rows:,}", model.form.file_sha256[-_TAIL:])


class Verdicts(QWidget):
    """Three counts that filter the table, and the control total; `chosen(filter)`, `control_typed(text)`."""

    chosen = Signal(str)
    control_typed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.cards = {
            "ready": StatCard(batch.READY, "list-checks"),
            "problems": StatCard(batch.PROBLEMS, "triangle-alert", "wait"),
            "left_out": StatCard(batch.LEFT_OUT, "circle-slash", "muted"),
        }
        layout = row(spacing=14)
        for key, card in self.cards.items():
            card.setObjectName(f"batch_card_{key}")
            card.clicked.connect(lambda _pressed, key=key: self.chosen.emit(key))
            layout.addWidget(card, 1)
        self.control = named(AmountEdit(), "batch_control_total")
        self.control.pasting = False
        self.control.value_changed.connect(lambda: self.control_typed.emit(self.control.text()))
        self._field = Field(batch.CONTROL, self.control)
        holder = Card(padding=16)
        holder.body.addWidget(self._field)
        layout.addWidget(holder, 1)
        self.setLayout(layout)

    def draw_verdicts(self, model: Batch) -> None:
        """Counts, sums, and whether the typed total is the one that would be sent."""
        out = frozenset(model.form.left_out)
        open_problems = [r for r in model.problem_rows if r.line not in out]
        groups = {"ready": model.ready_rows, "problems": open_problems, "left_out": model.left_out_rows}
        for key, rows in groups.items():
            self.cards[key].set_value(f"{len(rows):,}", batch.baht(display_amount(_sum(rows))))
        self._draw_control(model)

    def _draw_control(self, model: Batch) -> None:
        typed = self.control.value
        if isinstance(typed, AmountProblem):
            self._field.set_error(None)
            self._field.set_hint(None)
            return
        apart = display_amount(Satang(abs(typed - model.total)))
        agree = typed == model.total
        self._field.set_error(None if agree else (lambda: batch.differs(apart)))
        self._field.set_hint(batch.CONTROL_OK if agree else None)


class SentCard(Card):
    """Where a handed-over batch stands; `mend`, `next_file` and `take_back` are its buttons."""

    def __init__(self) -> None:
        super().__init__(padding=28)
        self.setObjectName("batch_result")
        self._icon = IconLabel("send", "accent", 44)
        self.words = named(Label(size="heading", wrap=True), "batch_result_words")
        self._detail = Label(ink="muted", wrap=True)
        self.progress = named(QProgressBar(), "batch_sending")
        self.progress.setTextVisible(False)
        self.take_back = named(Button(batch.TAKE_BACK, icon="undo-2"), "batch_take_back")
        self.mend = named(Button(batch.MEND, icon="pencil", kind="primary"), "batch_mend")
        self.next_file = named(Button(batch.NEXT_FILE, icon="file-plus"), "batch_next")
        buttons = row(self.take_back, self.mend, self.next_file, spacing=10)
        buttons.addStretch()
        words = column(self.words, self._detail, self.progress, spacing=8)
        head = row(self._icon, spacing=20)
        head.addLayout(words, 1)
        self.body.setSpacing(22)
        self.body.addLayout(head)
        self.body.addLayout(buttons)

    def draw_sent(self, model: Batch, followed: Followed) -> None:
        """Held, queued, sending, done or refused."""
        state = followed.state
        done, refused = state is EventState.DONE, state is EventState.NEEDS_ATTENTION
        face = ("circle-check", "ok") if done else ("circle-x", "bad") if refused else ("send", "accent")
        self._icon.set_face(*face)
        self.words.setText(self._headline(model, followed))
        answer = followed.answer
        count, total = f"{len(model.form.lines):,}", display_amount(_lines_total(model))
        self._detail.setText(answer() if answer is not None else batch.will_send(count, total))
        progress = model.progress
        self.progress.setVisible(state in (EventState.SENDING, EventState.QUEUED) and progress is not None)
        if progress is not None:
            self.progress.setRange(0, progress.total)
            self.progress.setValue(progress.done)
        self.take_back.setVisible(state is EventState.HELD)
        self.mend.setVisible(refused)
        self.next_file.setVisible(done or refused or state is EventState.QUEUED)

    @staticmethod
    def _headline(model: Batch, followed: Followed) -> str:
        if followed.state is EventState.DONE:
            return batch.accepted(followed.view.number if followed.view is not None else "")
        if followed.state is EventState.SENDING and model.progress is not None:
            return batch.sent_lines(f"{model.progress.done:,}", f"{model.progress.total:,}")
        words = {
            EventState.HELD: batch.HELD,
            EventState.QUEUED: batch.WAITS,
            EventState.NEEDS_ATTENTION: batch.REFUSED,
        }
        return words.get(followed.state or EventState.SENDING, batch.SENDING)()


def _sum(rows: Sequence[FileRow]) -> Satang:
    return Satang(sum(r.amount for r in rows))


def _lines_total(model: Batch) -> Satang:
    return Satang(sum(r.amount for r in model.ready_rows))
