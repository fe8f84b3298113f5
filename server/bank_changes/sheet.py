"""The one place where a bank change becomes the bytes that people sign."""

from __future__ import annotations

from server.bank_changes import store
from server.database.keys import unsealed_text
from server.database.transaction import Row, Transaction
from server.members.rules import Payee
from shared.canonical import BankChangeSheet, sheet_bytes


async def case_bytes(tx: Transaction, case: Row, member: Payee) -> bytes:
    """Canonical bytes of a case from what stands in the database, with both accounts in full; never log them.

    The case has its branch's code as `branch`. The old account is the version that the case replaces, so the bytes stay
    the same after the case is decided.
    """
    old = await store.old_account(tx, case)
    sheet = BankChangeSheet(
        id=case["id"],
        number=case["number"],
        branch=case["branch"],
        member_id=case["member_id"],
        member_code=member.code,
        member_name=member.name,
        old_version=case["old_version"],
        old_bank=old["bank"] if old else "",
        old_account=await unsealed_text(tx, old["number_cipher"]) if old else "",
        new_bank=case["bank"],
        new_account=await unsealed_text(tx, case["number_cipher"]),
        new_account_name=case["account_name"],
        reason=case["reason"],
        documents=tuple(await store.document_digests(tx, case["id"])),
    )
    return sheet_bytes(sheet)
