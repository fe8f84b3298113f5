"""Re-verifies, at the moment of sending, that what is about to be sent is what was signed."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from server.approvals.rules import Signed, payment_quorum, still_needed
from server.approvals.signatures import sign_off_is_valid
from server.context import HEAD_OFFICE
from server.database.transaction import Row, Transaction
from server.payments.sheets import load_sheets
from shared import canonical
from shared.canonical import IntentSheet
from shared.money import Satang
from shared.permissions import Role


class Proven(msgspec.Struct, frozen=True):
    """The sheet stands as it was signed, by everyone who had to."""

    sheet: IntentSheet


class Unproven(msgspec.Struct, frozen=True):
    """The sheet must not be sent; the reason is for the audit trail and the engineer, without personal data."""

    reason: str


async def verify_signatures(tx: Transaction, rows: Sequence[Row]) -> dict[UUID, Proven | Unproven]:
    """For each intent row: recompute its canonical bytes from the database and check every signature over them.

    Counts only approvals whose set holds exactly these bytes, whose signature verifies with the signing desk's key,
    whose desk is not revoked and whose signer is enabled, still has the role where it counts, and is not the maker.
    Needed is what the row asks for and what the policy asks for today: the stricter wins. Rows carry `signed_total`
    (satang) for that.
    """
    sheets = await load_sheets(tx, [row["id"] for row in rows])
    sign_offs = await _sign_offs(tx, [row["id"] for row in rows])
    valid: dict[UUID, bool] = {}
    result: dict[UUID, Proven | Unproven] = {}
    for row in rows:
        asked = payment_quorum(Satang(row["signed_total"]), tx.services.policy)
        result[row["id"]] = _verify(row, asked, sheets.get(row["id"]), sign_offs.get(row["id"], []), valid)
    return result


def _verify(
    row: Row, asked: Sequence[Role], sheet: IntentSheet | None, sign_offs: Sequence[Row], valid: dict[UUID, bool]
) -> Proven | Unproven:
    if sheet is None:
        return Unproven("the payee's account is not there")
    item = canonical.digest(canonical.sheet_bytes(sheet))
    signed = []
    for sign_off in sign_offs:
        # One signature may cover thousands of lines: it is verified once.
        if sign_off["id"] not in valid:
            valid[sign_off["id"]] = _signature_holds(sign_off)
        counts = (
            valid[sign_off["id"]]
            and sign_off["item_digest"] == item
            and f"\nitem={item}\n".encode() in sign_off["set_bytes"]
            and sign_off["user_id"] != row["maker_id"]
        )
        if counts:
            signed.append(Signed(sign_off["user_id"], Role(sign_off["role"])))
    quorum = [Role(role) for role in row["quorum"]]
    quorum += [role for role in asked if role not in quorum]
    if still_needed(quorum, signed):
        return Unproven("the signatures do not cover what would be sent")
    return Proven(sheet)


def _signature_holds(sign_off: Row) -> bool:
    return (
        bool(sign_off["standing"])
        and canonical.digest(sign_off["set_bytes"]) == sign_off["digest"]
        and sign_off_is_valid(
            bytes(sign_off["public_key"]),
            "approve",
            sign_off["digest"],
            sign_off["reason"],
            bytes(sign_off["signature"]),
        )
    )


async def _sign_offs(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, list[Row]]:
    """Approvals by intent; a set's bytes are fetched once however many of its lines are asked for."""
    items = await tx.rows(
        "select sign_off_id, intent_id, item_digest from sheaf.sign_off_item where intent_id = any(%(ids)s)",
        ids=list(ids),
    )
    rows = await tx.rows(
        """
        select s.id, s.user_id, s.role, s.reason, s.digest, s.signature, s.set_bytes,
          d.public_key,
          d.state = 'approved' and u.enabled
            and u.branch_id = case s.role when 'treasurer' then %(head_office)s else s.branch_id end
            and exists (select from sheaf.user_role r where r.user_id = s.user_id and r.role = s.role) standing
        from sheaf.sign_off s
        join sheaf.device d on d.id = s.device_id
        join sheaf.app_user u on u.id = s.user_id
        where s.id = any(%(ids)s) and s.decision = 'approve'
        """,
        ids=list({item["sign_off_id"] for item in items}),
        head_office=HEAD_OFFICE,
    )
    by_id = {row["id"]: row for row in rows}
    found: dict[UUID, list[Row]] = {}
    for item in items:
        if item["sign_off_id"] in by_id:
            row = by_id[item["sign_off_id"]] | {"item_digest": item["item_digest"]}
            found.setdefault(item["intent_id"], []).append(row)
    return found
