"""Draws the window and every widget with made-up data to PNG files: `python -m desktop.ui.gallery --out DIR`."""

from __future__ import annotations

import argparse
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget

from desktop.i18n import Language, Text, nav, pick
from desktop.ui import gallery_data as data
from desktop.ui.app import make_application
from desktop.ui.pages import Page, PageRegistry, PageSpec, Workbench
from desktop.ui.shell import Person, Shell
from desktop.ui.theme.look import TextSize, look
from desktop.ui.theme.tokens import Mode
from desktop.ui.widgets import topbar
from desktop.ui.widgets.amount import AmountTwice
from desktop.ui.widgets.bar_chart import BarChart
from desktop.ui.widgets.basics import PAGE_MARGIN, BusyButton, Button, Label, column, row, scrolled
from desktop.ui.widgets.basics import form as stacked
from desktop.ui.widgets.cards import Card, Facts, StatCard
from desktop.ui.widgets.date_field import DateField
from desktop.ui.widgets.dialog import Dialog
from desktop.ui.widgets.fields import Choice, Field, SearchField
from desktop.ui.widgets.file_drop import FileDrop
from desktop.ui.widgets.flow import FilterOption, FilterRow, FlowLayout
from desktop.ui.widgets.inspector import Inspector
from desktop.ui.widgets.key_list import KeyList
from desktop.ui.widgets.member_search import MemberHit, MemberSearch
from desktop.ui.widgets.states import EmptyState, ErrorLine, Skeleton
from desktop.ui.widgets.status import FACES, StatusChip, status_mark
from desktop.ui.widgets.table import DataTable
from desktop.ui.widgets.tasks import Task, TaskList
from shared.money import Satang
from shared.permissions import Role

SIZE = (1366, 768)


class ListPage(Page):
    """A list with search, filters, table and inspector."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self.search = SearchField(Text("ค้นหาเลขที่ ชื่อ หรือรหัสสมาชิก   (Ctrl+F)", "Number, name or code   (Ctrl+F)"))
        date = DateField(data.START.date(), data.START.date())
        branch = Choice([("", Text("ทุกสาขา", "All branches"))], Text("สาขา", "Branch"))
        new = Button(nav.NEW_PAYMENT, icon="plus", kind="primary")
        head = row(self.search, date, branch, new, spacing=10)
        head.setStretch(0, 1)
        self.filters = FilterRow()
        self.table: DataTable[data.SampleRow] = DataTable(
            nav.DISBURSEMENTS, data.columns(), checkable=True, amount_of=lambda r: r.amount
        )
        self.inspector = Inspector()
        self.inspector.buttons.addWidget(
            Button(Text("ตรวจและอนุมัติ", "Review and approve"), icon="shield-check", kind="primary")
        )
        middle = row(self.table, self.inspector, spacing=12)
        middle.setStretch(0, 1)
        layout = column(spacing=12, margins=(PAGE_MARGIN, 16, PAGE_MARGIN, 8))
        layout.addLayout(head)
        layout.addWidget(self.filters)
        layout.addLayout(middle, 1)
        self.setLayout(layout)
        self.table.current_changed.connect(self._show)
        self.table.set_rows(data.rows(400))
        self.table.model.toggle_mark(1)
        self.table.model.toggle_mark(3)
        look.changed.connect(self._fill)
        self._fill()

    def _fill(self) -> None:
        counts = {"validated": "8,865", "waiting_to_send": "3", "in_doubt": "1", "authorized": "6,033", "sent": "7,136"}
        counts |= {"settled": "70,029", "failed": "302", "returned": "12", "draft": "19"}
        options = [FilterOption("all", pick("ทั้งหมด", "All"), "92,400")]
        options += [FilterOption(s, status_mark(s).text, n, *FACES[s]) for s, n in counts.items()]
        self.filters.set_options(options, "all")
        self._show(self.table.view.current_id() or "")

    def _show(self, _row_id: str) -> None:
        current = self.table.current_row()
        self.inspector.show_row(data.inspection(current) if current else None)

    def refresh(self) -> None:
        """F5."""
        self.table.show_waiting()

    def search_focus(self) -> QWidget:
        """Ctrl+F."""
        return self.search


class DashboardPage(Page):
    """Figures, bars, and things to do."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(PAGE_MARGIN, 18, PAGE_MARGIN, 20)
        layout.setSpacing(14)
        self._cards = [
            StatCard(Text("จ่ายสำเร็จวันนี้", "Paid today"), "circle-check", "ok"),
            StatCard(Text("รออนุมัติ", "Awaiting approval"), "clock", "wait"),
            StatCard(Text("ธนาคารปฏิเสธ", "Bank refused"), "circle-x", "bad"),
            StatCard(Text("เงินพร้อมจ่าย", "Available to pay"), "landmark", "info"),
        ]
        layout.addLayout(row(*self._cards, spacing=14))
        chart_card = Card(Text("ยอดจ่ายรายวัน (ล้านบาท) · ต.ค. 2569", "Paid per day (million THB) · Oct 2026"))
        legend = (Text("จ่ายสำเร็จ", "Paid"), Text("รอ", "Waiting"), Text("คืน", "Returned"))
        self.chart = BarChart(legend, unit=100)
        self.chart.set_bars(data.bars(), spoken="")
        chart_card.body.addWidget(self.chart, 1)
        self.todo = Card(Text("ต้องทำตอนนี้", "To do now"))
        self.tasks = TaskList()
        self.todo.body.addWidget(self.tasks)
        self.todo.body.addStretch()
        across = row(chart_card, self.todo, spacing=14)
        across.setStretch(0, 3)
        across.setStretch(1, 2)
        layout.addLayout(across, 1)
        look.changed.connect(self._fill)
        self._fill()

    def _fill(self) -> None:
        notes = ("318", "23 · 2:10", "3", "")
        for card, figure, note in zip(
            self._cards, ("12,480,350.00", "1,965,200.00", "84,150.00", "4,120,500.00"), notes, strict=True
        ):
            card.set_value(figure, pick(f"{note} รายการ", f"{note} items") if note else "SCB 4412")
        self.tasks.set_tasks(
            [
                Task("approvals", "wait", "clock", pick("อนุมัติ 23 รายการ", "Approve 23 items"), "1,965,200.00"),
                Task("failed", "bad", "undo-2", pick("ดูรายการที่จ่ายไม่สำเร็จ", "Look at what was not paid"), "3"),
                Task("changes", "info", "landmark", pick("ตรวจคำขอเปลี่ยนบัญชี", "Check bank changes"), "5"),
                Task("sync", "queue", "inbox", pick("รอส่งเมื่อออนไลน์", "Waiting to send"), "0"),
            ]
        )


class WidgetsPage(Page):
    """One of everything else."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        left, right = QVBoxLayout(), QVBoxLayout()
        form = Card(Text("จ่ายเงินให้สมาชิก", "Pay a member"))
        self.member = MemberSearch(
            Text("เสียบบัตร สแกน หรือพิมพ์ชื่อ", "Insert a card, scan or type"), Text("ไม่พบ", "Nothing found")
        )
        self.twice = AmountTwice()
        self.twice.first.edit.set_value(Satang(4_825_000))
        self.twice.second.edit.set_value(Satang(4_852_000))
        ticket = Field(Text("เลขที่ใบชั่ง", "Weigh ticket"), QLineEdit("W-6811-0442"))
        form.body.addLayout(stacked(Field(nav.MEMBERS, self.member), ticket, self.twice))
        busy = BusyButton(Text("กำลังส่ง", "Sending"), icon="send")
        off = Button(Text("ส่งขออนุมัติ", "Submit"), icon="send", kind="primary")
        off.setEnabled(False)
        self.busy = busy
        danger = Button(Text("ไม่อนุมัติ…", "Reject…"), icon="ban", kind="danger")
        quiet = Button(Text("ล้างตัวกรอง", "Clear filters"), icon="x", kind="quiet")
        buttons = row(Button(Text("บันทึกร่าง", "Save draft"), icon="save"), danger, quiet, off, busy, spacing=10)
        buttons.addStretch()
        form.body.addLayout(buttons)
        left.addWidget(form)
        left.addWidget(
            FileDrop(
                Text("ไฟล์ชุดจ่าย", "Batch file"),
                Text("Excel หรือ CSV ไม่เกิน 10 MB", "Excel or CSV, up to 10 MB"),
                frozenset({".xlsx"}),
            )
        )
        left.addStretch()
        chips = Card(Text("สถานะทั้งหมด", "Every status"))
        flow = QWidget()
        arrangement = FlowLayout(flow)
        for state in FACES:
            arrangement.addWidget(StatusChip(state))
        chips.body.addWidget(flow)
        error = ErrorLine()
        error.show_error(Text("โหลดไม่สำเร็จ ข้อมูลที่เห็น|เป็นของ 10:42", "Could not load; what you see is of 10:42"))
        chips.body.addWidget(error)
        right.addWidget(chips)
        right.addWidget(Skeleton(3), 1)
        right.addWidget(EmptyState("inbox", Text("ยังไม่มีรายการวันนี้", "Nothing yet today")), 1)
        across = row(spacing=14, margins=(PAGE_MARGIN, 18, PAGE_MARGIN, 20))
        across.addLayout(left, 3)
        across.addLayout(right, 2)
        content = QWidget()
        content.setLayout(across)
        self.setLayout(column(scrolled(content)))


def sample_dialog(parent: QWidget) -> Dialog:
    """A dialog with content like a sign-off."""
    dialog = Dialog(Text("ลงนามอนุมัติ", "Sign off"), parent)
    dialog.resize(720, 360)
    dialog.body.addWidget(Label(Text("ยอดที่จะอนุมัติ", "Amount to approve"), size="small", ink="muted"))
    dialog.body.addWidget(Label(Text("160,909.89 บาท", "160,909.89 THB"), size="figure"))
    card = Card(Text("ผู้รับเงิน", "Payee"))
    card.body.addWidget(Facts([(pick("ชื่อในทะเบียน", "Register"), data.NAMES[1]), (pick("บัญชี", "Account"), "•••• 3725")]))
    dialog.body.addWidget(card)
    dialog.body.addStretch()
    dialog.add_primary(Button(Text("ลงนามอนุมัติ 160,909.89", "Sign 160,909.89"), icon="shield-check", kind="primary"))
    return dialog


def _blank(_bench: Workbench) -> Page:
    return Page()


def registry() -> PageRegistry:
    """The gallery's pages."""
    pages = PageRegistry()
    specs = [
        ("dashboard", "layout-dashboard", nav.DASHBOARD, DashboardPage, 0),
        ("members", "users", nav.MEMBERS, _blank, 0),
        ("disbursements", "banknote", nav.DISBURSEMENTS, ListPage, 0),
        ("batch", "file-spreadsheet", nav.BATCH, WidgetsPage, 0),
        ("approvals", "shield-check", nav.APPROVALS, _blank, 0),
        ("statements", "receipt-text", nav.STATEMENTS, _blank, 1),
        ("reconciliation", "scale", nav.RECONCILIATION, _blank, 1),
        ("settings", "settings", nav.SETTINGS, _blank, 2),
    ]
    for page, icon, title, factory, group in specs:
        pages.register(PageSpec(page, icon, title, factory, group=group))
    return pages


def make_shell() -> Shell:
    """The window, filled and online."""
    shell = Shell(registry())
    shell.resize(*SIZE)
    shell.set_person(Person("วรรณา ใจดี", nav.ROLE_MANAGER(), "NSN นครสวรรค์", frozenset(Role)))
    shell.set_sync(topbar.online("10:42:08"))
    shell.nav.set_count("approvals", 23)
    shell.topbar.bell.set_unread(2)
    shell.show()
    return shell


def settle() -> None:
    """Let layouts and deletions finish."""
    for _ in range(4):
        QApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def draw(widget: QWidget, out: Path, name: str) -> None:
    """Save a picture."""
    settle()
    widget.grab().save(str(out / f"{name}.png"))


def _pages(shell: Shell, out: Path, language: Language, mode: Mode) -> None:
    for page in ("dashboard", "disbursements", "batch"):
        shell.open_page(page)
        draw(shell, out, f"{page}_{language}_{mode}")


def _overlays(shell: Shell, out: Path) -> None:
    shell.open_page("batch")
    page = shell.current_page()
    if isinstance(page, WidgetsPage):
        page.busy.set_busy(True)
        page.member.setText("แก้ว")
        hits = [MemberHit(f"{i}", data.NAMES[i], f"M000{i}412", f"BAAC •••• {i}412") for i in range(4)]
        page.member.setFocus()
        page.member.set_hits(hits)
    shell.toasts.show_notice(Text("ธนาคารคืนเงิน PV2611-0000123", "The bank returned PV2611-0000123"), "bad", sticky=True)
    shell.toasts.show_undo(Text("ส่งขออนุมัติ 48,250.00 แล้ว", "Submitted 48,250.00"), 8000, lambda _undone: None)
    draw(shell, out, "overlays_th_light")
    shell.set_sync(topbar.offline(3))
    shell.show_notice(lambda: nav.offline_banner("10:04"), lambda: nav.see_queue(3))
    shell.open_page("disbursements")
    page = shell.current_page()
    if isinstance(page, ListPage):
        page.table.update_rows([("new-1", data.rows(1)[0][1]), ("new-2", data.rows(1)[0][1])])
    shell.palette_box.summon()
    draw(shell, out, "palette_offline_th_light")
    shell.palette_box.dismiss()
    dialog = sample_dialog(shell)
    dialog.open()
    draw(dialog, out, "dialog_th_light")
    dialog.reject()
    key_list = KeyList(shell.commands.available(shell), shell)
    key_list.open()
    draw(key_list, out, "keys_th_light")
    key_list.reject()


def main() -> None:
    """Draw everything into --out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--text-size", type=int, choices=(100, 115, 130), default=100)
    chosen = parser.parse_args()
    out: Path = chosen.out
    out.mkdir(parents=True, exist_ok=True)
    _app = make_application(["gallery", "-platform", "offscreen"])
    size: TextSize = chosen.text_size
    look.set_text_size(size)
    shell = make_shell()
    combinations: list[tuple[Language, Mode]] = [("th", "light"), ("en", "dark"), ("en", "light"), ("th", "dark")]
    for language, mode in combinations:
        look.set_language(language)
        look.set_mode(mode)
        _pages(shell, out, language, mode)
    look.set_language("th")
    look.set_mode("light")
    _overlays(shell, out)


if __name__ == "__main__":
    main()
