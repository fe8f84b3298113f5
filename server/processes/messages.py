"""What a master and its workers tell each other, one JSON object a line over a socket that ends with either of them."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence

import msgspec

_MOST = 1 << 20
_CHUNK = 1 << 16
_MOST_SOCKETS = 16


class Begin(msgspec.Struct, frozen=True, tag=True):
    """To a worker, first: the settings files as an earlier worker read them; None: read them, and tell the plan."""

    settings: dict[str, bytes | None] | None = None


class Go(msgspec.Struct, frozen=True, tag=True):
    """To a worker that may work: as which of the numbers of now, on how many listening sockets (they come along)."""

    number: int
    sockets: int
    at_once: bool


class Drain(msgspec.Struct, frozen=True, tag=True):
    """To a worker that is to finish what it began and end; `last`: nobody goes on in its place."""

    last: bool


class Plan(msgspec.Struct, frozen=True, tag=True):
    """From a generation's first worker: what the settings want. Seconds until a drained worker is killed; megabytes."""

    workers: int
    host: str
    port: int
    drain: float
    memory: int
    settings: dict[str, bytes | None]


class Problems(msgspec.Struct, frozen=True, tag=True):
    """From a worker that will not start: each place of a mistake, and what to do about it."""

    found: list[tuple[str, str]]


class Waiting(msgspec.Struct, frozen=True, tag=True):
    """From a worker that is up and waits for what is away."""

    why: str


class Ready(msgspec.Struct, frozen=True, tag=True):
    """From a worker that works."""


class Leaving(msgspec.Struct, frozen=True, tag=True):
    """From a worker that somebody else has told to end: another one is needed."""


class Beat(msgspec.Struct, frozen=True, tag=True):
    """From a worker, every second; log lines that it has lost so far."""

    lost: int


ToWorker = Begin | Go | Drain
FromWorker = Plan | Problems | Waiting | Ready | Leaving | Beat


class Lines:
    """Cuts a stream into messages of one direction; a line that does not fit raises ValueError."""

    def __init__(self, kind: object) -> None:
        self._decoder = msgspec.json.Decoder(kind)
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[object]:
        """The messages that are complete with these bytes."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > _MOST:
            raise ValueError("a message is too long")
        for line in lines:
            yield self._decoder.decode(line)


class FromMaster:
    """A worker's end: waits for one message after the other, with the sockets that came along."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._lines = Lines(ToWorker)
        self._waiting: list[object] = []
        self.sockets: list[int] = []

    def next(self) -> object | None:
        """The next message; None when the master is gone. Blocks."""
        while not self._waiting:
            try:
                data, sockets, _, _ = socket.recv_fds(self._control, _CHUNK, _MOST_SOCKETS)
            except ConnectionError:
                return None
            self.sockets += sockets
            if not data:
                return None
            self._waiting += self._lines.feed(data)
        return self._waiting.pop(0)


def tell(control: socket.socket, message: ToWorker | FromWorker, sockets: Sequence[int] = ()) -> bool:
    """Send one message; whether the other side is there to hear it. A full pipe loses it, as nobody listens."""
    line = msgspec.json.encode(message) + b"\n"
    try:
        if sockets:
            sent = socket.send_fds(control, [line], list(sockets), socket.MSG_NOSIGNAL)
        else:
            sent = control.send(line, socket.MSG_NOSIGNAL)
    except OSError:
        return False
    return sent == len(line)
