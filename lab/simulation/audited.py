"""The law of the trail: every change of an intent's state has its audit entry, and every entry its change."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from server.database.transaction import Row, Transaction
from shared.audit_tags import AuditTag as Tag

Holds = Any
"""`Verdicts.holds`."""

EXPLAINS: Mapping[str, frozenset[str]] = {
    "created": frozenset({Tag.ADD_BATCH_LINES}),
    "validated": frozenset({Tag.SUBMIT_INTENT, Tag.CLOSE_BATCH, Tag.SIGN_OFF}),  # a first of two signatures
    "authorized": frozenset({Tag.SIGN_OFF, Tag.INTENT_REQUEUED}),
    "rejected": frozenset({Tag.SIGN_OFF}),
    "cancelled": frozenset({Tag.CANCEL_INTENT, Tag.CANCEL_BATCH, Tag.INTENT_REFUSED_TO_SEND, Tag.INTENT_EXPIRED}),
    "sent": frozenset({Tag.INTENT_SENT}),
    "in_doubt": frozenset({Tag.INTENT_IN_DOUBT}),
    "settled": frozenset({Tag.INTENT_SETTLED, Tag.RECONCILED}),
    "failed": frozenset({Tag.INTENT_FAILED}),
    "expired": frozenset({Tag.INTENT_EXPIRED}),
    "reconciled": frozenset({Tag.RECONCILED}),
    "returned": frozenset({Tag.RECONCILED}),
}
"""Which entries may tell of a step into a state."""

_TOLD_BY = {
    Tag.INTENT_SENT: "sent",
    Tag.INTENT_SETTLED: "settled",
    Tag.INTENT_FAILED: "failed",
    Tag.INTENT_REQUEUED: "authorized",
    Tag.INTENT_IN_DOUBT: "in_doubt",
}
"""Entries that name each intent, by its attempt's reference, and the state that they tell of."""


async def judge_trail(tx: Transaction, holds: Holds, branch: int) -> None:
    """Compare the steps of a branch's intents with the entries of its chain, both ways, moment by moment."""
    steps = await tx.rows("select * from sheaf.intent_event where branch_id = %(branch)s", branch=branch)
    entries = await tx.rows(
        "select at, tag, subject, detail::jsonb detail from sheaf.audit_entry where branch_id = %(branch)s",
        branch=branch,
    )
    names = await _names(tx, branch)
    by_moment: dict[datetime, list[Row]] = {}
    for entry in entries:
        by_moment.setdefault(entry["at"], []).append(entry)
    for step in steps:
        told = [one for one in by_moment.get(step["at"], []) if one["tag"] in EXPLAINS[step["state"]]]
        mine = names[step["intent_id"]]
        named = any(mine & set(_words(one)) for one in told)
        found = named or any(one["tag"] == Tag.RECONCILED and _digest_fits(one, steps) for one in told)
        holds("every change of state has its audit entry", found, f"{step['intent_id']} {step['state']} {step['at']}")
    taken = {(name, step["state"], step["at"]) for step in steps for name in names[step["intent_id"]]}
    for entry in entries:
        state = _TOLD_BY.get(entry["tag"])
        for reference in entry["detail"]["references"] if state else []:
            told_truly = (reference, state, entry["at"]) in taken
            holds("every audit entry has its change of state", told_truly, f"{reference} {entry['tag']} {entry['at']}")


async def _names(tx: Transaction, branch: int) -> dict[UUID, set[str]]:
    """By what an entry may call each intent: id, number, its batch's id and number, references, signed digests."""
    rows = await tx.rows(
        """
        select i.id, i.number, i.batch_id::text batch, b.number batch_number,
          array(select a.bank_reference from sheaf.attempt a where a.intent_id = i.id) refs,
          array(select s.digest from sheaf.sign_off_item t join sheaf.sign_off s on s.id = t.sign_off_id
                where t.intent_id = i.id) digests
        from sheaf.intent i left join sheaf.batch b on b.id = i.batch_id where i.branch_id = %(branch)s
        """,
        branch=branch,
    )
    return {
        row["id"]: {str(row["id"]), row["number"], row["batch"], row["batch_number"], *row["refs"], *row["digests"]}
        - {None, ""}
        for row in rows
    }


def _words(entry: Row) -> Iterator[str]:
    yield entry["subject"]
    yield from _texts(entry["detail"])


def _texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for one in value.values():
                yield from _texts(one)
        case list():
            for one in value:
                yield from _texts(one)


def _digest_fits(entry: Row, steps: list[Row]) -> bool:
    """Whether the digest of a run of reconciliation is of exactly the intents that moved in it."""
    moved = [one for one in steps if one["at"] == entry["at"] and one["actor"] == "statements"]
    text = "".join(sorted(f"{one['intent_id']} {one['state']}\n" for one in moved))
    return bool(entry["detail"]["digest"] == hashlib.sha256(text.encode()).hexdigest())
