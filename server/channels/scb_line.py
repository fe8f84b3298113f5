"""The line to SCB: one session and one TLS context for the life of the process, and what came back over it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import aiohttp
import msgspec
import structlog
from cryptography import x509

from server.pki import spki_pin

_log = structlog.get_logger(__name__)
_JSON: Final = {"content-type": "application/json", "accept-language": "EN"}


class Timeouts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Seconds to wait for each call (docs/bank.md, The line)."""

    connect: float = 5.0
    token: float = 10.0
    initiate: float = 30.0
    confirm: float = 60.0
    inquire: float = 30.0
    verify: float = 30.0
    probe: float = 10.0


class Reply(msgspec.Struct, frozen=True):
    """The bank's envelope; `data` is its object (or the first of a list, as the older dialect has it) as JSON bytes."""

    http: int
    code: int
    description: str
    data: bytes


class NoReply(msgspec.Struct, frozen=True):
    """No answer that can be read. `sent` is False only when not one byte of the request can have left.

    `untrusted` means that TLS itself failed: wrong authority, pin, host name, or our certificate refused.
    """

    sent: bool
    reason: str
    untrusted: bool = False


class _Status(msgspec.Struct):
    code: int
    description: str = ""


class _Envelope(msgspec.Struct):
    status: _Status
    data: msgspec.Raw = msgspec.Raw(b"null")


class LineSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where the bank is and how both sides prove who they are; `spki_pins` are SHA-256 in hex, leaf and backup."""

    base_url: str
    authority_file: Path | None
    client_certificate: Path
    client_key: Path
    spki_pins: frozenset[str]
    timeouts: Timeouts
    keepalive_seconds: float
    max_connections: int
    max_reply_bytes: int


class BankLine:
    """Sends one request and reads one envelope; knows nothing of payments."""

    def __init__(self, settings: LineSettings, next_request_id: Callable[[], str]) -> None:
        self._settings = settings
        self._next_request_id = next_request_id
        self._context = _context(settings)
        self._session: aiohttp.ClientSession | None = None
        self._validity = _validity(settings.client_certificate)

    def certificate_expiry(self) -> datetime:
        """When our client certificate runs out."""
        return self._validity[1]

    def certificate_is_valid(self, now: datetime) -> bool:
        """Whether our client certificate may be shown now: TLS 1.3 reports a bad one only after the request is sent."""
        return self._validity[0] <= now < self._validity[1]

    def reload_certificate(self) -> None:
        """Take up a renewed certificate from the same files; new connections show it, calls under way go on."""
        self._context.load_cert_chain(self._settings.client_certificate, self._settings.client_key)
        self._validity = _validity(self._settings.client_certificate)

    async def send(
        self, call: str, method: str, path: str, body: bytes, headers: dict[str, str], seconds: float
    ) -> Reply | NoReply:
        """One request, never repeated. Money verbs must be POST: aiohttp repeats the others on a dead connection."""
        request_id = self._next_request_id()
        loop = asyncio.get_running_loop()
        started = loop.time()
        answer = await self._exchange(method, path, body, {**_JSON, **headers, "requestUId": request_id}, seconds)
        log = _log.bind(call=call, request_uid=request_id, milliseconds=int((loop.time() - started) * 1000))
        if isinstance(answer, Reply):
            log.info("bank_call", http=answer.http, code=answer.code)
        else:
            log.warning("bank_call_without_answer", sent=answer.sent, reason=answer.reason)
        return answer

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()

    async def _exchange(
        self, method: str, path: str, body: bytes, headers: dict[str, str], seconds: float
    ) -> Reply | NoReply:
        timeout = aiohttp.ClientTimeout(total=seconds, sock_connect=self._settings.timeouts.connect)
        url = self._settings.base_url + path
        try:
            async with self._open().request(
                method, url, data=body or None, headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                return await self._read(response)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            return NoReply(False, type(error).__name__, untrusted=isinstance(error, aiohttp.ClientSSLError))
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            return NoReply(sent=True, reason=type(error).__name__)

    async def _read(self, response: aiohttp.ClientResponse) -> Reply | NoReply:
        raw = bytearray()
        async for chunk in response.content.iter_any():
            raw += chunk
            if len(raw) > self._settings.max_reply_bytes:
                response.close()
                return NoReply(sent=True, reason="ReplyTooLarge")
        try:
            envelope = msgspec.json.decode(raw, type=_Envelope)
            return Reply(response.status, envelope.status.code, envelope.status.description, _one(envelope.data))
        except msgspec.MsgspecError:
            return NoReply(sent=True, reason=f"Unreadable{response.status}")

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(
                ssl=self._context,
                limit=self._settings.max_connections,
                keepalive_timeout=self._settings.keepalive_seconds,
            )
            self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        return self._session


def _one(data: msgspec.Raw) -> bytes:
    raw = bytes(data)
    if not raw.startswith(b"["):
        return raw
    items = msgspec.json.decode(raw, type=list[msgspec.Raw])
    return bytes(items[0]) if items else b"null"


def _context(settings: LineSettings) -> ssl.SSLContext:
    authority = None if settings.authority_file is None else str(settings.authority_file)
    context = ssl.create_default_context(cafile=authority)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20")
    context.load_cert_chain(settings.client_certificate, settings.client_key)
    if settings.spki_pins:
        context.sslobject_class = _pinned(settings.spki_pins)
    return context


def _pinned(pins: frozenset[str]) -> type[ssl.SSLObject]:
    class Pinned(ssl.SSLObject):
        """Ends the handshake before any request byte when the bank's public key is not one we know."""

        def do_handshake(self) -> None:
            super().do_handshake()
            shown = self.getpeercert(binary_form=True)
            if shown is None or spki_pin(x509.load_der_x509_certificate(shown)) not in pins:
                raise ssl.SSLCertVerificationError("the bank's public key is not pinned")

    return Pinned


def _validity(certificate: Path) -> tuple[datetime, datetime]:
    loaded = x509.load_pem_x509_certificate(certificate.read_bytes())
    return loaded.not_valid_before_utc, loaded.not_valid_after_utc


def encode(body: dict[str, Any]) -> bytes:
    """A request body; amounts are put in as `msgspec.Raw`, so that no float ever carries money."""
    return msgspec.json.encode(body)
