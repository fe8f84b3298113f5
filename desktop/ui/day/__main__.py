"""One desk of the headless day: a real window without a screen that does what its parent orders, line by line."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from pathlib import Path

import msgspec

from desktop.core.demo_file import DemoUser, read_demo_file
from desktop.day.orders import Answer, Order
from desktop.ui.app import make_application
from desktop.ui.day.hands import Hands, NotSeen
from desktop.ui.day.steps import STEPS, Seat
from desktop.ui.heart import Heart, Start
from desktop.ui.loop import make_loop
from desktop.ui.registry_of_pages import all_pages
from desktop.ui.shell import Shell

SIZE = (1440, 900)


def main() -> int:
    """Serve orders from standard input until it ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--demo", type=Path, required=True)
    parser.add_argument("--user", required=True)
    parser.add_argument("--pictures", type=Path)
    given = parser.parse_args()
    user = read_demo_file(given.demo).user(given.user)
    if user is None:
        raise SystemExit(f"no such user in the demo: {given.user}")
    application = make_application(["day", "-platform", "offscreen"])
    application.setQuitOnLastWindowClosed(False)
    with make_loop(application) as loop:
        loop.run_until_complete(_serve(user, given.pictures))
    return 0


async def _serve(user: DemoUser, pictures: Path | None) -> None:
    shell = Shell(all_pages())
    shell.resize(*SIZE)
    shell.show()
    shell.activateWindow()  # without a screen nobody else does, and focus follows the active window
    heart = Heart(shell, Start(profile=Path(user.profile), pin=user.pin))
    await heart.begin()
    seat = Seat(Hands(shell, pictures), heart, user)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.buffer.readline):
        answer = await _play(seat, msgspec.json.decode(line, type=Order))
        sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
        sys.stdout.buffer.flush()
    shell.close()
    await shell.end_work()
    await heart.end()


async def _play(seat: Seat, order: Order) -> Answer:
    began = time.monotonic()
    try:
        result = await STEPS[order.step](seat, order.given)
    except (NotSeen, AssertionError) as problem:
        await seat.hands.shoot(f"failed_{order.step}_{seat.user.role}")
        return Answer(ok=False, seconds=round(time.monotonic() - began, 3), detail=str(problem))
    detail = str(result.pop("detail", ""))
    return Answer(ok=True, seconds=round(time.monotonic() - began, 3), detail=detail, result=result)


if __name__ == "__main__":
    sys.exit(main())
