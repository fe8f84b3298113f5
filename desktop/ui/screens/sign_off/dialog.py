"""The sign-off dialog: opened and awaited, drawn from verified bytes, deaf to Enter, void when the server moves on.

Object names: sign_off_dialog, sign_off_amount, sign_off_ack_<n>, sign_off_code, sign_off_approve, sign_off_reject,
sign_off_reason, sign_off_reject_now, sign_off_back, sign_off_cancel, sign_off_problem, sign_off_clock, sign_off_items,
document_open_<n> (of a bank change).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from desktop.core import texts
from desktop.core.screens.sign_off import Decision, SignOff
from desktop.core.sheets import Subject
from desktop.core.signing import Kind
from desktop.i18n import common, documents, keys, sign_off
from desktop.i18n.status import STATUS
from desktop.ui.keys.actions import Action, own_key
from desktop.ui.keys.focus import can_focus, reading_order
from desktop.ui.pages import Workbench
from desktop.ui.screens.bank_change.documents import DocumentList, DocumentRow, show_document
from desktop.ui.screens.pieces import allow, named
from desktop.ui.screens.sign_off import faces
from desktop.ui.screens.sign_off.parts import Acknowledgement, Reading
from desktop.ui.theme.fonts import scaled
from desktop.ui.theme.look import follow
from desktop.ui.widgets.basics import Button, DeliberateButton, IconLabel, Label, Words, column, row, scrolled
from desktop.ui.widgets.cards import Card
from desktop.ui.widgets.code_edit import CodeEdit
from desktop.ui.widgets.dialog import Dialog
from desktop.ui.widgets.fields import Field
from desktop.ui.widgets.states import EmptyState, ErrorLine, mark_wrong
from shared.money import display_amount
from shared.wire.bank_changes import DocumentView

WIDTH: Final = 900
SET_WIDTH: Final = 1120
HEIGHT: Final = 750
TALL: Final = 820
SECOND_MS: Final = 1000
HURRY_SECONDS: Final = 60


class SignOffDialog(Dialog):
    """Give a model that is being opened, or was; `accepted` when the server took the decision."""

    def __init__(
        self,
        model: SignOff,
        bench: Workbench,
        parent: QWidget,
        *,
        maker: str = "",
        number: str = "",
        papers: Sequence[DocumentView] = (),
        wide: bool = False,
    ) -> None:
        super().__init__(sign_off.TITLE, parent)
        self._documents = {view.sha256: view for view in papers}
        self._document_list = DocumentList(can_open=True)
        self._document_list.opened.connect(self._read)
        self.setObjectName("sign_off_dialog")
        self._over = parent.window()
        self._model, self._bench, self._maker, self._number = model, bench, maker, number
        self._drawn: Subject | None = None
        self._rejecting = False
        self._acknowledgements: list[Acknowledgement] = []
        self._stack = QStackedWidget()
        self._reading = Reading()
        self._failed = EmptyState("circle-alert", sign_off.CANNOT_OPEN)
        self._content = QWidget()
        self._content.setLayout(column(spacing=14))
        self._void = self._make_void()
        self._code = named(CodeEdit(), "sign_off_code")
        self._code.setAccessibleName(sign_off.CODE())
        self._clock = named(Label(size="small", ink="muted", wrap=True), "sign_off_clock")
        self._problem = named(ErrorLine(retry=False), "sign_off_problem")
        self._reason = named(QLineEdit(), "sign_off_reason")
        self._reason.setMaxLength(500)
        self._reason_field = Field(sign_off.WHY_REJECT, self._reason)
        self._confirm = self._make_confirm()
        self._approve = named(DeliberateButton(model.approve_label, icon="shield-check"), "sign_off_approve")
        self._reject = named(Button(sign_off.REJECT, icon="ban", kind="danger"), "sign_off_reject")
        self._back = named(Button(sign_off.BACK, icon="arrow-left", kind="quiet"), "sign_off_back")
        self._reject_now = named(
            DeliberateButton(sign_off.REJECT_NOW, icon="ban", kind="danger"), "sign_off_reject_now"
        )
        self.cancel.setObjectName("sign_off_cancel")
        self._assemble()
        self._connect()
        self._fit(wide=wide)
        model.on_change = self.render_model
        follow(self.render_model)

    def _make_void(self) -> Card:
        card = Card(padding=16)
        card.set_tone("bad")
        self._void_words = Label(weight="semibold", wrap=True, ink="danger")
        self._void_changes = Label(size="small", wrap=True)
        top = row(IconLabel("triangle-alert", "bad", 20), self._void_words, spacing=12)
        top.setStretch(1, 1)
        card.body.addLayout(top)
        card.body.addWidget(self._void_changes)
        card.hide()
        return card

    def _make_confirm(self) -> Card:
        card = Card(padding=16)
        words = column(Label(sign_off.CONFIRM, size="title"), self._clock, spacing=0)
        inside = row(IconLabel("shield-check", "accent", 30), spacing=14)
        inside.addLayout(words, 1)
        inside.addWidget(self._code)
        card.body.addLayout(inside)
        card.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        return card

    def _assemble(self) -> None:
        for page in (self._reading, self._failed, scrolled(self._content)):
            self._stack.addWidget(page)
        self.body.addWidget(self._void)
        self.body.addWidget(self._stack, 1)
        self.body.addWidget(self._reason_field)
        self.body.addWidget(self._confirm)
        self.body.addWidget(self._problem)
        self.foot_note.setWordWrap(True)
        self.foot.setStretch(0, 1)
        self.foot.insertWidget(0, self._back)
        self.foot.insertWidget(0, self._reject)
        self.add_primary(self._reject_now)
        self.add_primary(self._approve)

    def _connect(self) -> None:
        self._code.changed.connect(self.render_model)
        self._reason.textChanged.connect(self.render_model)
        self._reject.clicked.connect(lambda: self._set_rejecting(True))
        self._back.clicked.connect(lambda: self._set_rejecting(False))
        self._approve.clicked.connect(lambda: self._decide("approve"))
        self._reject_now.clicked.connect(lambda: self._decide("reject"))
        self._second = QTimer(self)
        self._second.setInterval(SECOND_MS)
        self._second.timeout.connect(self.render_model)
        self._second.start()

    def _fit(self, *, wide: bool) -> None:
        room = self._over.size()
        width = SET_WIDTH if wide else WIDTH
        height = TALL if wide or self._model.kind is Kind.BANK_CHANGE else HEIGHT
        self.resize(min(scaled(width), room.width() - 48), min(scaled(height), room.height() - 40))

    def primary(self) -> QAbstractButton | None:
        """What Ctrl+Enter presses: the signature, or the rejection once its reason is asked for."""
        return self._reject_now if self._rejecting else self._approve

    def tab_stops(self) -> list[QWidget]:
        """What must be read and typed first, then the decision, at last what turns away from it."""
        last = [self._approve, self._reject_now, self._reject, self._back, self.cancel]
        stops = [stop for stop in reading_order(self) if stop not in last]
        return [*stops, *(stop for stop in last if can_focus(stop))]

    def key_actions(self) -> Sequence[Action]:
        """Ctrl+R turns to the rejection and back, which by itself decides nothing."""
        turn = own_key("rejecting", keys.REJECT, self._turn, self, "Ctrl+R", enabled=self._can_turn)
        return [*super().key_actions(), turn]

    def _can_turn(self) -> bool:
        return self._back.isVisible() or (self._reject.isVisible() and self._reject.isEnabled())

    def _turn(self) -> None:
        self._set_rejecting(not self._rejecting)

    def reject(self) -> None:
        """Esc and Cancel; not while an answer is awaited, or nobody would know whether it was signed."""
        if not self._model.busy:
            super().reject()

    def done(self, result: int) -> None:
        """Closed: the model's later changes concern no window."""
        self._second.stop()
        self._model.stop()
        self._model.on_change = lambda: None
        super().done(result)

    def render_model(self) -> None:
        """Show the model as it is now."""
        model = self._model
        if model.done:
            self.accept()
            return
        # Warnings are complete only once the clock runs; drawn earlier, they could never be acknowledged.
        if model.subject is not None and model.subject is not self._drawn and model.seconds_left() > 0:
            self._draw(model.subject)
        self._document_list.set_rows([self._document(index, sha256) for index, sha256 in enumerate(model.documents)])
        self._show_stack()
        self._show_void()
        self._show_clock()
        self._show_problem()
        self._show_buttons()

    def _show_stack(self) -> None:
        model = self._model
        ready = self._drawn is not None
        self._stack.setCurrentIndex(2 if ready else 1 if model.failure or model.voided else 0)
        self._confirm.setVisible(ready)
        self._reading.draw_progress(*model.progress, slow=model.slow)
        if not ready and model.voided is not None:
            self._failed.set_face("circle-alert", sign_off.NOTHING_SIGNED, None)
        elif not ready and (text := model.failure_text) is not None:
            self._failed.set_face("circle-alert", sign_off.CANNOT_OPEN, text)

    def _show_void(self) -> None:
        model = self._model
        self._void.setVisible(model.voided is not None)
        if model.voided is None:
            return
        void = model.voided
        self._void_words.set_words(lambda: f"{void()} — {sign_off.VOIDED() if model.subject else ''}".rstrip(" —"))
        lines = [_change_words(*change) for change in model.changed_fields]
        self._void_changes.setText("\n".join(lines))
        self._void_changes.setVisible(bool(lines))

    def _show_clock(self) -> None:
        left = self._model.seconds_left()
        self._clock.setText(sign_off.time_left(f"{left // 60}:{left % 60:02d}") if left else texts.TIME_IS_UP())
        self._clock.set_ink("danger" if left == 0 else "wait" if left < HURRY_SECONDS else "muted")

    def _show_problem(self) -> None:
        model = self._model
        mark_wrong(self._code, model.wrong_code and not self._code.text())
        text = model.failure_text
        if model.subject is None or text is None or model.voided is not None:
            self._problem.clear()
        else:
            self._problem.show_error(text)

    def _show_buttons(self) -> None:
        model, code = self._model, self._code.text()
        ready, open_now = self._drawn is not None, model.voided is None
        self._reason_field.setVisible(ready and self._rejecting)
        self._reject.setVisible(ready and not self._rejecting)
        self._back.setVisible(ready and self._rejecting)
        self._approve.setVisible(ready and not self._rejecting)
        self._reject_now.setVisible(ready and self._rejecting)
        self._approve.set_words(model.approve_label)
        approve, reject = model.may_approve(code), model.may_reject(code, self._reason.text())
        shown, action = (self._reject_now, reject) if self._rejecting else (self._approve, approve)
        shown.set_busy(model.busy) if shown.busy != model.busy else None
        if not model.busy:
            allow(shown, action)
        self._code.setEnabled(open_now and not model.busy)
        self._reject.setEnabled(open_now and not model.busy)
        note: Words = action.why_not or common.ESC_CLOSES
        self.foot_note.setText(note() if ready else common.ESC_CLOSES())
        if action.enabled:
            self.foot_note.set_ink("muted")

    def _draw(self, subject: Subject) -> None:
        self._drawn = subject
        layout = self._content.layout()
        if not isinstance(layout, QVBoxLayout):
            return
        layout.addWidget(self._head(subject))
        warnings = self._warnings(subject)
        face = self._face(subject)
        if warnings is not None:  # above the rest: in sight on the smallest screen with the largest text
            layout.addWidget(warnings)
        layout.addWidget(face, 1)
        first = self._acknowledgements[0].box if self._acknowledgements else self._code
        QTimer.singleShot(0, first, lambda: first.setFocus(Qt.FocusReason.OtherFocusReason))

    def _warnings(self, subject: Subject) -> QWidget | None:
        if not self._model.warnings:
            return None
        card = Card(sign_off.ACKNOWLEDGE, padding=16)
        card.set_tone("wait")
        for index, caution in enumerate(self._model.warnings):
            made = Acknowledgement(index, caution.text, faces.caution_words(subject, caution))
            made.given.connect(self._model.acknowledge)
            self._acknowledgements.append(made)
            card.body.addWidget(made)
        return card

    def _document(self, index: int, sha256: str) -> DocumentRow:
        known = self._documents.get(sha256)
        name = known.name if known else f"{documents.TITLE()} {index + 1}"
        read = sha256 in self._model.documents_read
        if known is None:
            return DocumentRow(sha256, name, read=read)
        return DocumentRow(sha256, name, known.size, known.media_type, known.used_elsewhere, read)

    def _read(self, sha256: str) -> None:
        self._bench.spawn(self._read_now(sha256), "sign_off.document")

    async def _read_now(self, sha256: str) -> None:
        content = await self._model.read_document(sha256)
        if content is not None:
            place = self._model.documents.index(sha256)
            await show_document(self._bench, self._model.desk, self, self._document(place, sha256), content)

    def _head(self, subject: Subject) -> QWidget:
        model = self._model
        several = subject.count > 1
        left = column(Label(_title(subject), size="small", ink="muted"), spacing=0)
        face = faces.face_of(subject)
        if face is not None and face.figure is not None:
            left.addWidget(Label(face.figure(subject.sheet), size="figure"))
        else:
            amount = display_amount(subject.total)
            figure = named(Label(lambda: sign_off.baht(amount), size="figure"), "sign_off_amount")
            figure.setAccessibleName(common.amount_spoken(amount))
            left.addWidget(figure)
            if (words := model.words) is not None:
                left.addWidget(Label(words, ink="muted", wrap=True))
        right = column(spacing=2)
        facts: list[Words | str] = [number] if (number := self._number or _number(subject)) else []
        facts += [lambda: sign_off.maker(self._maker)] if self._maker else []
        facts += [lambda: sign_off.items(f"{subject.count:,}")] if several else []
        for index, fact in enumerate(facts):
            label = Label(fact, weight="semibold") if index == 0 else Label(fact, size="small", ink="muted")
            right.addWidget(label, 0, Qt.AlignmentFlag.AlignRight)
        right.addStretch()
        whole = QWidget()
        layout = row(spacing=20)
        layout.addLayout(left, 1)
        layout.addLayout(right)
        whole.setLayout(layout)
        return whole

    def _face(self, subject: Subject) -> QWidget:
        now = self._model.desk.now()
        if (face := faces.face_of(subject)) is not None:
            look = faces.Look(subject.digest, now, self._model.bank_word, self._document_list)
            return face.draw(subject.sheet, look)
        if subject.count == 1:
            return faces.payment_face(subject.items[0], subject.digest, now)
        return faces.set_face(subject, self._model.warnings, now)

    def _set_rejecting(self, rejecting: bool) -> None:
        self._rejecting = rejecting
        self.render_model()
        (self._reason if rejecting else self._code).setFocus()

    def _decide(self, decision: Decision) -> None:
        self._bench.spawn(self._send(decision), f"sign_off.{decision}")

    async def _send(self, decision: Decision) -> None:
        code = self._code.text()
        await self._model.decide(decision, code, self._reason.text())
        if self._model.wrong_code:
            self._code.clear()
            self._code.setFocus()


def _title(subject: Subject) -> Words:
    if (face := faces.face_of(subject)) is not None:
        return face.title(subject.sheet)
    return sign_off.TOTAL if subject.count > 1 else sign_off.AMOUNT


def _number(subject: Subject) -> str:
    if (face := faces.face_of(subject)) is not None:
        return face.number(subject.sheet)
    return subject.items[0].sheet.number if subject.count == 1 else ""


def _change_words(field: str, before: str, after: str) -> str:
    name = sign_off.CHANGED_FIELD.get(field, sign_off.OTHER_FIELD)()
    if field == "state":
        before, after = (STATUS[state]() if state in STATUS else state for state in (before, after))
    short = max(len(before), len(after)) <= 60
    return sign_off.changed(name, before, after) if short else name
