"""Who is signed in at this desk, what they may do, and whether the desk is locked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from desktop.core.answers import Failure, Offline
from desktop.core.client import ApiClient
from shared.permissions import Permission
from shared.wire.auth import BranchView, SessionReply, SignInRequest, UserView
from shared.wire.common import Nothing


@dataclass(frozen=True)
class Session:
    """One person at this desk. The server decides; permissions here only hide what it would refuse."""

    user: UserView
    branches: tuple[BranchView, ...]

    @property
    def user_id(self) -> UUID:
        """The signed-in person, for maker and checker."""
        return self.user.id

    @property
    def branch(self) -> str:
        """The code of the person's branch."""
        return self.user.branch.code

    @property
    def sees_all_branches(self) -> bool:
        """Whether lists offer a branch filter."""
        return len(self.branches) > 1

    def can(self, permission: Permission) -> bool:
        """Whether the server would let this person do it at all."""
        return permission in self.user.permissions


class SessionKeeper:
    """Signs in and out and keeps the session; `on_change` hears every change."""

    def __init__(self, client: ApiClient) -> None:
        self._client = client
        self.session: Session | None = None
        self.locked = False
        self.ended = False  # the server ended it: the person must sign in again, work is kept
        self.on_change: Callable[[], None] = lambda: None
        client.on_session = self._heard

    async def sign_in(self, username: str, password: str) -> Session | Failure:
        """Start a session; the client uses its tokens from now on."""
        reply: SessionReply | Failure = await self._client.call(
            "sign_in", SignInRequest(username=username, password=password)
        )
        if not isinstance(reply, SessionReply):
            return reply
        self.locked = False
        self._client.adopt(reply)
        return session_of(reply)

    async def sign_out(self) -> None:
        """End the session here, and at the server when it can be reached (else its tokens run out there)."""
        await self._client.call("sign_out", Nothing())
        self._client.adopt(None)
        self.session, self.ended = None, False
        self.on_change()

    def lock(self) -> None:
        """Hide everything until `unlock`; forms and the outbox stay."""
        self.locked = self.session is not None
        self.on_change()

    async def unlock(self, password: str) -> Failure | None:
        """Unlock with the password of the person who is signed in, by signing in again."""
        if self.session is None:
            return Offline(reason="nobody is signed in")
        answer = await self.sign_in(self.session.user.username, password)
        return None if isinstance(answer, Session) else answer

    def _heard(self, reply: SessionReply | None) -> None:
        if reply is None:
            self.ended = self.session is not None
        else:
            self.session, self.ended = session_of(reply), False
        self.on_change()


def session_of(reply: SessionReply) -> Session:
    """The session that a reply of the server describes."""
    return Session(user=reply.user, branches=tuple(reply.branches))
