"""Decides what becomes of delivered statements: which are two forms of one, which are known, which follow the last."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from itertools import groupby
from typing import Final

import msgspec

from server.statements.parsed import LineKind, StatementFile, StatementLine
from shared.money import Satang


class Form(StrEnum):
    """How a statement is written."""

    CSV = "csv"
    MT940 = "mt940"


class Outcome(StrEnum):
    """What becomes of a file; what is waiting or refused is decided anew with each pass."""

    IMPORTED = "imported"
    COPY = "copy"
    EMPTY = "empty"
    WAITING = "waiting"
    REFUSED = "refused"
    SET_ASIDE = "set_aside"


NOT_TAKEN: Final = (Outcome.WAITING, Outcome.REFUSED)
"""No last word: what comes later, a day that has come or a better reader may lift it."""


class Reason(StrEnum):
    """Why a well-formed statement is not imported."""

    GAP = "gap"
    BEFORE_LAST = "before_last"
    NOT_OURS = "not_our_account"
    SET_ASIDE = "set_aside"
    FORMS_DISAGREE = "forms_disagree"
    ALTERED = "altered"


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A statement that may be imported; `files` are the SHA-256 of the file it is read from and of its other form."""

    files: tuple[str, ...]
    stem: str
    form: Form
    content: str
    statement: StatementFile

    @property
    def number(self) -> str:
        """As it is stored."""
        return str(self.statement.number)


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A statement of the account that is imported."""

    stem: str
    form: Form
    number: str
    date: date
    opening: Satang
    closing: Satang
    content: str
    position: int


class Decision(msgspec.Struct, frozen=True):
    """One candidate's outcome; `position` is its place in the account's chain when it is imported."""

    candidate: Candidate
    outcome: Outcome
    reason: str = ""
    position: int = 0


def content_digest(statement: StatementFile) -> str:
    """SHA-256 of what both forms of a statement must say alike: balances, amounts, kinds and references, in order.

    MT940 has room for 16 characters of the bank's reference, so no more is compared. What is a fee the forms say in
    words of their own, and lines that move nothing may stand in one alone.
    """
    lines = "".join(
        f"{line.amount}|{_kind(line)}|{line.reference}|{line.bank_reference[:16]}\n" for line in _moving(statement)
    )
    return hashlib.sha256(f"{statement.opening}|{statement.closing}\n{lines}".encode()).hexdigest()


def _kind(line: StatementLine) -> str:
    if line.kind is not LineKind.FEE:
        return line.kind.value
    return (LineKind.DEBIT if line.amount < 0 else LineKind.CREDIT).value


def _moving(statement: StatementFile) -> list[StatementLine]:
    return [line for line in statement.lines if line.amount != 0]


def merge_forms(candidates: Sequence[Candidate]) -> tuple[list[Candidate], list[Decision]]:
    """Make one candidate of a CSV and an MT940 that carry the same name and say the same; refuse what does not.

    MT940 knows the statement's number, CSV the time of each line; the merged one has both.
    """
    single: list[Candidate] = []
    refused: list[Decision] = []
    for _, group in groupby(sorted(candidates, key=_name), key=_name):
        forms = sorted(group, key=_form)
        pairs = _pairs(forms)
        if not pairs and len({candidate.form for candidate in forms}) == 1:
            single += forms
            continue
        single += [_merged(*pair) for pair in pairs]
        paired = {id(one) for pair in pairs for one in pair}
        disagreeing = [candidate for candidate in forms if id(candidate) not in paired]
        refused += [Decision(candidate, Outcome.REFUSED, Reason.FORMS_DISAGREE) for candidate in disagreeing]
    return single, refused


def _pairs(forms: Sequence[Candidate]) -> list[tuple[Candidate, Candidate]]:
    """Each CSV with an MT940 that says the same; one that was corrected stands beside what it corrects."""
    left = [candidate for candidate in forms if candidate.form is Form.MT940]
    pairs = []
    for csv in forms:
        fitting = [one for one in left if one.content == csv.content]
        if csv.form is Form.CSV and fitting:
            left.remove(fitting[0])
            pairs.append((csv, fitting[0]))
    return pairs


def _name(candidate: Candidate) -> tuple[str, str]:
    return candidate.statement.account, candidate.stem


def _form(candidate: Candidate) -> tuple[str, int, str]:
    return candidate.form, candidate.statement.number, candidate.files[0]


def _merged(csv: Candidate, mt940: Candidate) -> Candidate:
    timed = iter(_moving(csv.statement))
    lines = tuple(line if line.amount == 0 else _with_time(line, next(timed)) for line in mt940.statement.lines)
    statement = msgspec.structs.replace(mt940.statement, lines=lines)
    return msgspec.structs.replace(mt940, files=mt940.files + csv.files, statement=statement)


def _with_time(line: StatementLine, timed: StatementLine) -> StatementLine:
    kind = LineKind.FEE if LineKind.FEE in (line.kind, timed.kind) else line.kind
    return msgspec.structs.replace(line, booked_at=timed.booked_at, kind=kind)


def decide(head: Known | None, same_days: Iterable[Known], candidates: Sequence[Candidate]) -> list[Decision]:
    """Place one account's candidates into its chain, whatever order they came in.

    `head` is the chain's last statement, `same_days` those imported for the days of the candidates. A statement follows
    when it opens with the head's closing balance and, between two MT940, has the next number; the very first opens
    the chain. What follows nothing yet waits for the statement in between.
    """
    known = list(same_days)
    decisions: list[Decision] = []
    left = sorted(candidates, key=_age)
    while left:
        old = {id(item): outcome for item in left if (outcome := _known_already(known, item)) is not None}
        if old:
            decisions += old.values()
            left = [item for item in left if id(item) not in old]
            continue
        chosen = next((item for item in left if _follows(head, item, left)), None)
        if chosen is None:
            return decisions + [_left_over(head, known, item) for item in left]
        head = _as_known(chosen, head.position + 1 if head else 1)
        decisions.append(Decision(chosen, Outcome.IMPORTED, position=head.position))
        known.append(head)
        left = [item for item in left if item is not chosen]
    return decisions


def _age(candidate: Candidate) -> tuple[date, int, str, str]:
    return candidate.statement.date, candidate.statement.number, candidate.form, candidate.files[0]


def _follows(head: Known | None, candidate: Candidate, others: Sequence[Candidate]) -> bool:
    statement = candidate.statement
    if head is None:
        # The first of all: nothing that was delivered with it comes before it.
        return not any(
            other.statement.closing == statement.opening and _age(other) < _age(candidate) for other in others
        )
    if statement.opening != head.closing or statement.date < head.date:
        return False
    if head.form is Form.MT940 and candidate.form is Form.MT940:
        new_year = statement.number == 1 and statement.date.year > head.date.year
        return new_year or statement.number == int(head.number) + 1
    return True


def _known_already(known: Sequence[Known], candidate: Candidate) -> Decision | None:
    """COPY for what is imported, REFUSED for another content under the same name or number, None for what is new."""
    same_day = [item for item in known if item.date == candidate.statement.date]
    for item in same_day:
        if item.content == candidate.content and (item.form is not candidate.form or item.number == candidate.number):
            return Decision(candidate, Outcome.COPY)
    for item in same_day:
        if item.form is candidate.form and item.number == candidate.number:
            return Decision(candidate, Outcome.REFUSED, Reason.ALTERED)
        # Of two MT940 the numbers tell; one file, or one name, may carry several of a day.
        if item.stem == candidate.stem and not _numbered(item, candidate):
            reason = Reason.ALTERED if item.form is candidate.form else Reason.FORMS_DISAGREE
            return Decision(candidate, Outcome.REFUSED, reason)
    return None


def _left_over(head: Known | None, known: Sequence[Known], candidate: Candidate) -> Decision:
    """What claims the place of an imported statement is another word on the same; anything else waits.

    Neither is the last word: what comes later may fill the gap, and both are judged again.
    """
    statement = candidate.statement
    if any(_same_place(item, candidate) for item in known):
        return Decision(candidate, Outcome.REFUSED, Reason.FORMS_DISAGREE)
    if head is not None and statement.date < head.date:
        return Decision(candidate, Outcome.WAITING, Reason.BEFORE_LAST)
    return Decision(candidate, Outcome.WAITING, Reason.GAP)


def _same_place(item: Known, candidate: Candidate) -> bool:
    """Two MT940 stand where their numbers say; else day and opening tell, when the one that is there moved money."""
    statement = candidate.statement
    if (item.date, item.opening) != (statement.date, statement.opening):
        return False
    return not _numbered(item, candidate) and item.opening != item.closing


def _numbered(item: Known, candidate: Candidate) -> bool:
    return item.form is Form.MT940 and candidate.form is Form.MT940


def _as_known(candidate: Candidate, position: int) -> Known:
    statement = candidate.statement
    return Known(
        stem=candidate.stem,
        form=candidate.form,
        number=candidate.number,
        date=statement.date,
        opening=statement.opening,
        closing=statement.closing,
        content=candidate.content,
        position=position,
    )
