"""Head office's money as a server would show it: two credits that nobody recorded, and records in every state."""

from __future__ import annotations

import base64
import hashlib
from uuid import UUID

from shared.canonical import DepositSheet, digest, sheet_bytes
from shared.money import Satang
from shared.wire.bank_changes import DocumentView
from shared.wire.treasury import CreditLine, DepositList, DepositView, DifferencePart, TreasuryReply
from tests.bank_changes.cases import png
from tests.desktop.ui.screens import sample_views as views

SLIP = png("slip")


def credit(number: int) -> CreditLine:
    return CreditLine(
        id=UUID(int=80_000 + number),
        booked_on="2026-11-20",
        amount=f"{number}500000.00",
        reference="",
        description="TRANSFER FROM 004 บริษัท ข้าวไทย จำกัด",
        statement=f"12/2026-11-20/{number}",
    )


def deposit(number: int, state: str = "requested", maker: UUID = views.SUDA) -> DepositView:
    sheet = DepositSheet(
        id=UUID(int=81_000 + number),
        number=f"DP2611-{number:07d}",
        amount=Satang(number * 100_000_000),
        currency="THB",
        received_on="2026-11-20",
        payer="บริษัท ข้าวไทย จำกัด",
        reference="TR-0442",
        reason="เงินทุนหมุนเวียนฤดูเก็บเกี่ยว",
        documents=(hashlib.sha256(SLIP).hexdigest(),),
    )
    data = sheet_bytes(sheet)
    paper = DocumentView(sha256=sheet.documents[0], name="ใบนำฝาก.png", media_type="image/png", size=len(SLIP))
    return DepositView(
        id=sheet.id,
        number=sheet.number,
        amount=f"{number}000000.00",
        received_on=sheet.received_on,
        payer=sheet.payer,
        reference=sheet.reference,
        reason=sheet.reason,
        duplicate_reason="",
        statement_line="12/2026-11-20/3" if state == "reconciled" else "",
        documents=[paper],
        state=state,
        maker="สุดา แก้วใส" if maker == views.SUDA else "วรรณา ใจดี",
        maker_id=maker,
        signatures=[],
        created_at="2026-11-21T01:02:00.000Z",
        expires_at=views.LATER,
        version=1,
        sheet=base64.b64encode(data).decode(),
        digest=digest(data),
    )


def listed() -> DepositList:
    states = ("recorded", "reconciled", "rejected", "cancelled", "expired")
    return DepositList(
        deposits=[deposit(1), deposit(2, maker=views.ME), *(deposit(3 + at, state) for at, state in enumerate(states))]
    )


def beside_the_bank() -> TreasuryReply:
    return TreasuryReply(
        treasury="382500000.00",
        branches="97250400.00",
        members="48250.00",
        others="0.00",
        transit="4120500.00",
        books="483919150.00",
        bank_balance="484918650.00",
        bank_date="2026-11-20",
        difference="999500.00",
        parts=[
            DifferencePart(kind="credits", count=2, amount="4000000.00"),
            DifferencePart(kind="debits", count=1, amount="-500.00"),
            DifferencePart(kind="unproved", count=1, amount="-3000000.00"),
        ],
        unexplained="0.00",
        credits=[credit(1), credit(2)],
    )
