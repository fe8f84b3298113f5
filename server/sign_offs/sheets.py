"""The canonical sheet of an intent, built in one place from what stands in the database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag

from server.database.keys import unsealed_text
from server.database.transaction import Row, Transaction
from server.payments.views import members_anywhere
from shared import canonical
from shared.canonical import IntentSheet
from shared.money import Satang


class SignedSet(msgspec.Struct, frozen=True):
    """Items in order with what is signed over them."""

    digests: tuple[str, ...]
    total: Satang
    set_bytes: bytes
    digest: str


async def load_sheets(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, IntentSheet]:
    """The sheets of intents, each with the payee's account number in full: never log one.

    An intent whose account number does not decrypt (somebody changed the row) has none. Raises KeyRefused where that
    is our own key's fault: then nothing is known of any payment.
    """
    rows = await tx.rows(
        """
        select i.id, i.number, i.operation, b.code branch, i.member_id, m.code member_code, m.name member_name,
          a.name payee, a.bank, a.number_cipher, i.account_version, i.destination, i.counterparty_member_id, i.amount,
          i.fee, i.post_fee, i.advance, i.payout, i.currency, i.produce, i.weigh_ticket, i.note, i.duplicate_reason,
          i.documents
        from sheaf.intent i
        join sheaf.branch b on b.id = i.branch_id
        join sheaf.member m on m.id = i.member_id
        left join sheaf.bank_account a on a.id = i.bank_account_id
        where i.id = any(%(ids)s)
        """,
        ids=list(ids),
    )
    others = await members_anywhere(tx, [row["counterparty_member_id"] for row in rows])
    found = {}
    for row in rows:
        with suppress(InvalidTag):
            cipher = row["number_cipher"]
            account = "" if cipher is None else await unsealed_text(tx, cipher)
            found[row["id"]] = _sheet(row, account, others.get(row["counterparty_member_id"]))
    return found


def _sheet(row: Row, account: str, counterparty: Row | None) -> IntentSheet:
    payee = row["payee"] or row["member_name"]
    return IntentSheet(
        id=row["id"],
        number=row["number"],
        operation=row["operation"],
        branch=row["branch"],
        member_id=row["member_id"],
        member_code=row["member_code"],
        payee=counterparty["name"] if counterparty else payee,
        bank=row["bank"] or "",
        account=account,
        account_version=row["account_version"],
        source="funding" if row["operation"] == "disbursement" else "balance",
        destination=row["destination"],
        counterparty=counterparty["code"] if counterparty else "",
        amount=Satang(row["amount"]),
        fee=Satang(row["fee"]),
        post_fee=Satang(row["post_fee"]),
        advance=Satang(row["advance"]),
        payout=Satang(row["payout"]),
        currency=row["currency"],
        produce=row["produce"],
        weigh_ticket=row["weigh_ticket"],
        note=row["note"],
        duplicate_reason=row["duplicate_reason"],
        documents=tuple(row["documents"]),
    )


def signed_set(sheets: Iterable[IntentSheet]) -> SignedSet:
    """What an approver signs for these sheets in this order; the sheets themselves are not kept."""
    items = [(canonical.digest(canonical.sheet_bytes(sheet)), sheet.amount) for sheet in sheets]
    return set_of(items)


def set_of(items: Sequence[tuple[str, Satang]]) -> SignedSet:
    """The same from the items' digests and amounts."""
    data = canonical.set_bytes(items)
    total = Satang(sum(amount for _, amount in items))
    return SignedSet(tuple(item for item, _ in items), total, data, canonical.digest(data))
