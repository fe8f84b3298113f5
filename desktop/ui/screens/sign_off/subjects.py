"""What the sign-off dialog calls each kind of thing, and which face it has."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from desktop.core.screens.sign_off import SignOff
from desktop.core.sheets import Subject
from desktop.i18n import restore, sign_off, statements
from desktop.ui.screens.pieces import moment
from desktop.ui.screens.sign_off import faces
from desktop.ui.widgets.basics import Words


def title(subject: Subject) -> Words:
    """Above the figure."""
    if subject.bank_change is not None:
        return sign_off.NEW_ACCOUNT
    if subject.set_aside is not None:
        again = subject.set_aside.action == "take_again"
        return statements.ASKED_TAKE_AGAIN if again else statements.ASKED_SET_ASIDE
    if subject.restore is not None:
        return restore.ASKED
    return sign_off.TOTAL if subject.count > 1 else sign_off.AMOUNT


def about(subject: Subject) -> Words | str | None:
    """The largest words of the dialog where no money moves; else None, and the amount stands there."""
    if subject.bank_change is not None:
        return subject.bank_change.member_name
    if subject.set_aside is not None:
        return faces.statement_words(subject.set_aside)
    if (sheet := subject.restore) is not None:
        return lambda: restore.compared_at(moment(sheet.made_at))
    return None


def number(subject: Subject) -> str:
    """The number by which people know it; empty where it has none."""
    if subject.bank_change is not None:
        return subject.bank_change.number
    if subject.funding is not None:
        return subject.funding.number
    if subject.set_aside is not None:
        return subject.set_aside.statement
    if subject.deposit is not None:
        return subject.deposit.number
    return subject.items[0].sheet.number if subject.items and subject.count == 1 else ""


def face(subject: Subject, model: SignOff, documents: QWidget) -> QWidget:
    """What is shown of it."""
    now, digest = model.desk.now(), subject.digest
    if subject.bank_change is not None:
        return faces.bank_change_face(subject.bank_change, digest, model.bank_word, documents, now)
    if subject.funding is not None:
        return faces.funding_face(subject.funding, digest, now)
    if subject.set_aside is not None:
        return faces.set_aside_face(subject.set_aside, digest, now)
    if subject.restore is not None:
        return faces.restore_face(subject.restore, digest, now)
    if subject.deposit is not None:
        return faces.deposit_face(subject.deposit, digest, now, documents)
    if subject.count == 1:
        return faces.payment_face(subject.items[0], digest, now)
    return faces.set_face(subject, model.warnings, now)
