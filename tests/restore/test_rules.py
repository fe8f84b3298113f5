"""What a file outside proves about a database: every way in which the two can stand to each other."""

from __future__ import annotations

from uuid import UUID

import pytest

from server.restore.journal import Head, Known
from server.restore.rules import TEXTS, Facts, Kind, Standing, found, standing, vouched, without_file

FILE, OTHER, FIRST, SECOND = (UUID(int=number) for number in range(1, 5))


def known(position: int = 5, *, installation: str = "ours", restore: UUID | None = None) -> Known:
    return Known(file_id=FILE, installation=installation, position=position, restore=restore, heads={0: Head(3, "aa")})


def facts(position: int | None = 5, *settled: UUID) -> Facts:
    positions = {} if position is None else {FILE: position}
    return Facts(installation="ours", positions=positions, settled=settled, beats=dict.fromkeys(positions, 1))


@pytest.mark.parametrize(
    ("file", "database", "lost", "kinds"),
    [
        (known(5), facts(5), [], []),
        # killed between the commit and the file, or the file was put back: the database knows more
        (known(5), facts(6), [], []),
        (known(5), facts(4), [], [Kind.POSITION]),
        (known(5), facts(None), [], [Kind.POSITION]),
        (known(0), facts(None), [], []),
        (known(5), facts(5), [1, 2], [Kind.HISTORY]),
        # agreed on since: its history is not this one's any more, but its confirms are as true as before
        (known(5), facts(5, FIRST), [1], []),
        (known(5), facts(4, FIRST), [1], [Kind.POSITION]),
        (known(5, restore=FIRST), facts(5, FIRST, SECOND), [1], []),
        (known(5, restore=SECOND), facts(5, FIRST, SECOND), [], []),
        (known(5, restore=SECOND), facts(5, FIRST, SECOND), [1], [Kind.HISTORY]),
        # put back to before a restore that people had agreed on
        (known(5, restore=SECOND), facts(5, FIRST), [], [Kind.HISTORY]),
        (known(9, installation="theirs"), facts(5), [1], []),
        (Known(file_id=FILE), facts(5), [], []),
    ],
)
def test_what_a_file_proves(file: Known, database: Facts, lost: list[int], kinds: list[Kind]) -> None:
    assert [one.kind for one in found(file, database, lost)] == kinds


def test_whose_a_file_is() -> None:
    assert standing(Known(file_id=FILE), facts()) is Standing.NEW
    assert standing(known(installation="theirs"), facts()) is Standing.FOREIGN
    assert standing(known(), facts()) is Standing.FITS
    assert standing(known(), facts(5, FIRST)) is Standing.OLDER


def test_no_file_stops_only_where_there_were_files() -> None:
    assert without_file(facts(None)) is None
    missing = without_file(facts(5))
    assert missing is not None
    assert missing.kind is Kind.NO_FILE


def test_only_another_file_that_is_found_true_meanwhile_vouches() -> None:
    assert not vouched(FILE, None, {OTHER: 5})
    assert not vouched(FILE, {OTHER: 5}, {OTHER: 5})
    assert not vouched(FILE, {FILE: 5}, {FILE: 6})
    assert vouched(FILE, {OTHER: 5}, {OTHER: 6})
    assert vouched(FILE, {}, {OTHER: 1})


def test_every_kind_is_told_in_both_languages() -> None:
    assert set(TEXTS) == set(Kind)
