"""A real desk, cache and outbox whose server is a table of answers by verb; and a loop for Qt and asyncio."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from desktop.core.answers import Offline, Problem
from desktop.core.clock import ServerClock, parse_instant, wire_time
from desktop.core.desk import Desk
from desktop.core.device_key import DeviceKey, open_device_key
from desktop.core.settings import Settings
from shared.permissions import Role, permissions_of
from shared.wire.auth import BranchView, SessionReply, UserView
from shared.wire.records import ChannelAlarm, PolicyView, SyncReply
from tests.desktop.core.conftest import MemoryGuard
from tests.desktop.ui.screens import sample_views as views

NOW = parse_instant("2026-11-21T03:42:08.000Z")
CODE = "418203"
BRANCHES = [
    BranchView(id=1, code="NSN", name_th="นครสวรรค์", name_en="Nakhon Sawan"),
    BranchView(id=2, code="PHS", name_th="พิษณุโลก", name_en="Phitsanulok"),
]
Handler = Callable[[Any], Any]


class Answers:
    """`handlers` by verb; `asked` is what came in. A verb that nobody answers is a lost connection."""

    def __init__(self) -> None:
        self.handlers: dict[str, Handler] = {"sync": self._sync}
        self.asked: list[tuple[str, Any]] = []
        self.lost = False
        self.feed: dict[str, list[Any]] = {}
        self.alarms: list[ChannelAlarm] = []

    async def call(self, verb: str, request: Any, **_more: Any) -> Any:
        self.asked.append((verb, request))
        handler = self.handlers.get(verb)
        await asyncio.sleep(0)
        if self.lost or handler is None:
            return Offline(reason="lost")
        answer = handler(request)
        return await answer if isinstance(answer, Coroutine) else answer

    async def perform(self, verb: str, request: Any, *, totp: str = "", **more: Any) -> Any:
        if verb.startswith("sign_") and totp != CODE and not self.lost:
            return Problem(code="auth.code", status=401, detail_th="รหัสไม่ถูกต้อง เหลืออีก 4 ครั้ง", detail_en="Wrong code.")
        return await self.call(verb, request, **more)

    def _sync(self, _request: Any) -> SyncReply:
        rows: dict[str, list[Any]] = {k: [] for k in ("members", "intents", "batches", "bank_changes", "funding")}
        rows |= self.feed
        self.feed = {}
        policy = PolicyView(
            name_match_minimum=80,
            check_seconds=86_400,
            duplicate_days=30,
            new_account_days=7,
            production_accounts=False,
        )
        return SyncReply(
            cursor="1",
            more=False,
            remaining=0,
            server_time=wire_time(NOW),
            alarms=self.alarms,
            policy=policy,
            **rows,
        )


def session(*roles: Role) -> SessionReply:
    user = UserView(
        id=views.ME, username="wanna", name="วรรณา ใจดี", roles=[role.value for role in roles],
        permissions=sorted(permissions_of(frozenset(roles))), branch=BRANCHES[0],
    )  # fmt: skip
    return SessionReply(
        shop_token="shop", refresh_token="refresh", proof_key="", expires_at=views.LATER,
        server_time=wire_time(NOW), user=user, branches=BRANCHES,
    )  # fmt: skip


async def make_desk(directory: Path, answers: Answers, *roles: Role) -> Desk:
    """Signed in, filled and online."""
    key = open_device_key(directory, guard=MemoryGuard())
    assert isinstance(key, DeviceKey)
    desk = Desk(
        directory / "profile", key, Settings(server="http://127.0.0.1:9", undo_seconds=0),
        clock=ServerClock(lambda: NOW),
    )  # fmt: skip
    desk.client.call = answers.call  # type: ignore[method-assign]
    desk.client.perform = answers.perform  # type: ignore[method-assign]
    desk.client.adopt(session(*roles))
    for kind, rows in views.everything():
        await desk.cache.put(kind, rows)
    await desk.sync.once()
    return desk
