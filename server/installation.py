"""An installation's folder: its own keys, made once, and a first settings file."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from server.database.roles import new_role_secret
from server.pki import write_secret
from server.settings import KEYS_FILE

_TEMPLATE = """\
# Sheaf's settings. Every key can also be given as a variable SHEAF_SECTION_KEY, which then wins.
# `sheaf config check` tells every mistake at once.

{database}
[api]
host = "127.0.0.1"
port = 8350
workers = 2
# Proxies whose X-Forwarded-For says who calls: else all calls count as the proxy's.
trusted_proxies = ["127.0.0.1", "::1"]

# What SCB gives at onboarding. Paths are relative to this file.
# [bank]
# base_url = "https://..."
# api_key = "..."
# api_secret = "..."
# corporate_id = "..."
# payer_account = "..."
# payer_tax_id = "..."
# client_certificate = "bank/client.pem"
# client_key = "bank/client.key"
# authority_file = "bank/authority.pem"   # only where the bank's own authority is not one that the machine trusts
# spki_pins = ["..."]

# Where the bank leaves its statements.
# [sftp]
# host = "..."
# port = 22
# username = "..."
# private_key = "bank/sftp.key"
# host_keys = ["ssh-ed25519 ..."]
# accounts = ["..."]    # further accounts of ours whose statements come here, beside those that pay

# Where the bank takes upload files, if payments are routed to the channel scb_file.
# [scb_file]
# host = "..."
# port = 22
# username = "..."
# private_key = "bank/upload.key"
# host_keys = ["ssh-ed25519 ..."]
# payer_account = "..."
# opens = "08:30:00"    # Bangkok; without opens and closes the channel takes orders at any time
# closes = "16:00:00"

# Who is told when something is not well: by mail, by a program that gets JSON, or both. `sheaf alarm test` tries it.
# [alarm]
# installation = "..."             # how messages call this installation
# mail_host = "..."
# mail_port = 587
# mail_tls = "starttls"            # or "tls", or "none"
# mail_user = "..."
# mail_password = "..."
# mail_from = "..."
# mail_to = ["..."]
# command = ["/usr/local/bin/..."]
# least = "warns"                  # or "bad": nothing that only warns

[policy]
manager_limit = "200000.00"
single_limit = "2000000.00"
approval_hours = 72
check_hours = 24
production_accounts = true
"""


class Keys(msgspec.Struct, frozen=True, kw_only=True):
    """`keys.json`: what the roles' passwords are derived from, and what everything personal is encrypted with."""

    role_secret: str
    vault_key: bytes

    def __repr__(self) -> str:
        return "Keys(...)"


def open_keys(folder: Path, *, own_names: bool = False) -> Keys:
    """The installation's keys, made on the first call and never again; `own_names` for roles beside another's."""
    file = folder / KEYS_FILE
    if not file.exists():
        made = Keys(role_secret=new_role_secret(own_names=own_names), vault_key=secrets.token_bytes(32))
        write_secret(file, msgspec.json.format(msgspec.json.encode(made)))
    return msgspec.json.decode(file.read_bytes(), type=Keys)


def prepare_folder(config: Path, database_url: str, *, own_names: bool = False) -> None:
    """Make the settings file's folder, the file and the keys where they aren't there; what is there is kept."""
    config.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    open_keys(config.parent, own_names=own_names)
    if not config.exists():
        write_secret(config, _TEMPLATE.format(database=toml_text({"database": {"url": database_url}})).encode())


def toml_text(sections: Mapping[str, Mapping[str, Any]]) -> str:
    """Sections of texts, numbers, booleans and lists as TOML, whose basic forms are written like JSON's."""
    lines = []
    for name, values in sections.items():
        lines.append(f"[{name}]")
        lines += [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
        lines.append("")
    return "\n".join(lines)
