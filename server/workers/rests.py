"""How long intents wait before they are tried again."""

from __future__ import annotations

import asyncio
from uuid import UUID


class Rests:
    """How long an intent that a proven failure sent back waits before it is tried again; seconds of the event loop."""

    def __init__(self, delay: float, most: float) -> None:
        self._delay, self._most = delay, most
        self._not_before: dict[UUID, float] = {}
        self._tries: dict[UUID, int] = {}

    def moment(self) -> float:
        """The event loop's time."""
        return asyncio.get_running_loop().time()

    def after(self, intent_id: UUID, *, again: bool) -> None:
        """An attempt has ended: with a rest, or for good."""
        if not again:
            self._tries.pop(intent_id, None)
            return
        tries = self._tries.get(intent_id, 0)
        self._tries[intent_id] = tries + 1
        self._not_before[intent_id] = self.moment() + min(self._delay * 2**tries, self._most)

    def wait(self, intent_id: UUID) -> None:
        """An intent is not to be tried now."""
        self.after(intent_id, again=True)

    def resting(self) -> list[UUID]:
        """Intents that are not to be tried yet."""
        moment = self.moment()
        self._not_before = {intent: until for intent, until in self._not_before.items() if until > moment}
        return list(self._not_before)
