"""An executor's own file: durable, whole or damaged, one for each that runs."""

from __future__ import annotations

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from server.restore import journal
from server.restore.journal import Damaged, Head, Known, Line, Sent, open_journal, put_aside, read, read_folder

ONE, TWO = UUID(int=1), UUID(int=2)


def sent(reference: str) -> Sent:
    at = datetime(2026, 11, 30, tzinfo=UTC).isoformat()
    return Sent(
        reference=reference, attempt_id=ONE, intent_id=TWO, ordinal=1, branch_id=1, channel="scb", payout=9, token="T",
        at=at,
    )  # fmt: skip


def filled(folder: Path) -> Path:
    file = open_journal(folder, ONE)
    file.add(Line(installation="ours", heads={0: Head(3, "aa")}))
    file.add(Line(position=1, sent=[sent("S1")]))
    file.add(Line(position=2, heads={1: Head(9, "bb")}, sent=[sent("S2")]))
    file.close()
    return folder / "executor-1.log"


def test_a_file_knows_again_what_it_was_told(tmp_path: Path) -> None:
    known = read(filled(tmp_path), with_sent=True)
    assert (known.file_id, known.installation, known.position) == (ONE, "ours", 2)
    assert known.heads == {0: Head(3, "aa"), 1: Head(9, "bb")}
    assert [one.reference for one in known.sent] == ["S1", "S2"]
    again = open_journal(tmp_path, TWO)
    assert (again.known.file_id, again.known.position, again.known.sent) == (ONE, 2, [])
    again.close()


def test_wherever_the_last_line_is_cut_off_the_lines_before_it_count_and_the_next_one_too(tmp_path: Path) -> None:
    """Its confirms had not left: they wait until it is on disk."""
    path = filled(tmp_path)
    whole = path.read_bytes()
    last = whole.rstrip(b"\n").rfind(b"\n") + 1
    for end in (last, last + 1, last + 5, len(whole) - 2, len(whole) - 1):
        path.write_bytes(whole[:end])
        assert read(path).position == 1
        file = open_journal(tmp_path, TWO)
        file.add(Line(position=7))
        file.close()
        assert read(path).position == 7


def test_every_flipped_byte_in_the_middle_is_found(tmp_path: Path) -> None:
    path = filled(tmp_path)
    whole = path.read_bytes()
    first = whole.find(b"\n")
    for at in range(0, first, 7):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(Damaged):
            read(path)
    put_aside(tmp_path, path.name)
    assert read_folder(tmp_path) == ([], [])
    assert [one.name for one in tmp_path.glob("*.damaged-*")] == ["executor-1.damaged-1"]


def test_an_empty_file_is_damaged_and_not_new(tmp_path: Path) -> None:
    path = filled(tmp_path)
    path.write_bytes(b"")
    assert read_folder(tmp_path) == ([], ["executor-1.log"])


def test_what_is_no_file_is_damaged_and_nobody_waits_for_it(tmp_path: Path) -> None:
    filled(tmp_path)
    os.mkfifo(tmp_path / "executor-2.log")
    (tmp_path / "executor-3.log").mkdir()
    known, damaged = read_folder(tmp_path)
    assert ([one.file_id for one in known], damaged) == ([ONE], ["executor-2.log", "executor-3.log"])


def test_each_running_executor_has_a_file_of_its_own_and_the_next_takes_one_that_is_free(tmp_path: Path) -> None:
    first, second = open_journal(tmp_path, ONE), open_journal(tmp_path, TWO)
    assert (first.name, second.name) == ("executor-1.log", "executor-2.log")
    first.close()
    third = open_journal(tmp_path, UUID(int=3))
    assert (third.name, third.known.file_id) == ("executor-1.log", ONE)
    second.close()
    third.close()


def test_a_long_file_keeps_what_is_newer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "_MOST_BYTES", 20_000)
    file = open_journal(tmp_path, ONE)
    file.add(Line(installation="ours"))
    for number in range(1, 301):
        file.add(Line(position=number, sent=[sent(f"S{number}")]))
    known = read(tmp_path / file.name, with_sent=True)
    assert (known.installation, known.position, known.sent[-1].reference) == ("ours", 300, "S300")
    assert len(known.sent) < 300
    assert (tmp_path / file.name).stat().st_size < 20_500
    file.close()


def test_what_could_not_be_written_was_never_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = open_journal(tmp_path, ONE)
    file.add(Line(installation="ours", position=1))

    def full(_: int) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as patched:
        patched.setattr(journal.os, "fsync", full)
        with pytest.raises(OSError, match="no space"):
            file.add(Line(position=2))
    assert file.known.position == read(tmp_path / file.name).position == 1
    file.add(Line(position=3))
    assert read(tmp_path / file.name).position == 3
    file.close()


def test_of_what_is_said_at_once_the_highest_position_counts(tmp_path: Path) -> None:
    """Two threads may come in the other order than their transactions did."""
    file = open_journal(tmp_path, ONE)
    file.add(Line(installation="ours", position=6))
    file.add(Line(position=5))
    assert file.known.position == read(tmp_path / file.name).position == 6
    file.close()


def test_many_threads_lose_no_line_and_take_back_no_other_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the file is written anew, and while some of them fail."""
    monkeypatch.setattr(journal, "_MOST_BYTES", 30_000)
    file = open_journal(tmp_path, ONE)
    file.add(Line(installation="ours"))
    sync, turns = journal.os.fsync, iter(range(10**9))

    def sometimes_full(descriptor: int) -> None:
        if next(turns) % 7 == 3:
            raise OSError("no space left")
        sync(descriptor)

    monkeypatch.setattr(journal.os, "fsync", sometimes_full)

    def say(number: int) -> str:
        try:
            file.add(Line(position=number, sent=[sent(f"S{number}")]))
        except OSError:
            return ""
        return f"S{number}"

    said: list[str] = []
    with ThreadPoolExecutor(8) as threads:
        for turn in range(60):
            said = list(threads.map(say, range(turn * 8 + 1, turn * 8 + 9)))
            there = {one.reference for one in read(tmp_path / file.name, with_sent=True).sent}
            assert {one for one in said if one} <= there
    file.close()


@pytest.mark.parametrize("taken", ["replaced", "deleted", "with its folder"])
def test_a_file_that_is_taken_away_meanwhile_is_written_anew(tmp_path: Path, taken: str) -> None:
    folder = tmp_path / "positions"
    file = open_journal(folder, ONE)
    file.add(Line(installation="ours", position=8, heads={0: Head(3, "aa")}))
    path = folder / file.name
    if taken == "replaced":
        other = filled(tmp_path / "other")
        other.replace(path)
    elif taken == "deleted":
        path.unlink()
    else:
        shutil.rmtree(folder)
    file.add(Line(position=9, sent=[sent("S9")]))
    known = read(path, with_sent=True)
    assert (known.file_id, known.installation, known.position, known.heads) == (ONE, "ours", 9, {0: Head(3, "aa")})
    assert [one.reference for one in known.sent] == ["S9"]
    file.close()


def test_where_there_is_no_room_to_write_it_anew_a_long_file_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "_MOST_BYTES", 1000)
    file = open_journal(tmp_path, ONE)
    file.add(Line(installation="ours"))

    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(journal, "_write_whole", full)
    for number in range(1, 21):
        file.add(Line(position=number, sent=[sent(f"S{number}")]))
    assert [one.reference for one in read(tmp_path / file.name, with_sent=True).sent][-1] == "S20"
    file.close()


def test_a_new_file_knows_nothing(tmp_path: Path) -> None:
    file = open_journal(tmp_path, ONE)
    assert file.known.is_new
    assert file.known == Known(file_id=ONE)
    file.close()
