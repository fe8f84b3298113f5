"""Imports delivered statement files: each wholly or not at all, each once, in the order of the account's chain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Final
from uuid import UUID

import msgspec

from server.audit import store as audit
from server.context import HEAD_OFFICE, Actor, system_clock
from server.database.transaction import Row, Transaction
from server.statements import store
from server.statements.csv_format import parse_csv
from server.statements.mt940 import parse_mt940
from server.statements.parsed import Rejected, StatementFile, StatementProblem
from server.statements.rules import (
    NOT_TAKEN,
    Candidate,
    Decision,
    Form,
    Outcome,
    Reason,
    content_digest,
    decide,
    merge_forms,
)
from server.statements.set_aside_store import contents_set_aside
from server.statements.store import FileOutcome
from shared.audit_tags import AuditTag
from shared.thai import business_date
from shared.wire.records import FileProblem

# What became of a file that holds several statements is the first of these that one of them met.
_WEIGHT: Final = (Outcome.REFUSED, Outcome.WAITING, Outcome.IMPORTED, Outcome.COPY, Outcome.EMPTY)
_READERS: Final = {Form.CSV: parse_csv, Form.MT940: parse_mt940}


class Delivered(msgspec.Struct, frozen=True):
    """One file as it came and as it was read; `unended` says that its last line has no end."""

    name: str
    sha256: str
    form: Form
    parsed: tuple[StatementFile, ...] | Rejected
    unended: bool = False

    @property
    def stem(self) -> str:
        """The name that both forms of a statement share."""
        return self.name.rpartition(".")[0] or self.name


class ImportReport(msgspec.Struct, frozen=True):
    """What an import brought: files taken in, their lines, and the problems of what is new or waits."""

    files: int = 0
    lines: int = 0
    statements: tuple[UUID, ...] = ()
    problems: tuple[FileProblem, ...] = ()


def read(name: str, sha256: str, content: bytes, now: datetime | None = None) -> Delivered:
    """Read a file by its name's ending, `.csv` or else MT940; days are judged by `now`, or by the machine's clock.

    What is no statement by its name is read as the other form: the same content is known under one name only, and a
    wrong one must not hide it.
    """
    named, other = (Form.CSV, Form.MT940) if name.lower().endswith(".csv") else (Form.MT940, Form.CSV)
    today = business_date(now or system_clock())
    form, parsed = named, _READERS[named](content, today)
    if isinstance(parsed, Rejected) and parsed.problem is StatementProblem.NOT_A_STATEMENT:
        second = _READERS[other](content, today)
        form, parsed = (named, parsed) if isinstance(second, Rejected) else (other, second)
    return Delivered(name, sha256, form, parsed, unended=not content.endswith((b"\n", b"\r")))


def refused(file: Delivered) -> Delivered:
    """The same file when the database does not take what was read of it."""
    return msgspec.structs.replace(file, parsed=Rejected(StatementProblem.NOT_STORED, 0))


async def import_files(tx: Transaction, actor: Actor, delivered: Sequence[Delivered], now: datetime) -> ImportReport:
    """Take in files that are new, waited or were refused; files that were taken are passed over, by their content.

    A statement that comes as CSV and as MT940 is stored once, and both are refused when they disagree. One that does
    not open with the closing balance of the one before it waits for what is missing. One process
    imports at a time, and nothing is set aside meanwhile.
    """
    await store.one_at_a_time(tx)
    seen = await store.files_by_content(tx)
    settled = {sha256 for sha256, row in seen.items() if row["outcome"] not in NOT_TAKEN}
    new = {file.sha256: file for file in _trusted(delivered) if file.sha256 not in settled}
    candidates, decisions = merge_forms([one for file in new.values() for one in _candidates(file)])
    decisions += await _placed(tx, candidates)
    imported = [decision for decision in decisions if decision.outcome is Outcome.IMPORTED]
    outcomes = [_outcome(file, decisions) for file in new.values()]
    changed = [one for one in outcomes if one.sha256 not in seen or _differs(seen[one.sha256], one)]
    told = [one for one in outcomes if one in changed or one.outcome is Outcome.WAITING]
    await store.put_files(tx, changed, now)
    ids = []
    for decision in imported:
        name = new[decision.candidate.files[0]].name
        ids.append(await store.insert_statement(tx, decision.candidate, decision.position, name, now))
    if changed:
        await _audit(tx, actor, ids, changed, now)
    return ImportReport(
        files=sum(one.outcome in (Outcome.IMPORTED, Outcome.COPY) for one in changed),
        lines=sum(len(decision.candidate.statement.lines) for decision in imported),
        statements=tuple(ids),
        problems=tuple(FileProblem(name=one.name, problem=one.problem, line=one.line) for one in told if one.problem),
    )


def _differs(before: Row, now: FileOutcome) -> bool:
    return (before["outcome"], before["problem"], before["problem_line"]) != (now.outcome.value, now.problem, now.line)


def _trusted(delivered: Sequence[Delivered]) -> Iterator[Delivered]:
    """A CSV whose last line has no end may be whole; where its other form can't be read either, both were cut off."""
    broken = {file.stem for file in delivered if isinstance(file.parsed, Rejected) and file.form is Form.MT940}
    for file in delivered:
        if file.unended and file.form is Form.CSV and file.stem in broken and not isinstance(file.parsed, Rejected):
            yield msgspec.structs.replace(file, parsed=Rejected(StatementProblem.TRUNCATED, 0))
        else:
            yield file


def _candidates(file: Delivered) -> Iterator[Candidate]:
    if not isinstance(file.parsed, Rejected):
        for statement in file.parsed:
            yield Candidate(
                files=(file.sha256,),
                stem=file.stem,
                form=file.form,
                content=content_digest(statement),
                statement=statement,
            )


async def _placed(tx: Transaction, candidates: Sequence[Candidate]) -> list[Decision]:
    """Each account's candidates in its own chain; what names no account of ours proves nothing and goes nowhere."""
    decisions: list[Decision] = []
    ours = await store.company_accounts(tx)
    for account, group in groupby(sorted(candidates, key=_account), key=_account):
        own, digest = list(group), tx.vault.digest(account)
        if digest not in ours:
            decisions += [Decision(candidate, Outcome.REFUSED, Reason.NOT_OURS) for candidate in own]
            continue
        days = [candidate.statement.date for candidate in own]
        banned = await contents_set_aside(tx, digest, days)
        gone = [one for one in own if any(_is_same(row, one) for row in banned)]
        decisions += [Decision(candidate, Outcome.REFUSED, Reason.SET_ASIDE) for candidate in gone]
        head, same_days = await store.chain_of(tx, digest, days)
        decisions += decide(head, same_days, [one for one in own if one not in gone])
    return decisions


def _is_same(row: Row, candidate: Candidate) -> bool:
    """As known statements are told apart: two forms by what they say, one form by its number too."""
    said = (row["date"], row["content"]) == (candidate.statement.date, candidate.content)
    return said and (row["format"] != candidate.form.value or row["number"] == candidate.number)


def _account(candidate: Candidate) -> str:
    return candidate.statement.account


def _outcome(file: Delivered, decisions: Sequence[Decision]) -> FileOutcome:
    if isinstance(file.parsed, Rejected):
        # A CSV of a day without bookings says nothing, and its MT940 does.
        if file.parsed.problem is StatementProblem.EMPTY and file.parsed.line_number == 1:
            return FileOutcome(file.sha256, file.name, Outcome.EMPTY, "")
        problem, line = file.parsed.problem.value, file.parsed.line_number
        return FileOutcome(file.sha256, file.name, Outcome.REFUSED, problem, line)
    own = [decision for decision in decisions if file.sha256 in decision.candidate.files]
    worst = min(own, key=_weight)
    outcome = worst.outcome
    if outcome is Outcome.IMPORTED and all(one.candidate.files[0] != file.sha256 for one in own):
        outcome = Outcome.COPY
    return FileOutcome(file.sha256, file.name, outcome, worst.reason)


def _weight(decision: Decision) -> int:
    return _WEIGHT.index(decision.outcome)


async def _audit(
    tx: Transaction, actor: Actor, ids: Sequence[UUID], changed: Sequence[FileOutcome], now: datetime
) -> None:
    tag = AuditTag.STATEMENT_IMPORTED if ids else AuditTag.STATEMENT_REFUSED
    detail = {
        "statements": [str(one) for one in ids],
        "files": [{"sha256": one.sha256, "outcome": one.outcome.value, "problem": one.problem} for one in changed],
    }
    await audit.append(tx, actor, HEAD_OFFICE, tag, "statements", detail, now)
