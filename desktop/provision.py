"""Lays out desks' profiles whose keys were made elsewhere: a JSON list on standard input, files on disk.

For the demo and for a roll-out by an administrator. A profile that has its key file keeps it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import msgspec

from desktop.core.guard import KEY_FILE, GuardProblem, PinFile
from desktop.core.settings import load_settings, save_settings

_STORE_KEY = 32


class NewProfile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One profile: its directory, the PIN that wraps its key, the Ed25519 seed in hex, and where its server is."""

    directory: str
    pin: str
    seed: str
    server: str
    device_id: str
    last_user: str
    undo_seconds: int
    ca_file: str = ""

    def __repr__(self) -> str:
        return f"NewProfile({self.directory})"


def lay_out(profile: NewProfile) -> GuardProblem | None:
    """Write key file and settings, or say why not."""
    directory = Path(profile.directory)
    if not (directory / KEY_FILE).exists():
        secret = bytes.fromhex(profile.seed) + os.urandom(_STORE_KEY)
        problem = PinFile(directory / KEY_FILE, profile.pin).save(secret)
        if problem is not None:
            return problem
    changed = {name: getattr(profile, name) for name in ("server", "device_id", "last_user", "undo_seconds", "ca_file")}
    save_settings(directory, msgspec.structs.replace(load_settings(directory), **changed))
    return None


def main() -> int:
    """Read, lay out, and answer 1 with the reason at the first profile that can't be written."""
    for profile in msgspec.json.decode(sys.stdin.buffer.read(), type=list[NewProfile]):
        problem = lay_out(profile)
        if problem is not None:
            sys.stderr.write(f"{profile.directory}: {problem}\n")
            return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
