"""A bank that only answers, over mutual TLS, with as little work as Python allows, so that it is no bottleneck.

`python -m lab.bench.lean_bank FOLDER` prints its port. It counts confirms by token, notes when each order arrived,
and answers money calls after a delay that `POST /delay/MILLISECONDS` sets.
"""

from __future__ import annotations

import asyncio
import ssl
import sys
import time
from pathlib import Path
from typing import Any, cast

import msgspec

_OK = b'{"status":{"code":1000,"description":"Success"},"data":'


class _Order(msgspec.Struct):
    partnerTransactionID: str = ""
    tokenizerId: str = ""
    tranAmount: Any = None


class Seen(msgspec.Struct):
    """What the bank has seen: Unix time of each order's arrival by our reference, confirms by token, and handshakes."""

    arrived: dict[str, float] = {}
    confirmed: dict[str, int] = {}
    handshakes: int = 0


class _Bank:
    def __init__(self) -> None:
        self.delay = 0.0
        self.seen = Seen()

    def answer(self, path: str, body: bytes) -> tuple[bytes, float]:
        """The reply's data and the seconds after which it is sent."""
        call = path.rsplit("/", 1)[-1]
        if path.startswith("/delay/"):
            self.delay = int(call) / 1000
            return b"{}", 0
        if path == "/seen":
            seen, self.seen = self.seen, Seen(confirmed=self.seen.confirmed, handshakes=self.seen.handshakes)
            return msgspec.json.encode(seen), 0
        if call == "token":
            return b'{"accessToken":"lean","expiresIn":86400}', 0
        if call == "echo":
            return b"{}", 0
        order = msgspec.json.decode(body, type=_Order)
        return self._money(call, order), self.delay

    def _money(self, call: str, order: _Order) -> bytes:
        if call == "initiate":
            self.seen.arrived[order.partnerTransactionID] = time.time()
            return b'{"tokenizerId":"T%s"}' % order.partnerTransactionID.encode()
        token = order.tokenizerId
        if call == "confirm":
            self.seen.confirmed[token] = self.seen.confirmed.get(token, 0) + 1
            return b'{"tokenizerId":"%s"}' % token.encode()
        status = b"CONFIRM_COMPLETED" if token in self.seen.confirmed else b"INITIATE_COMPLETED"
        return b'{"tokenizerId":"%s","status":"%s","tranAmount":{"amount":1.00}}' % (token.encode(), status)


class _Connection(asyncio.Protocol):
    def __init__(self, bank: _Bank) -> None:
        self._bank = bank
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._bank.seen.handshakes += 1

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end]
            length = _length(head)
            if len(self._buffer) < end + 4 + length:
                return
            body, self._buffer = self._buffer[end + 4 : end + 4 + length], self._buffer[end + 4 + length :]
            reply, delay = self._bank.answer(head.split(b" ", 2)[1].decode(), body)
            if delay:
                asyncio.get_running_loop().call_later(delay, self._reply, reply)
            else:
                self._reply(reply)

    def _reply(self, data: bytes) -> None:
        content = _OK + data + b"}"
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(content)
        if not self._transport.is_closing():
            self._transport.write(head + content)


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


async def _serve(folder: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cafile=str(folder / "authority.pem"))
    context.load_cert_chain(folder / "bank.pem", folder / "bank.key")
    bank = _Bank()
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(bank), "127.0.0.1", 0, ssl=context)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    # Ends with whoever started it: nobody writes here, and the pipe closes.
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    import uvloop

    uvloop.run(_serve(Path(sys.argv[1])))
