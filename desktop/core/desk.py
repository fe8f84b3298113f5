"""One desk put together: key, client, session, store, outbox and sync of one profile; what every screen is given."""

from __future__ import annotations

import ssl
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol
from weakref import WeakSet

import msgspec

from desktop.core.answers import Failure
from desktop.core.client import ApiClient
from desktop.core.clock import ServerClock
from desktop.core.device_key import DeviceKey, open_device_key
from desktop.core.guard import GuardProblem
from desktop.core.listeners import Listeners
from desktop.core.sender import Sender
from desktop.core.session import Session, SessionKeeper
from desktop.core.settings import Settings, load_settings, save_settings
from desktop.core.store.cache import Cache
from desktop.core.store.outbox import Outbox
from desktop.core.sync import Pill, SyncLoop
from shared.wire.auth import DeviceView


class Unsaved(Protocol):
    """A form that is saved a moment after its last keystroke."""

    async def settle(self) -> None:
        """Return when nothing that was typed is unsaved."""
        ...

    def end(self) -> None:
        """Save nothing any more, whatever changes."""
        ...


class Desk:
    """Made inside a running loop; `close` when done. Only one process may have a profile open."""

    def __init__(
        self, directory: Path, key: DeviceKey, settings: Settings, *, clock: ServerClock | None = None
    ) -> None:
        self.directory, self.key, self.settings = directory, key, settings
        self.client = ApiClient(
            settings.server, key, device_id=settings.device_id, verify=_trust(settings), clock=clock
        )
        self.keeper = SessionKeeper(self.client)
        self.cache = Cache(directory, key.store_key)
        self.outbox = Outbox(directory, key.store_key, key.sign)
        self.sender = Sender(self.client, self.outbox, self.cache)
        self.sync = SyncLoop(self.client, self.keeper, self.cache, self.outbox, self.sender)
        self.marked: Listeners[str] = Listeners()  # who has seen or dealt with something of the inbox
        self.drafts: WeakSet[Unsaved] = WeakSet()  # every keeper of a form puts itself in

    @property
    def session(self) -> Session | None:
        """Who is signed in."""
        return self.keeper.session

    @property
    def undo_window(self) -> timedelta:
        """How long a submission can be taken back before it leaves the desk."""
        return timedelta(seconds=self.settings.undo_seconds)

    @property
    def online(self) -> bool:
        """Whether the last exchange with the server worked."""
        return self.sync.status.pill not in (Pill.OFFLINE, Pill.SIGN_IN)

    def now(self) -> datetime:
        """The server's time as well as it is known."""
        return self.client.clock.now()

    def remember(self, **changes: object) -> None:
        """Change settings and keep them."""
        self.settings = msgspec.convert(msgspec.to_builtins(self.settings) | changes, type=Settings)
        save_settings(self.directory, self.settings)

    def enrolled(self, device: DeviceView) -> None:
        """Keep the id that the server gave this device."""
        self.client.device_id = str(device.id)
        self.remember(device_id=str(device.id))

    def use_server(self, address: str) -> None:
        """Ask this server from now on; only before enrolment, because a device belongs to one server."""
        self.remember(server=address)
        self.client.http.base_url = address

    async def sign_in(self, username: str, password: str) -> Session | Failure:
        """Sign in and begin to sync. Who may see other branches than the person before gets a new cache."""
        answer = await self.keeper.sign_in(username, password)
        if isinstance(answer, Session):
            await self.cache.keep_for(scope_of(answer))
            self.remember(last_user=username)
            self.sync.start()
            self.sync.wake()
        return answer

    async def sign_out(self) -> None:
        """Stop syncing and end the session; cache and outbox stay, encrypted."""
        await self.keep_drafts()  # while it is known whose they are
        await self.sync.stop()
        await self.keeper.sign_out()

    async def keep_drafts(self) -> None:
        """Save what was typed in the last moment."""
        for draft in list(self.drafts):
            await draft.settle()

    async def close(self) -> None:
        """Save what was typed in the last moment, then stop everything in the right order."""
        await self.keep_drafts()
        for draft in list(self.drafts):
            draft.end()
        await self.sync.stop()
        await self.client.close()
        self.cache.close()
        self.outbox.close()


def open_desk(directory: Path, *, pin: str = "", clock: ServerClock | None = None) -> Desk | GuardProblem:
    """Open the profile in `directory` with its settings; why not, when its key cannot be had."""
    key = open_device_key(directory, pin=pin)
    if isinstance(key, GuardProblem):
        return key
    return Desk(directory, key, load_settings(directory), clock=clock)


def scope_of(session: Session) -> str:
    """What decides which rows the server sends: the branches and the permissions."""
    return "|".join((*sorted(branch.code for branch in session.branches), *sorted(session.user.permissions)))


def _trust(settings: Settings) -> ssl.SSLContext | None:
    return ssl.create_default_context(cafile=settings.ca_file) if settings.ca_file else None
