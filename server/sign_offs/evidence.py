"""Re-verifies, at the moment of sending, that what is about to be sent is what was signed."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from server.approvals.rules import Signed, payment_quorum, still_needed
from server.approvals.signatures import sign_off_is_valid
from server.database.transaction import Row, Transaction
from server.sign_offs.sheets import load_sheets
from shared import canonical
from shared.canonical import IntentSheet
from shared.money import Satang
from shared.permissions import Role
from shared.refusals import RefusalCode as R

SIGNATURE_VOID = "signature.void"
"""Failure code: the payment was signed, and a signature does not stand any more."""


class Proven(msgspec.Struct, frozen=True):
    """The sheet stands as it was signed, by everyone who had to."""

    sheet: IntentSheet


class Unproven(msgspec.Struct, frozen=True):
    """The sheet must not be sent; the reason is for the audit trail and the engineer, without personal data.

    `code` is the intent's failure code: `signature.void` where a signature would count if its signer still stood.
    """

    reason: str
    code: str = R.SIGNATURE.value


class KnownSets:
    """Signed sets whose signature was verified before, so that one over 50,000 lines is read and verified once.

    Kept by all that the signature covers and who made it; whether the signer and the desk still stand is never kept.
    """

    def __init__(self, most: int = 32) -> None:
        self._most = most
        self._sets: dict[tuple[object, ...], frozenset[str]] = {}

    def get(self, sign_off: Row) -> frozenset[str] | None:
        """The digests of the items that this very signature covers; None when it was not verified yet."""
        return self._sets.get(_key(sign_off))

    def put(self, sign_off: Row, items: frozenset[str]) -> None:
        """Remember a verified set; the oldest goes when there are too many."""
        if len(self._sets) >= self._most:
            del self._sets[next(iter(self._sets))]
        self._sets[_key(sign_off)] = items


def _key(sign_off: Row) -> tuple[object, ...]:
    key, signature = bytes(sign_off["public_key"]), bytes(sign_off["signature"])
    return sign_off["id"], sign_off["digest"], sign_off["reason"], signature, key


async def verify_signatures(
    tx: Transaction, rows: Sequence[Row], known: KnownSets | None = None
) -> dict[UUID, Proven | Unproven]:
    """For each intent row: recompute its canonical bytes from the database and check every signature over them.

    Counts only approvals whose set holds exactly these bytes, whose signature verifies with the signing desk's key,
    whose desk is not revoked and whose signer is enabled, still has the role where it counts, and is not the maker.
    Needed is what the row asks for and what the policy asks for today: the stricter wins. Rows carry `signed_total`
    (satang) for that. Items that `known` knows are not verified again.
    """
    known = KnownSets() if known is None else known
    sheets = await load_sheets(tx, [row["id"] for row in rows])
    sign_offs = await _sign_offs(tx, [row["id"] for row in rows], known)
    result: dict[UUID, Proven | Unproven] = {}
    for row in rows:
        asked = payment_quorum(Satang(row["signed_total"]), tx.services.policy)
        result[row["id"]] = _verify(row, asked, sheets.get(row["id"]), sign_offs.get(row["id"], []))
    return result


def _verify(
    row: Row, asked: Sequence[Role], sheet: IntentSheet | None, sign_offs: Sequence[tuple[Row, str, frozenset[str]]]
) -> Proven | Unproven:
    if sheet is None:
        return Unproven("the payee's account is not there")
    item = canonical.digest(canonical.sheet_bytes(sheet))
    signed = [
        Signed(sign_off["user_id"], Role(sign_off["role"]), sign_off["stands"])
        for sign_off, item_digest, items in sign_offs
        if item_digest == item and item in items and sign_off["user_id"] != row["maker_id"]
    ]
    quorum = [Role(role) for role in row["quorum"]]
    quorum += [role for role in asked if role not in quorum]
    if not still_needed(quorum, signed):
        return Proven(sheet)
    if still_needed(quorum, [Signed(one.user_id, one.role) for one in signed]):
        return Unproven("the signatures do not cover what would be sent")
    return Unproven("a signer or a desk was shut out after signing", SIGNATURE_VOID)


def _signed_items(sign_off: Row, set_bytes: bytes) -> frozenset[str] | None:
    """The digests that the signature covers; None when it does not hold."""
    holds = canonical.digest(set_bytes) == sign_off["digest"] and sign_off_is_valid(
        bytes(sign_off["public_key"]),
        "approve",
        sign_off["digest"],
        sign_off["reason"],
        bytes(sign_off["signature"]),
    )
    if not holds:
        return None
    lines = set_bytes.decode().splitlines()
    return frozenset(line.removeprefix("item=") for line in lines if line.startswith("item="))


async def _sign_offs(
    tx: Transaction, ids: Sequence[UUID], known: KnownSets
) -> dict[UUID, list[tuple[Row, str, frozenset[str]]]]:
    """Approvals by intent, each with the digest noted for the intent and the digests that its signature covers."""
    rows = await tx.rows(
        """
        select i.intent_id, i.item_digest, s.id, s.user_id, s.role, s.reason, s.digest, s.signature, d.public_key,
          sheaf.signature_stands(s.user_id, s.role, s.branch_id, s.device_id, s.at) stands
        from sheaf.sign_off_item i
        join sheaf.sign_off s on s.id = i.sign_off_id
        join sheaf.device d on d.id = s.device_id
        where i.intent_id = any(%(ids)s) and s.decision = 'approve'
        """,
        ids=list(ids),
    )
    covered = await _covered(tx, rows, known)
    found: dict[UUID, list[tuple[Row, str, frozenset[str]]]] = {}
    for row in rows:
        if row["id"] in covered:
            found.setdefault(row["intent_id"], []).append((row, row["item_digest"], covered[row["id"]]))
    return found


async def _covered(tx: Transaction, rows: Sequence[Row], known: KnownSets) -> dict[UUID, frozenset[str]]:
    """What each sign-off's signature covers; one that does not hold is left out. New sets alone are fetched."""
    sign_offs = {row["id"]: row for row in rows}
    covered = {key: items for key, row in sign_offs.items() if (items := known.get(row)) is not None}
    fresh = {key: row for key, row in sign_offs.items() if key not in covered}
    if not fresh:
        return covered
    for row in await tx.rows("select id, set_bytes from sheaf.sign_off where id = any(%(ids)s)", ids=list(fresh)):
        sign_off = fresh[row["id"]]
        items = _signed_items(sign_off, bytes(row["set_bytes"]))
        if items is not None:
            known.put(sign_off, items)
            covered[row["id"]] = items
    return covered
