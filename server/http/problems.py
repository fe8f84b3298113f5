"""Refusals as problem details (RFC 9457), in the language that the caller prefers, with both always there."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import msgspec
from aiohttp import web

from shared.refusals import CATALOGUE, RefusalCode, Refused, refusal_text

CORRELATION_ID = web.RequestKey("correlation_id", str)
CONTENT_TYPE = "application/problem+json"
_RETRY_AFTER = {RefusalCode.KEY_BUSY: 5, RefusalCode.OVERLOADED: 2, RefusalCode.PUSH_SILENT: 2}


def problem(refused: Refused, correlation_id: str, accept_language: str) -> web.Response:
    """The response for a refusal."""
    row = CATALOGUE[refused.code]
    english, thai = refusal_text(refused, "en"), refusal_text(refused, "th")
    content: dict[str, Any] = {
        "type": f"urn:sheaf:refusal:{refused.code}",
        "title": HTTPStatus(row.status).phrase,
        "status": row.status,
        "code": refused.code.value,
        "detail": thai if language_of(accept_language) == "th" else english,
        "detail_th": thai,
        "detail_en": english,
        "who_can_fix": row.fixer.value,
        "correlation_id": correlation_id,
    }
    if refused.field:
        content["field"] = refused.field
        content["fields"] = [one.field for one in (refused, *refused.others)]
    if refused.others:
        content["problems"] = [_of_field(one) for one in (refused, *refused.others)]
    headers = {"Content-Language": language_of(accept_language)}
    seconds = _retry_after(refused)
    if seconds is not None:
        headers["Retry-After"] = str(seconds)
    body = msgspec.json.encode(content)
    return web.Response(status=row.status, body=body, content_type=CONTENT_TYPE, headers=headers)


def _of_field(refused: Refused) -> dict[str, str]:
    texts = {f"detail_{language}": refusal_text(refused, language) for language in ("th", "en")}
    return {"field": refused.field, "code": refused.code.value, **texts}


def refuse(request: web.Request, refused: Refused) -> web.Response:
    """The response for a refusal of this request."""
    return problem(refused, request[CORRELATION_ID], request.headers.get("Accept-Language", ""))


def language_of(accept_language: str) -> str:
    """`en` when English stands before Thai in Accept-Language, else `th`; browsers name the preferred one first."""
    for part in accept_language.lower().split(","):
        tag = part.strip()[:2]
        if tag in ("th", "en"):
            return tag
    return "th"


def _retry_after(refused: Refused) -> int | None:
    status = CATALOGUE[refused.code].status
    if refused.code in _RETRY_AFTER:
        return _RETRY_AFTER[refused.code]
    if "seconds" in refused.params:
        return int(refused.params["seconds"])
    if "minutes" in refused.params:
        return 60 * int(refused.params["minutes"])
    return 2 if status in (429, 503) else None
