"""Log lines never stop the process that writes them: a full disk, a pipe that nobody reads, several writers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

WRITER = """
import sys
from server.logs import configure_logs, lost_lines
import structlog
configure_logs(sys.argv[1])
log = structlog.get_logger("test")
for number in range(int(sys.argv[2])):
    log.info("a line", number=number, filler="ก" * int(sys.argv[3]))
print(lost_lines())
"""


def started(process: str, lines: int, filler: int, errors: int) -> subprocess.Popen[bytes]:
    """A process that logs so many lines to this descriptor."""
    command = [sys.executable, "-c", WRITER, process, str(lines), str(filler)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, cwd=Path(__file__).parents[2])


def lost(process: subprocess.Popen[bytes]) -> int:
    """How many lines it could not write; that it ended well."""
    told, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    return int(told)


def test_a_full_disk_costs_lines_only() -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    assert lost(started("api", 50, 10, full)) == 50
    os.close(full)


def test_a_pipe_that_nobody_reads_costs_lines_only() -> None:
    reading, writing = os.pipe()
    process = started("api", 2_000, 200, writing)
    assert 0 < lost(process) < 2_000
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        for line in pipe:
            json.loads(line)


def test_a_pipe_whose_reader_is_gone_costs_lines_only() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    assert lost(started("api", 50, 10, writing)) == 50
    os.close(writing)


@pytest.mark.parametrize("kind", ["file", "pipe"])
def test_lines_of_several_processes_do_not_tear(tmp_path: Path, kind: str) -> None:
    reading, writing = os.pipe() if kind == "pipe" else (-1, os.open(tmp_path / "log", os.O_CREAT | os.O_WRONLY))
    processes = [started(f"api-{place}", 300, 900, writing) for place in range(3)]
    os.close(writing)
    if kind == "pipe":
        with os.fdopen(reading, "rb") as pipe:
            lines = pipe.readlines()
    missing = sum(lost(process) for process in processes)
    if kind == "file":
        lines = (tmp_path / "log").read_bytes().splitlines()
    told = [json.loads(line) for line in lines]
    assert sum(one["event"] == "a line" for one in told) == 900 - missing
    assert max(map(len, lines)) <= 4096


def test_the_last_words_are_json_and_hold_no_number() -> None:
    code = "from server.logs import configure_logs; configure_logs('api'); raise ValueError('3600100387160')"
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=False, cwd=Path(__file__).parents[2]
    )
    (line,) = ended.stderr.splitlines()
    word = json.loads(line)
    assert (ended.returncode, word["level"], word["process"]) == (1, "critical", "api")
    assert "ValueError: [number]" in word["exception"]


def test_a_long_line_is_cut_and_stays_json() -> None:
    reading, writing = os.pipe()
    assert lost(started("api", 1, 100_000, writing)) == 0
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        (line,) = pipe.readlines()
    assert json.loads(line)["number"] == 0
