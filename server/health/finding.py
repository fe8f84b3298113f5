"""The words of health: a check is declared once, with its cases; what it finds is a Finding."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from server.database.transaction import Database, Transaction
from shared.health import Level
from shared.money import Satang, display_amount
from shared.refusals import Fixer
from shared.thai import Language, format_date_en, format_date_th, format_datetime

if TYPE_CHECKING:
    from server.settings import Settings

SECONDS: Final = 2.0
"""How long one check may take; the whole table is done within 3 s, as all run side by side."""

_PATIENCE: Final = "set local statement_timeout = '1800ms'; set local lock_timeout = '1200ms'"
"""So that what holds one check up is told by the database itself, before the check's time is over."""

Fact = datetime | date | timedelta | str | int
"""What may stand in a sentence; instants, days and durations are written as each language writes them."""


class Text(msgspec.Struct, frozen=True):
    """The same in both languages."""

    en: str
    th: str


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a check may find. `says` and `do` name facts in braces; `do` is empty for what is well."""

    level: Level
    says: Text
    do: Text = Text("", "")
    who: Fixer = Fixer.OPERATOR


class Cases(NamedTuple):
    """A check's title and what it may find."""

    title: Text
    cases: Mapping[str, Case]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What one check found of one subject (an account, an executor, a channel; empty where there is only one).

    `case` is which of the check's cases it is. `since` is when it began to be so, where that is known. `value` is the
    number that was compared with the bounds, in the check's unit; None where there is none.
    """

    name: str
    case: str
    subject: str
    level: Level
    since: datetime | None
    says: Text
    do: Text
    who: Fixer
    value: int | None
    unit: str


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What a check may look at. `settings` only where the asking process has them all: the commands do, the API not.

    `now` is the asking process' clock, `who` its name.
    """

    database: Database
    now: datetime
    who: str = "this machine"
    settings: Settings | None = None

    @asynccontextmanager
    async def look(self, branches: Sequence[int] = ()) -> AsyncIterator[Transaction]:
        """A transaction that only reads and never waits longer than a check may; it sees `branches`."""
        async with self.database.transaction(branches) as tx:
            await tx.execute(_PATIENCE)
            yield tx


@dataclass(frozen=True, kw_only=True)
class Check:
    """One line of the table of what must be well.

    `name` is stable: alarms, metrics and pages know it. `measures` says what the value is, in `unit`; `warns` and `bad`
    are its bounds there, None where a case and no number decides. `read` looks; it may raise and may hang: that is told
    as unknown, with its cause.
    """

    name: str
    title: Text
    measures: str
    unit: str = ""
    warns: int | None = None
    bad: int | None = None
    cases: Mapping[str, Case]
    read: Callable[[Ground, Check], Awaitable[Sequence[Finding]]] = field(repr=False)

    def found(
        self, case: str, subject: str = "", *, since: datetime | None = None, value: int | None = None, **facts: Fact
    ) -> Finding:
        """The finding of a case, with the facts that its sentences name; `subject` may stand in them too."""
        declared = self.cases[case]
        given = {"subject": subject, **facts}
        return Finding(
            name=self.name,
            case=case,
            subject=subject,
            level=declared.level,
            since=since,
            says=_told(declared.says, given),
            do=_told(declared.do, given),
            who=declared.who,
            value=value,
            unit=self.unit,
        )

    def unknown(self, cause: Text) -> Finding:
        """What is found when it could not be looked at."""
        return Finding(
            name=self.name,
            case="unknown",
            subject="",
            level=Level.UNKNOWN,
            since=None,
            says=Text(f"{self.title.en}: not known, for {cause.en}", f"{self.title.th}: ไม่ทราบ เพราะ{cause.th}"),
            do=Text("Mend the cause and look again.", "แก้สาเหตุแล้วดูอีกครั้ง"),
            who=Fixer.OPERATOR,
            value=None,
            unit=self.unit,
        )


def _told(text: Text, facts: Mapping[str, Fact]) -> Text:
    return Text(
        text.en.format_map({name: written(fact, "en") for name, fact in facts.items()}),
        text.th.format_map({name: written(fact, "th") for name, fact in facts.items()}),
    )


def written(fact: Fact, language: Language) -> str:
    """A fact as a sentence of the language has it; instants in Bangkok's time."""
    if isinstance(fact, datetime):
        return format_datetime(fact, language)
    if isinstance(fact, date):
        return format_date_th(fact) if language == "th" else format_date_en(fact)
    if isinstance(fact, timedelta):
        return _duration(fact, language)
    return str(fact)


def baht(satang: int) -> str:
    """An amount in a sentence of either language."""
    return display_amount(Satang(satang))


_UNITS: Final = ((86_400, "d", "วัน"), (3_600, "h", "ชม."), (60, "min", "นาที"), (1, "s", "วินาที"))


def _duration(span: timedelta, language: Language) -> str:
    """The largest unit of which there are two or more, rounded down: `47 h`, `3 d`, `90 s`."""
    seconds = max(0, int(span.total_seconds()))
    size, english, thai = next((unit for unit in _UNITS if seconds >= 2 * unit[0]), _UNITS[-1])
    return f"{seconds // size} {thai if language == 'th' else english}"
