"""Which backups are kept, and whether the last one and the last proof are well: pure decisions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from shared.thai import business_date


class Kept(msgspec.Struct, frozen=True):
    """A whole backup in the folder: when it was taken (aware UTC), what it builds on, and how its last proof ended."""

    id: str
    taken_at: datetime
    parent: str = ""
    proved: bool | None = None


def surplus(backups: Iterable[Kept], keep_daily: int, keep_weekly: int) -> list[str]:
    """Ids to delete, oldest first.

    Kept are the newest of each of the last `keep_daily` days (Bangkok) that have one, of each of the last `keep_weekly`
    weeks that have one, the newest of all, the last that was proved, and all that one of these builds on. What failed
    its proof takes no other's place.
    """
    ordered = sorted(backups, key=lambda one: (one.taken_at, one.id), reverse=True)
    good = [one for one in ordered if one.proved is not False]
    kept = {one.id for one in ordered[:1]} | {one.id for one in good[:1]}
    kept |= {one.id for one in [one for one in good if one.proved][:1]}
    kept |= _newest_of_each([(business_date(one.taken_at).isoformat(), one.id) for one in good], keep_daily)
    kept |= _newest_of_each([(_week(one.taken_at), one.id) for one in good], keep_weekly)
    parents = {one.id: one.parent for one in ordered}
    for one in list(kept):
        while parents.get(one):
            one = parents[one]
            kept.add(one)
    return [one.id for one in reversed(ordered) if one.id not in kept]


def _week(at: datetime) -> str:
    year, week, _ = business_date(at).isocalendar()
    return f"{year}-{week}"


def _newest_of_each(placed: Sequence[tuple[str, str]], most: int) -> set[str]:
    """Of pairs of period and id, newest first: the first id of each of the first `most` periods."""
    first: dict[str, str] = {}
    for period, one in placed:
        first.setdefault(period, one)
    return set(list(first.values())[:most])


def sample_size(count: int) -> int:
    """How many of so many are looked at: one in a hundred, at least 20, or all."""
    return min(count, max(20, -(-count // 100)))


def missing_rows(stated: dict[str, int], found: dict[str, int], *, exact: bool) -> list[str]:
    """What the restored tables lack of what was counted when the backup was taken.

    A copy that went on after the count (`exact` false) may have more rows, and fewer where rows are cleared away; the
    audit trail and the ledger only grow.
    """
    if exact:
        return [
            f"{table}: {found.get(table, 0)} rows instead of {count}"
            for table, count in sorted(stated.items())
            if found.get(table, -1) != count
        ]
    grown = [table for table in ("audit_entry", "ledger_entry", "ledger_transfer") if table in stated]
    return [
        f"{table}: {found.get(table, 0)} rows instead of {stated[table]} or more"
        for table in grown
        if found.get(table, 0) < stated[table]
    ]
