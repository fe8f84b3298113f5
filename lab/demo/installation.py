"""The demo's data directory: the settings file of its processes, and which files are its own to delete."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from lab.demo.state import USERS_FILE
from server.calling.caller import DEMO_FILE
from server.database.embedded import EmbeddedPostgres
from server.installation import toml_text
from server.pki import write_secret
from server.settings import CONFIG_FILE, KEYS_FILE

ACCOUNTS_FILE: Final = "bank-accounts.jsonl"
_FOLDERS: Final = ("bank", "desks", "logs", "positions", "statements")
_FILES: Final = (CONFIG_FILE, KEYS_FILE, DEMO_FILE, USERS_FILE, ACCOUNTS_FILE)


class BankFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What a partner needs of the running bank's `bank.json`."""

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

    def __repr__(self) -> str:
        return f"BankFacts({self.base_url})"


def postgres(data_dir: Path) -> EmbeddedPostgres:
    """The demo's database server."""
    return EmbeddedPostgres(data_dir / "postgres")


def wipe(data_dir: Path) -> None:
    """Delete what the demo made here and nothing else; raises EmbeddedPostgresError while a demo runs here."""
    postgres(data_dir).destroy()
    for name in _FOLDERS:
        shutil.rmtree(data_dir / name, ignore_errors=True)
    for name in _FILES:
        (data_dir / name).unlink(missing_ok=True)


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def write_settings(data_dir: Path, database_url: str, api_port: int, bank: BankFacts) -> Path:
    """Write the file that the demo's processes are started with."""
    sections: dict[str, Mapping[str, Any]] = {
        "database": {"url": database_url},
        "api": {"host": "127.0.0.1", "port": api_port, "workers": 2},
        "bank": {
            "base_url": bank.base_url,
            "api_key": bank.api_key,
            "api_secret": bank.api_secret,
            "corporate_id": bank.corporate_id,
            "payer_account": bank.company_account,
            "payer_tax_id": bank.payer_tax_id,
            "authority_file": bank.authority_file,
            "client_certificate": bank.client_certificate,
            "client_key": bank.client_key,
            "spki_pins": list(bank.spki_pins),
            "max_connections": 64,
        },
        "sftp": {
            "host": bank.sftp_host,
            "port": bank.sftp_port,
            "username": bank.sftp_user,
            "private_key": bank.sftp_client_key,
            "host_keys": [bank.sftp_host_key],
        },
    }
    file = data_dir / CONFIG_FILE
    write_secret(file, toml_text(sections).encode())
    return file
