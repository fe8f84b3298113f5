"""A process that pays by file and can be killed: takes settings, says its tokens, and confirms when told."""

from __future__ import annotations

import asyncio
import json
import sys

from server.channels import open_channel
from tests.lab.sandbox_bank.fixtures import now, order


async def main() -> None:
    """Announce three orders, then confirm them after a line on standard input."""
    channel = open_channel("scb_file", json.loads(sys.stdin.readline()))
    orders = [order(number) for number in (1, 2, 3)]
    begun = await asyncio.gather(*(channel.initiate(one, now()) for one in orders))
    sys.stdout.write(json.dumps([getattr(answer, "token", "") for answer in begun]) + "\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.readline)
    await asyncio.gather(
        *(channel.confirm(one, getattr(answer, "token", ""), now()) for one, answer in zip(orders, begun, strict=True))
    )


if __name__ == "__main__":
    asyncio.run(main())
