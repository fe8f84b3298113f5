"""What waits for a signature, oldest first: payments, batches, bank changes and funding in one list.

Object names: approvals_page, approvals_table, approvals_filters, approvals_open (the current row),
approvals_sign_selected (the marked ones). Marks: Space, or a click in the first column.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.core import texts
from desktop.core.lights import Light, care_light, copy_light, waiting_light
from desktop.core.screens.approvals import ApprovalRow, Approvals
from desktop.core.screens.base import ALLOWED, Action
from desktop.core.screens.risks import USED_ELSEWHERE, bank_lights, risks_of
from desktop.core.signing import KINDS, Kind
from desktop.i18n import approvals, common, lights
from desktop.i18n.text import Text
from desktop.ui.pages import Workbench
from desktop.ui.screens.approvals.panel import FACES, ApprovalPanel, kind_mark
from desktop.ui.screens.pieces import DeskPage, allow, instant, named
from desktop.ui.screens.sign_off.flow import sign
from desktop.ui.widgets.basics import PAGE_MARGIN, Button, row
from desktop.ui.widgets.flow import FilterOption, FilterRow
from desktop.ui.widgets.light_line import light_mark
from desktop.ui.widgets.status import Mark, chip_width
from desktop.ui.widgets.table import Column, DataTable
from desktop.ui.widgets.table import Kind as Cells
from shared.money import display_amount

ALL: Final = "all"
SHORT: Final = {
    texts.NAME_MISMATCH: approvals.SHORT_NAME,
    texts.DUPLICATE: approvals.SHORT_DUPLICATE,
    texts.ACCOUNT_CHANGED: approvals.SHORT_CHANGED,
    texts.OPEN_BANK_CHANGE: approvals.SHORT_CHANGE,
    texts.OWN_ITEM: approvals.SHORT_OWN,
    texts.NOT_ALLOWED: approvals.SHORT_ROLE,
    texts.OTHERS_TURN: approvals.SHORT_ROLE,
    USED_ELSEWHERE: approvals.SHORT_USED,
}
"""The long reasons stand in the panel; the list has room for two words."""


class ApprovalsPage(DeskPage[Approvals]):
    """The list, its panel, and one button for several payments without warnings."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench, Approvals(bench.core), "approvals_page")
        self._risks: dict[str, tuple[Text, ...]] = {}
        self._lights: dict[str, Light] = {}
        self._read_of: tuple[ApprovalRow, ...] = ()
        """The rows whose risks were read."""
        self._looked_at: tuple[ApprovalRow, ...] = self.model.rows
        self._kind = ALL
        self._loaded = False
        self.filters = named(FilterRow(), "approvals_filters")
        self.table: DataTable[ApprovalRow] = named(
            DataTable(approvals.TABLE, self._columns(), checkable=True, amount_of=lambda r: r.total), "approvals_table"
        )
        self.panel = ApprovalPanel()
        self.sign_selected = named(
            Button(self._selected_words, icon="list-checks", kind="primary"), "approvals_sign_selected"
        )
        self._assemble()
        self.filters.chosen.connect(self._choose_kind)
        self.table.current_changed.connect(self._show_current)
        self.table.opened.connect(self._open)
        self.table.may_open = self._may_open
        self.table.marks_changed.connect(self._take_marks)
        self.panel.sign.clicked.connect(lambda: self._open(self.table.view.current_id() or ""))
        self.sign_selected.clicked.connect(self._open_selected)
        self.begin()

    def _assemble(self) -> None:
        head = row(self.filters, spacing=10)
        head.setStretch(0, 1)
        head.addWidget(self.sign_selected)
        middle = row(self.table, self.panel, spacing=12)
        middle.setStretch(0, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(PAGE_MARGIN, 16, PAGE_MARGIN, 8)
        layout.setSpacing(12)
        layout.addLayout(head)
        layout.addLayout(middle, 1)
        self.table.set_loading()

    def _columns(self) -> list[Column[ApprovalRow]]:
        return [
            Column("kind", approvals.KIND, lambda r: kind_mark(r.kind), Cells.CHIP, _widest_kind, keep=7),
            Column("number", approvals.NUMBER, lambda r: r.number, Cells.MUTED, "PV2611-0000000", keep=5),
            Column(
                "title", approvals.SUBJECT, lambda r: r.title, Cells.TEXT, "นางสาวจันทร์เพ็ญ ชัยมงคล", stretch=True, keep=8
            ),
            Column("amount", approvals.AMOUNT, _amount, Cells.MONEY, "2,000,000.00", keep=9),
            Column("finding", approvals.FINDING, self._finding, Cells.NOTE, _widest_finding, keep=8),
            Column("age", approvals.WAITING, self._age, Cells.MUTED, lambda: approvals.age(23 * 60), keep=4),
            Column("maker", approvals.MAKER, lambda r: r.maker, Cells.MUTED, "สุดา แก้วใสสว่าง", keep=3),
        ]

    def shown(self, subject: str | None) -> None:
        """Read what waits; with a subject, go to that row."""
        self.work(self._load(subject), "approvals.load")

    def refresh(self) -> None:
        """F5."""
        self.desk.sync.wake()
        self.work(self._load(None), "approvals.load")

    def home(self) -> QWidget | None:
        """The list."""
        return self.table.home()

    def panes(self) -> list[QWidget]:
        """Filters, list, panel."""
        return [self.filters, self.table.view, self.panel.sign]

    async def _load(self, subject: str | None) -> None:
        await self.model.load()
        self._loaded = True
        self.draw()
        if subject:
            place = self.table.model.source.index_of(subject)
            if place is not None:
                self.table.view.go_to(place)

    def draw(self) -> None:
        """Rows, counts, marks and what may be pressed."""
        rows = [r for r in self.model.rows if self._kind in (ALL, r.kind)]
        if self._loaded or rows:
            self.table.set_rows([(r.id, r) for r in rows])
        self.table.empty.set_face(
            "shield-check",
            approvals.EMPTY if self._kind == ALL else approvals.EMPTY_FILTER,
            approvals.EMPTY_HINT if self._kind == ALL else None,
        )
        self._show_filters()
        self._drop_marks()
        self._show_selected()
        self._show_current("")
        if self.model.rows is not self._looked_at:
            self._looked_at = self.model.rows
            self.work(self._read_risks(), "approvals.risks")

    async def _read_risks(self) -> None:
        rows = self.model.rows
        now = self.desk.now()
        found = await self.desk.cache.read(lambda connection: risks_of(connection, rows))
        lights = await self.desk.cache.read(lambda connection: bank_lights(connection, rows, now))
        if rows is not self.model.rows:
            return
        self._risks, self._lights, self._read_of = found, lights, rows
        for waiting in self.model.selected_rows:
            if waiting.id in found:  # marked before its warning was known
                self.model.select(waiting.id, False)
        self.table.update_rows([(r.id, r) for r in rows if self._kind in (ALL, r.kind)])
        self._show_current("")

    def _finding(self, shown: ApprovalRow) -> Mark:
        if not shown.sign.enabled and shown.sign.why_not is not None:
            return Mark("quiet", "circle-slash", _short(shown.sign.why_not))
        if risks := self._risks.get(shown.id):
            more = f" +{len(risks) - 1}" if len(risks) > 1 else ""
            mark = light_mark(care_light(risks[0], self.desk.now()))
            return Mark(mark.tone, mark.icon, _short(risks[0]) + more)
        return light_mark(self._unwarned(shown))

    def _unwarned(self, shown: ApprovalRow) -> Light:
        """Nothing was found: green only where the bank's word is, and the desk's copy is as fresh as the server's."""
        now = self.desk.now()
        if shown.id not in {row.id for row in self._read_of}:
            return waiting_light(approvals.NOTHING, now, asking=True)
        if shown.kind in (Kind.BATCH, Kind.FUNDING):
            return waiting_light(lights.NOT_ASKED, now)
        bank = self._lights.get(shown.id)
        if bank is not None and not bank.green:
            return bank
        return copy_light(None, approvals.NOTHING, self.desk.sync.status.pulled_at, now)

    def _age(self, shown: ApprovalRow) -> str:
        created = instant(shown.created_at)
        if created is None:
            return ""
        return approvals.age(max(0, int((self.desk.now() - created).total_seconds() // 60)))

    def _show_filters(self) -> None:
        rows = self.model.rows
        options = [FilterOption(ALL, common.ALL(), f"{len(rows):,}")]
        for kind, face in FACES.items():
            count = sum(1 for r in rows if r.kind is kind)
            options.append(FilterOption(kind, face.name(), f"{count:,}", face.tone, face.icon))
        self.filters.set_options(options, self._kind)

    def _drop_marks(self) -> None:
        """What may no longer be signed (the connection went, someone else signed) is not marked any more."""
        gone = self.table.model.marked - self.model.selected
        if gone:
            self.table.model.marked -= gone
            self.table.model.marks_changed.emit()

    def _show_selected(self) -> None:
        self.sign_selected.setVisible(bool(self.model.selected))
        self.sign_selected.set_words(self._selected_words)
        allow(self.sign_selected, self.model.may_open_selected)

    def _show_current(self, _row_id: str) -> None:
        current = self.table.current_row()
        self.panel.show_row(current, self._risks.get(current.id, ()) if current else (), self.desk.now())
        action = current.sign if current is not None else ALLOWED
        self.panel.sign.set_words(approvals.REVIEW if self.offline is None else self.offline)
        allow(self.panel.sign, Action(self.offline) if self.offline else action)

    def _selected_words(self) -> str:
        if self.offline is not None:
            return self.offline()
        return approvals.sign_selected(f"{len(self.model.selected):,}", display_amount(self.model.selected_total))

    def _choose_kind(self, kind: str) -> None:
        self._kind = kind
        self.draw()

    def _take_marks(self) -> None:
        """Only payments without a warning may be signed together; every other mark is taken back at once."""
        marked = frozenset(self.table.model.marked)
        self.model.on_change = _nothing  # each selected row would draw, and drawing drops the marks still to be taken
        for waiting in self.model.rows:
            wanted = waiting.id in marked and waiting.id not in self._risks
            if wanted != (waiting.id in self.model.selected):
                self.model.select(waiting.id, wanted)
        self.model.on_change = self.draw
        self.draw()
        if marked - self.model.selected:
            self.bench.toasts.show_notice(approvals.ONE_BY_ONE, "info")

    def _open(self, row_id: str) -> None:
        chosen = next((r for r in self.model.rows if r.id == row_id), None)
        if chosen is not None and chosen.sign.enabled:
            self.work(self._sign((chosen,)), "approvals.sign")

    def _may_open(self) -> bool:
        current = self.table.current_row()
        return current is not None and current.sign.enabled

    def _open_selected(self) -> None:
        if self.model.may_open_selected.enabled:
            self.work(self._sign(self.model.selected_rows), "approvals.sign")

    async def _sign(self, rows: tuple[ApprovalRow, ...]) -> None:
        first = rows[0]
        makers = ", ".join(sorted({r.maker for r in rows}))
        number = first.number if len(rows) == 1 else ""
        ids = [r.view.id for r in rows]
        papers = first.view.documents if KINDS[first.kind].document is not None else ()
        if await sign(self.bench, self, first.kind, ids, maker=makers, number=number, papers=papers):
            self.table.model.marked.clear()
            self.model.selected = frozenset()
            await self.desk.sync.once()
            await self.model.load()
        self.table.view.setFocus()


def _short(text: Text) -> str:
    return SHORT.get(text, text)()


def _amount(shown: ApprovalRow) -> str:
    return display_amount(shown.total) if KINDS[shown.kind].money else "—"


def _widest_finding() -> str:
    return max((text() for text in (approvals.NOTHING, *SHORT.values())), key=len) + " +1 mm"


def _widest_kind() -> Mark:
    return max((kind_mark(kind) for kind in FACES), key=chip_width)


def _nothing() -> None:
    pass
