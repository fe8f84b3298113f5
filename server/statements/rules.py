"""Decides what becomes of delivered statements: which are two forms of one, which are known, which follow the last."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from itertools import groupby

import msgspec

from server.statements.parsed import LineKind, StatementFile, StatementLine
from shared.money import Satang


class Form(StrEnum):
    """How a statement is written."""

    CSV = "csv"
    MT940 = "mt940"


class Outcome(StrEnum):
    """What becomes of a file; `waiting` is decided anew with each pass."""

    IMPORTED = "imported"
    COPY = "copy"
    EMPTY = "empty"
    WAITING = "waiting"
    REFUSED = "refused"


class Reason(StrEnum):
    """Why a well-formed statement is not imported."""

    GAP = "gap"
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

    MT940 has room for 16 characters of the bank's reference, so no more is compared; and it has a code for fees, which
    the other form may describe in any words.
    """
    lines = "".join(
        f"{line.amount}|{_kind_told(line).value}|{line.reference}|{line.bank_reference[:16]}\n"
        for line in statement.lines
    )
    return hashlib.sha256(f"{statement.opening}|{statement.closing}\n{lines}".encode()).hexdigest()


def _kind_told(line: StatementLine) -> LineKind:
    if line.kind is LineKind.FEE:
        return LineKind.CREDIT if line.amount > 0 else LineKind.DEBIT
    return line.kind


def merge_forms(candidates: Sequence[Candidate]) -> tuple[list[Candidate], list[Decision]]:
    """Make one candidate of a CSV and an MT940 that carry the same name and say the same; refuse both if they do not.

    MT940 knows the statement's number, CSV the time of each line; the merged one has both.
    """
    single: list[Candidate] = []
    refused: list[Decision] = []
    for _, group in groupby(sorted(candidates, key=_name), key=_name):
        forms = sorted(group, key=_form)
        if [candidate.form for candidate in forms] != [Form.CSV, Form.MT940]:
            single += forms
        elif forms[0].content == forms[1].content:
            single.append(_merged(*forms))
        else:
            refused += [Decision(candidate, Outcome.REFUSED, Reason.FORMS_DISAGREE) for candidate in forms]
    return single, refused


def _name(candidate: Candidate) -> tuple[str, str]:
    return candidate.statement.account, candidate.stem


def _form(candidate: Candidate) -> tuple[str, int, str]:
    return candidate.form, candidate.statement.number, candidate.files[0]


def _merged(csv: Candidate, mt940: Candidate) -> Candidate:
    lines = tuple(
        msgspec.structs.replace(line, booked_at=timed.booked_at)
        for line, timed in zip(mt940.statement.lines, csv.statement.lines, strict=True)
    )
    statement = msgspec.structs.replace(mt940.statement, lines=lines)
    return msgspec.structs.replace(mt940, files=mt940.files + csv.files, statement=statement)


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
            return decisions + [_left_over(known, item) for item in left]
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
        if item.stem == candidate.stem:
            reason = Reason.ALTERED if item.form is candidate.form else Reason.FORMS_DISAGREE
            return Decision(candidate, Outcome.REFUSED, reason)
    return None


def _left_over(known: Sequence[Known], candidate: Candidate) -> Decision:
    """What claims the place of an imported statement is another word on the same; anything else waits."""
    statement = candidate.statement
    if any(item.date == statement.date and item.opening == statement.opening for item in known):
        return Decision(candidate, Outcome.REFUSED, Reason.FORMS_DISAGREE)
    return Decision(candidate, Outcome.WAITING, Reason.GAP)


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
