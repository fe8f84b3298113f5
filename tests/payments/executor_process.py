"""An executor as a process of its own: `python -m tests.payments.executor_process URL BANK_DIR LEASE [POINT]`.

At the failpoint POINT it ends by SIGKILL.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from lab.sandbox_bank.settings import read_description
from server import failpoints
from server.channels import open_channel
from server.database.transaction import Database
from server.workers.executors import Executors
from server.workers.payments import ExecutorSettings
from tests.lab.sandbox_bank.fixtures import scb_settings
from tests.members.world import SERVICES


async def main(url: str, directory: Path, lease: float) -> None:
    """Send until killed."""
    channel = open_channel("scb", scb_settings(read_description(directory)))
    settings = ExecutorSettings(inquiry_schedule=(0.2, 0.2, 0.5), retry_delay=0.05, housekeeping=0.1, lease=lease)
    database = Database(url, SERVICES, connections=5)
    await Executors(database, url, SERVICES, {"scb": channel}, settings).run(asyncio.Event())


if __name__ == "__main__":
    if point := [*sys.argv, ""][4]:
        failpoints.kill_at(point)
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])))
