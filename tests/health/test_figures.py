"""What programs are told of the table: one figure for each row and subject."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from server.health.table import CHECKS
from server.http.health import Told
from server.http.metrics import Metrics

NOW = datetime(2026, 11, 30, tzinfo=UTC)


def test_of_two_things_that_a_row_finds_of_one_subject_the_worse_is_the_figure() -> None:
    """A scrape with two figures of one name is refused, or the first is taken: a warning instead of what is bad."""
    files = next(check for check in CHECKS if check.name == "statements.files")
    told = [
        files.found("refused", since=NOW, value=1, count=1, name="a", why="b"),
        files.found("waiting", since=NOW, value=2, count=2, name="a", why="b"),
    ]
    text = Metrics().text(Told(at=NOW, findings=told, processes=None, lanes=None)).decode()
    figures = [line.rpartition(" ") for line in text.splitlines() if line.startswith("sheaf_health")]
    assert not [name for name, times in Counter(name for name, _, _ in figures).items() if times > 1]
    assert [value for name, _, value in figures if name.startswith("sheaf_health{")] == ["3.0"]
