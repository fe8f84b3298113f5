"""What a room gives for a verb: one shape for each way of running that a row of the table may name (`Runs`)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from server.context import Actor, Policy
from server.database.transaction import Row, Transaction
from shared.refusals import Refused

Reply = TypeVar("Reply")

Handler = Callable[[Transaction, Actor, Any, datetime], Awaitable[Any]]
"""The verb as a use case: its reply, or the refusal after which the caller rolls back."""

Sight = tuple[int, ...]
"""The branches that a caller may see."""


@dataclass(frozen=True)
class Lookup(Generic[Reply]):
    """A question about one row: `read` finds the rows of many callers in one round trip, `answer` tells of one."""

    read: Callable[[Transaction, Sequence[tuple[Sight, UUID]]], Awaitable[list[Row | None]]]
    answer: Callable[[Row | None, Policy, datetime], Reply | Refused]


@dataclass(frozen=True)
class Group(Generic[Reply]):
    """What many ask for at once: `write` does it for all of them in one transaction, with an answer for each.

    A caller is answered with a Reply or a refusal. The list is of numbers that were drawn and not used yet.
    """

    write: Callable[[Transaction, Sequence[Any], datetime, list[int]], Awaitable[list[Any]]]
