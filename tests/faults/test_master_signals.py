"""Signals, service managers and settings: what a master does when it is told, and when it is told too much."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.conftest import FreshDatabase
from tests.faults.service import ROOT, START_SECONDS, Service, free_port, gone, runs
from tests.support.world import found_now
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(400)


@pytest.fixture(scope="module")
def database(fresh_database: FreshDatabase) -> Iterator[str]:
    with fresh_database() as url:
        found_now(url)
        yield url


@pytest.fixture(scope="module")
def lasting(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One service for all tests that leave it serving."""
    made = Service(tmp_path_factory.mktemp("lasting"), database, workers=1)
    made.start()
    yield made
    assert made.end() == 0


@pytest.fixture
def service(database: str, tmp_path: Path) -> Iterator[Service]:
    made = Service(tmp_path, database, workers=1)
    yield made
    made.kill()


class Dribble:
    """A call whose body comes slowly: it is under way until the last byte is sent."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=40)
        head = (
            b"POST /api/v1/intents HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{"
        )
        self._socket.sendall(head)

    def end(self) -> bytes:
        """Send the last byte; what came back until the server closed."""
        self._socket.sendall(b"}")
        answer = b""
        while piece := self._socket.recv(65536):
            answer += piece
        self._socket.close()
        return answer


class Manager:
    """A service manager's ear."""

    def __init__(self, folder: Path) -> None:
        self.place = str(folder / "notify")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.place)
        self._socket.setblocking(False)
        self.heard: list[str] = []

    def hears(self, word: str) -> bool:
        while True:
            try:
                self.heard += self._socket.recv(4096).decode().splitlines()
            except BlockingIOError:
                return word in self.heard

    def close(self) -> None:
        self._socket.close()


def test_a_bad_setting_is_refused_at_a_reload_and_nobody_starts_with_it(lasting: Service) -> None:
    lasting.write(prot=1)
    lasting.signal(signal.SIGHUP)
    wait_until(lambda: bool(lasting.told("reload refused; the old workers go on with the old settings")), START_SECONDS)
    (refusal,) = lasting.told("reload refused; the old workers go on with the old settings")
    assert "api.prot is not a setting; did you mean port?" in refusal["why"]
    (worker,) = lasting.workers()
    os.kill(worker, signal.SIGKILL)  # who starts now starts with the settings that were good
    wait_until(lambda: worker not in lasting.workers() and lasting.is_ready(), START_SECONDS)
    assert lasting.told("a worker ended")[-1]["starts_again_in"] == 0.0
    del lasting.api["prot"]
    lasting.write()


def test_a_host_that_is_no_name_is_refused_and_the_master_goes_on(lasting: Service) -> None:
    refused = "reload refused; the old workers go on with the old settings"
    before, workers = len(lasting.told(refused)), lasting.workers()
    lasting.write(host="127..0.0.1")
    lasting.signal(signal.SIGHUP)
    wait_until(lambda: len(lasting.told(refused)) > before, START_SECONDS)
    assert "127..0.0.1 is not an address of this machine" in lasting.told(refused)[-1]["why"]
    wait_until(lambda: lasting.workers() == workers, START_SECONDS)
    assert lasting.is_ready()
    del lasting.api["host"]
    lasting.write()


def test_a_reload_takes_a_new_port_and_a_new_number_of_workers(lasting: Service) -> None:
    old = int(lasting.api["port"])
    lasting.write(port=free_port(), workers=2)
    lasting.reload()
    assert len(lasting.workers()) >= 2
    wait_until(lasting.is_ready, 20)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", old), timeout=5)
    taken = socket.create_server(("127.0.0.1", old))
    lasting.write(port=old)  # by somebody else now
    lasting.signal(signal.SIGHUP)
    refusals = lasting.told("reload refused; the old workers go on with the old settings")
    wait_until(
        lambda: len(lasting.told("reload refused; the old workers go on with the old settings")) > len(refusals),
        START_SECONDS,
    )
    taken.close()
    reached = next(line for line in reversed(lasting.told("serving")))["at"][0]
    lasting.write(port=int(reached.rpartition(":")[2]))
    assert lasting.is_ready()


def test_a_storm_of_reloads_is_one_after_the_other(lasting: Service) -> None:
    before = len(lasting.told("reloading"))
    for _ in range(50):
        lasting.signal(signal.SIGHUP)
    wait_until(lambda: len(lasting.told("reloaded")) >= 1 and len(lasting.told("reloading")) > before, START_SECONDS)
    assert lasting.is_ready()
    assert len(lasting.told("reloading")) - before <= 2
    wait_until(lambda: len(lasting.workers()) == lasting.api["workers"], 2 * START_SECONDS)


def test_one_that_stands_still_is_replaced(lasting: Service) -> None:
    wait_until(lambda: len(lasting.workers()) == lasting.api["workers"], START_SECONDS)
    stopped = lasting.workers()[-1]
    os.kill(stopped, signal.SIGSTOP)
    wait_until(gone([stopped]), 40)
    # The line is written by a thread of its own, after the process has gone.
    wait_until(lambda: bool(lasting.told("a worker does not answer; it is killed")), 10)
    assert lasting.told("a worker does not answer; it is killed")[-1]["worker"] == stopped
    wait_until(lasting.is_ready, START_SECONDS)


def test_one_that_holds_too_much_is_replaced_before_it_ends(service: Service) -> None:
    service.write(memory_mb=256)
    service.start()
    (hungry,) = service.workers()
    size = 9_000_000
    head = f"POST /api/v1/bank-changes/{os.urandom(16).hex()}/documents HTTP/1.1\r\nHost: x\r\n"
    head += f"Content-Type: application/pdf\r\nContent-Length: {size}\r\n\r\n"
    held = []
    for _ in range(28):
        one = socket.create_connection(("127.0.0.1", service.api["port"]), timeout=60)
        one.sendall(head.encode() + b"x" * (size - 1))
        held.append(one)
    wait_until(lambda: bool(service.told("a worker holds too much memory; another one takes its place")), 60)
    wait_until(lambda: any(worker != hungry for worker in service.workers()) and service.is_ready(), START_SECONDS)
    for one in held:
        one.close()
    wait_until(gone([hungry]), 60)
    assert service.is_ready()
    assert not service.told("a worker ended")


def test_who_dies_again_and_again_gets_longer_pauses(service: Service) -> None:
    service.start()
    for ends in range(1, 6):
        wait_until(lambda: bool(service.workers()), START_SECONDS)
        os.kill(service.workers()[0], signal.SIGKILL)
        wait_until(partial(_ended, service, ends), 20)
    pauses = [line["starts_again_in"] for line in service.told("a worker ended")]
    assert pauses[-4:] in ([0.0, 0.25, 0.5, 1.0], [0.25, 0.5, 1.0, 2.0])
    assert service.told("a worker keeps ending; the cause stands in its own last lines")
    wait_until(service.is_ready, START_SECONDS)


def _ended(service: Service, times: int) -> bool:
    return len(service.told("a worker ended")) >= times


def test_what_is_under_way_is_answered_before_the_end(service: Service, tmp_path: Path) -> None:
    manager = Manager(tmp_path)
    service.start(environment={"NOTIFY_SOCKET": manager.place, "WATCHDOG_USEC": "900000"}, wait=False)
    wait_until(lambda: manager.hears("READY=1") and manager.hears("WATCHDOG=1"), START_SECONDS)
    service.signal(signal.SIGHUP)
    wait_until(lambda: manager.hears("RELOADING=1"), 20)
    wait_until(lambda: manager.heard.count("READY=1") + manager.hears("") == 2, START_SECONDS)
    slow = Dribble(service.api["port"])
    service.signal(signal.SIGTERM)
    wait_until(lambda: service.ask("/readyz") == 503, 5)  # not ready yet it takes calls, for a moment
    service.signal(signal.SIGHUP)  # neither changes anything any more
    service.signal(signal.SIGTERM)
    wait_until(lambda: service.ask("/healthz") == 0, 10)
    assert manager.hears("STOPPING=1")
    answer = slow.end()
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert b"\r\nConnection: close\r\n" in answer
    assert service.process is not None
    assert service.process.wait(10) == 0
    assert len(service.told("reloading")) == 1
    manager.close()


def test_a_socket_of_the_service_managers_outlives_the_master(database: str, tmp_path: Path) -> None:
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    service = Service(tmp_path, database, workers=1, port=listener.getsockname()[1])

    def start() -> None:
        words = [sys.executable, "-m", "server.cli", "serve", "--config", str(service.config)]
        shell = f'exec 3<&{listener.fileno()}; LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"'
        with service.log.open("ab") as log:
            service.process = subprocess.Popen(
                ["bash", "-c", shell, "bash", *words], stderr=log, pass_fds=[listener.fileno()], cwd=ROOT
            )

    start()
    wait_until(service.is_up, START_SECONDS)
    assert service.end() == 0
    waiting = socket.create_connection(listener.getsockname(), timeout=60)
    waiting.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    start()
    assert waiting.recv(65536).startswith(b"HTTP/1.1 200 ")
    assert service.end() == 0
    waiting.close()
    listener.close()


def test_a_terminal_that_is_closed_ends_it(service: Service) -> None:
    ours, theirs = os.openpty()
    words = ["setsid", "-c", sys.executable, "-m", "server.cli", "serve", "--config", str(service.config)]
    with service.log.open("ab") as log:
        service.process = subprocess.Popen(words, stdin=theirs, stderr=log, cwd=ROOT)
    os.close(theirs)
    wait_until(service.is_up, START_SECONDS)
    os.close(ours)  # SIGHUP, which means a reload where no terminal is
    assert service.process.wait(40) == 0
    assert not service.told("reloading")


def test_a_reader_who_is_gone_stops_nothing(service: Service) -> None:
    reading, writing = os.pipe()
    service.start(errors=writing, wait=False)
    wait_until(service.is_ready, START_SECONDS)
    with socket.create_connection(("127.0.0.1", service.api["port"]), timeout=30) as one:
        for _ in range(1200):
            one.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert one.recv(65536).startswith(b"HTTP/1.1 200 ")
    assert service.end() == 0
    os.close(reading)
    os.close(writing)
    assert service.process is not None
    assert not runs(service.process.pid)
