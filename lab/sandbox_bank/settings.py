"""What a sandbox bank is started with, and what a partner needs to know to reach it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from shared.money import Satang


class BankSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of one sandbox bank; a port of 0 is chosen free, seconds may be fractions, money is satang."""

    data_dir: Path
    host: str = "127.0.0.1"
    api_port: int = 0
    control_port: int = 0
    sftp_port: int = 0
    company_account: str = "1112223338"
    corporate_id: str = "AGRI001"
    payer_tax_id: str = "0105561000017"
    opening_balance: Satang = Satang(500_000_000_00)
    accounts_file: Path | None = None
    unknown_accounts: Literal["reject", "accept"] = "reject"
    latency_seconds: float = 0.0
    calls_per_second: int = 5
    """Calls per second, path and application (the real sandbox's quota); 0 switches the quota off."""
    access_token_seconds: int = 1800
    confirm_window_seconds: int = 900
    second_confirm: Literal["same_answer", "not_found"] = "same_answer"
    finds_references: bool = True
    """Whether inquiry takes the partner's reference instead of a token; whether the real bank does is not known."""
    pending_seconds: int = 2700
    """How long the fault PENDING lasts when it names no time: SCB says to inquire after 45 minutes."""
    result_seconds: float = 0.0
    """How long the result file of an upload takes."""
    callback_url: str | None = None
    callback_interval_seconds: float = 12.0
    return_mark: Literal["C", "RD"] = "C"
    """How MT940 marks a returned payment: a plain credit, or SWIFT's reversal of a debit."""
    seed: int = 1


class BankDescription(msgspec.Struct, frozen=True, kw_only=True):
    """Where a running bank is and how to talk to it; written to `bank.json`, readable by its owner only."""

    base_url: str
    api_key: str
    api_secret: str
    corporate_id: str
    company_account: str
    payer_tax_id: str
    authority_file: str
    client_certificate: str
    client_key: str
    spki_pins: tuple[str, ...]
    control_url: str
    control_secret: str
    sftp_host: str
    sftp_port: int
    sftp_user: str
    sftp_client_key: str
    sftp_host_key: str
    process_id: int


def read_description(data_dir: Path) -> BankDescription:
    """Read the `bank.json` of a bank that has been started in this directory; raises FileNotFoundError before that."""
    return msgspec.json.decode((data_dir / "bank.json").read_bytes(), type=BankDescription)
