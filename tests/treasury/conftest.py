"""A company whose administrator records money that came in, whose treasurer signs, and whose bank sends statements."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import msgspec
import pytest

from server.context import Actor
from server.database.transaction import Database
from server.treasury.sign_verbs import sign_deposit
from server.treasury.verbs import get_deposit_document, get_treasury, record_deposit
from shared.canonical import sign_off_bytes
from shared.wire.approvals import SignCaseRequest
from shared.wire.common import ById, Nothing
from shared.wire.treasury import DepositView, RecordDepositRequest, TreasuryReply
from tests.bank_changes.cases import png
from tests.support.books import CODES, MORNING, Books
from tests.support.calls import call
from tests.support.world import found


class House:
    """Calls verbs as the API does."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.api: Database = books.company.database()

    def actor(self, username: str) -> Actor:
        """A person at their own desk."""
        person = self.books.company.people[username]
        codes = CODES if person.branch == "HQ" else {person.branch: CODES[person.branch]}
        return Actor(
            name=username,
            user_id=person.user_id,
            roles=frozenset({person.role}),
            branch_id=CODES[person.branch],
            branch_codes=codes,
            device_id=person.device_id,
        )

    async def ask(self, username: str, verb: Any, request: Any, at: datetime = MORNING) -> Any:
        """The verb's reply or refusal."""
        return await call(self.api, self.actor(username), verb, request, at)

    async def record(self, username: str = "administrator", at: datetime = MORNING, **changed: Any) -> Any:
        """A record of 1,000.00 by a slip, unless told otherwise."""
        slip = {} if "statement_line_id" in changed else {"document": png("slip"), "document_name": "slip.png"}
        values = {"amount": "1000.00", "payer": "บริษัท ข้าวไทย จำกัด", "reason": "เงินทุนหมุนเวียน", **slip, **changed}
        if "statement_line_id" not in changed:
            values.setdefault("received_on", "2026-11-21")
        return await self.ask(username, record_deposit, RecordDepositRequest(**values), at)

    def decision(self, deposit: DepositView, decision: str = "approve", **changed: Any) -> SignCaseRequest:
        """What the treasurer's desk sends."""
        reason = changed.get("reason", "")
        signature = self.books.company.people["treasurer"].key.sign(sign_off_bytes(decision, deposit.digest, reason))
        request = SignCaseRequest(
            id=deposit.id,
            version=deposit.version,
            decision=decision,  # type: ignore[arg-type]  # one of the two
            digest=deposit.digest,
            signature=base64.b64encode(signature).decode(),
        )
        return msgspec.structs.replace(request, **changed)

    async def sign(
        self, deposit: DepositView, decision: str = "approve", at: datetime = MORNING, **changed: Any
    ) -> Any:
        """The treasurer looks at the slip, if there is one, and decides."""
        if deposit.documents:
            await self.ask("treasurer", get_deposit_document, ById(id=deposit.id), at)
        return await self.ask("treasurer", sign_deposit, self.decision(deposit, decision, **changed), at)

    async def look(self, at: datetime = MORNING) -> TreasuryReply:
        """Books and bank, as the treasurer sees them."""
        reply: TreasuryReply = await self.ask("treasurer", get_treasury, Nothing(), at)
        return reply

    async def statement(self, *amounts: int, at: datetime = MORNING) -> None:
        """The bank's next statement with these lines that no payment made, taken in and judged."""
        for amount in amounts:
            self.books.bank.book("", amount, "extra", at)
        await self.books.take(self.books.bank.cut(at), at)
        await self.books.reconcile(at)


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    books = Books(await found(database_url))
    house = House(books)
    yield house
    await house.api.close()
    await books.close()
