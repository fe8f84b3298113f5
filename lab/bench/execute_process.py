"""The real executor as a process of its own for `sheaf bench execute`: `python -m lab.bench.execute_process FILE`.

FILE holds `Job` as JSON. It works until its standard input closes.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path

import msgspec

from server.channels import open_channels
from server.channels.scb import ScbSettings
from server.context import Services, Vault
from server.database.transaction import Database
from server.logs import configure_logs
from server.workers.executors import Executors


class Job(msgspec.Struct, frozen=True):
    """Where to work: the executor role's URL, the installation key in hex, and the bank."""

    url: str
    vault_key: str
    bank: ScbSettings


async def _work(job: Job) -> None:
    services = Services(vault=Vault(bytes.fromhex(job.vault_key)))
    database = Database(job.url, services, connections=8, name="sheaf-executor")
    channels = open_channels({"scb": job.bank})
    stop = asyncio.Event()
    reading = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    reading.add_done_callback(lambda _: stop.set())
    try:
        await Executors(database, job.url, services, channels).run(stop)
    finally:
        for channel in channels.values():
            await channel.close()
        await database.close()


if __name__ == "__main__":
    import uvloop

    configure_logs("executor", level=logging.ERROR)
    uvloop.run(_work(msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Job)))
