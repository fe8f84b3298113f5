"""The whole desk over real HTTP: sign-in, a server that goes away while someone types, lock, and the next start."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from desktop.core.desk import open_desk
from desktop.core.device_key import DeviceKey, open_device_key
from desktop.core.settings import Settings, save_settings
from desktop.core.sync import Pill
from desktop.provision import NewProfile, lay_out
from desktop.ui.heart import Heart, Start
from desktop.ui.idle import IDLE_SECONDS, IdleWatch
from desktop.ui.registry_of_pages import all_pages
from desktop.ui.screens.payment.page import PaymentPage
from desktop.ui.shell import Shell
from tests.desktop.core.fake_server import FakeServer, member, uid
from tests.desktop.ui.screens.stage import run_in
from tests.waiting import eventually

PIN = "246810"
PATIENCE = 8.0


class Office:
    """A server that can be taken away and brought back at the same address, and a desk's window that can be closed."""

    def __init__(self, loop: Any, profile: Path) -> None:
        self.loop, self.profile = loop, profile
        self._ended = False
        key = _key(profile)
        self.server = FakeServer(key.public_key)
        self.server.members = [member(1)]
        self.server.feed = [member(1)]
        self.server.extra["GET", "/dashboard"] = lambda _request, _body: FakeServer.problem(503, "overloaded")
        self.server.extra["GET", f"/members/{uid(1)}/validation"] = lambda _request, _body: _verdict()
        self._runner: web.AppRunner | None = None
        self.run(self.up())
        save_settings(profile, Settings(server=self.server.url, device_id=str(uid(3)), undo_seconds=0))
        self.shell, self.heart = self._window()

    def run(self, work: Any) -> Any:
        return run_in(self.loop, self.loop.create_task(work))

    async def up(self) -> None:
        if self._runner is None:
            self._runner = await self.server.start()

    async def down(self) -> None:
        if self._runner is not None:
            runner, self._runner = self._runner, None
            await runner.cleanup()
            # Listeners to events wait for ever; the server's library leaves them to a loop that ends, and ours goes on.
            left = [task for task in asyncio.all_tasks() if "RequestHandler" in repr(task.get_coro())]
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    def _window(self) -> tuple[Shell, Heart]:
        shell = Shell(all_pages())
        shell.resize(1366, 768)
        shell.show()
        heart = Heart(shell, Start(profile=self.profile, pin=PIN))
        self.run(heart.begin())
        return shell, heart

    def wait(self, condition: Callable[[], object]) -> None:
        self.run(eventually(lambda: bool(condition()), PATIENCE))

    def do(self, act: Callable[[], object]) -> None:
        done = self.loop.create_future()

        def now() -> None:
            act()
            done.set_result(None)

        self.loop.call_soon(now)
        run_in(self.loop, done)

    def type(self, field: QWidget, text: str) -> None:
        self.do(lambda: (field.setFocus(), QTest.keyClicks(field, text)))

    def sign_in(self) -> None:
        form = self.heart.gate.sign_in
        self.do(form.user.clear)
        self.type(form.user, "mali")
        self.type(form.password, "secret")
        self.do(form.action.click)
        self.wait(lambda: self.shell.current_page() is not None)
        self.wait(lambda: self.heart.desk is not None and self.heart.desk.online)

    def payment(self) -> PaymentPage:
        self.do(lambda: self.shell.open_page("payment"))
        page = self.shell.current_page()
        assert isinstance(page, PaymentPage)
        return page

    def close_window(self) -> None:
        async def close() -> None:
            self.shell.close()
            await self.shell.end_work()
            await self.heart.end()

        self.run(close())
        application = QApplication.instance()
        assert application is not None
        for watcher in (self.shell.scanner, self.shell.commands, self.heart.idle):
            application.removeEventFilter(watcher)
        self.shell.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)

    def end(self) -> None:
        """Close the window and stop the server; once."""
        if not self._ended:
            self._ended = True
            self.close_window()
            self.run(self.down())

    def open_window(self) -> None:
        self.shell, self.heart = self._window()


def _key(profile: Path) -> DeviceKey:
    lay_out(
        NewProfile(
            directory=str(profile), pin=PIN, seed="07" * 32, server="", device_id="", last_user="", undo_seconds=0
        )
    )
    key = open_device_key(profile, pin=PIN)
    assert isinstance(key, DeviceKey)
    return key


def _verdict() -> dict[str, Any]:
    from msgspec import to_builtins

    return {"member": to_builtins(member(1)), "payable": True, "reasons": [], "as_of": "2026-11-21T02:00:00.000Z"}


@pytest.fixture
def office(qt_loop: Any, tmp_path: Path) -> Iterator[Office]:
    made = Office(qt_loop, tmp_path / "profile")
    yield made
    made.end()


def test_a_form_survives_a_server_that_goes_away_and_a_window_that_is_closed(office: Office) -> None:
    office.sign_in()
    page = office.payment()
    office.do(lambda: office.shell.open_page("payment", str(uid(1))))
    office.wait(lambda: page.model.member is not None)
    office.type(page.twice.first.edit, "48250")
    office.run(office.down())
    office.type(page.twice.second.edit, "48250")
    assert page.twice.second.edit.text() == "48250"
    office.close_window()
    office.run(office.up())
    save_settings(
        office.profile, Settings(server=office.server.url, device_id=str(uid(3)), last_user="mali", undo_seconds=0)
    )
    office.open_window()
    office.sign_in()
    again = office.payment()
    office.wait(lambda: again.twice.first.value == 4825000)
    assert again.twice.second.value == 4825000
    assert "สมชาย" in again.member.text()
    office.wait(again.submit.isEnabled)
    office.do(again.submit.click)
    office.wait(lambda: len(office.server.intents) == 1)
    assert office.server.intents[0].amount == "48250.00"


def test_locking_covers_the_work_and_the_password_uncovers_it_as_it_was(office: Office) -> None:
    office.sign_in()
    page = office.payment()
    office.do(lambda: office.shell.open_page("payment", str(uid(1))))
    office.wait(lambda: page.model.member is not None)
    office.type(page.twice.first.edit, "77")
    office.do(office.shell.lock_requested.emit)
    assert office.heart.gate.isVisible()
    assert not page.isVisible()
    office.type(office.heart.gate.unlock.password, "secret")
    office.do(office.heart.gate.unlock.action.click)
    office.wait(page.isVisible)
    assert page.twice.first.value == 7700


def test_without_a_server_the_gate_says_what_to_do(office: Office) -> None:
    office.run(office.down())
    form = office.heart.gate.sign_in
    office.type(form.user, "mali")
    office.type(form.password, "secret")
    office.do(form.action.click)
    office.wait(form.problem.isVisible)
    assert "ติดต่อเซิร์ฟเวอร์" in form.problem.text().replace("\u200b", "")
    assert form.user.text() == "mali"


def test_the_pill_and_the_banner_tell_of_a_lost_connection(office: Office) -> None:
    office.sign_in()
    desk = office.heart.desk
    assert desk is not None
    office.run(office.down())
    office.do(office.shell.sync_requested.emit)
    office.wait(lambda: desk.sync.status.pill is Pill.OFFLINE)
    assert office.shell.banner.isVisible()
    assert "ออฟไลน์" in office.shell.topbar.pill.accessibleName()


def test_a_wrong_pin_is_said_and_the_right_one_opens(qapp: QApplication, qt_loop: Any, tmp_path: Path) -> None:
    _key(tmp_path)
    shell = Shell(all_pages())
    heart = Heart(shell, Start(profile=tmp_path))
    run_in(qt_loop, qt_loop.create_task(heart.begin()))
    assert heart.gate.focusProxy() is heart.gate.pin
    heart.gate.pin.pin.setText("000000")
    heart.gate.pin.send()
    assert "PIN" in heart.gate.pin.problem.text()
    assert heart.desk is None
    opened = open_desk(tmp_path, pin=PIN)
    assert not isinstance(opened, str)
    run_in(qt_loop, qt_loop.create_task(opened.close()))
    for watcher in (shell.scanner, shell.commands, heart.idle):
        qapp.removeEventFilter(watcher)
    shell.deleteLater()


def test_the_desk_locks_after_five_minutes_without_a_touch() -> None:
    now = [0.0]
    watch, told = IdleWatch(lambda: now[0]), list[bool]()
    watch.idle.connect(lambda: told.append(True))
    now[0] = IDLE_SECONDS - 1
    watch.look()
    assert told == []
    now[0] = IDLE_SECONDS
    watch.look()
    watch.look()
    assert told == [True]


def test_a_scan_into_the_gate_opens_nothing(office: Office) -> None:
    office.do(lambda: office.shell.scanner.scanned.emit("M00001"))
    assert office.shell.current_page() is None
