"""The embedded PostgreSQL keeps its data, keeps strangers out and never outlives its owner."""

from __future__ import annotations

import os
import re
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from server.database.embedded import EmbeddedPostgres, EmbeddedPostgresError
from tests.conftest import FreshDatabase
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]

OWNER = """
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from server.database.embedded import EmbeddedPostgres
print(EmbeddedPostgres(Path(sys.argv[1])).start(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def data_dir() -> Iterator[Path]:
    # A short name: pytest's own folders leave no room for a socket's.
    with TemporaryDirectory(prefix="sheaf-") as directory:
        yield Path(directory, "database")
        EmbeddedPostgres(Path(directory, "database")).destroy()


def listens(url: str) -> bool:
    match = re.search(r":([0-9]+)/", url)
    assert match is not None
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(match[1]))) == 0


def show(url: str, setting: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT current_setting(%s)", [setting]).fetchone()
    assert row is not None
    return str(row[0])


def write(url: str, text: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (what text)")
        connection.execute("INSERT INTO kept VALUES (%s)", [text])


def read(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute("SELECT what FROM kept ORDER BY 1")]


def test_a_cluster_is_made_safe_for_money(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as url:
        settings = {
            name: show(url, name) for name in ("fsync", "data_checksums", "full_page_writes", "server_encoding")
        }
        assert settings == {"fsync": "on", "data_checksums": "on", "full_page_writes": "on", "server_encoding": "UTF8"}
        assert show(url, "synchronous_commit") == "on"
        assert show(url, "listen_addresses") == "127.0.0.1"
    assert not listens(url)


def test_nobody_enters_without_the_password(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as url:
        assert stat.S_IMODE((data_dir / "password").stat().st_mode) == 0o600
        password = (data_dir / "password").read_text(encoding="ascii")
        for wrong in (url.replace(password, "wrong"), url.replace(f":{password}", "")):
            with pytest.raises(psycopg.OperationalError):
                psycopg.connect(wrong)
        through_socket = f"{url}?host={(data_dir / 'home').resolve()}"
        with psycopg.connect(through_socket) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(through_socket.replace(password, "wrong"))


def test_restart_keeps_the_data_and_the_url(data_dir: Path) -> None:
    cluster = EmbeddedPostgres(data_dir)
    url = cluster.start()
    write(url, "before")
    assert cluster.restart() == url
    assert read(url) == ["before"]
    cluster.stop()
    cluster.stop()


def test_a_second_owner_is_refused_and_harms_nothing(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as url:
        stranger = EmbeddedPostgres(data_dir)
        for attempt in (stranger.start, stranger.destroy):
            with pytest.raises(EmbeddedPostgresError, match="in use"):
                attempt()
        write(url, "still there")
        assert read(url) == ["still there"]


def test_the_server_dies_with_its_killed_owner_and_the_next_start_has_the_data(data_dir: Path) -> None:
    command = [sys.executable, "-c", OWNER, str(data_dir)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        url = owner.stdout.readline().strip()
        write(url, "committed")
        owner.send_signal(signal.SIGKILL)
    wait_until(lambda: not listens(url))
    with EmbeddedPostgres(data_dir) as again:
        assert read(again) == ["committed"]


def test_an_owner_killed_a_moment_ago_does_not_stop_the_next_start(data_dir: Path) -> None:
    command = [sys.executable, "-c", OWNER, str(data_dir)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        write(owner.stdout.readline().strip(), "committed")
        owner.send_signal(signal.SIGKILL)
    with EmbeddedPostgres(data_dir) as again:
        assert read(again) == ["committed"]


def test_a_killed_server_recovers_what_was_committed(data_dir: Path) -> None:
    cluster = EmbeddedPostgres(data_dir)
    url = cluster.start()
    write(url, "committed")
    postmaster = int((data_dir / "home" / "cluster" / "postmaster.pid").read_text(encoding="ascii").split("\n")[0])
    os.kill(postmaster, signal.SIGKILL)
    wait_until(lambda: not listens(url))
    assert read(cluster.restart()) == ["committed"]
    cluster.stop()


def test_an_initdb_cut_short_is_not_taken_for_a_cluster(data_dir: Path) -> None:
    cluster = EmbeddedPostgres(data_dir)
    cluster.start()
    cluster.stop()
    home = data_dir / "home"
    (home / "cluster").rename(home / "cluster.new")
    (home / "cluster.new" / "PG_VERSION").unlink()
    with EmbeddedPostgres(data_dir) as url:
        assert show(url, "server_version_num") >= "150000"


def test_a_lost_cluster_is_reported_and_never_replaced_by_an_empty_one(data_dir: Path, tmp_path: Path) -> None:
    data_dir.mkdir()
    (data_dir / "home").symlink_to(tmp_path / "gone")
    with pytest.raises(EmbeddedPostgresError, match="gone"):
        EmbeddedPostgres(data_dir).start()


def test_a_failed_start_says_why(data_dir: Path) -> None:
    cluster = EmbeddedPostgres(data_dir)
    cluster.start()
    cluster.stop()
    (data_dir / "home" / "cluster" / "global" / "pg_control").unlink()
    with pytest.raises(EmbeddedPostgresError, match="pg_control"):
        cluster.start()


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user's server runs as that user, anywhere")
@pytest.mark.parametrize("mode", [0o700, 0o755])
def test_root_has_a_server_behind_open_and_closed_doors(data_dir: Path, mode: int) -> None:
    data_dir.parent.chmod(mode)
    with EmbeddedPostgres(data_dir) as url:
        assert show(url, "fsync") == "on"
    assert (data_dir / "home").is_symlink() == (mode == 0o700)
    assert (data_dir / "home").stat().st_uid != 0


def test_fresh_databases_are_strangers_to_each_other(empty_database: FreshDatabase) -> None:
    with empty_database() as one, empty_database() as other:
        write(one, "in one")
        with pytest.raises(psycopg.errors.UndefinedTable):
            read(other)
