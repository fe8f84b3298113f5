"""What is shown of the thing to be signed: every value is read from the canonical sheets that were verified."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.core import texts
from desktop.core.lights import Light, account_light, care_light, seen_light
from desktop.core.screens.asked_bank import BankWord
from desktop.core.screens.cautions import LARGEST, Caution
from desktop.core.sheets import SignedItem, Subject
from desktop.i18n import common, dates, language, restore, sign_off, statements, treasury
from desktop.i18n.text import Text
from desktop.ui.screens.pieces import grouped_account, moment, named, show_amount
from desktop.ui.screens.sign_off.parts import Compared
from desktop.ui.theme.fonts import scaled
from desktop.ui.widgets.basics import Label, Words, line, row
from desktop.ui.widgets.cards import Card, Facts
from desktop.ui.widgets.light_line import LightLine, light_mark
from desktop.ui.widgets.status import Mark, chip_width
from desktop.ui.widgets.table import Column, DataTable, Kind
from shared.banks import bank_name, bank_short
from shared.canonical import (
    BankChangeSheet,
    DepositSheet,
    FundingSheet,
    IntentSheet,
    RestoreSheet,
    SetAsideSheet,
    Sheet,
)
from shared.money import Satang, display_amount

_TAIL: Final = 8


@dataclass(frozen=True)
class Look:
    """What a face shows beside its sheet."""

    digest: str
    now: datetime
    said: BankWord
    documents: QWidget


@dataclass(frozen=True, kw_only=True)
class Face:
    """How a kind of case looks: its title, its number, what stands large where it is no amount, and the rest."""

    title: Callable[[Any], Words] = lambda _: sign_off.AMOUNT
    number: Callable[[Any], str] = lambda sheet: str(sheet.number)
    figure: Callable[[Any], Words | str] | None = None
    draw: Callable[[Any, Look], QWidget]


def payment_face(item: SignedItem, digest: str, now: datetime) -> QWidget:
    """One payment: both names side by side, the account in full, what was checked."""
    sheet = item.sheet
    payee = Card(sign_off.PAYEE)
    doubtful = account_light(item.verdict, now).tone in ("bad", "wait")
    bank_says = item.bank_name or sign_off.BANK_SILENT()
    names = row(
        Compared(sign_off.REGISTER_NAME, sheet.payee),
        Compared(sign_off.BANK_NAME, bank_says, doubtful=doubtful),
        spacing=20,
    )
    names.setStretch(0, 1)
    names.setStretch(1, 1)
    payee.body.addLayout(names)
    payee.body.addWidget(line())
    payee.body.addWidget(_account(sign_off.ACCOUNT, sheet.bank, sheet.account))
    facts: list[tuple[Words | str, str]] = [(sign_off.MEMBER_CODE, sheet.member_code), (sign_off.BRANCH, sheet.branch)]
    facts += [(title, value) for title, value in _goods(sheet) if value]
    facts += [(title, display_amount(amount)) for title, amount in _parts(sheet) if amount]
    payee.body.addWidget(Facts(facts))
    payee.body.addStretch()
    return _side_by_side(payee, _checks(_payment_checks(item, digest, now)), (5, 3))


def set_face(subject: Subject, warnings: Sequence[Caution], now: datetime) -> QWidget:
    """Several payments: of a set the largest, of a batch what was kept of it, and every one that is warned of."""
    found = {caution.item: caution.text for caution in warnings if caution.item}
    by_amount = sorted(subject.items, key=lambda item: -item.sheet.amount)
    chosen = [*by_amount[:LARGEST], *(item for item in by_amount[LARGEST:] if str(item.id) in found)]
    table: DataTable[SignedItem] = named(DataTable(sign_off.DOCUMENTS, _columns(found, now)), "sign_off_items")
    table.set_rows([(str(item.id), item) for item in sorted(chosen, key=lambda i: str(i.id) not in found)])
    table.setMinimumHeight(scaled(300))
    title = sign_off.ALL_ROWS if len(chosen) == subject.count else sign_off.WARNED_AND_LARGEST
    whole = QWidget()
    layout = QVBoxLayout(whole)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(8)
    layout.addWidget(Label(title, size="title"))
    layout.addWidget(table, 1)
    layout.addWidget(_digest_line(subject.digest, now))
    return whole


def _bank_change(sheet: BankChangeSheet, look: Look) -> QWidget:
    """Old and new account side by side, in full, and under the new one whose the bank says it is."""
    said = look.said
    old = Card(sign_off.OLD)
    if sheet.old_account:
        old.body.addWidget(_account(sign_off.ACCOUNT, sheet.old_bank, sheet.old_account))
        old.body.addWidget(Compared(sign_off.MEMBER, sheet.member_name))
        old.body.addWidget(Label(lambda: sign_off.bank_version(sheet.old_version), size="small", ink="muted"))
    else:
        old.body.addWidget(Label(sign_off.NO_OLD, ink="muted"))
    new = Card(sign_off.NEW)
    new.set_tone("accent")
    new.body.addWidget(_account(sign_off.ACCOUNT, sheet.new_bank, sheet.new_account))
    new.body.addWidget(Compared(sign_off.ACCOUNT_NAME, sheet.new_account_name))
    if said.name:
        new.body.addWidget(Compared(sign_off.BANK_NAME, said.name, doubtful=not said.light.green))
    new.body.addWidget(named(LightLine(said.light), "sign_off_bank_word"))
    for card in (old, new):
        card.body.addStretch()
    whole = QWidget()
    layout = QVBoxLayout(whole)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(12)
    layout.addWidget(_side_by_side(old, new, (1, 1)))
    about = Card()
    facts = [
        (sign_off.MEMBER, f"{sheet.member_name} · {sheet.member_code} · {sheet.branch}"),
        (sign_off.REASON, sheet.reason),
    ]
    about.body.addWidget(Facts(facts))
    about.body.addWidget(_digest_line(look.digest, look.now))
    layout.addWidget(about)
    papers = Card(sign_off.READ_DOCUMENTS)
    papers.body.addWidget(look.documents)
    layout.addWidget(papers)
    layout.addStretch()
    return whole


def _funding(sheet: FundingSheet, look: Look) -> QWidget:
    """Money from the treasury to a branch."""
    card = Card()
    card.body.addWidget(Compared(sign_off.BRANCH, sheet.branch))
    card.body.addWidget(Facts([(sign_off.REASON, sheet.reason)]))
    card.body.addStretch()
    checks = _checks([_digest(look.digest, look.now)])
    return _side_by_side(card, checks, (5, 3))


def _set_aside(sheet: SetAsideSheet, look: Look) -> QWidget:
    """A statement that is to prove nothing any more, or to be taken again, and what that means."""
    card = Card()
    again = sheet.action == "take_again"
    card.body.addWidget(Compared(sign_off.REASON, sheet.reason))
    facts = [
        (statements.NUMBER, sheet.statement),
        (statements.OPENING, show_amount(sheet.opening)),
        (statements.CLOSING, show_amount(sheet.closing)),
        (statements.COUNT, f"{sheet.lines:,}"),
    ]
    card.body.addWidget(Facts(facts))
    card.body.addWidget(Label(statements.TAKE_AGAIN_MEANS if again else statements.SET_ASIDE_MEANS, wrap=True))
    card.body.addStretch()
    checks = _checks([_digest(look.digest, look.now)])
    return _side_by_side(card, checks, (5, 3))


def _restore(sheet: RestoreSheet, look: Look) -> QWidget:
    """What a comparison found, and what it means to go on with it."""
    card = Card()
    card.body.addWidget(Compared(sign_off.REASON, sheet.reason))
    facts = [
        (restore.COUNT, f"{sheet.payments:,}"),
        (restore.TOTAL, sign_off.baht(show_amount(sheet.total))),
        (restore.FOR_PEOPLE, f"{sheet.exceptions:,}"),
        (restore.WHO_SAYS, restore.witnesses(sheet.found_by)),
        (restore.REPORT, f"…{sheet.report[-_TAIL * 2 :]}"),
    ]
    card.body.addWidget(Facts(facts))
    card.body.addWidget(Label(restore.MEANS, wrap=True))
    card.body.addStretch()
    checks = _checks([_digest(look.digest, look.now)])
    return _side_by_side(card, checks, (5, 3))


def _statement_words(sheet: SetAsideSheet) -> Words:
    """Which statement: the account's end and the day."""
    return lambda: f"{statements.account(sheet.account)} · {dates.day_of(sheet.date)}"


def _deposit(sheet: DepositSheet, look: Look) -> QWidget:
    """Money paid into the company's account, by whom, and the evidence for it."""
    card = Card()
    card.body.addWidget(Compared(treasury.PAYER, sheet.payer))
    facts = [
        (treasury.RECEIVED_ON, dates.day_of(sheet.received_on)),
        (treasury.LINE, treasury.line_words(sheet.statement_line.partition(" ")[0])),
        (treasury.REFERENCE, sheet.reference),
        (sign_off.REASON, sheet.reason),
        (treasury.OTHER_MONEY, sheet.duplicate_reason),
    ]
    card.body.addWidget(Facts([(title, value) for title, value in facts if value]))
    if sheet.documents:
        card.body.addWidget(Label(sign_off.READ_DOCUMENTS, weight="medium", wrap=True))
        card.body.addWidget(look.documents)
    card.body.addStretch()
    checks = _checks([_digest(look.digest, look.now)])
    return _side_by_side(card, checks, (5, 3))


def _comparison_words(sheet: RestoreSheet) -> Words:
    """When it was compared."""
    return lambda: restore.compared_at(moment(sheet.made_at))


FACES: Final[Mapping[type[Sheet], Face]] = {
    BankChangeSheet: Face(
        title=lambda _: sign_off.NEW_ACCOUNT, figure=lambda sheet: str(sheet.member_name), draw=_bank_change
    ),
    FundingSheet: Face(draw=_funding),
    DepositSheet: Face(draw=_deposit),
    SetAsideSheet: Face(
        title=lambda sheet: statements.ASKED_TAKE_AGAIN if sheet.action == "take_again" else statements.ASKED_SET_ASIDE,
        number=lambda sheet: str(sheet.statement),
        figure=_statement_words,
        draw=_set_aside,
    ),
    RestoreSheet: Face(title=lambda _: restore.ASKED, number=lambda _: "", figure=_comparison_words, draw=_restore),
}


def face_of(subject: Subject) -> Face | None:
    """How the case looks that is signed; None for payments."""
    return None if subject.sheet is None else FACES.get(type(subject.sheet))


def _account(title: Text, bank: str, digits: str) -> QWidget:
    shown = Compared(title, f"{bank_short(bank)}  {grouped_account(digits)}")
    shown.setToolTip(bank_name(bank, language()))
    return shown


def _goods(sheet: IntentSheet) -> list[tuple[Text, str]]:
    return [
        (sign_off.COUNTERPARTY, sheet.counterparty),
        (sign_off.PRODUCE, sheet.produce),
        (sign_off.TICKET, sheet.weigh_ticket),
        (sign_off.NOTE, sheet.note),
        (sign_off.DUPLICATE_REASON, sheet.duplicate_reason),
    ]


def _parts(sheet: IntentSheet) -> list[tuple[Text, Satang]]:
    """What the amount is made of, where the payee does not get just that."""
    kept = sheet.payout != sheet.amount
    return [
        (sign_off.FEE, sheet.fee),
        (sign_off.POST_FEE, sheet.post_fee),
        (sign_off.ADVANCE, sheet.advance),
        (sign_off.PAYOUT, sheet.payout if kept else Satang(0)),
    ]


def _payment_checks(item: SignedItem, digest: str, now: datetime) -> list[Light]:
    """The bank's word is the server's verdict; the rest the desk reads from the bytes that are signed."""
    sheet = item.sheet
    first = sheet.account_version == 1
    version = sign_off.FIRST_ACCOUNT if first else sign_off.account_version(sheet.account_version)
    checks = [account_light(item.verdict, now)]
    if item.verdict.says in ("confirmed", "name_differs"):
        shown = seen_light if item.verdict.says == "confirmed" else care_light
        checks.append(shown(sign_off.name_match(item.match), now))
    if sheet.account_version:
        checks.append((seen_light if first else care_light)(version, now))
    if not sheet.weigh_ticket:
        checks.append(care_light(sign_off.NO_TICKET, now))
    if sheet.documents:
        checks.append(seen_light(sign_off.documents(len(sheet.documents)), now))
    return [*checks, _digest(digest, now)]


def _digest(digest: str, now: datetime) -> Light:
    return seen_light(sign_off.digest_agrees(digest[-_TAIL:]), now)


def _digest_line(digest: str, now: datetime) -> LightLine:
    return LightLine(_digest(digest, now))


def _checks(checks: Sequence[Light]) -> Card:
    card = Card(sign_off.CHECKS)
    for light in checks:
        card.body.addWidget(LightLine(light))
    card.body.addStretch()
    return card


def _side_by_side(left: QWidget, right: QWidget, stretch: tuple[int, int]) -> QWidget:
    whole = QWidget()
    layout = row(left, right, spacing=14)
    layout.setStretch(0, stretch[0])
    layout.setStretch(1, stretch[1])
    whole.setLayout(layout)
    return whole


def _columns(found: dict[str, Text], now: datetime) -> list[Column[SignedItem]]:
    def finding(item: SignedItem) -> Mark:
        text = found.get(str(item.id))
        return light_mark(care_light(text, now) if text else account_light(item.verdict, now))

    return [
        Column(
            "payee",
            sign_off.REGISTER_NAME,
            lambda i: i.sheet.payee,
            Kind.STRONG,
            "นางสาวปราณี โพธิ์ประเสริฐ",
            stretch=True,
            keep=9,
        ),
        Column(
            "bank_name",
            sign_off.BANK_NAME,
            lambda i: i.bank_name or sign_off.BANK_SILENT(),
            Kind.TEXT,
            "นางสาวปราณี โพธิ์ประเสริฐ",
            stretch=True,
            keep=8,
        ),
        Column(
            "account",
            sign_off.ACCOUNT,
            lambda i: f"{bank_short(i.sheet.bank)} {grouped_account(i.sheet.account)}",
            Kind.MUTED,
            "KBANK 0000-0000-0000",
            keep=8,
        ),
        Column(
            "amount", sign_off.LARGEST, lambda i: display_amount(i.sheet.amount), Kind.MONEY, "2,000,000.00", keep=9
        ),
        Column("finding", sign_off.FINDING, finding, Kind.NOTE, _widest_finding, keep=9),
        Column("code", sign_off.MEMBER_CODE, lambda i: i.sheet.member_code, Kind.MUTED, "NSN-00000 ", keep=3),
        Column("ticket", sign_off.TICKET, lambda i: i.sheet.weigh_ticket or "—", Kind.MUTED, "W-0000-0000", keep=2),
    ]


def _widest_finding() -> Mark:
    return max((Mark("wait", "", text()) for text in (texts.NAME_MISMATCH, texts.ACCOUNT_CHANGED)), key=chip_width)


def caution_words(subject: Subject, caution: Caution) -> str:
    """Which payments a warning is about: the one to be signed, where there are several, and the earlier one."""
    return "\n".join(part for part in (_item_words(subject, caution.item), caution.about) if part)


def _item_words(subject: Subject, item_id: str) -> str:
    item = next((item for item in subject.items if str(item.id) == item_id), None)
    if item is None or subject.count == 1:
        return ""
    return f"{item.sheet.payee} · {item.sheet.member_code} · {display_amount(item.sheet.amount)} {common.BAHT()}"
