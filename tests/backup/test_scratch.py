"""What killed proofs and restorations leave is a whole copy of the database: the next one clears it away."""

from __future__ import annotations

from pathlib import Path

from server.backup import shelf


def test_files_and_folders_of_the_dead_go_and_those_at_work_stay(tmp_path: Path) -> None:
    def left() -> set[str]:
        return {one.name for one in tmp_path.glob(".scratch-*")}

    names = {f".scratch-{purpose}-1{end}" for purpose in (shelf.PROVE, shelf.RESTORE) for end in ("", ".dump", ".list")}
    for name in names:
        (tmp_path / name).write_text("names of members") if "." in name[1:] else (tmp_path / name).mkdir()
    assert left() == names
    with shelf.alone(tmp_path, shelf.RESTORE), shelf.alone(tmp_path, shelf.PROVE):
        shelf.clear_scratch(tmp_path, shelf.PROVE)
        assert left() == {name for name in names if shelf.RESTORE in name}
    with shelf.alone(tmp_path, shelf.PROVE):
        shelf.clear_scratch(tmp_path, shelf.PROVE)
    assert left() == set()
