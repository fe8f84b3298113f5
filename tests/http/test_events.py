"""Server-sent events: news for the branches concerned, and an end when the session ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from shared.wire.common import Nothing
from shared.wire.payments import OpenBatchRequest
from shared.wire.table import EVENTS_PATH
from tests.support.api import RunningApi, running_api
from tests.support.client import SignedClient
from tests.waiting import wait_until


class Listener:
    """Reads a stream in a thread."""

    def __init__(self, desk: SignedClient) -> None:
        self.lines: list[str] = []
        self.ended = threading.Event()
        self._desk = desk
        self._thread = threading.Thread(target=self._read, name="listener of a test")
        self._thread.start()

    def _read(self) -> None:
        with self._desk.http.stream("GET", EVENTS_PATH, headers=self._desk.proof("GET", EVENTS_PATH)) as answer:
            for line in answer.iter_lines():
                self.lines.append(line)
        self.ended.set()

    @property
    def news(self) -> int:
        """How often there was news."""
        return self.lines.count("event: news")

    def join(self) -> None:
        """Wait for the thread."""
        self._thread.join(10)


@contextmanager
def listening(api: RunningApi, username: str) -> Iterator[Listener]:
    desk = api.client(username)
    listener = Listener(desk)
    try:
        wait_until(lambda: ": hello" in listener.lines)
        yield listener
    finally:
        # another connection of the same session: the desk's own is busy with the stream
        other = api.client(username, signed_in=False)
        other.session = desk.session
        other.call("sign_out", Nothing())
        listener.join()


def test_news_reaches_the_branches_concerned_and_no_other(api: RunningApi) -> None:
    with (
        listening(api, "manager.nsn") as own,
        listening(api, "treasurer") as office,
        listening(api, "manager.cri") as far,
    ):
        cashier = api.client("cashier.nsn")

        def told() -> bool:
            cashier.ask("open_batch", OpenBatchRequest(branch="NSN", count=1, total="1.00"))
            return own.news > 0 and office.news > 0

        wait_until(told)
        assert far.news == 0
    assert own.ended.is_set()
    assert far.ended.is_set()


def test_a_stream_does_not_hold_up_the_end_of_its_worker(api: RunningApi) -> None:
    with running_api(api.company) as other:
        desk = SignedClient(other.base_url, api.company.people["manager.nsn"], api.company.clock)
        desk.sign_in()
        listener = Listener(desk)
        wait_until(lambda: ": hello" in listener.lines)
    # no exception in the reader's thread: the server ended the stream as streams end
    wait_until(listener.ended.is_set, seconds=5)
    listener.join()
    desk.close()


def test_the_stream_wants_proof_and_session(api: RunningApi) -> None:
    desk = api.client("manager.nsn", signed_in=False)
    assert desk.http.get(EVENTS_PATH).json()["code"] == "device.unknown"
    assert desk.send("GET", EVENTS_PATH).json()["code"] == "auth.token"
