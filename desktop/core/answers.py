"""What a call to the server may come back with besides its reply: a refusal, or nothing at all."""

from __future__ import annotations

from typing import Final

import msgspec

from shared.refusals import OF_OPERATION_TOKENS
from shared.refusals import RefusalCode as R


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """The server said no: problem details as values, with both languages. Nothing happened."""

    code: str
    status: int
    detail_th: str = ""
    detail_en: str = ""
    field: str = ""
    who_can_fix: str = ""
    correlation_id: str = ""
    retry_after: int = 0


class Offline(msgspec.Struct, frozen=True, kw_only=True):
    """No answer, or none of our server's. What was asked may have happened: send it again with the same key."""

    reason: str


Failure = Problem | Offline

REPLY_UNREADABLE: Final = "desk.reply_unreadable"
_PASSING: Final = frozenset({R.KEY_BUSY, R.PUSH_SILENT, R.OVERLOADED, R.TOO_MANY, *OF_OPERATION_TOKENS})
_SIGN_IN: Final = frozenset({R.TOKEN, R.DEVICE_UNKNOWN, R.DEVICE_PROOF})


def passing(failure: Failure) -> bool:
    """Whether sending the same again later may well work, without anyone's help."""
    if isinstance(failure, Offline):
        return True
    return failure.status >= 500 or failure.code in _PASSING


def wants_sign_in(failure: Failure) -> bool:
    """Whether a person must sign in (or have the device let in) before anything works again."""
    return isinstance(failure, Problem) and failure.code in _SIGN_IN


class _Details(msgspec.Struct, frozen=True):
    code: str = ""
    status: int = 0
    detail: str = ""
    detail_th: str = ""
    detail_en: str = ""
    field: str = ""
    who_can_fix: str = ""
    correlation_id: str = ""


def read_problem(status: int, body: bytes, correlation_id: str, retry_after: str) -> Problem | Offline:
    """Problem details (RFC 9457) as a value; anything else with an error status is not from our server."""
    try:
        details = msgspec.json.decode(body, type=_Details)
    except msgspec.MsgspecError:
        return Offline(reason=f"status {status} without problem details")
    return Problem(
        code=details.code,
        status=status,
        detail_th=details.detail_th or details.detail,
        detail_en=details.detail_en or details.detail,
        field=details.field,
        who_can_fix=details.who_can_fix,
        correlation_id=details.correlation_id or correlation_id,
        retry_after=int(retry_after) if retry_after.isascii() and retry_after.isdigit() else 0,
    )
