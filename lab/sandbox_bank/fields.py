"""The shapes of the partner's requests, and the code for the first thing wrong with one (docs/bank.md)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final, cast

import msgspec


class NumberText(str):
    """A JSON number as it was written: money must never pass through a float."""

    __slots__ = ()


class Field(msgspec.Struct, frozen=True):
    """One value: the pattern that the whole of it must match, and whether it may be left out."""

    pattern: re.Pattern[str]
    required: bool = True
    number: bool = False


Shape = Mapping[str, "Field | Shape"]


class Wrong(msgspec.Struct, frozen=True):
    """What is wrong with a body: 1101 missing, 1102 invalid, 1103 empty, 1105 unknown field."""

    code: int
    description: str


def text(pattern: str, *, required: bool = True) -> Field:
    """A text that matches the pattern as a whole."""
    return Field(re.compile(pattern), required)


MOMENT: Final = text(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}[+-][0-9]{2}:[0-9]{2}")
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
TOKENIZER: Final = text(r"[A-Za-z0-9]{1,35}")
ACCOUNT: Final[Shape] = {"accountNo": text(r"[0-9]{1,34}"), "bankCode": text(r"[0-9]{3}")}

MONEY: Final[Shape] = {
    "amount": Field(re.compile(r"[0-9]{1,13}(\.[0-9]{1,2})?"), number=True),
    "currency": text(r"[A-Z]{3}"),
}

TOKEN: Final[Shape] = {"applicationKey": text(r".{1,128}"), "applicationSecret": text(r".{1,128}")}
INITIATE: Final[Shape] = {
    "channelDateTime": MOMENT,
    "partnerTransactionID": text(r"[A-Za-z0-9]{1,25}"),
    "corporateId": text(r".{1,35}"),
    "objectiveCode": text(r"[0-9]{6}", required=False),
    "payer": {
        "taxId": text(r"[0-9]{13}"),
        "statementDescription": text(r".{1,40}", required=False),
        "accountInfo": ACCOUNT,
    },
    "payee": {
        "taxId": text(r"[0-9]{13}", required=False),
        "statementDescription": text(r".{1,40}", required=False),
        "accountInfo": ACCOUNT,
    },
    "tranAmount": MONEY,
}
CONFIRM: Final[Shape] = {"channelDateTime": MOMENT, "tokenizerId": TOKENIZER}
INQUIRY: Final[Shape] = {
    "channelDateTime": MOMENT,
    "tokenizerId": text(r"[A-Za-z0-9]{1,35}", required=False),
    "partnerTransactionID": text(r"[A-Za-z0-9]{1,25}", required=False),
    "dateFrom": text(_DAY),
    "dateTo": text(_DAY, required=False),
}
"""By token, or by the partner's own reference."""
VERIFY: Final[Shape] = {"channelDateTime": MOMENT, "corporateId": text(r".{1,35}"), "accountInfo": ACCOUNT}


def read_body(raw: bytes, shape: Shape) -> dict[str, Any] | Wrong:
    """Decode a request and hold it against its shape; numbers arrive as `NumberText`."""
    try:
        body = json.loads(raw, parse_float=NumberText, parse_int=NumberText)
    except (ValueError, RecursionError):
        return Wrong(1102, "Invalid parameters (body is not JSON)")
    wrong = _compare(shape, body, "")
    return cast("dict[str, Any]", body) if wrong is None else wrong


def satang_of(number: NumberText) -> int:
    """A JSON number with at most two decimals as satang."""
    baht, _, fraction = number.partition(".")
    return int(baht) * 100 + int(fraction.ljust(2, "0"))


def _compare(shape: Shape, value: object, path: str) -> Wrong | None:
    if not isinstance(value, dict):
        return Wrong(1102, f"Invalid parameters ({path or 'body'})")
    for name in value:
        if name not in shape:
            return Wrong(1105, f"Unknown field ({path}{name})")
    for name, wanted in shape.items():
        wrong = _field(wanted, value, name, path)
        if wrong is not None:
            return wrong
    return None


def _field(wanted: Field | Shape, holder: dict[str, object], name: str, path: str) -> Wrong | None:
    where = path + name
    if name not in holder:
        optional = isinstance(wanted, Field) and not wanted.required
        return None if optional else Wrong(1101, f"Missing required parameters ({where})")
    value = holder[name]
    if not isinstance(wanted, Field):
        return _compare(wanted, value, where + ".")
    if value == "":
        return Wrong(1103, f"Empty string ({where})")
    kind = NumberText if wanted.number else str
    if type(value) is kind and wanted.pattern.fullmatch(value):
        return None
    return Wrong(1102, f"Invalid parameters ({where})")
