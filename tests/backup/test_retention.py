"""Which backups are kept: the newest of days and weeks, the last proved one, and what these build on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from server.backup.rules import Kept, missing_rows, sample_size, surplus

NOON = datetime(2026, 11, 30, 5, 0, tzinfo=UTC)


def kept(days_ago: int, *, hour: int = 0, proved: bool | None = None, parent: str = "") -> Kept:
    """One that is so many days old at noon in Bangkok; its id tells its age."""
    return Kept(f"{days_ago}.{hour}", NOON - timedelta(days=days_ago) + timedelta(hours=hour), parent, proved)


def test_each_day_keeps_its_newest_and_each_week_too() -> None:
    backups = [kept(age) for age in range(60)]
    doomed = surplus(backups, 7, 5)
    # Noon of 30 November 2026 is a Monday: its week has one, the weeks before end with Sundays.
    assert {one.id for one in backups} - set(doomed) == {f"{age}.0" for age in (0, 1, 2, 3, 4, 5, 6, 8, 15, 22)}
    assert doomed[0] == "59.0"


def test_of_several_on_a_day_the_newest_stays() -> None:
    assert surplus([kept(0), kept(0, hour=1), kept(0, hour=2), kept(1)], 7, 5) == ["0.0", "0.1"]


def test_a_day_is_one_of_bangkok() -> None:
    late, early = kept(1, hour=11), kept(1, hour=13)
    assert surplus([late, early], 7, 0) == []


def test_days_without_a_backup_count_for_nothing() -> None:
    assert surplus([kept(age) for age in (0, 100, 200, 300)], 4, 0) == []


@pytest.mark.parametrize("daily", [1, 3])
def test_the_last_proved_one_is_never_deleted(daily: int) -> None:
    backups = [*(kept(age) for age in range(10)), kept(40, proved=True), kept(50, proved=True)]
    doomed = surplus(backups, daily, 0)
    assert "40.0" not in doomed
    assert "50.0" in doomed


def test_one_that_failed_its_proof_takes_no_place() -> None:
    backups = [kept(0, proved=False), kept(1, proved=False), kept(2), kept(3)]
    assert surplus(backups, 2, 0) == ["1.0"]


def test_what_a_kept_one_builds_on_stays() -> None:
    chain = [kept(9), kept(8, parent="9.0"), kept(0, parent="8.0"), kept(7)]
    assert surplus(chain, 1, 0) == ["7.0"]


def test_nothing_is_deleted_of_nothing_or_of_one() -> None:
    assert surplus([], 1, 0) == []
    assert surplus([kept(900, proved=False)], 1, 0) == []


def test_a_sample_is_one_in_a_hundred_and_at_least_twenty() -> None:
    assert [sample_size(count) for count in (0, 5, 20, 21, 2_000, 2_001, 1_000_000)] == [0, 5, 20, 20, 20, 21, 10_000]


def test_a_dump_has_exactly_the_rows_that_were_counted() -> None:
    assert missing_rows({"intent": 5, "member": 2}, {"intent": 5, "member": 2, "new": 1}, exact=True) == []
    assert missing_rows({"intent": 5}, {"intent": 4}, exact=True) == ["intent: 4 rows instead of 5"]
    assert missing_rows({"intent": 5}, {"intent": 6}, exact=True) == ["intent: 6 rows instead of 5"]
    assert missing_rows({"intent": 0}, {}, exact=True) == ["intent: 0 rows instead of 0"]


def test_a_copy_may_have_gone_on_and_lacks_nothing_that_only_grows() -> None:
    assert missing_rows({"audit_entry": 5, "token": 9}, {"audit_entry": 7, "token": 1}, exact=False) == []
    assert missing_rows({"ledger_entry": 5}, {"ledger_entry": 4}, exact=False)
