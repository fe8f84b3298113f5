"""The pieces that every wire module uses: bounded texts, pages and the frozen base of all structs."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from shared.limits import LONG_TEXT, SHORT_TEXT


class Wire(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A struct that crosses the network: frozen, named fields, unknown fields refused."""


ShortText = Annotated[str, Meta(max_length=SHORT_TEXT)]
LongText = Annotated[str, Meta(max_length=LONG_TEXT)]
Code = Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_.-]+$")]
AmountText = Annotated[str, Meta(max_length=40, description="baht as a decimal string, at most two decimals")]
InstantText = Annotated[
    str,
    Meta(
        pattern=r"^(20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2}))?$",
        description="ISO 8601 with an offset, from 2000 to 2099",
    ),
]
"""Bounded here, so that no verb meets the end of time; whether there is such a day the verb says."""
DayText = Annotated[
    str, Meta(pattern=r"^(20[0-9]{2}-[0-9]{2}-[0-9]{2})?$", description="a day in Asia/Bangkok such as 2026-12-01")
]
Hex64 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
Base64 = Annotated[str, Meta(max_length=400, pattern=r"^[A-Za-z0-9+/=_-]+$")]
Limit = Annotated[int, Meta(ge=1, le=500)]
Totp = Annotated[str, Meta(max_length=16)]
Cursor = Annotated[str, Meta(max_length=200)]


class Nothing(Wire, frozen=True, kw_only=True):
    """A request without content."""


class Done(Wire, frozen=True, kw_only=True):
    """A reply that only says that it was done."""

    ok: bool = True


class ById(Wire, frozen=True, kw_only=True):
    """A request for one thing by its id, which stands in the path."""

    id: UUID


class ItemRefused(Wire, frozen=True, kw_only=True):
    """Why one item of a list was not done; texts as in problem details."""

    code: str
    detail_th: str
    detail_en: str
    field: str = ""
