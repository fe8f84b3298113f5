"""A real sandbox bank for tests: in this event loop, over real TLS and SFTP, fast and without a quota unless asked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from lab.sandbox_bank.bank import RunningBank, serve
from lab.sandbox_bank.books import Account
from lab.sandbox_bank.settings import BankDescription, BankSettings
from server.channels.base import PaymentOrder
from server.channels.scb import ScbSettings
from server.channels.scb_line import Timeouts
from shared.banks import AccountNumber
from shared.ids import AttemptId
from shared.money import Satang

SOMCHAI = Account("034", "012345674412", "นาย สมชาย ใจดี")
BOONMEE = Account("014", "1234567890", "นางสาวบุญมี ทองดี")
CLOSED = Account("004", "9876543210", "นาย ปิด แล้ว", "CLOSED")


@asynccontextmanager
async def running_bank(data_dir: Path, **changes: Any) -> AsyncIterator[RunningBank]:
    """A bank that knows SOMCHAI, BOONMEE and CLOSED; `changes` are fields of BankSettings."""
    bank = await serve(BankSettings(data_dir=data_dir, **{"calls_per_second": 0, **changes}))
    bank.books.put_accounts([SOMCHAI, BOONMEE, CLOSED])
    try:
        yield bank
    finally:
        await bank.stop()


def scb_settings(bank: BankDescription, **changes: Any) -> ScbSettings:
    """What a partner of this bank configures; `changes` are fields of ScbSettings."""
    fields = {
        "base_url": bank.base_url,
        "api_key": bank.api_key,
        "api_secret": bank.api_secret,
        "corporate_id": bank.corporate_id,
        "payer_account": bank.company_account,
        "payer_tax_id": bank.payer_tax_id,
        "authority_file": bank.authority_file,
        "client_certificate": bank.client_certificate,
        "client_key": bank.client_key,
        "spki_pins": bank.spki_pins,
        "timeouts": Timeouts(initiate=5, confirm=5),
    }
    return ScbSettings(**{**fields, **changes})


def now() -> datetime:
    """The present, in UTC."""
    return datetime.now(tz=UTC)


def order(number: int, satang: int = 48_250_00, payee: Account = SOMCHAI) -> PaymentOrder:
    """The order with this number; its reference is `S` and the number."""
    return PaymentOrder(
        attempt_id=AttemptId(UUID(int=number)),
        bank_ref=f"S{number:015d}",
        payee_bank_code=payee.bank_code,
        payee_account_number=AccountNumber(payee.account_no),
        amount=Satang(satang),
        created_at=now(),
        payer_statement_text="JASMINE PADDY",
    )
