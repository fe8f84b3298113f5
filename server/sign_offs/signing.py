"""What sign-offs of sets and of batches have in common: the sheets that are shown, who may sign, and the record."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec

from server.approvals.cases import record_sign_off
from server.context import Actor
from server.database.transaction import Row, Transaction
from server.failpoints import failpoint
from server.members.rules import Account
from server.members.store import payees
from server.members.views import verdict_view
from server.sign_offs.sheets import SignedSet, load_sheets
from shared import canonical
from shared.canonical import IntentSheet
from shared.permissions import Role
from shared.wire.members import AccountVerdict
from shared.wire.payments import SheetItem, SignOffRequest


async def rows_of(tx: Transaction, ids: Sequence[UUID]) -> list[Row]:
    """Intents as they stand, in no order and without a lock."""
    return await tx.rows("select * from sheaf.intent where id = any(%(ids)s)", ids=list(ids))


async def sheets_in_order(tx: Transaction, ids: Sequence[UUID]) -> list[IntentSheet]:
    """The sheets of intents that are there; one that can't be made (an account does not decrypt) is an error."""
    found = await load_sheets(tx, ids)
    if len(found) != len(ids):
        raise LookupError("the sheet of an intent can't be made")
    return [found[intent_id] for intent_id in ids]


async def sheet_items(
    tx: Transaction, rows: Sequence[Row], sheets: Sequence[IntentSheet], now: datetime
) -> list[SheetItem]:
    """What a signer is shown of each, with what the bank said of the account. Rows: id, version, member, account."""
    found = await payees(tx, [row["member_id"] for row in rows])
    items = []
    for row, sheet in zip(rows, sheets, strict=True):
        account = found[row["member_id"]].account
        check = account.check if account is not None and account.id == row["bank_account_id"] else None
        items.append(
            SheetItem(
                id=row["id"],
                version=row["version"],
                sheet=base64.b64encode(canonical.sheet_bytes(sheet)).decode(),
                bank_name=check.bank_name if check else "",
                match=check.match if check else 0,
                verdict=_verdict(tx, row, account, now),
            )
        )
    return items


def _verdict(tx: Transaction, row: Row, account: Account | None, now: datetime) -> AccountVerdict:
    """Of the very account that the intent pays; of one that was replaced since nobody asks."""
    if row["bank_account_id"] is None:
        return AccountVerdict(says="not_needed")
    if account is None or account.id != row["bank_account_id"]:
        return AccountVerdict()
    return verdict_view(account, tx.services.policy, now)


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """A sign-off that counts: in which role, the verified signature, and the intents in the order of the set."""

    role: Role
    signature: bytes
    intents: Sequence[UUID]
    signed: SignedSet


@failpoint("sign_off.record")
async def record_set(
    tx: Transaction, actor: Actor, request: SignOffRequest, branch_id: int, given: Given, now: datetime
) -> None:
    """Keep what was signed, by whom and over which items."""
    batch = request.batch_id
    kind: LiteralString = "intents" if batch is None else "batch"
    signed = (given.role, given.signature)
    sign_off_id = await record_sign_off(
        tx, kind, (batch, branch_id), actor, request, signed, now, given.signed.set_bytes
    )
    await tx.execute(
        """
        insert into sheaf.sign_off_item (sign_off_id, branch_id, intent_id, user_id, item_digest)
        select %(id)s, %(branch)s, intent_id, %(user)s, item_digest
        from unnest(%(intents)s::uuid[], %(digests)s::text[]) as item (intent_id, item_digest)
        """,
        id=sign_off_id,
        branch=branch_id,
        user=actor.user,
        intents=list(given.intents),
        digests=list(given.signed.digests),
    )
