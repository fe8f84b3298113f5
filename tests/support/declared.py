"""What a verb's answer refuses, as a whole or beside its items, is what its row declares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from shared.refusals import RefusalCode
from shared.wire.verb import Verb


def check(verb: Verb, body: bytes) -> None:
    """Fail for a code in an answer's JSON that the row does not declare; the server counts what is refused whole."""
    wrong = sorted(code for code in _codes(msgspec.json.decode(body)) if not verb.declares(RefusalCode(code)))
    assert wrong == [], f"{verb.name} does not declare {wrong}"


def _codes(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "detail_th" in value and "code" in value:
            yield value["code"]
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _codes(one)
