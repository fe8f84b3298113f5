"""A desk in a temporary profile and a small server that knows its key."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from desktop.core.desk import Desk
from desktop.core.device_key import DeviceKey, open_device_key
from desktop.core.guard import GuardKind
from desktop.core.settings import Settings
from tests.desktop.core.fake_server import FakeServer, member, uid, validation


class MemoryGuard:
    """Keeps the secret for one test; wrapping with scrypt is proved apart, because it takes 80 ms."""

    kind = GuardKind.PIN_FILE

    def __init__(self) -> None:
        self.secret: bytes | None = None

    def load(self) -> bytes | None:
        return self.secret

    def save(self, secret: bytes) -> None:
        self.secret = secret


@pytest.fixture
def key(tmp_path: Path) -> DeviceKey:
    made = open_device_key(tmp_path, guard=MemoryGuard())
    assert isinstance(made, DeviceKey)
    return made


@pytest.fixture
async def server(key: DeviceKey) -> AsyncIterator[FakeServer]:
    fake = FakeServer(key.public_key)
    runner = await fake.start()
    yield fake
    await runner.cleanup()


@pytest.fixture
async def desk(tmp_path: Path, key: DeviceKey, server: FakeServer) -> AsyncIterator[Desk]:
    opened = Desk(tmp_path / "profile", key, Settings(server=server.url, undo_seconds=0))
    yield opened
    await opened.close()


@pytest.fixture
async def signed_in(desk: Desk) -> Desk:
    """Signed in, but not syncing by itself: tests call `desk.sync.once()`."""
    desk.sync.start = lambda: None  # type: ignore[method-assign]
    await desk.sign_in("mali", "secret")
    return desk


@pytest.fixture
async def ready(signed_in: Desk, server: FakeServer) -> Desk:
    """Signed in and synced, with three members."""
    server.members = [member(1), member(2, name="แก้วมณี พร"), member(3, name="ทอง ดี")]
    server.feed = list(server.members)
    server.extra["GET", f"/members/{uid(1)}/validation"] = lambda request, body: validation(1)
    await signed_in.sync.once()
    return signed_in
