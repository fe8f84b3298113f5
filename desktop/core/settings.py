"""What a profile remembers outside the encrypted store: where the server is, and how things should look."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from desktop.core.guard import write_private

FILE: Final = "settings.json"
TEXT_SIZES: Final = (100, 115, 130)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """No secrets. `ca_file` is a certificate authority to trust instead of the machine's, for a server of one's own."""

    server: str = ""
    ca_file: str = ""
    device_id: str = ""
    last_user: str = ""
    language: Literal["th", "en"] = "th"
    theme: Literal["system", "light", "dark"] = "system"
    text_size: Annotated[int, Meta(ge=100, le=130)] = 100
    undo_seconds: Annotated[int, Meta(ge=0, le=60)] = 8


def load_settings(directory: Path) -> Settings:
    """The profile's settings; the defaults when there are none or they cannot be read."""
    try:
        return msgspec.json.decode((directory / FILE).read_bytes(), type=Settings)
    except (FileNotFoundError, msgspec.MsgspecError):
        return Settings()


def save_settings(directory: Path, settings: Settings) -> None:
    """Keep them, whole or not at all."""
    write_private(directory / FILE, msgspec.json.format(msgspec.json.encode(settings)))


def default_profile() -> Path:
    """Where this person's desk lives when no folder is named: the platform's own place for settings."""
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA", str(Path.home() / "AppData" / "Roaming"))) / "Sheaf"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Sheaf"
    return Path(os.environ.get("XDG_CONFIG_HOME", str(Path.home() / ".config"))) / "sheaf"
