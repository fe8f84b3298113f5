"""What the parent of the day tells a desk process, and what comes back: one JSON line each way."""

from __future__ import annotations

from typing import Any

import msgspec


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """Do one step; `given` are its arguments."""

    step: str
    given: dict[str, Any] = {}


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """How it went; `detail` says what was seen, `result` is for the parent."""

    ok: bool
    seconds: float
    detail: str = ""
    result: dict[str, Any] = {}
