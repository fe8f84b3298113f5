"""One effect for one key: the claim, and the name of the field that differs when a key comes with other content."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from server.context import Vault
from shared.refusals import RefusalCode, Refused

_KEY = re.compile(r"^[\x21-\x7e]{1,255}$", re.ASCII)


def valid_key(key: str) -> bool:
    """1 to 255 printable ASCII characters."""
    return _KEY.match(key) is not None


def fingerprint(request: Any, vault: Vault) -> str:
    """`field:digest` of each field of a request; keyed digests, because account numbers are among the fields."""
    fields = msgspec.to_builtins(request)
    return " ".join(f"{name}:{_digest(fields[name], vault)}" for name in sorted(fields))


def compare(stored: str, given: str) -> Refused | None:
    """None for the same content, else the refusal with the first field that differs."""
    if stored == given:
        return None
    before = dict(part.split(":") for part in stored.split(" "))
    now = dict(part.split(":") for part in given.split(" "))
    names = sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))
    return Refused(RefusalCode.KEY_REUSED, field=names[0])


def _digest(value: Any, vault: Vault) -> str:
    return vault.digest(msgspec.json.encode(value, order="deterministic").decode()).hex()[:32]
