"""A company whose administrator and treasurer set statements aside, and whose worker takes statements in."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest

from server.context import Actor
from server.database.transaction import Database
from server.statements.set_aside_verbs import propose_set_aside, sign_set_aside
from shared.canonical import sign_off_bytes
from shared.refusals import Refused
from shared.wire.approvals import SignCaseRequest
from shared.wire.statements import ProposeSetAsideRequest, SetAsideView
from tests.support.books import CODES, LATER, Books
from tests.support.world import found


class House:
    """Calls verbs as the API does: one transaction each, rolled back on a refusal."""

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

    async def ask(self, username: str, verb: Any, request: Any, at: datetime = LATER) -> Any:
        """The verb's reply or refusal."""
        actor = self.actor(username)
        async with self.api.transaction(actor.branches) as tx:
            reply = await verb(tx, actor, request, at)
            tx.refused = isinstance(reply, Refused)
            return reply

    async def propose(self, statement: UUID, who: str = "administrator", reason: str = "ผิดบัญชี") -> Any:
        """A proposal."""
        return await self.ask(who, propose_set_aside, ProposeSetAsideRequest(id=statement, reason=reason))

    async def sign(self, case: SetAsideView, decision: str = "approve", who: str = "treasurer", **changed: Any) -> Any:
        """The decision of a treasurer's desk."""
        reason = changed.get("reason", "")
        signature = self.books.company.people[who].key.sign(sign_off_bytes(decision, case.digest, reason))
        request = SignCaseRequest(
            id=case.id,
            version=case.version,
            decision=decision,  # type: ignore[arg-type]  # one of the two
            digest=case.digest,
            signature=base64.b64encode(signature).decode(),
        )
        return await self.ask(who, sign_set_aside, msgspec.structs.replace(request, **changed))

    async def set_aside(self, statement: UUID) -> SetAsideView:
        """Proposed by the administrator, signed by the treasurer."""
        signed: SetAsideView = await self.sign(await self.propose(statement))
        assert signed.state == "approved"
        return signed

    def statements(self) -> list[tuple[str, str, int, bool]]:
        """Name, day, place and whether it counts, as they were taken."""
        rows = self.books.rows(
            """select file_name, date, position, set_aside_at is null counts from sheaf.statement
               order by position, set_aside_at"""
        )
        return [(row["file_name"], row["date"].isoformat(), row["position"], row["counts"]) for row in rows]

    def statement(self, position: int) -> UUID:
        """The id of the one that counts at a place."""
        (row,) = self.books.rows(
            "select id from sheaf.statement where position = %s and set_aside_at is null", position
        )
        found: UUID = row["id"]
        return found


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    books = Books(await found(database_url))
    house = House(books)
    yield house
    await house.api.close()
    await books.close()
