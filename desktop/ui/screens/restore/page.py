"""After a restore: why payments stand still, what is missing here, the proposal to go on and its signature.

Object names: restore_page, restore_stage, restore_propose, restore_sign, restore_records, restore_payments,
restore_about, restore_problem, restore_reason (the dialog).
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.core.screens.restores import Comparison, Restores, Stage, becomes, next_step
from desktop.core.signing import Kind as Signed
from desktop.i18n import dates, language, restore
from desktop.ui.pages import Workbench
from desktop.ui.screens.pieces import DeskPage, allow, moment, named, show_amount, show_empty
from desktop.ui.screens.sign_off.flow import sign
from desktop.ui.theme.fonts import scaled
from desktop.ui.theme.tokens import Tone
from desktop.ui.widgets.basics import PAGE_MARGIN, Button, Label, column, row
from desktop.ui.widgets.cards import Card
from desktop.ui.widgets.dialog import ConfirmDialog, ask
from desktop.ui.widgets.states import ErrorLine
from desktop.ui.widgets.status import Mark, chip_width
from desktop.ui.widgets.table import Column, DataTable, Kind
from shared.wire.restores import MissingPaymentView, WitnessView

LIST_WIDTH: Final = 400
EVERY_MS: Final = 5_000
"""An executor settles what was agreed within seconds, and no feed tells of it."""
FACES: Final[dict[str, tuple[Tone, str]]] = {
    "compared": ("wait", "scale"),
    "requested": ("wait", "clock"),
    "approved": ("info", "check"),
    "settled": ("ok", "circle-check"),
    "rejected": ("bad", "ban"),
    "expired": ("quiet", "timer-off"),
}
BECOMES: Final[dict[str, tuple[Tone, str]]] = {
    "people": ("bad", "circle-alert"),
    "asked": ("info", "send"),
    "sign": ("wait", "shield-check"),
    "explained": ("quiet", "check-check"),
}


class RestorePage(DeskPage[Restores]):
    """Where it stands and the next step above; comparisons on the left, the chosen one's payments on the right."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench, Restores(bench.core), "restore_page")
        self.problem = named(ErrorLine(), "restore_problem")
        self.stage = named(Card(padding=14), "restore_stage")
        self.words, self.why = Label(weight="semibold", wrap=True), Label(size="small", ink="muted", wrap=True)
        self.next = Label(wrap=True)
        self.propose = named(Button(restore.PROPOSE, icon="file-plus", kind="primary"), "restore_propose")
        self.sign = named(Button(restore.SIGN, icon="shield-check", kind="primary"), "restore_sign")
        self.records: DataTable[Comparison] = named(DataTable(restore.RECORDS, _record_columns()), "restore_records")
        self.summary = Label(ink="muted", wrap=True)
        self.payments: DataTable[MissingPaymentView] = named(
            DataTable(restore.PAYMENTS, _columns()), "restore_payments"
        )
        self.about = named(Label(size="small", ink="muted", wrap=True), "restore_about")
        self.about.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._assemble()
        self._connect()
        self._asking = QTimer(self)
        self._asking.timeout.connect(self._look)
        self._asking.start(EVERY_MS)
        self.begin()

    def _assemble(self) -> None:
        line = row(spacing=16)
        line.addLayout(column(self.words, self.why, self.next, spacing=3), 1)
        line.addWidget(self.propose)
        line.addWidget(self.sign)
        self.stage.body.addLayout(line)
        right = column(Label(restore.PAYMENTS, size="title"), self.summary, spacing=6)
        right.addWidget(self.payments, 1)
        right.addWidget(self.about)
        middle = row(self.records, spacing=14)
        middle.addLayout(right, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(PAGE_MARGIN, 16, PAGE_MARGIN, 8)
        layout.setSpacing(12)
        layout.addWidget(self.stage)
        layout.addWidget(self.problem)
        layout.addLayout(middle, 1)
        self.records.set_loading()

    def _connect(self) -> None:
        self.problem.retried.connect(self.refresh)
        self.records.current_changed.connect(lambda _id: self._draw_payments())
        self.payments.current_changed.connect(lambda _id: self._draw_about())
        self.propose.clicked.connect(lambda: self.work(self._propose(), "restore.propose"))
        self.sign.clicked.connect(lambda: self.work(self._sign(), "restore.sign"))

    def shown(self, subject: str | None) -> None:
        """Ask the server: this is never cached."""
        self.refresh()

    def refresh(self) -> None:
        """F5."""
        self.model.refused = None
        self._load()

    def _look(self) -> None:
        if self.isVisible() and not self.model.busy:
            self._load()

    def _load(self) -> None:
        self.work(self.model.load(), "restore.load")

    def home(self) -> QWidget | None:
        """The comparisons."""
        return self.records.home()

    def panes(self) -> list[QWidget]:
        """The next step, comparisons, payments."""
        return [self.stage, self.records.view, self.payments.view]

    def draw(self) -> None:
        """Stage, lists, problem."""
        model = self.model
        self.records.setFixedWidth(scaled(LIST_WIDTH))
        if model.listed is not None:
            self.records.set_rows([(one.id, one) for one in model.comparisons])
        show_empty(self.records.empty, model, "history", restore.NO_RECORDS, restore.NO_RECORDS_HINT)
        self._draw_stage()
        self._draw_payments()
        text = model.failure_text
        self.problem.show_error(text) if text is not None else self.problem.clear()

    def _draw_stage(self) -> None:
        model, stage = self.model, self.model.stage
        self.stage.setVisible(model.listed is not None)
        self.stage.set_tone({Stage.CALM: "", Stage.AGREED: "info"}.get(stage, "bad"))
        self.words.set_words(restore.CALM if stage is Stage.CALM else restore.BEHIND)
        self.why.setText(self._why())
        self.why.setVisible(bool(self.why.text()))
        step = next_step(stage)
        self.next.setText(step() if step is not None else restore.left(model.left) if model.left else "")
        self.next.setVisible(bool(self.next.text()))
        self.propose.setVisible(stage in (Stage.COMPARE, Stage.PROPOSE))
        self.sign.setVisible(stage in (Stage.SIGN, Stage.STALE))
        allow(self.propose, model.may_propose)
        allow(self.sign, model.may_sign)

    def _why(self) -> str:
        """Who says that something is missing; then who proposes, and why this person may not do the next step."""
        model, case = self.model, self.model.case
        told = [_witness(one) for one in model.listed.witnesses] if model.listed is not None else []
        if case is not None:
            told.append(restore.proposed(case.maker, case.reason))
        may = {Stage.PROPOSE: model.may_propose, Stage.SIGN: model.may_sign, Stage.STALE: model.may_sign}
        action = may.get(model.stage)
        if action is not None and action.why_not is not None:
            told.append(action.why_not())
        return "\n".join(told)

    def _draw_payments(self) -> None:
        chosen = self.records.current_row()
        shown = chosen.payments if chosen is not None else ()
        self.payments.set_rows([(one.reference, one) for one in shown])
        show_empty(self.payments.empty, self.model, "circle-check", restore.NONE_MISSING, restore.NONE_MISSING_HINT)
        said = ""
        if chosen is not None:
            said = restore.summary(chosen.count, show_amount(chosen.total), chosen.exceptions)
            said += f" · {restore.first_of(len(shown))}" if len(shown) < chosen.count else ""
        self.summary.setText(said)
        self._draw_about()

    def _draw_about(self) -> None:
        one = self.payments.current_row()
        self.about.setText("" if one is None else restore.payment(one.reference, one.number, one.branch, one.found_by))

    async def _propose(self) -> None:
        if not self.model.may_propose.enabled:
            return
        dialog = ConfirmDialog(
            restore.PROPOSE_NOW, restore.MEANS, restore.PROPOSE_NOW, self.window(), danger=True, reason=True
        )
        dialog.setObjectName("restore_reason")
        if await ask(dialog) and await self.model.propose(dialog.reason):
            self.bench.toasts.show_notice(restore.PROPOSED, "info")

    async def _sign(self) -> None:
        case = self.model.case
        if case is not None and self.model.may_sign.enabled:
            await sign(self.bench, self, Signed.RESTORE, [case.id], maker=case.maker)
            await self.model.load()


def _witness(one: WitnessView) -> str:
    said = one.reason_th if language() == "th" else one.reason_en
    return restore.because(said, moment(one.found_at))


def state_mark(state: str) -> Mark:
    """The chip of a comparison's state."""
    tone, icon = FACES[state]
    return Mark(tone, icon, restore.STATE[state]())


def becomes_mark(payment: MissingPaymentView) -> Mark:
    """The chip of what becomes of a payment."""
    return _becomes(becomes(payment))


def _becomes(what: str) -> Mark:
    tone, icon = BECOMES[what]
    return Mark(tone, icon, restore.then(what))


def _record_columns() -> list[Column[Comparison]]:
    return [
        Column("state", restore.STATE_HEAD, lambda c: state_mark(c.state), Kind.CHIP, _widest_state, keep=9),
        Column("made", restore.MADE, lambda c: moment(c.made_at), Kind.MUTED, dates.widest_moment, keep=8),
        Column("maker", restore.MAKER, lambda c: c.maker or "—", Kind.TEXT, "สุดา แก้วใส", stretch=True, keep=5),
    ]


def _columns() -> list[Column[MissingPaymentView]]:
    r = restore
    return [
        Column("then", r.THEN, becomes_mark, Kind.CHIP, _widest_becoming, keep=9),
        Column("amount", r.AMOUNT, lambda p: _amount(p.amount), Kind.MONEY, "2,000,000.00", keep=9),
        Column("here", r.HERE, lambda p: r.here(p.here), Kind.TEXT, lambda: r.here("ended"), keep=8),
        Column("bank", r.BANK, lambda p: r.bank(p.bank), Kind.TEXT, lambda: r.bank("open"), keep=8),
        Column("payee", r.PAYEE, lambda p: p.payee or "—", Kind.STRONG, "นายสมชาย ใจดี", stretch=True, keep=7),
        Column("number", r.NUMBER, lambda p: p.number or "—", Kind.MUTED, "PV2611-0000000", keep=6),
        Column("reference", r.REFERENCE, lambda p: p.reference, Kind.MUTED, "SDWF8DW3B5ASWWQH", keep=5),
        Column("branch", r.BRANCH, lambda p: p.branch or "—", Kind.MUTED, "NSN", keep=4),
        Column(
            "found", r.FOUND_BY, lambda p: r.found_by(p.found_by), Kind.MUTED, lambda: r.found_by("callback"), keep=3
        ),
    ]


def _amount(text: str) -> str:
    """Of a callback nobody knows the amount."""
    return restore.UNKNOWN() if text == "0.00" else show_amount(text)


def _widest_state() -> Mark:
    return max((state_mark(state) for state in FACES), key=chip_width)


def _widest_becoming() -> Mark:
    return max((_becomes(what) for what in BECOMES), key=chip_width)
