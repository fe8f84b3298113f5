"""The wire as it stands, in a golden file: a change there is a change for every desk in the field, so it is seen.

After a deliberate change: `python -m tests.contract.test_wire` writes the file anew.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from shared.wire.table import VERBS

GOLDEN = Path(__file__).with_name("wire.json")


def described() -> dict[str, Any]:
    """Every verb, and the schema of every struct that it speaks."""
    types = {verb.request for verb in VERBS} | {verb.reply for verb in VERBS if verb.reply is not bytes}
    ordered = sorted(types, key=lambda one: str(one.__name__))
    _, schemas = msgspec.json.schema_components(ordered, ref_template="#/{name}")
    verbs = {
        verb.name: {
            "call": f"{verb.method} {verb.path}",
            "request": verb.request.__name__,
            "reply": verb.reply.__name__,
            "permission": verb.permission.value if verb.permission else None,
            "auth": verb.auth.value,
            "idempotent": verb.idempotent,
            "challenge": verb.challenge.value,
            "money": verb.money,
            "refusals": sorted(code.value for code in verb.refusals),
            "item_refusals": sorted(code.value for code in verb.item_refusals),
            "status": verb.status,
        }
        for verb in VERBS
    }
    return {"verbs": verbs, "structs": schemas}


def as_text(value: dict[str, Any]) -> bytes:
    """Readable and in one order, so that a difference shows what changed."""
    return msgspec.json.format(msgspec.json.encode(value, order="deterministic"), indent=1) + b"\n"


def test_the_wire_is_what_it_was() -> None:
    assert as_text(described()).decode() == GOLDEN.read_text("utf-8")


if __name__ == "__main__":
    GOLDEN.write_bytes(as_text(described()))
