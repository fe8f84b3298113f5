"""The statements worker as a process of its own, to be killed."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import msgspec

from server.context import Services, Vault
from server.database.transaction import Database
from server.statements.fetch import SftpSettings
from server.workers.statements import StatementsSettings, run
from tests.support.world import VAULT_KEY


async def main(url: str, sftp: str, archive: str) -> None:
    """Work until killed."""
    database = Database(url, Services(vault=Vault(VAULT_KEY)), connections=3)
    settings = msgspec.json.decode(sftp, type=SftpSettings, dec_hook=lambda kind, value: kind(value))
    await run(database, settings, Path(archive), asyncio.Event(), StatementsSettings(poll=0.01, back_off=0.05))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
