"""The installation that is backed up: where its database, keys, archive and backups are."""

from __future__ import annotations

from pathlib import Path

import msgspec

from server.backup.settings import BackupSettings
from server.context import Vault


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """`url` is the administrator's; `archive` holds the originals of statements; `folder` the backups."""

    url: str
    role_secret: str
    vault_key: bytes
    settings: BackupSettings
    folder: Path
    archive: Path
    keys_file: Path

    @property
    def vault(self) -> Vault:
        """What the keys open."""
        return Vault(self.vault_key)

    def __repr__(self) -> str:
        return f"Site({self.folder})"
