"""Bank change, the list of payments, and settings."""

from __future__ import annotations

from dataclasses import replace

from desktop.core import texts
from desktop.core.desk import Desk
from desktop.core.screens.bank_change import BankChange
from desktop.core.screens.disbursements import Disbursements
from desktop.core.screens.settings_screen import SettingsScreen
from desktop.core.settings import load_settings
from tests.desktop.core.fake_server import REQUEST, FakeServer, intent, uid
from tests.waiting import eventually


async def test_a_bank_change_wants_the_account_twice_and_a_document(ready: Desk) -> None:
    screen = BankChange(ready)
    await screen.choose_member(uid(1))
    screen.edit(bank="014", account="111-111111-1", account_name="สมชาย ใจดี", reason="บัญชีใหม่")
    assert screen.may_submit.why_not == texts.ACCOUNTS_DIFFER
    screen.edit(account_again="1111111111")
    assert screen.may_submit.why_not == texts.DOCUMENT_NEEDED
    assert await screen.attach("a.txt", b"words") == texts.DOCUMENT_KIND
    assert await screen.attach("a.pdf", b"%PDF-1.7 scan") is None
    assert screen.may_submit.enabled


async def test_rows_keep_their_places_and_new_ones_wait(ready: Desk, server: FakeServer) -> None:
    server.publish(intent(1, REQUEST), intent(2, REQUEST))
    await ready.sync.once()
    screen = Disbursements(ready)
    await screen.load()
    assert (screen.count, screen.total) == (2, 9_650_000)
    server.publish(intent(1, REQUEST, state="settled", version=2), intent(3, REQUEST))
    await ready.sync.once()
    await eventually(lambda: screen.new_rows == 1)
    assert [screen.rows.row(at).state for at in range(len(screen.rows))] == ["validated", "settled"]
    await screen.show_new()
    assert (len(screen.rows), screen.new_rows) == (3, 0)
    await screen.use(replace(screen.filter, states=("settled",)))
    assert len(screen.rows) == 1
    assert [(chip.state, chip.count) for chip in screen.chips] == [("validated", 2), ("settled", 1)]


async def test_settings_are_kept(desk: Desk) -> None:
    screen = SettingsScreen(desk)
    screen.choose_theme("dark")
    screen.choose_text_size(130)
    screen.choose_text_size(99)
    kept = load_settings(desk.directory)
    assert (kept.theme, kept.text_size) == ("dark", 130)
