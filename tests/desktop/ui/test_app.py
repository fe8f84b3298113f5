"""The whole application in a process of its own: it starts, ends cleanly, and a second one shows the first."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from desktop.__main__ import main
from desktop.ui.app import ALREADY_RUNNING

# Runs the application; once prepared it tries a second process on the same profile, then closes the window.
SCRIPT = """
import asyncio, subprocess, sys
from pathlib import Path
from desktop.ui.app import run
from desktop.ui.gallery import registry

async def wait_forever():
    try:
        await asyncio.Event().wait()
    finally:
        print("work ended")

async def prepare(shell):
    shell.spawn(wait_forever(), "waits")
    if len(sys.argv) == 2:
        command = [sys.executable, "-c", SOURCE, sys.argv[1], "second"]
        deaf = subprocess.run(command, stderr=subprocess.DEVNULL)
        print("second", deaf.returncode)
        shell.showMinimized()
        shown = await asyncio.to_thread(subprocess.run, command, stdout=subprocess.DEVNULL)
        print("third", shown.returncode, shell.isMinimized())
    await asyncio.sleep(0)
    shell.close()

sys.exit(run(["desk"], Path(sys.argv[1]), registry(), prepare, "dashboard"))
"""


def test_one_process_for_each_profile_and_a_clean_end(tmp_path: Path) -> None:
    source = f"SOURCE = {SCRIPT!r}\n{SCRIPT}"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", source, str(tmp_path / "profile")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    # the second came while nothing was answered, the third was answered by the window
    assert done.stdout.split("\n")[:3] == [f"second {ALREADY_RUNNING}", "third 0 False", "work ended"]
    assert "Traceback" not in done.stderr


def test_a_demo_that_is_not_there_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"none\.json is no running demo's demo\.json"):
        main(["--demo", str(tmp_path / "none.json")])
