"""The statements worker whose database is lost, who is told to reload, and who is not the only one."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from server.pki import write_secret
from tests.conftest import FreshDatabase
from tests.faults.service import START_SECONDS, Service
from tests.support.world import found_now
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def database(fresh_database: FreshDatabase) -> Iterator[str]:
    with fresh_database() as url:
        found_now(url)
        yield url


def _service(folder: Path, url: str) -> Service:
    folder.mkdir()
    service = Service(folder, url, "worker", "statements")
    write_secret(folder / "sftp.key", b"")
    service.sections["sftp"] = {
        "host": "127.0.0.1",
        "port": 1,  # nobody is there: that the bank is away must not matter here
        "username": "us",
        "private_key": "sftp.key",
        "host_keys": ["ssh-ed25519 AAAA"],
    }
    service.write()
    return service


def _sessions(url: str) -> int:
    """How many statements workers hold the lock that makes one the only one; ends every session of theirs."""
    with psycopg.connect(url, autocommit=True) as admin:
        rows = admin.execute(
            """select pg_terminate_backend(a.pid) from pg_stat_activity a
               where a.usename = 'sheaf_statements' and a.datname = current_database()"""
        ).fetchall()
    return len(rows)


def test_it_begins_anew_reloads_and_is_followed(database: str, tmp_path: Path) -> None:
    first, second = _service(tmp_path / "first", database), _service(tmp_path / "second", database)
    try:
        first.start()
        wait_until(lambda: bool(first.told("started")), START_SECONDS)
        (worker,) = first.workers()
        assert _sessions(database) > 1
        wait_until(lambda: len(first.told("begins anew")) >= 1 and len(first.told("started")) == 2, 30)
        assert first.workers() == [worker]
        first.reload()
        wait_until(lambda: len(first.workers()) == 1 and len(first.told("started")) == 3, START_SECONDS)
        assert first.workers() != [worker]
        second.start()
        assert not second.told("started")  # it waits for the first to end
        first.signal(signal.SIGTERM)
        assert first.process is not None
        assert first.process.wait(60) == 0
        wait_until(lambda: len(second.told("started")) == 1, 30)
        assert second.end(60) == 0
    finally:
        first.kill()
        second.kill()
