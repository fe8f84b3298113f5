"""`demo.json`: everything that a person, a script or a test needs to use a running demo; readable by its owner only."""

from __future__ import annotations

from pathlib import Path
from typing import Final
from uuid import UUID

import msgspec

from server.calling.caller import DEMO_FILE
from server.pki import write_secret

USERS_FILE: Final = "users.json"


class DemoUser(msgspec.Struct, frozen=True, kw_only=True):
    """One user with all secrets, and the profile directory of their desk: `device.key` there opens with `pin`.

    `device_seed` is the desk's Ed25519 seed in hex, so that `sheaf call` can sign as this desk.
    """

    username: str
    name: str
    branch: str
    role: str
    password: str
    totp_secret: str
    device_id: UUID
    device_seed: str
    pin: str
    profile: str

    def __repr__(self) -> str:
        return f"DemoUser({self.username})"


class DemoProcess(msgspec.Struct, frozen=True):
    """One process of the demo, its process group, where it can be reached, and its log."""

    name: str
    pid: int
    where: str
    log: str


class Demo(msgspec.Struct, frozen=True, kw_only=True):
    """A running demo. `url` is the API's base; the bank's control wants `Authorization: Bearer <its secret>`."""

    url: str
    users: list[DemoUser]
    bank_control_url: str
    bank_control_secret: str
    database_url: str
    data_dir: str
    config: str
    pid: int
    processes: list[DemoProcess]
    versions: dict[str, str]
    started_at: str

    def user(self, username: str) -> DemoUser | None:
        """The user with this name."""
        return next((user for user in self.users if user.username == username), None)

    def __repr__(self) -> str:
        return f"Demo({self.url})"


def read_demo(data_dir: Path) -> Demo:
    """The `demo.json` of a data directory; raises FileNotFoundError when no demo was started there."""
    return msgspec.json.decode((data_dir / DEMO_FILE).read_bytes(), type=Demo)


def write_demo(data_dir: Path, demo: Demo) -> None:
    """Publish it in one step."""
    write_secret(data_dir / DEMO_FILE, msgspec.json.format(msgspec.json.encode(demo)))


def read_users(data_dir: Path) -> list[DemoUser]:
    """The users that the first start made."""
    return msgspec.json.decode((data_dir / USERS_FILE).read_bytes(), type=list[DemoUser])


def write_users(data_dir: Path, users: list[DemoUser]) -> None:
    """Keep the users for later starts."""
    write_secret(data_dir / USERS_FILE, msgspec.json.format(msgspec.json.encode(users)))
