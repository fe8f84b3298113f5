"""One desk of the keyboard day, on a real screen: `python -m ... --demo FILE --user NAME PART`.

Prints one line of JSON: the keys by page, and how many there were when the first payment was handed over or signed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import pyotp
from PySide6.QtWidgets import QApplication, QListView

from desktop.core.demo_file import DemoUser, read_demo_file
from desktop.core.desk import Desk
from desktop.core.store.outbox import EventState
from desktop.core.sync import Pill
from desktop.ui.app import make_application
from desktop.ui.heart import Heart, Start
from desktop.ui.loop import make_loop
from desktop.ui.registry_of_pages import all_pages
from desktop.ui.screens.approvals.page import ApprovalsPage
from desktop.ui.screens.batch.page import BatchPage
from desktop.ui.screens.members.page import MembersPage
from desktop.ui.screens.payment.page import PaymentPage
from desktop.ui.screens.sign_off.dialog import SignOffDialog
from desktop.ui.screens.statements.page import StatementsPage
from desktop.ui.shell import Shell
from desktop.ui.widgets.key_list import KeyList
from tests.desktop.keyboard.fingers import Fingers
from tests.waiting import until

_STEP: Final = 30


class Seat:
    """A person at a desk, with both hands on the keyboard."""

    def __init__(self, shell: Shell, heart: Heart, user: DemoUser, display: str, given: argparse.Namespace) -> None:
        self.shell, self.heart, self.user, self.given = shell, heart, user, given
        self.fingers = Fingers(shell, display)
        self.first = 0
        shell.scanner._gap = 0.0  # these fingers are as fast as a scanner

    @property
    def desk(self) -> Desk:
        """The desk's heart, once its key is open."""
        assert self.heart.desk is not None
        return self.heart.desk

    def page(self, kind: type[Any]) -> Any:
        """The page at the front, if it is of this kind."""
        page = self.shell.current_page()
        return page if isinstance(page, kind) else None

    async def sign_in(self) -> None:
        """The name stands there; password, Enter."""
        await self.fingers.until(lambda: QApplication.focusWidget() is self.heart.gate.sign_in.password, "the gate")
        await self.fingers.type(self.user.password)
        await self.fingers.press("Return")
        await self.fingers.until(lambda: self.shell.current_page() is not None and self.desk.online, "the first page")
        await self.fingers.until(lambda: self.desk.sync.status.pill is Pill.ONLINE, "the first pull")

    async def handed_over(self, count: int) -> None:
        """So many events have left the desk and were taken."""
        await until(
            self.desk.outbox.events, lambda events: sum(one.state is EventState.DONE for one in events) >= count, 60
        )

    async def code(self) -> str:
        """A code that was not used before: the app's next one, if this is the second signature."""
        step = int(time.time()) // _STEP + (1 if self.first else 0)
        return pyotp.TOTP(self.user.totp_secret).at(step * _STEP)


async def pay(seat: Seat, code: str, amount: str) -> PaymentPage:
    """Member by code, the amount twice, Ctrl+Enter at once: it waits for the check by itself."""
    fingers = seat.fingers
    page = seat.page(PaymentPage)
    await fingers.type(code)
    await fingers.press("Return")
    await fingers.until(lambda: QApplication.focusWidget() is page.twice.first.edit, "the amount")
    await fingers.type(amount)
    await fingers.press("Return")
    await fingers.type(amount)
    return page


async def cashier(seat: Seat) -> None:
    """Two farmers, the second with a mistake that is mended, then a batch from a file; a member is looked up."""
    fingers = seat.fingers
    await seat.sign_in()
    await fingers.press("F2")
    page = await pay(seat, seat.given.codes[0], "1500")
    await fingers.press("Ctrl+Return")
    await fingers.until(lambda: seat.page(PaymentPage) is not page, "the next form")
    seat.first = fingers.total
    page = await pay(seat, seat.given.codes[1], "2750.5")
    await fingers.press("9")
    assert page.twice.second.error, "two amounts that differ were not told apart"
    await fingers.press("Backspace")
    await fingers.press("Ctrl+Return")
    await fingers.until(lambda: seat.page(PaymentPage) is not page, "the next form")
    page = await pay(seat, seat.given.codes[2], "99")
    await fingers.press("Ctrl+Return")
    await fingers.until(lambda: seat.page(PaymentPage) is not page, "the next form")
    await look_up(seat)
    await batch(seat)
    await seat.handed_over(4)


async def look_up(seat: Seat) -> None:
    """A member by part of the code, then the rows by arrows and letters."""
    fingers = seat.fingers
    await fingers.press("F3")
    page: MembersPage = seat.page(MembersPage)
    await fingers.type("0001")
    await fingers.press("Return")
    await fingers.until(lambda: QApplication.focusWidget() is page.table.view, "the results")
    await fingers.press("Down")
    await fingers.press("k")
    for _ in range(4):
        await fingers.press("F6")
    await fingers.press("F1")
    await fingers.until(lambda: isinstance(QApplication.activeWindow(), KeyList), "the keys")
    await fingers.press("F1")
    await fingers.until(lambda: QApplication.activeWindow() is seat.shell, "the desk")


async def batch(seat: Seat) -> None:
    """The file from the list, the control total from the cover sheet, Ctrl+Enter."""
    fingers = seat.fingers
    await fingers.press("F7")
    page: BatchPage = seat.page(BatchPage)
    await fingers.press("Ctrl+o")
    await fingers.until(lambda: isinstance(QApplication.focusWidget(), QListView), "the list of files")
    listing = QApplication.focusWidget()
    assert isinstance(listing, QListView)
    await fingers.until(lambda: listing.model().rowCount(listing.rootIndex()) == 1, "the file in the list")
    await fingers.press("Space")
    await fingers.press("Return")
    await fingers.until(lambda: page.model.rows and not page.model.busy, "every row to be judged")
    await fingers.until(lambda: QApplication.focusWidget() is page.verdicts.control, "the control total")
    await fingers.type(seat.given.total)
    await fingers.press("Ctrl+Return")
    await fingers.until(lambda: page.model.sent_event, "the batch to be handed over")


async def manager(seat: Seat) -> None:
    """The first is signed with a code, the second rejected with a reason; then the statements are looked at."""
    fingers = seat.fingers
    await seat.sign_in()
    await fingers.press("F4")
    page: ApprovalsPage = seat.page(ApprovalsPage)
    await fingers.until(lambda: len(page.table.model.source) >= 3 and page.table.view.hasFocus(), "what waits")
    await decide(seat, reject=False)
    seat.first = fingers.total
    await fingers.until(lambda: page.table.view.hasFocus() and not seat.shell.at_work, "the list")
    await decide(seat, reject=True)
    await fingers.until(lambda: page.table.view.hasFocus() and not seat.shell.at_work, "the list")
    await fingers.press("Space")
    await fingers.press("Ctrl+k")
    await fingers.type("statem")
    await fingers.press("Return")
    await fingers.until(lambda: seat.page(StatementsPage), "the statements")
    await fingers.press("Tab")
    await fingers.press("F12")
    await fingers.until(lambda: seat.heart.gate.isVisible(), "the lock")
    await fingers.type(seat.user.password)
    await fingers.press("Return")
    await fingers.until(lambda: seat.page(StatementsPage).isVisible(), "the page as it was left")


async def decide(seat: Seat, *, reject: bool) -> None:
    """Open the row, tick every warning, type the code, and press the keys that F1 names."""
    fingers = seat.fingers
    await fingers.press("Return")
    await fingers.until(lambda: isinstance(QApplication.activeWindow(), SignOffDialog), "the sheet")
    dialog = QApplication.activeWindow()
    assert isinstance(dialog, SignOffDialog)
    await fingers.until(lambda: dialog._drawn is not None and not seat.shell.palette_box.isVisible(), "its bytes")
    await fingers.until(lambda: QApplication.focusWidget() in dialog.tab_stops(), "its first field")
    if reject:
        await fingers.press("Ctrl+r")
        await fingers.type("wrong weight")
        await fingers.press("Return")
    else:
        while QApplication.focusWidget() is not dialog._code:
            await fingers.press("Space")
            await fingers.press("Return")
    await fingers.type(await seat.code())
    await fingers.press("Ctrl+Return")
    await fingers.until(lambda: QApplication.activeWindow() is seat.shell, "the server to take it", 40)


PARTS: Final[dict[str, Callable[[Seat], Awaitable[None]]]] = {"cashier": cashier, "manager": manager}


def main() -> int:
    """0 when every key did something; the report is the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=PARTS)
    for name in ("--demo", "--user", "--total"):
        parser.add_argument(name, default="")
    parser.add_argument("--codes", nargs="*", default=[])
    given = parser.parse_args()
    application = make_application(["day", "-platform", "xcb"])
    application.setQuitOnLastWindowClosed(False)
    application.setCursorFlashTime(0)
    with make_loop(application) as loop:
        return loop.run_until_complete(_play(given))


async def _play(given: argparse.Namespace) -> int:
    user = read_demo_file(Path(given.demo)).user(given.user)
    assert user is not None
    shell = Shell(all_pages())
    shell.showMaximized()
    heart = Heart(shell, Start(profile=Path(user.profile), pin=user.pin))
    await heart.begin()
    seat = Seat(shell, heart, user, os.environ["DISPLAY"], given)
    problem = ""
    try:
        await PARTS[given.part](seat)
    except AssertionError as failed:
        problem = str(failed) or traceback.format_exc()
        (QApplication.activeWindow() or shell).grab().save(str(Path(given.demo).parent / f"failed-{given.part}.png"))
    report = {"keys": dict(seat.fingers.counts), "first": seat.first, "problem": problem}
    shell.close()
    await shell.end_work()
    await heart.end()
    sys.stdout.write(json.dumps(report, ensure_ascii=False) + "\n")
    return 1 if problem else 0


if __name__ == "__main__":
    sys.exit(main())
