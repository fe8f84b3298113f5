"""`sheaf restore compare` says where it looked, and refuses a folder in which it could not look."""

from __future__ import annotations

from pathlib import Path

from tests.cli.test_installation import Installation, installation

__all__ = ["installation"]


def test_a_folder_without_an_executors_file_is_refused_and_nothing_is_compared(
    installation: Installation, tmp_path: Path
) -> None:
    empty = tmp_path / "other"
    empty.mkdir()
    for folder in (empty, tmp_path / "not-there"):
        status, said = installation.run("restore", "compare", "--positions", str(folder))
        assert status == 2
        assert f"no executor's file in {folder}; nothing was compared" in said
        assert "positions/ in the data folder of the other machine" in said
    assert installation.count("restore_report") == 0


def test_who_stops_the_payments_is_told_with_its_zone(installation: Installation) -> None:
    assert installation.run("restore", "stop", "--reason", "try")[0] == 0
    status, said = installation.run("restore", "status")
    assert status == 1
    assert " UTC " in said
    assert said.endswith("Run: sheaf restore compare")
