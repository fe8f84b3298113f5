"""The canonical sheet of an intent, built in one place from what stands in the database."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from server.database.transaction import Transaction
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
    """The sheets of intents, each with the payee's account number in full: never log one."""
    rows = await tx.rows(
        """
        select i.id, i.number, i.operation, b.code branch, i.member_id, m.code member_code, a.name payee, a.bank,
          a.number_cipher, i.account_version, i.amount, i.currency, i.produce, i.weigh_ticket, i.note, i.documents
        from sheaf.intent i
        join sheaf.branch b on b.id = i.branch_id
        join sheaf.member m on m.id = i.member_id
        join sheaf.bank_account a on a.id = i.bank_account_id
        where i.id = any(%(ids)s)
        """,
        ids=list(ids),
    )
    return {
        row["id"]: IntentSheet(
            id=row["id"],
            number=row["number"],
            operation=row["operation"],
            branch=row["branch"],
            member_id=row["member_id"],
            member_code=row["member_code"],
            payee=row["payee"],
            bank=row["bank"],
            account=tx.vault.decrypt_text(bytes(row["number_cipher"])),
            account_version=row["account_version"],
            amount=Satang(row["amount"]),
            currency=row["currency"],
            produce=row["produce"],
            weigh_ticket=row["weigh_ticket"],
            note=row["note"],
            documents=tuple(row["documents"]),
        )
        for row in rows
    }


def signed_set(sheets: Sequence[IntentSheet]) -> SignedSet:
    """What an approver signs for these sheets in this order."""
    digests = tuple(canonical.digest(canonical.sheet_bytes(sheet)) for sheet in sheets)
    data = canonical.set_bytes([(item, sheet.amount) for item, sheet in zip(digests, sheets, strict=True)])
    return SignedSet(tuple(sheets), digests, data, canonical.digest(data))
