"""One process tells, whoever it is; nothing is lost when it dies, and a database that is away is told too."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from server.alarm_settings import AlarmSection
from server.alarms.message import Message
from server.alarms.sender import HEARTBEAT, Sender, beside
from server.context import Services
from server.database.roles import API, role_url
from server.database.transaction import Database
from server.health.finding import Finding
from shared.health import Level
from tests.alarms.test_when_told import finding
from tests.conftest import ROLE_SECRET, FreshDatabase
from tests.members.world import SERVICES
from tests.waiting import eventually

BEGIN = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


class Ear:
    """A way of telling that remembers, and may fail or die on the way."""

    def __init__(self, name: str = "mail") -> None:
        self.name = name
        self.heard: list[Message] = []
        self.answer: str | None = None
        self.then: Callable[[], None] = lambda: None

    async def send(self, message: Message) -> str | None:
        self.heard.append(message)
        self.then()
        return self.answer

    @property
    def told(self) -> list[tuple[str, str]]:
        """Stage and name of all that was told."""
        return [(one.stage.value, one.after.name) for message in self.heard for one in message.tellings]


class House:
    """An installation whose time and findings are the test's; senders are its processes."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder
        self.now = BEGIN
        self.found: Sequence[Finding] = [finding(Level.WELL)]
        self.databases: list[Database] = []

    def sender(self, *ways: Ear, url: str = "", section: AlarmSection | None = None) -> Sender:
        services = Services(vault=SERVICES.vault, clock=lambda: self.now, policy=SERVICES.policy)
        database = Database(url or role_url(self.url, API, ROLE_SECRET), services, connections=2, name="sheaf-alarms")
        self.databases.append(database)
        section = section or AlarmSection(mail_seconds=1, command_seconds=1, every_seconds=10)
        return Sender(database, ways, section, self.folder, f"process {len(self.databases)}", self._look)

    async def _look(self) -> Sequence[Finding]:
        return self.found

    async def lives(self, seconds: float, *senders: Sender) -> None:
        for _ in range(int(seconds / 5)):
            for one in senders:
                await one.round()
            self.now += timedelta(seconds=5)

    def query(self, sql: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def place(fresh_database: FreshDatabase) -> Iterator[str]:
    with fresh_database() as url:
        yield url


@pytest.fixture
async def house(place: str, tmp_path: Path) -> AsyncIterator[House]:
    made = House(place, tmp_path)
    with psycopg.connect(place, autocommit=True) as admin:
        admin.execute("truncate sheaf.alarm, sheaf.alarm_way, sheaf.alarm_sender")
    yield made
    for one in made.databases:
        await one.close()


async def test_of_many_processes_one_tells_and_each_way_hears_each_thing_once(house: House) -> None:
    ears = [Ear("mail"), Ear("command")]
    crew = [house.sender(*ears) for _ in range(3)]
    house.found = [finding(Level.BAD)]
    await house.lives(120, *crew)
    house.found = [finding(Level.WELL)]
    await house.lives(180, *crew)
    for ear in ears:
        assert ear.told == [("bad", "executor"), ("over", "executor")]
    assert {one.tellings[0].after.id for ear in ears for one in ear.heard} == {ears[0].heard[0].tellings[0].after.id}


async def test_who_dies_on_the_way_is_followed_by_another_that_tells_it_again_with_the_same_number(
    house: House,
) -> None:
    class Killed(BaseException):
        pass

    def die() -> None:
        raise Killed

    dying, ear = Ear(), Ear()
    dying.then = die
    first, second = house.sender(dying), house.sender(ear)
    house.found = [finding(Level.BAD)]
    with pytest.raises(Killed):
        await house.lives(60, first)
    # the lease of the dead is over after a while, and not before
    await second.round()
    assert ear.heard == []
    await house.lives(120, second)
    assert [one.id for one in ear.heard] == [one.id for one in dying.heard]


async def test_who_ends_in_order_is_followed_at_once(house: House) -> None:
    first, second = house.sender(Ear()), house.sender(Ear())
    async with beside(first):
        await eventually(lambda: house.query("select process from sheaf.alarm_sender") == [("process 1",)])
    await second.round()
    assert house.query("select process from sheaf.alarm_sender") == [("process 2",)]


async def test_who_wakes_up_late_does_not_tell_beside_the_one_that_followed(house: House) -> None:
    ears = [Ear(), Ear()]
    stopped, follows = (house.sender(ear) for ear in ears)
    await house.lives(10, stopped)
    await house.lives(120, follows)
    house.found = [finding(Level.BAD)]
    await house.lives(60, stopped, follows)
    assert [len(ear.heard) for ear in ears] == [0, 1]


async def test_a_clock_that_was_far_ahead_keeps_nobody_silent(house: House) -> None:
    ear = Ear()
    house.now = BEGIN + timedelta(days=400)
    await house.sender(Ear()).round()
    house.now = BEGIN
    house.found = [finding(Level.BAD)]
    await house.lives(60, house.sender(ear))
    assert ear.told == [("bad", "executor")]


async def test_a_way_that_fails_is_told_in_the_table_keeps_no_other_back_and_is_tried_seldom(house: House) -> None:
    dead, well = Ear("mail"), Ear("command")
    dead.answer = "the mail server is not reached (OSError)"
    house.found = [finding(Level.BAD)]
    sender = house.sender(dead, well)
    await house.lives(300, sender)
    assert well.told == [("bad", "executor")]
    assert len(dead.heard) == 1  # its rest is of the event loop's time, which has not passed
    assert house.query("select failure, failing_since is not null from sheaf.alarm_way where way = 'mail'") == [
        (dead.answer, True)
    ]
    dead.answer = None
    sender._not_before.clear()
    await house.lives(10, sender)
    assert {one.id for one in dead.heard} == {well.heard[0].id}
    state = "select failure, failing_since, sent_at is not null from sheaf.alarm_way where way = 'mail'"
    assert house.query(state) == [("", None, True)]


async def test_a_way_that_is_not_set_up_any_more_is_forgotten(house: House) -> None:
    await house.lives(5, house.sender(Ear("mail"), Ear("command")))
    house.now += timedelta(minutes=5)
    await house.lives(5, house.sender(Ear("command")))
    assert house.query("select way from sheaf.alarm_way") == [("command",)]


async def test_who_can_tell_nobody_does_not_stand_in_the_way_of_who_can(house: House) -> None:
    ear = Ear()
    mute, able = house.sender(), house.sender(ear)
    house.found = [finding(Level.BAD)]
    await house.lives(60, mute, able)
    assert ear.told == [("bad", "executor")]
    assert house.query("select way from sheaf.alarm_way") == [("mail",)]
    # once nothing is set up anywhere, no way stands there as silent
    await able._shared.leave()
    await mute.round()
    assert house.query("select way from sheaf.alarm_way") == []


async def test_a_database_that_is_away_is_told_by_one_process_and_its_return_too(house: House) -> None:
    ears = [Ear(), Ear()]
    away = "postgresql://sheaf_api:x@127.0.0.1:1/nowhere"
    crew = [house.sender(ear, url=away) for ear in ears]
    await house.lives(120, *crew)
    assert sorted(len(ear.heard) for ear in ears) == [0, 1]
    (telling,) = next(ear for ear in ears if ear.heard).heard[0].tellings
    assert (telling.after.name, telling.level) == ("database", Level.BAD)
    beat = json.loads((house.folder / HEARTBEAT).read_bytes())
    assert beat["database"] is False
    # those processes are killed; the next one finds what they had told, and the database is back
    for one in crew:
        one._local.give_back()
    ear = Ear()
    await house.lives(120, house.sender(ear))
    assert ear.told == [("over", "database")]
    assert ear.heard[0].tellings[0].after.id == telling.after.id
    assert not (house.folder / "alarms.json").exists()
    assert json.loads((house.folder / HEARTBEAT).read_bytes())["database"] is True


async def test_a_folder_that_takes_nothing_keeps_nobody_silent(house: House, tmp_path: Path) -> None:
    ear = Ear()
    house.folder = tmp_path / "not" / "there"
    await house.lives(120, house.sender(ear, url="postgresql://sheaf_api:x@127.0.0.1:1/nowhere"))
    assert ear.told == [("bad", "database")]


async def test_nothing_that_goes_wrong_ends_the_process_and_the_heart_beats_in_time(house: House) -> None:
    async def look() -> Sequence[Finding]:
        raise RuntimeError("a fault of ours")

    sender = house.sender(Ear(), section=AlarmSection(every_seconds=0.1))
    sender._look = look
    async with beside(sender):
        await asyncio.sleep(0)
        await eventually(lambda: house.query("select count(*) from sheaf.alarm_sender") == [(1,)])
    # no heartbeat of rounds that were not finished
    assert not (house.folder / HEARTBEAT).exists()
    assert os.listdir(house.folder) == []
