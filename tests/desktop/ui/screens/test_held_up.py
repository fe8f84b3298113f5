"""That payments wait for a channel rings at who makes, signs or can free them, once, and ends with its cause."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from desktop.core.screens.inbox import Entry, What
from desktop.i18n import Language
from desktop.ui.notices import Notices
from desktop.ui.theme.look import look
from desktop.ui.widgets.toast import Toast
from shared.permissions import Role
from shared.wire.records import ChannelAlarm
from tests.desktop.ui.screens.stage import Stage, staged
from tests.desktop.ui.screens.test_dashboard import CALM, EMPTY


@pytest.fixture
def stage(request: pytest.FixtureRequest, qt_loop: Any, tmp_path: Path) -> Iterator[Stage]:
    """A cashier's, or the role's that a test names."""
    with staged(qt_loop, tmp_path, getattr(request, "param", Role.CASHIER)) as made:
        yield made
    look.set_language("th")


def bell_of(stage: Stage) -> Notices:
    made: list[Notices] = []
    stage.do(lambda: made.append(Notices(stage.shell, stage.desk)))
    stage.wait(lambda: made[0].inbox.loaded)
    stage.idle()
    return made[0]


def say(stage: Stage, *alarms: ChannelAlarm) -> None:
    """As the next exchange with the server brings it."""
    stage.answers.alarms = list(alarms)
    stage.run(stage.desk.sync.once())
    stage.idle()


def held_up(bell: Notices) -> list[Entry]:
    return [entry for entry in bell.inbox.entries if entry.what is What.HELD_UP]


def rings(bell: Notices) -> bool:
    return any(not entry.seen for entry in held_up(bell))


def toasts(stage: Stage) -> list[str]:
    return [toast.accessibleName() for toast in stage.shell.findChildren(Toast) if toast.isVisible()]


def test_it_rings_once_while_it_lasts_ends_with_its_cause_and_rings_again(stage: Stage) -> None:
    bell = bell_of(stage)
    say(stage, EMPTY)
    stage.wait(lambda: rings(bell))
    assert [(entry.count, entry.amount) for entry in held_up(bell)] == [(20, "250000.00")]
    assert any("20" in toast for toast in toasts(stage))
    page = stage.open("inbox")
    stage.wait(lambda: not rings(bell) and held_up(bell) != [])
    say(stage, replace(EMPTY, state="half_open", since="2026-11-30T09:07:00.000Z", waiting=19, total="240000.00"))
    stage.wait(lambda: [entry.count for entry in held_up(bell)] == [19])
    assert not rings(bell)
    stage.run(page.model.deal_with(held_up(bell)[0].subject))
    assert held_up(bell) != []
    say(stage)
    stage.wait(lambda: held_up(bell) == [])
    stage.wait(lambda: toasts(stage) == [])
    stage.open("dashboard")
    say(stage, replace(EMPTY, since="2026-11-30T14:00:00.000Z"))
    stage.wait(lambda: rings(bell))
    bell.close()


@pytest.mark.parametrize(
    ("stage", "fixer", "waiting", "told"),
    [
        (Role.CASHIER, "treasurer", 3, True),
        (Role.MANAGER, "treasurer", 3, True),
        (Role.TREASURER, "treasurer", 0, True),
        (Role.ADMINISTRATOR, "operator", 0, True),
        (Role.CASHIER, "treasurer", 0, False),
        (Role.MANAGER, "operator", 0, False),
        (Role.AUDITOR, "treasurer", 3, False),
    ],
    indirect=["stage"],
)
def test_it_is_told_to_who_waits_or_can_free_it(stage: Stage, fixer: str, waiting: int, told: bool) -> None:
    bell = bell_of(stage)
    say(stage, replace(EMPTY, who_can_fix=fixer, waiting=waiting))
    stage.wait(lambda: not bell.inbox._tasks)
    assert bool(held_up(bell)) is told
    bell.close()


@pytest.mark.parametrize(
    ("stage", "page"), [(Role.CASHIER, "disbursements"), (Role.TREASURER, "treasury")], indirect=["stage"]
)
@pytest.mark.parametrize(("language", "words"), [("th", "ไม่ต้องทำซ้ำ"), ("en", "make none anew")])
def test_it_says_that_nothing_is_to_be_made_again_and_opens_what_helps(
    stage: Stage, page: str, language: Language, words: str
) -> None:
    look.set_language(language)
    say(stage, EMPTY)
    inbox = stage.open("inbox")
    stage.wait(lambda: any(entry.what is What.HELD_UP for entry in inbox.model.entries))
    place = [entry.what for entry in inbox.model.entries].index(What.HELD_UP)
    stage.do(lambda: inbox.table.view.selectRow(place))
    assert words in inbox.panel._why.text().replace("\u200b", "")
    assert not inbox.panel.done.isVisible()
    stage.do(inbox.panel.open.click)
    stage.idle()
    assert stage.shell.current_page().objectName() == f"{page}_page"


def test_the_home_page_reads_anew_when_an_alarm_begins_or_ends(stage: Stage) -> None:
    stage.answers.handlers["get_dashboard"] = lambda _: replace(CALM, alarms=stage.answers.alarms)
    page = stage.open("dashboard")
    say(stage, EMPTY)
    stage.wait(page.alarms.isVisible)
    say(stage)
    stage.wait(lambda: not page.alarms.isVisible())
