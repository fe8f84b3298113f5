"""A full disk under the database: the API says that it is not ready, status names it, and both end with it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import httpx
import psycopg
import pytest

from server.commands.status import examined
from server.database.embedded import EmbeddedPostgres
from server.database.migrations import upgrade
from server.settings import Settings, load_settings
from tests.conftest import ROLE_SECRET
from tests.faults.service import Service
from tests.waiting import wait_until

SIZE_MB = 320
LEFT_MB = 8
"""Less than one more segment of the log."""
pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def disk() -> Iterator[Path]:
    """A file system of its own, where the server's account may go; only root may make one."""
    place = Path(mkdtemp(prefix="sheaf-disk-"))
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m,mode=711", "none", str(place)], check=False)
    if made.returncode:
        pytest.skip("only root may mount a disk")
    place.chmod(0o711)
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)
    place.rmdir()


@pytest.fixture
def api(disk: Path, tmp_path: Path) -> Iterator[Service]:
    cluster = EmbeddedPostgres(disk / "postgres", settings={"max_wal_size": "32MB", "min_wal_size": "32MB"})
    url = cluster.start()
    try:
        upgrade(url, ROLE_SECRET)
        with psycopg.connect(url, autocommit=True) as admin:
            admin.execute("insert into sheaf.branch values (0, 'HQ', 'ก', 'h', now())")
            admin.execute("checkpoint")
        service = Service(tmp_path, url, workers=1)
        service.start()
        yield service
        service.kill()
    finally:
        cluster.destroy()


def fill(disk: Path) -> Path:
    """Everything that is free but a few megabytes."""
    ballast = disk / "ballast"
    free = os.statvfs(disk)
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, free.f_bavail * free.f_frsize - LEFT_MB * 1_000_000)
    return ballast


def answers(service: Service) -> dict[str, bool]:
    told: dict[str, bool] = httpx.get(service.url + "/readyz", trust_env=False, timeout=5).json()
    return told


def case(service: Service, check: str) -> str:
    settings = load_settings(service.config)
    assert isinstance(settings, Settings)
    return next(one.case for one in examined(settings) if one.name == check)


def test_a_full_disk_makes_the_api_unready_and_is_named(api: Service, disk: Path) -> None:
    assert api.is_ready()
    assert case(api, "database.writes") in ("well", "slow")
    ballast = fill(disk)
    wait_until(lambda: not api.is_ready(), 10)
    told = answers(api)
    assert (told["database"], told["writes"]) == (True, False)  # it answers, and takes no more
    wait_until(lambda: case(api, "database.writes") == "full", 10)
    ballast.unlink()
    wait_until(api.is_ready, 10)
    wait_until(lambda: case(api, "database.writes") in ("well", "slow"), 10)


def test_a_database_that_takes_no_writes_makes_the_api_unready(api: Service) -> None:
    settings = load_settings(api.config)
    assert isinstance(settings, Settings)
    with psycopg.connect(settings.database.url, autocommit=True) as admin:
        admin.execute("alter system set default_transaction_read_only = on")
        admin.execute("select pg_reload_conf()")
    wait_until(lambda: not api.is_ready(), 10)
    assert answers(api)["writes"] is False
    assert case(api, "database.writes") == "read_only"
