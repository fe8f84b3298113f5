"""What beside the statements themselves asks for a person: a proposal that waits, and files that were not taken.

Object names: set_aside_card, set_aside_sign, statements_not_taken, statements_judge.
"""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from desktop.core.screens.statements import Statements
from desktop.i18n import dates, reasons, statements
from desktop.ui.screens.pieces import allow, moment, named
from desktop.ui.widgets.basics import Button, Label, column, row
from desktop.ui.widgets.cards import Card
from desktop.ui.widgets.dialog import ConfirmDialog, ask
from desktop.ui.widgets.table import Column, DataTable, Kind
from shared.wire.statements import SetAsideView, StatementFileView


class ProposalCard(Card):
    """The oldest proposal that waits for its signature, and the way to sign it."""

    def __init__(self) -> None:
        super().__init__(padding=14)
        self.setObjectName("set_aside_card")
        self.set_tone("wait")
        self.words = Label(weight="medium", wrap=True)
        self.reason = Label(size="small", ink="muted", wrap=True)
        self.sign = named(Button(statements.OPEN_TO_SIGN, icon="shield-check", kind="primary"), "set_aside_sign")
        line = row(spacing=16)
        line.addLayout(column(self.words, self.reason, spacing=2), 1)
        line.addWidget(self.sign)
        self.body.addLayout(line)

    def show_case(self, model: Statements) -> None:
        """The proposal of the model, or nothing."""
        case = model.case
        self.setVisible(case is not None)
        if case is None:
            return
        said = statements.proposal(case.action, dates.day_of(case.date), case.account_last4, case.maker)
        self.words.setText(said)
        may = model.may_sign
        parts = (_why(case), statements.later(case.later), "" if may.why_not is None else may.why_not())
        self.reason.setText(" · ".join(part for part in parts if part))
        allow(self.sign, may)


def _why(case: SetAsideView) -> str:
    return f"{statements.FILE_PROBLEM()}: {case.reason}"


class NotTaken(QWidget):
    """Files that were not taken, each with its reason."""

    def __init__(self) -> None:
        super().__init__()
        self.table: DataTable[StatementFileView] = named(
            DataTable(statements.NOT_TAKEN, _columns()), "statements_not_taken"
        )
        self.judge = named(Button(statements.JUDGE_AGAIN, icon="refresh-cw"), "statements_judge")
        self.why = Label(size="small", ink="muted", wrap=True)
        layout = column(spacing=6)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.why)
        layout.addWidget(self.judge)
        self.setLayout(layout)
        self.table.current_changed.connect(lambda _id: self._show_why())

    def show_files(self, model: Statements) -> None:
        """The files of the model."""
        self.table.set_rows([(file.sha256, file) for file in model.files])
        allow(self.judge, model.may_fetch)
        self._show_why()

    def _show_why(self) -> None:
        """The whole reason of the chosen file: a column is too narrow for it."""
        chosen = self.table.current_row()
        self.why.setText("" if chosen is None else f"{chosen.name}: {problem_words(chosen)}")


def _columns() -> list[Column[StatementFileView]]:
    return [
        Column("name", statements.FILE, lambda f: f.name, Kind.TEXT, "STMT_1112223338_20261121_01.mt940", keep=6),
        Column("why", statements.FILE_PROBLEM, problem_words, Kind.MUTED, "ไม่ใช่บัญชี", stretch=True, keep=8),
        Column("at", statements.IMPORTED, lambda f: moment(f.changed_at), Kind.MUTED, dates.widest_moment, keep=3),
    ]


def problem_words(file: StatementFileView) -> str:
    """Why it is not taken, with its line."""
    if file.outcome == "set_aside":
        return statements.IS_SET_ASIDE()
    return reasons.file(file.problem, file.line) if file.problem else statements.WAITS()


async def ask_reason(over: QWidget, *, again: bool) -> str:
    """Why a statement is to be set aside or taken again; empty when the person thought better of it."""
    title = statements.PROPOSE_TAKE_AGAIN if again else statements.PROPOSE_SET_ASIDE
    means = statements.TAKE_AGAIN_MEANS if again else statements.SET_ASIDE_MEANS
    dialog = ConfirmDialog(title, means, title, over.window(), danger=not again, reason=True)
    dialog.setObjectName("set_aside_reason")
    return dialog.reason if await ask(dialog) else ""
