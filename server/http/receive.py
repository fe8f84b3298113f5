"""Takes a request off the wire: bounded, of the right type, its target exactly as it was sent."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web
from multidict import MultiDict, MultiDictProxy, MultiMapping

from server.http.asked import Asked
from server.http.gate import Call
from server.http.limits import address_of
from server.http.problems import CORRELATION_ID
from shared.refusals import RefusalCode, Refused
from shared.wire.verb import Verb

DOCUMENT_TYPES = ("image/jpeg", "image/png", "application/pdf", "application/octet-stream")
_JSON = ("application/json",)
_NO_QUERY: MultiMapping[str] = MultiDictProxy(MultiDict())
_MAGIC = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"%PDF-", "application/pdf"))


async def receive(request: web.Request, verb: Verb) -> bytes | Refused:
    """The body. Refuses TOO_LARGE before reading on, and WRONG_CONTENT_TYPE for what is not the verb's."""
    if (request.content_length or 0) > verb.body_limit:
        return _too_large(verb)
    expected = DOCUMENT_TYPES if verb.raw_request else _JSON
    if request.headers.get("Content-Encoding", "identity") != "identity":
        return _wrong_type(expected)
    body = await read_at_most(request, verb.body_limit) if request.body_exists else b""
    if body is None:
        return _too_large(verb)
    return _wrong_type(expected) if body and request.content_type not in expected else body


def _too_large(verb: Verb) -> Refused:
    return Refused(RefusalCode.TOO_LARGE, params={"limit": str(verb.body_limit)})


def _wrong_type(expected: Sequence[str]) -> Refused:
    return Refused(RefusalCode.WRONG_CONTENT_TYPE, params={"expected": expected[0]})


async def read_at_most(request: web.Request, limit: int) -> bytes | None:
    """The whole body, or None as soon as it is longer than the limit."""
    body = bytearray()
    async for chunk in request.content.iter_chunked(64 * 1024):
        body += chunk
        if len(body) > limit:
            return None
    return bytes(body)


def asked_of(verb: Verb, request: web.Request, body: bytes, trusted: Sequence[str] = ()) -> Asked:
    """The call as the dispatcher takes it; `trusted` are the proxies whose word on the caller's address is believed."""
    call = Call(
        method=request.method,
        target=request.raw_path,
        body=body,
        headers=request.headers,
        correlation_id=request[CORRELATION_ID],
    )

    def address() -> str:
        return address_of(request.remote, request.headers.getall("X-Forwarded-For", ()), trusted)

    query = request.query if "?" in call.target else _NO_QUERY
    return Asked(verb=verb, call=call, path=dict(request.match_info), query=query, address=address)


def media_type(content: bytes) -> str:
    """A document's type by its first bytes."""
    return next((kind for magic, kind in _MAGIC if content.startswith(magic)), "application/octet-stream")
