"""The master of the API on real processes: one worker's end is nobody else's, drains, reloads, kills, ports."""

from __future__ import annotations

import os
import re
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.conftest import FreshDatabase
from tests.faults.service import Service, gone
from tests.support.world import found_now
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def database(fresh_database: FreshDatabase) -> Iterator[str]:
    with fresh_database() as url:
        found_now(url)
        yield url


@pytest.fixture
def service(database: str, tmp_path: Path) -> Iterator[Service]:
    made = Service(tmp_path, database)
    made.start()
    yield made
    made.kill()


def test_a_killed_worker_is_replaced_and_nobody_else_ends(service: Service) -> None:
    victim, other = service.workers()
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: len(service.workers()) == 2 and victim not in service.workers(), 30)
    assert other in service.workers()
    assert service.is_ready()
    assert service.end() == 0


def test_told_to_stop_it_answers_and_ends_with_zero(service: Service) -> None:
    assert service.ask("/api/v1/members") == 401
    assert service.end() == 0
    assert service.ask("/healthz") == 0


def test_figures_are_those_of_all_workers_and_survive_their_ends(service: Service) -> None:
    for _call in range(24):  # each on a connection of its own, so that both workers get some
        assert service.ask("/healthz") == 200
    for victim in service.workers():
        os.kill(victim, signal.SIGKILL)
        wait_until(gone([victim]), 10)
    service.reload()
    counted = 'sheaf_http_requests_total{status="200",verb="healthz"} 24.0'
    pages = [httpx.get(service.url + "/metrics", trust_env=False).text for _call in range(6)]
    assert [page.count(counted) for page in pages] == [1] * 6
    wait_until(lambda: _workers_up(service) == 2)


def test_each_worker_gets_its_part_of_many_connections(service: Service) -> None:
    workers = service.workers()
    before = {worker: _descriptors(worker) for worker in workers}
    address = ("127.0.0.1", int(service.api["port"]))
    with ExitStack() as stack:
        for _ in range(64):
            stack.enter_context(socket.create_connection(address, timeout=30))
        wait_until(lambda: sum(_descriptors(one) - before[one] for one in workers) >= 64)
        assert min(_descriptors(one) - before[one] for one in workers) >= 8
    assert service.end() == 0


def _descriptors(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


def _workers_up(service: Service) -> int:
    page = httpx.get(service.url + "/metrics", trust_env=False).text
    return len(re.findall('^sheaf_process_up{kind="api".* 1.0$', page, re.MULTILINE))


def test_a_port_in_use_is_refused_at_once_by_name(service: Service, database: str, tmp_path: Path) -> None:
    second = tmp_path / "second"
    second.mkdir()
    other = Service(second, database, port=service.api["port"])
    other.start(wait=False)
    assert other.process is not None
    assert other.process.wait(60) == 1
    told = other.log.read_text()
    assert f"port {service.api['port']} is in use: process {service.pid} (" in told
    assert service.is_ready()


def test_a_killed_master_leaves_no_worker_behind(service: Service) -> None:
    workers = service.workers()
    os.kill(workers[0], signal.SIGSTOP)  # not even one that stands still
    os.kill(service.pid, signal.SIGKILL)
    wait_until(gone(workers), 12)
