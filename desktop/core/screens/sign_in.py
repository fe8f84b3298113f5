"""Signing in at an enrolled desk, enrolling a new one, unlocking a locked one."""

from __future__ import annotations

from desktop.core.answers import Problem
from desktop.core.guard import GuardKind
from desktop.core.operations import devices
from desktop.core.screens.base import Screen
from desktop.core.session import Session
from shared.refusals import RefusalCode
from shared.wire.auth import DeviceView


class SignIn(Screen):
    """`enrolled` decides which of the two forms is shown."""

    @property
    def enrolled(self) -> bool:
        """Whether the server gave this device an id."""
        return bool(self.desk.client.device_id)

    @property
    def fingerprint(self) -> str:
        """What head office compares before it lets the device in."""
        return self.desk.key.fingerprint

    @property
    def guarded_by(self) -> GuardKind:
        """Keyring or key file; the screen says so."""
        return self.desk.key.guarded_by

    @property
    def last_user(self) -> str:
        """Filled in beforehand."""
        return self.desk.settings.last_user

    @property
    def wrong_secret(self) -> bool:
        """The last try failed for its name or password and nothing else."""
        return isinstance(self.failure, Problem) and self.failure.code == RefusalCode.CREDENTIALS

    async def sign_in(self, username: str, password: str) -> bool:
        """Sign in; the failure is in `failure` otherwise."""
        self._begin()
        answer = await self.desk.sign_in(username.strip(), password)
        self.failure = None if isinstance(answer, Session) else answer
        return self._end()

    async def unlock(self, password: str) -> bool:
        """Open a locked desk for the person who locked it."""
        self._begin()
        self.failure = await self.desk.keeper.unlock(password)
        return self._end()

    async def enrol(self, code: str, name: str) -> DeviceView | None:
        """Bring head office's one-time code; the device then waits for approval."""
        self._begin()
        answer = await devices.enrol_device(self.desk.client, code.strip(), name.strip())
        if isinstance(answer, DeviceView):
            self.desk.enrolled(answer)
            self.failure = None
        else:
            self.failure = answer
        self._end()
        return answer if isinstance(answer, DeviceView) else None

    def _begin(self) -> None:
        self.busy, self.failure = True, None
        self.on_change()

    def _end(self) -> bool:
        self.busy = False
        self.on_change()
        return self.failure is None
