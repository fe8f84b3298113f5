"""When a finding is told, told again, and told to be over; decides from facts alone."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from server.health.examine import worst_of_each
from server.health.finding import Finding, Text
from shared.health import Level, severity

Key = tuple[str, str]
"""A finding's name and subject: what it is told about, whatever its case."""


class Stage(StrEnum):
    """bad: it has begun, or got worse. still: it goes on. over: it is well again, or at least better."""

    BAD = "bad"
    STILL = "still"
    OVER = "over"


class Pauses(msgspec.Struct, frozen=True, kw_only=True):
    """`hold`: how long it must be so before it is told, so that a restart is no alarm. `again`: the pauses between
    tellings while it stays so; the last one goes on."""

    hold: timedelta
    again: tuple[timedelta, ...]

    def after(self, count: int) -> timedelta:
        """The pause after the telling number `count`."""
        return self.again[min(max(count, 1), len(self.again)) - 1]


_HOURS: Final = timedelta(hours=1)
PAUSES: Final[Mapping[Level, Pauses]] = {
    Level.BAD: Pauses(
        hold=timedelta(seconds=15), again=(timedelta(minutes=15), _HOURS, 4 * _HOURS, 12 * _HOURS, 24 * _HOURS)
    ),
    Level.UNKNOWN: Pauses(hold=timedelta(minutes=5), again=(_HOURS, 4 * _HOURS, 12 * _HOURS, 24 * _HOURS)),
    Level.WARNS: Pauses(hold=timedelta(minutes=30), again=(24 * _HOURS, 72 * _HOURS)),
}
CALM: Final = timedelta(seconds=60)
"""How long it must be better before that is told."""
REMEMBERED: Final = timedelta(hours=1)
"""What comes back within this time goes on where it was, so that what comes and goes is not told each time."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What one way of telling knows about one finding that is unwell, or was until lately.

    `id` stays the same while it lasts, whoever tells it and how often. `told` is the worst level that was told, None
    before the first telling; `count` tellings so far; `better_at` since when it is better than `level`; `ended_at` when
    it was over.
    """

    name: str
    subject: str
    id: str
    level: Level
    began_at: datetime
    says: Text
    told: Level | None = None
    told_at: datetime | None = None
    count: int = 0
    better_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def key(self) -> Key:
        """What it is about."""
        return self.name, self.subject


class Telling(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to say. `after` is what is known once it has been said."""

    stage: Stage
    level: Level
    says: Text
    do: Text
    after: Standing

    @property
    def once(self) -> str:
        """The same for the same telling, however often it arrives."""
        return f"{self.after.id}-{self.after.count}-{self.stage}-{self.level}"


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """`keep` is written before anything is said, `tellings` are said together, `forget` is deleted."""

    keep: Sequence[Standing]
    tellings: Sequence[Telling]
    forget: Sequence[Key]


def plan(known: Mapping[Key, Standing], found: Sequence[Finding], now: datetime) -> Plan:
    """What is to be told at `now` of what was found, by somebody who has told what is `known`.

    Nothing is over because nobody could look: while a check is unknown, what it found before stands.
    """
    worst = worst_of_each(found)
    blind = {one.name for one in found if one.level is Level.UNKNOWN and not one.subject}
    keep: list[Standing] = []
    tellings: list[Telling] = []
    forget: list[Key] = []
    for key in {**worst, **known}:
        before, finding = known.get(key), worst.get(key)
        seen = None if before is None else _not_ahead(before, now)
        standing = _settled(_seen(seen, finding, now, is_blind=finding is None and key[0] in blind), now)
        if standing is None:
            continue
        telling = _due(standing, finding, now)
        if telling is not None:
            tellings.append(telling)
        if telling is None and _is_old(standing, now):
            forget.append(key)
        elif standing != before:
            keep.append(standing)
    tellings.sort(key=lambda one: (-severity(one.level), one.after.key))
    return Plan(keep=keep, tellings=tellings, forget=forget)


def _not_ahead(before: Standing, now: datetime) -> Standing:
    """What a clock that was wrong has dated after `now` is of now: else it would be told, or over, only then."""

    def at(moment: datetime | None) -> datetime | None:
        return None if moment is None else min(moment, now)

    return msgspec.structs.replace(
        before,
        began_at=min(before.began_at, now),
        told_at=at(before.told_at),
        better_at=at(before.better_at),
        ended_at=at(before.ended_at),
    )


def _seen(before: Standing | None, finding: Finding | None, now: datetime, *, is_blind: bool) -> Standing | None:
    """What is known with what is seen now, before anything is told; None where there is nothing to know."""
    is_well = finding is None or finding.level is Level.WELL
    if before is None or before.ended_at is not None:
        return before if is_well or finding is None else _begun(before, finding, now)
    if is_blind:
        return before
    if finding is None or is_well:
        return _better(before, now)
    if severity(finding.level) > severity(before.level):
        # It got worse: as of now, so that it is told after the new level's hold.
        return msgspec.structs.replace(before, level=finding.level, began_at=now, says=finding.says, better_at=None)
    if finding.level in (before.level, before.told):
        # As it was, or as it was told to be: that it was worse for a moment was not.
        before = msgspec.structs.replace(before, level=finding.level)
        return msgspec.structs.replace(before, says=finding.says, better_at=None)
    return before if finding.level is Level.UNKNOWN else _better(before, now)


def _begun(before: Standing | None, finding: Finding, now: datetime) -> Standing:
    return Standing(
        name=finding.name,
        subject=finding.subject,
        id=alarm_id(finding.name, finding.subject, now),
        level=finding.level,
        began_at=now,
        says=finding.says,
        count=0 if before is None else before.count,
        told_at=None if before is None else before.told_at,
    )


def _better(before: Standing, now: datetime) -> Standing:
    return before if before.better_at is not None else msgspec.structs.replace(before, better_at=now)


def _due(standing: Standing, finding: Finding | None, now: datetime) -> Telling | None:
    if standing.ended_at is not None:
        return None
    if standing.better_at is not None:
        return _over(standing, finding, now) if now - standing.better_at >= CALM else None
    pauses = PAUSES[standing.level]
    if now - standing.began_at < pauses.hold:
        return None
    goes_on = standing.told is not None and severity(standing.level) <= severity(standing.told)
    # What got worse is told at once; what goes on, or came back soon, after its pause.
    is_worse = standing.told is not None and not goes_on
    if not is_worse and standing.told_at is not None and now < standing.told_at + pauses.after(standing.count):
        return None
    after = msgspec.structs.replace(standing, told=standing.level, told_at=now, count=standing.count + 1)
    stage = Stage.STILL if goes_on else Stage.BAD
    do = Text("", "") if finding is None else finding.do
    return Telling(stage=stage, level=standing.level, says=standing.says, do=do, after=after)


def _over(standing: Standing, finding: Finding | None, now: datetime) -> Telling | None:
    """It is better than it was told to be; what was never told needs no end, which `_is_old` sees to."""
    if standing.told is None:
        return None
    level = Level.WELL if finding is None else finding.level
    says = standing.says if finding is None else finding.says
    do = Text("", "") if finding is None else finding.do
    if level is Level.WELL:
        after = msgspec.structs.replace(standing, ended_at=now, told=None)
    else:
        # It is told by this that it still warns.
        after = msgspec.structs.replace(
            standing, level=level, told=level, told_at=now, began_at=now, says=says, better_at=None
        )
    return Telling(stage=Stage.OVER, level=level, says=says, do=do, after=after)


def _settled(standing: Standing | None, now: datetime) -> Standing | None:
    """What came back and went before it was told again has ended once more: its pause goes on."""
    if standing is None or not _is_untold(standing, now) or not standing.count:
        return standing
    return msgspec.structs.replace(standing, ended_at=now)


def _is_untold(standing: Standing, now: datetime) -> bool:
    """Whether it is over and needs no end told, for its beginning was not."""
    is_better = standing.better_at is not None and now - standing.better_at >= CALM
    return is_better and standing.told is None and standing.ended_at is None


def _is_old(standing: Standing, now: datetime) -> bool:
    """Whether nothing needs to be known of it any longer."""
    if standing.ended_at is not None:
        return now - standing.ended_at >= REMEMBERED
    return _is_untold(standing, now)


def alarm_id(name: str, subject: str, began_at: datetime) -> str:
    """The alarm's own number: the same in every way of telling, as all of them see it begin in the same round."""
    return hashlib.sha256(f"{name}\n{subject}\n{began_at.isoformat()}".encode()).hexdigest()[:12]


def unwell(found: Sequence[Finding], least: Level, names: Collection[str] = ()) -> list[Finding]:
    """The findings as a way is to hear of them: what is less severe than `least` counts as well; only `names`, if any.

    What is unknown is heard of whenever bad is.
    """
    heard = [one for one in found if not names or one.name in names]
    bound = min(severity(least), severity(Level.UNKNOWN))
    return [one if severity(one.level) >= bound else msgspec.structs.replace(one, level=Level.WELL) for one in heard]
