"""Steps of a bank change that several tests take."""

from __future__ import annotations

import base64
import zlib
from datetime import datetime
from itertools import count
from typing import Any
from uuid import UUID

from server.bank_changes import sign_verbs, verbs
from shared.wire.approvals import SignCaseRequest
from shared.wire.bank_changes import (
    AddDocumentRequest,
    BankChangeView,
    GetDocumentRequest,
    RequestBankChangeRequest,
)
from shared.wire.common import ById
from tests.members.world import NOW, Person, World

_NUMBERS = count(1)


def chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)


def png(text: str = "") -> bytes:
    """A whole PNG of one pixel that says something, so that two can differ."""
    pixel = chunk(b"IHDR", bytes((0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0))) + chunk(b"IDAT", zlib.compress(b"\0\0"))
    return b"\x89PNG\r\n\x1a\n" + pixel + chunk(b"tEXt", b"Comment\0" + text.encode()) + chunk(b"IEND", b"")


def request(member: UUID, **changed: Any) -> RequestBankChangeRequest:
    """New details at BAAC, different for each call."""
    values: dict[str, Any] = {
        "member_id": member,
        "account_version": 1,
        "bank": "034",
        "account_number": f"7{next(_NUMBERS):011d}",
        "account_name": "นาย สมชาย ใจดี",
        "reason": "สมุดบัญชีเล่มใหม่",
    }
    return RequestBankChangeRequest(**(values | changed))


async def draft(world: World, member: UUID, now: datetime = NOW, **changed: Any) -> BankChangeView:
    """A case with one document."""
    case = await world.done(world.cashier, verbs.request_bank_change, request(member, **changed), now)
    document = AddDocumentRequest(id=case.id, name="สมุดบัญชี.png", content=png(str(case.id)))
    return await world.done(world.cashier, verbs.add_document, document)


async def requested(world: World, member: UUID, now: datetime = NOW, **changed: Any) -> BankChangeView:
    """A case that waits for its approvers."""
    case = await draft(world, member, now, **changed)
    return await world.done(world.cashier, verbs.submit_bank_change, ById(id=case.id))


async def read_documents(world: World, person: Person, case: BankChangeView) -> None:
    """Open every document, as the desk does."""
    for document in case.documents:
        await world.done(person, verbs.get_document, GetDocumentRequest(id=case.id, sha256=document.sha256))


async def decision(
    world: World, person: Person, case_id: UUID, choice: str = "approve", reason: str = "", **changed: Any
) -> SignCaseRequest:
    """What the person's desk sends after showing the sheet."""
    sheet = await world.done(person, sign_verbs.open_bank_change_sheet, ById(id=case_id))
    values: dict[str, Any] = {
        "id": case_id,
        "version": sheet.version,
        "decision": choice,
        "reason": reason,
        "digest": sheet.digest,
        "signature": person.sign(choice, sheet.digest, reason),
    }
    return SignCaseRequest(**(values | changed))


async def approve(world: World, person: Person, case: BankChangeView, now: datetime = NOW) -> BankChangeView:
    """Read everything and sign."""
    await read_documents(world, person, case)
    return await world.done(person, sign_verbs.sign_bank_change, await decision(world, person, case.id), now)


def replace_document(world: World, case: BankChangeView, content_cipher: bytes, sha256: str = "") -> None:
    """What who holds the database might do to the case's first document, past its guard."""
    world.query("alter table sheaf.document disable trigger guard")
    world.query(
        """update sheaf.document set content_cipher = %s, sha256 = coalesce(nullif(%s, ''), sha256)
           where bank_change_id = %s and sha256 = %s""",
        content_cipher,
        sha256,
        case.id,
        case.documents[0].sha256,
    )
    world.query("alter table sheaf.document enable trigger guard")


def sheet_text(reply: Any) -> str:
    """The canonical bytes of a sheet's reply as text."""
    return base64.b64decode(reply.sheet).decode()
