"""Worker processes on one port: they serve, drain at SIGTERM, and end together when one dies."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path

import httpx

from server.context import Policy
from server.http.serve import ServeSettings, run
from tests.conftest import FreshDatabase
from tests.support.world import VAULT_KEY, found_now
from tests.waiting import wait_until


def _run(settings: ServeSettings) -> None:
    raise SystemExit(run(settings))


@contextmanager
def served(fresh_database: FreshDatabase) -> Iterator[tuple[BaseProcess, str]]:
    with fresh_database() as url:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        settings = ServeSettings(
            database_url=found_now(url).api_url, vault_key=VAULT_KEY, policy=Policy(), port=port, workers=2
        )
        process = multiprocessing.get_context("spawn").Process(target=_run, args=(settings,))
        process.start()
        try:
            wait_until(lambda: _ready(f"http://127.0.0.1:{port}"), 60)
            yield process, f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.join(30)


def _ready(base_url: str) -> bool:
    try:
        return httpx.get(base_url + "/readyz", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def workers_of(pid: int) -> list[int]:
    """The process ids of the workers, as Linux lists them."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    return [int(child) for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]


def test_workers_serve_until_they_are_told_to_stop(fresh_database: FreshDatabase) -> None:
    with served(fresh_database) as (process, base_url):
        assert httpx.get(base_url + "/api/v1/members", trust_env=False).status_code == 401
        process.terminate()
        process.join(30)
        assert process.exitcode == 0
        assert not _ready(base_url)


def test_figures_are_those_of_all_workers_whichever_is_asked(fresh_database: FreshDatabase) -> None:
    with served(fresh_database) as (_, base_url):
        for _call in range(24):  # each on a connection of its own, so that both workers get some
            assert httpx.get(base_url + "/healthz", trust_env=False).status_code == 200
        counted = 'sheaf_http_requests_total{status="200",verb="healthz"} 24.0'
        pages = [httpx.get(base_url + "/metrics", trust_env=False).text for _call in range(8)]
        assert [page.count(counted) for page in pages] == [1] * 8
        wait_until(lambda: _workers_up(base_url) == 2)


def _workers_up(base_url: str) -> int:
    return httpx.get(base_url + "/metrics", trust_env=False).text.count('sheaf_process_up{kind="api"')


def test_a_worker_that_dies_ends_the_others_with_an_error(fresh_database: FreshDatabase) -> None:
    with served(fresh_database) as (process, base_url):
        assert process.pid is not None
        workers = workers_of(process.pid)
        assert len(workers) == 2
        os.kill(workers[0], signal.SIGKILL)
        process.join(30)
        assert process.exitcode == 1
        assert not _ready(base_url)
