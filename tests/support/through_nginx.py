"""Calls through a machine's nginx, one after the other on kept connections, until standard input ends.

Run inside the machine, in the program's folder: `.venv/bin/python -m tests.support.through_nginx`. Prints how many were
answered, and which were not by the API itself: only it sends back the correlation id.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
import threading
from collections import Counter

import httpx

SERVER = "https://pay.example.org"
SIDE_BY_SIDE = 3
PAUSE_SECONDS = 0.02
ASKED = {"GET": ("/healthz", b""), "POST": ("/api/v1/auth/sign-in", b"{}")}
"""Reading the health page, and signing in without any proof, which is refused."""

ended = threading.Event()
answered: Counter[str] = Counter()
unanswered: list[str] = []


async def one_after_the_other(client: httpx.AsyncClient, method: str, number: int) -> None:
    """Calls of one kind."""
    path, body = ASKED[method]
    while not await asyncio.to_thread(ended.wait, PAUSE_SECONDS):
        name = f"{method}-{number}-{answered[method]}-{len(unanswered)}"
        try:
            headers = {"Correlation-Id": name, "Content-Type": "application/json"}
            answer = await client.request(method, path, content=body or None, headers=headers)
        except httpx.HTTPError as error:
            unanswered.append(f"{name}: {type(error).__name__} {error}")
            continue
        if answer.headers.get("Correlation-Id") == name:
            answered[method] += 1
        else:
            unanswered.append(f"{name}: {answer.status_code} {answer.text[:60]}")


async def ask() -> None:
    """All of them side by side."""
    trust = ssl.create_default_context()
    async with httpx.AsyncClient(base_url=SERVER, verify=trust, timeout=60, trust_env=False) as client:
        kinds = [(method, number) for method in ASKED for number in range(SIDE_BY_SIDE)]
        await asyncio.gather(*(one_after_the_other(client, *kind) for kind in kinds))


def wait_for_the_end() -> None:
    """Standard input ends when enough was asked."""
    sys.stdin.read()
    ended.set()


if __name__ == "__main__":
    threading.Thread(target=wait_for_the_end, daemon=True).start()
    asyncio.run(ask())
    sys.stdout.write(json.dumps({"answered": answered, "unanswered": unanswered}) + "\n")
