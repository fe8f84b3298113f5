"""A database goes to another server: dumped and restored, copied, put back. Nothing is hidden, doubled or missed."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import mkdtemp
from uuid import UUID

import psycopg
import pytest

from server.database.embedded import EmbeddedPostgres, program_folder
from server.sync import store
from tests.end_to_end.test_readme import PASSWORD
from tests.faults.moving import (
    FAR,
    SEE,
    Desk,
    Server,
    add,
    add_each,
    counts,
    founded,
    move,
    new_server,
    there,
    touch,
)
from tests.support.world import Company
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def servers() -> Iterator[Callable[[str], Server]]:
    """One of each name; all end with the module."""
    made: dict[str, Server] = {}
    with ExitStack() as stack:

        def get(name: str) -> Server:
            if name not in made:
                made[name] = new_server(name[:2], stack)
            return made[name]

        yield get


@pytest.fixture(scope="module")
def origin(servers: Callable[[str], Server]) -> tuple[Server, str, Company]:
    """The company on PostgreSQL 15; nobody changes it but by copies."""
    server = servers("15")
    return (server, *founded(server))


@pytest.fixture
def files(servers: Callable[[str], Server]) -> tuple[Server, str, Company]:
    """A company of its own on a server whose files may be copied."""
    server = servers("18 files")
    return (server, *founded(server))


@pytest.mark.parametrize("numbers", ["lower", "higher"])
async def test_a_dump_restored_on_a_newer_server_hides_and_misses_nothing(
    origin: tuple[Server, str, Company], servers: Callable[[str], Server], tmp_path: Path, numbers: str
) -> None:
    server, old, company = origin
    old_desk = Desk(old, company)
    await old_desk.pull()
    half = Desk(old, company)
    half.cursor = f"{'-'.join(old_desk.cursor.split('-')[:1])}-0-{old_desk.cursor.split('-')[2]}"
    target = servers(f"18 {numbers}")
    new = target.make()
    if numbers == "higher":
        target.burn(3 * FAR)
    before = counts(server, old)
    move(server, old, target, new, tmp_path / "sheaf")
    assert (target.next_number() > server.next_number()) == (numbers == "higher")
    after = counts(target, new)
    assert {table: n for table, n in after.items() if table != "feed_life"} == {
        table: n for table, n in before.items() if table != "feed_life"
    }
    fresh = Desk(new, company)
    await fresh.pull()
    assert fresh.rows == there(new)
    assert len(fresh.order) == 80
    old_desk.url = half.url = new
    for desk in (old_desk, half):
        await desk.pull()
        assert (desk.began_anew, desk.rows) == (1, there(new))
    await goes_on(new, company, [fresh, old_desk, half])


async def goes_on(url: str, company: Company, desks: Sequence[Desk], first: int = 200) -> None:
    """What changes from now on comes to each, once, in order, late commits included, and nobody begins anew."""
    anew = [desk.began_anew for desk in desks]
    for desk in desks:
        desk.order.clear()
    with psycopg.connect(url) as late:
        add(late, company, first)
        add_each(url, company, range(first + 1, first + 4))
        for desk in desks:
            await desk.pull()
            assert desk.order == []
        late.commit()
    touch(url, 5, "changed on the new server")
    for desk in desks:
        await desk.pull()
        assert sorted(desk.order[:4]) == [f"M{n}" for n in range(first, first + 4)]
        assert desk.order[4:] == ["M5"]
        assert desk.rows == there(url)
    assert [desk.began_anew for desk in desks] == anew


async def test_the_first_word_on_the_new_server_may_be_anybodys_and_nobody_waits(
    origin: tuple[Server, str, Company], servers: Callable[[str], Server], tmp_path: Path
) -> None:
    server, old, company = origin
    target = servers("18 lower")
    new = target.make()
    move(server, old, target, new, tmp_path / "sheaf")
    assert target.next_number() < FAR
    with psycopg.connect(new) as first, psycopg.connect(new) as second:
        add(first, company, 101)
        add(second, company, 102)  # does not wait for who found out, and reckons alike
        first.rollback()
        add(first, company, 103)
        first.commit()
        second.commit()
    desk = Desk(new, company)
    await desk.pull()
    assert desk.rows == there(new)
    assert set(desk.order[-2:]) == {"M102", "M103"}
    with psycopg.connect(new) as admin:
        admin.execute(SEE)
        turns = admin.execute(
            "select max(xid::text::bigint) filter (where entity_id <> all(%(new)s)),"
            " min(xid::text::bigint) filter (where entity_id = any(%(new)s)) from sheaf.change_feed",
            {"new": [UUID(int=102), UUID(int=103)]},
        ).fetchall()[0]
    assert turns[0] < turns[1]


async def test_a_database_may_move_again_and_again(
    origin: tuple[Server, str, Company], servers: Callable[[str], Server], tmp_path: Path
) -> None:
    server, url, company = origin
    desk = Desk(url, company)
    await desk.pull()
    for step, name in enumerate(("18 lower", "18 higher", "18 lower", "18 third"), 1):
        target = servers(name)
        new = target.make()
        move(server, url, target, new, tmp_path / f"sheaf{step}")
        server, url, desk.url = target, new, new
        add_each(url, company, range(300 + 10 * step, 305 + 10 * step))
        await desk.pull()
        assert (desk.began_anew, desk.rows) == (step, there(url))
        fresh = Desk(url, company)
        await fresh.pull(limit=7)
        assert fresh.rows == there(url)


async def test_put_back_in_the_same_running_server_it_is_another_history(
    origin: tuple[Server, str, Company], servers: Callable[[str], Server], tmp_path: Path
) -> None:
    server, old, company = origin
    target = servers("18 lower")
    new = target.make()
    move(server, old, target, new, tmp_path / "sheaf")
    desk = Desk(new, company)
    await desk.pull()
    dumped = target.make()
    with psycopg.connect(new) as late:
        add(late, company, 400)  # under way while the dump is made: it is not in it, and the desk will have seen it
        add_each(new, company, [401])
        move(target, new, target, dumped, tmp_path / "sheaf")
        late.commit()
    await desk.pull()
    assert "M400" in desk.rows
    desk.url = dumped
    await desk.pull()
    assert desk.began_anew == 1
    assert desk.rows == there(dumped)
    assert "M400" not in desk.rows
    await goes_on(dumped, company, [desk], 410)


@contextmanager
def copied(server: Server) -> Iterator[Server]:
    """The files of a stopped server, beside it; both are running inside."""
    server.cluster.stop()
    home = Path(mkdtemp(prefix="sheaf-tests-", dir="/dev/shm"))
    home.chmod(0o711)
    source = server.cluster._data_dir
    for name in ("password", "home"):
        copy = shutil.copytree if (source / name).is_dir() else shutil.copy2
        copy(source / name, home / name, **({"symlinks": True} if (source / name).is_dir() else {}))
    if os.geteuid() == 0:
        owner = (source / "home").stat()
        for path in (home / "home", *(home / "home").rglob("*")):
            os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)
    cluster = EmbeddedPostgres(home, unsafe_for_tests=True)
    try:
        server.superuser = server.cluster.start()
        yield Server(cluster, server.programs, databases=server.databases)
    finally:
        cluster.destroy()


def at(server: Server, url: str) -> str:
    """The same database on another server."""
    return f"postgresql://sheaf_admin:{PASSWORD}@{server.address}/{url.rpartition('/')[2]}"


async def test_a_copy_of_the_files_put_back_always_knows_who_has_seen_more(files: tuple[Server, str, Company]) -> None:
    server, url, company = files
    quiet = Desk(url, company)
    await quiet.pull()
    with copied(server) as copy:
        url = at(server, url)
        desk, restarted = Desk(url, company), Desk(url, company, quiet.cursor, dict(quiet.rows))
        # The server began again, and its desks go on: the same history.
        await restarted.pull()
        assert restarted.began_anew == 0
        add_each(url, company, range(500, 510))
        await desk.pull()
        copy.superuser = copy.cluster.start()
        desk.url = at(copy, url)
        assert await desk.standing() is store.Standing.AHEAD
        # The copy goes on for long: its numbers pass those that the desk has.
        add_each(desk.url, company, range(600, 650))
        place = store.parse_cursor(desk.cursor)
        assert place is not None
        assert copy.next_number() > place.turn
        assert await desk.standing() is store.Standing.AHEAD
        await desk.pull()
        assert (desk.began_anew, desk.rows) == (1, there(desk.url))
        # Who saw nothing after the copy was made goes on with it.
        quiet.url = desk.url
        await quiet.pull()
        assert (quiet.began_anew, quiet.rows) == (0, there(quiet.url))
        await goes_on(desk.url, company, [desk, quiet], 700)
        # A person who puts a database back may say so: every desk begins anew.
        with psycopg.connect(desk.url) as admin:
            admin.execute("select sheaf.begin_feed_history()")
        for one in (desk, quiet):
            assert await one.standing() is store.Standing.MOVED
            await one.pull()
            assert one.rows == there(desk.url)
        await goes_on(desk.url, company, [desk, quiet], 800)


async def test_a_copy_that_was_recovered_is_another_history(files: tuple[Server, str, Company]) -> None:
    server, url, company = files
    desk = Desk(url, company)
    await desk.pull()
    with copied(server) as copy:
        cluster = copy.cluster._data_dir / "home" / "cluster"
        (cluster / "recovery.signal").touch()
        shutil.chown(cluster / "recovery.signal", *(os.stat(cluster).st_uid, os.stat(cluster).st_gid))
        with (cluster / "postgresql.auto.conf").open("a") as settings:
            settings.write("restore_command = 'false'\nrecovery_target_timeline = 'latest'\n")
        copy.superuser = copy.cluster.start()
        desk.url = at(copy, url)
        with psycopg.connect(copy.superuser) as admin:
            wait_until(lambda: admin.execute("select pg_is_in_recovery()").fetchall() == [(False,)], 30)
        assert await desk.standing() is store.Standing.MOVED
        await desk.pull()
        assert (desk.began_anew, desk.rows) == (1, there(desk.url))
        await goes_on(desk.url, company, [desk], 900)


@pytest.fixture
def fifteen() -> Iterator[tuple[Server, str, Company]]:
    """A company on a PostgreSQL 15 of its own."""
    with ExitStack() as stack:
        server = new_server("15", stack)
        yield (server, *founded(server))


def upgraded_in_place(old: Server, stack: ExitStack) -> Server:
    """A PostgreSQL 18 that `pg_upgrade` made of the old one; it is started."""
    data = old.cluster._data_dir
    # Given its own programs, it has the same locale provider as the old one: pg_upgrade asks for it.
    place = data.with_name(f"{data.name}-18")
    new = Server(EmbeddedPostgres(place, unsafe_for_tests=True, binaries=program_folder()), program_folder())
    stack.callback(new.cluster.destroy)
    new.cluster.start()
    new.cluster.stop()
    old.cluster.stop()
    for home in (data / "home", place / "home"):
        rules = home / "cluster" / "pg_hba.conf"
        rules.write_text("local all all trust\n" + rules.read_text())
    command = [
        *(new.programs / "pg_upgrade", "-b", old.programs, "-B", new.programs, "-U", "postgres"),
        *("-d", data / "home" / "cluster", "-D", place / "home" / "cluster", "-s", place / "home"),
    ]
    owner = (place / "home").resolve().stat()
    account = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    done = subprocess.run(command, cwd=place / "home", capture_output=True, check=False, **account)
    assert done.returncode == 0, done.stdout.decode()[-2000:]
    shutil.copy2(data / "password", place / "password")
    new.superuser = new.cluster.start()
    return new


async def test_a_server_that_was_upgraded_in_place_is_another_history(fifteen: tuple[Server, str, Company]) -> None:
    """`pg_upgrade` from 15 to 18: transaction numbers go on, and the server is another one."""
    old, url, company = fifteen
    desk = Desk(url, company)
    await desk.pull()
    with ExitStack() as stack:
        desk.url = at(upgraded_in_place(old, stack), url)
        assert await desk.standing() is store.Standing.MOVED
        await desk.pull()
        assert (desk.began_anew, desk.rows) == (1, there(desk.url))
        await goes_on(desk.url, company, [desk], 950)
