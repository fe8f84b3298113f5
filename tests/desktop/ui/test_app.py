"""The whole application in a process of its own: it starts, ends cleanly, and refuses a second one on a profile."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

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
        again = subprocess.run([sys.executable, "-c", SOURCE, sys.argv[1], "second"])
        print("second", again.returncode)
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
    assert done.stdout.split("\n")[:2] == [f"second {ALREADY_RUNNING}", "work ended"]
    assert "Traceback" not in done.stderr
