"""The canonical sheet of an intent, built in one place from what stands in the database."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag

from server.database.transaction import Row, Transaction
from shared import canonical
from shared.canonical import IntentSheet
from shared.money import Satang


class SignedSet(msgspec.Struct, frozen=True):
    """Sheets in order with what is signed over them."""

    sheets: tuple[IntentSheet, ...]
    digests: tuple[str, ...]
    set_bytes: bytes
    digest: str

    @property
    def total(self) -> Satang:
        """The sum of the amounts."""
        return Satang(sum(sheet.amount for sheet in self.sheets))


async def load_sheets(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, IntentSheet]:
    """The sheets of intents, each with the payee's account number in full: never log one.

    An intent whose account number does not decrypt (somebody changed the row) has none.
    """
    rows = await tx.rows(
        """
        select i.id, i.number, i.operation, b.code branch, i.member_id, m.code member_code, a.name payee, a.bank,
          a.number_cipher, i.account_version, i.amount, i.fee, i.currency, i.produce, i.weigh_ticket, i.note, i.documents
        from sheaf.intent i
        join sheaf.branch b on b.id = i.branch_id
        join sheaf.member m on m.id = i.member_id
        join sheaf.bank_account a on a.id = i.bank_account_id
        where i.id = any(%(ids)s)
        """,
        ids=list(ids),
    )
    found = {}
    for row in rows:
        with suppress(InvalidTag):
            found[row["id"]] = _sheet(row, tx.vault.decrypt_text(bytes(row["number_cipher"])))
    return found


def _sheet(row: Row, account: str) -> IntentSheet:
    return IntentSheet(
        id=row["id"],
        number=row["number"],
        operation=row["operation"],
        branch=row["branch"],
        member_id=row["member_id"],
        member_code=row["member_code"],
        payee=row["payee"],
        bank=row["bank"],
        account=account,
        account_version=row["account_version"],
        amount=Satang(row["amount"]),
        fee=Satang(row["fee"]),
        payout=Satang(row["amount"]),
        currency=row["currency"],
        produce=row["produce"],
        weigh_ticket=row["weigh_ticket"],
        note=row["note"],
        documents=tuple(row["documents"]),
    )


def signed_set(sheets: Sequence[IntentSheet]) -> SignedSet:
    """What an approver signs for these sheets in this order."""
    digests = tuple(canonical.digest(canonical.sheet_bytes(sheet)) for sheet in sheets)
    data = canonical.set_bytes([(item, sheet.amount) for item, sheet in zip(digests, sheets, strict=True)])
    return SignedSet(tuple(sheets), digests, data, canonical.digest(data))
