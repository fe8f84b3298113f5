"""How a request becomes a method, a target and body bytes; pure, so that its digest can be made beforehand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import msgspec

from shared.wire.table import PREFIX, Verb

_MAGIC: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"%PDF-", "application/pdf"),
)
_UNRESERVED: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


@dataclass(frozen=True)
class Encoded:
    """What will be sent: `target` is path and query exactly as on the wire."""

    method: str
    target: str
    body: bytes
    content_type: str


def encode(verb: Verb, request: Any) -> Encoded:
    """Fields named in the path go there; of a GET or a raw verb the rest goes into the query, else into the body."""
    fields = {name: getattr(request, name) for name in request.__struct_fields__}
    path = verb.path
    for name in list(fields):
        if f"{{{name}}}" in path:
            path = path.replace(f"{{{name}}}", _escaped(str(fields.pop(name))))
    target = PREFIX + path
    if verb.raw_request:
        content = bytes(fields.pop("content"))
        return Encoded(verb.method, target + _query(fields), content, media_type(content))
    if verb.method == "GET":
        return Encoded(verb.method, target + _query(fields), b"", "")
    return Encoded(verb.method, target, msgspec.json.encode(fields), "application/json")


def _query(fields: dict[str, Any]) -> str:
    given = [f"{name}={_escaped(str(value))}" for name, value in fields.items() if value not in ("", None)]
    return "?" + "&".join(given) if given else ""


def _escaped(text: str) -> str:
    """Percent-encoding (RFC 3986) of everything but unreserved characters."""
    return "".join(chr(byte) if byte in _UNRESERVED else f"%{byte:02X}" for byte in text.encode())


def media_type(content: bytes) -> str:
    """A document's type by its first bytes; unknown ones are sent as what they are and the server refuses them."""
    return next((kind for magic, kind in _MAGIC if content.startswith(magic)), "application/octet-stream")
