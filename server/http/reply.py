"""An answer in one piece: head and body written at once, with the headers that every answer has."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.helpers import rfc822_formatted_time
from aiohttp.http import HttpVersion10
from aiohttp.web_request import BaseRequest

EVERY: Final = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
"""What every answer carries."""

_EVERY = "".join(f"{name}: {value}\r\n" for name, value in EVERY.items())
_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n{_EVERY}Date: " for status in HTTPStatus}


class Reply(web.StreamResponse):
    """What a verb has answered. aiohttp's own response keeps a map of headers, which costs three times as much.

    `more` are further lines of the head, each with its line break: no caller's text may stand there.
    """

    def __init__(self, status: int, body: bytes, media_type: str, correlation_id: str, more: str = "") -> None:
        super().__init__(status=status)
        self._content = body
        self._rest = (
            f"\r\nContent-Type: {media_type}\r\nContent-Length: {len(body)}\r\n{more}"
            f"Correlation-Id: {correlation_id}\r\n"
        )

    async def prepare(self, request: BaseRequest) -> AbstractStreamWriter | None:
        """Write it all; ConnectionResetError when the caller is gone."""
        if self._eof_sent:
            return None
        transport = request.transport
        if transport is None:
            raise ConnectionResetError("the caller is gone")
        self._keep_alive = request.keep_alive and self._keep_alive is not False
        if not self._keep_alive:
            connection = "Connection: close\r\n\r\n"
        elif request.version == HttpVersion10:
            connection = "Connection: keep-alive\r\n\r\n"
        else:
            connection = "\r\n"
        head = f"{_LINES[self.status]}{rfc822_formatted_time()}{self._rest}{connection}"
        transport.write(head.encode() + self._content)
        self._eof_sent = True
        await request.writer.drain()
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        """Nothing is left to be written."""
