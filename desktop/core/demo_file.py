"""What a desk needs of a demo's `demo.json`: where the server is, and a user's profile, key and secrets."""

from __future__ import annotations

from pathlib import Path

import msgspec


class DemoUser(msgspec.Struct, frozen=True, kw_only=True):
    """One user of a demo; its file holds more, which desks have no use for."""

    username: str
    name: str
    branch: str
    role: str
    password: str
    totp_secret: str
    device_id: str
    device_seed: str
    pin: str
    profile: str

    def __repr__(self) -> str:
        return f"DemoUser({self.username})"


class DemoFile(msgspec.Struct, frozen=True, kw_only=True):
    """A running demo."""

    url: str
    users: tuple[DemoUser, ...]
    bank_control_url: str = ""
    bank_control_secret: str = ""

    def user(self, username: str) -> DemoUser | None:
        """The user with this name."""
        return next((user for user in self.users if user.username == username), None)

    def __repr__(self) -> str:
        return f"DemoFile({self.url})"


def read_demo_file(path: Path) -> DemoFile:
    """Read it; raises what reading a file or msgspec raises, for a start with a wrong file must not go on."""
    return msgspec.json.decode(path.read_bytes(), type=DemoFile)
