"""Recomputes every audit chain entry by entry and names the first one that is not what it was when it was written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import msgspec

from server.audit import store
from server.database.transaction import Row, Transaction

_PAGE: Final = 5_000
_Anchored = dict[tuple[int, int], tuple[bytes, datetime]]


class BadEntry(msgspec.Struct, frozen=True):
    """The first thing wrong: the chain, the sequence at which it shows (0 for an anchor), and what it is."""

    branch_id: int
    sequence: int
    what: str


class AuditReport(msgspec.Struct, frozen=True):
    """How much was recomputed, and the first thing wrong in the order of branches and sequences."""

    entries: int
    branches: int
    first_bad: BadEntry | None


def entry_hash(previous: bytes, branch_id: int, row: Row) -> bytes:
    """What `sheaf.audit_hash` makes of the same entry."""
    at: datetime = row["at"]
    device: UUID | None = row["device_id"]
    text = "\n".join(
        (
            "sheaf-audit-v1",
            str(branch_id),
            str(row["sequence"]),
            at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            row["actor"],
            "-" if device is None else str(device),
            row["tag"],
            row["subject"],
            row["detail"],
        )
    )
    return hashlib.sha256(previous + text.encode()).digest()


async def verify(tx: Transaction) -> AuditReport:
    """Recompute the chains of all branches that the transaction sees, while others go on appending.

    Found: a changed, missing or added entry, a tail that was cut off, a replaced head, a changed anchor. A tail that is
    cut off together with its head before an anchor saw it leaves no trace inside the database.
    """
    # Anchors before heads: read the other way round, a younger anchor would know more than an older head.
    anchored, bad = _anchors(await store.anchors(tx))
    heads = await store.heads(tx)
    entries = 0
    for head in heads:
        seen, found = await _chain(tx, head, anchored)
        entries += seen
        bad = bad or found
    return AuditReport(entries, len(heads), bad)


def _anchors(rows: list[Row]) -> tuple[_Anchored, BadEntry | None]:
    anchored: _Anchored = {}
    for row in rows:
        if hashlib.sha256(row["heads"].encode()).digest() != row["hash"]:
            return anchored, BadEntry(0, 0, f"the anchor of {row['at'].isoformat()} was changed")
        heads = msgspec.json.decode(row["heads"], type=dict[int, tuple[int, str]])
        for branch_id, (sequence, digest) in heads.items():
            anchored.setdefault((branch_id, sequence), (bytes.fromhex(digest), row["at"]))
    return anchored, None


async def _chain(tx: Transaction, head: Row, anchored: _Anchored) -> tuple[int, BadEntry | None]:
    """How many entries were recomputed, and the first bad one; stops there, for all that follow hang on it."""
    branch_id, last = head["branch_id"], head["sequence"]
    if last is None:
        return 0, BadEntry(branch_id, 0, "there are entries and no head") if head["newest"] else None
    previous, sequence, count = store.GENESIS, 0, 0
    while sequence < last:
        rows = [row for row in await store.entries_after(tx, branch_id, sequence, _PAGE) if row["sequence"] <= last]
        if not rows:
            return count, BadEntry(branch_id, sequence + 1, "the entries after this one are missing")
        for row in rows:
            if problem := _problem(branch_id, previous, sequence, row, anchored):
                return count, problem
            previous, sequence, count = row["hash"], row["sequence"], count + 1
    return count, next(_after_the_last(head, previous, anchored), None)


def _problem(branch_id: int, previous: bytes, sequence: int, row: Row, anchored: _Anchored) -> BadEntry | None:
    if row["sequence"] != sequence + 1:
        return BadEntry(branch_id, sequence + 1, "the entry is missing")
    if row["previous"] != previous:
        return BadEntry(branch_id, row["sequence"], "the entry does not follow the one before")
    if entry_hash(previous, branch_id, row) != row["hash"]:
        return BadEntry(branch_id, row["sequence"], "the entry was changed")
    digest, at = anchored.get((branch_id, row["sequence"]), (row["hash"], None))
    if digest != row["hash"]:
        return BadEntry(branch_id, row["sequence"], f"the anchor of {at.isoformat() if at else ''} knew another entry")
    return None


def _after_the_last(head: Row, previous: bytes, anchored: _Anchored) -> Iterator[BadEntry]:
    branch_id, last = head["branch_id"], head["sequence"]
    if head["hash"] != previous:
        yield BadEntry(branch_id, last, "the head is not the last entry's hash")
    if head["newest"] > last:
        yield BadEntry(branch_id, last + 1, "an entry stands beyond the head")
    for (anchored_branch, sequence), (_, at) in anchored.items():
        if anchored_branch == branch_id and sequence > last:
            yield BadEntry(branch_id, last + 1, f"entries that the anchor of {at.isoformat()} knew are missing")
