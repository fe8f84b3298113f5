"""One call on its way through a worker: what is known of it, and what goes back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
from multidict import MultiMapping

from server.context import Actor
from server.http.gate import Call
from shared.wire.verb import Verb


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What goes back when nothing was refused."""

    status: int
    body: bytes
    replayed: bool = False


_UNKNOWN = Actor(name="unknown")


@dataclass(kw_only=True)
class Asked:
    """One call as far as it is understood; `actor` is who the log names when it is refused.

    `address` says who it counts for as long as nothing is proved.
    """

    verb: Verb
    call: Call
    path: dict[str, str]
    query: MultiMapping[str]
    address: Callable[[], str] = "-".__str__
    actor: Actor = _UNKNOWN
    request: Any = None

    def header(self, name: str) -> str:
        """A header's value, empty when it is not there."""
        return self.call.headers.get(name, "")

    @property
    def key(self) -> str:
        """The idempotency key."""
        return self.header("Idempotency-Key")

    @property
    def operation_token(self) -> str:
        """The operation token."""
        return self.header("Operation-Token")

    def answer(self, reply: Any) -> Answer:
        """The verb's reply as it goes back."""
        body = reply if self.verb.raw_reply else msgspec.json.encode(reply)
        return Answer(status=self.verb.status, body=body)
