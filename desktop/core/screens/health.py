"""What must be well at head office: the worst first, and honest about what could not be read."""

from __future__ import annotations

from desktop.core.desk import Desk
from desktop.core.operations.health import get_health
from desktop.core.screens.base import Screen
from shared.health import Level
from shared.permissions import Permission
from shared.wire.health import FindingView, HealthReply


class Health(Screen):
    """`reply` is the server's last word; it is old as soon as the server can't be asked (`failure`)."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.reply: HealthReply | None = None

    @property
    def allowed(self) -> bool:
        """Whether this person may read it."""
        return self._may(Permission.READ_HEALTH) is None

    @property
    def unwell(self) -> list[FindingView]:
        """What needs somebody, the worst first; what is not known is among it."""
        findings = self.reply.findings if self.reply is not None else []
        return [one for one in findings if one.level != Level.WELL.value]

    @property
    def well(self) -> list[FindingView]:
        """What a fact proves to be well."""
        findings = self.reply.findings if self.reply is not None else []
        return [one for one in findings if one.level == Level.WELL.value]

    async def load(self) -> None:
        """Ask the server; while one question is open no other is asked."""
        if self.busy or not self.allowed:
            return
        self.busy = True
        try:
            answer = await get_health(self.desk.client)
        finally:
            self.busy = False
        if isinstance(answer, HealthReply):
            self.reply, self.failure = answer, None
        else:
            self.failure = answer
        self.on_change()
