"""People who submit and sign through the API, whatever happens to it, and remember what was acknowledged."""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections import deque
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import httpx
import msgspec

from lab.demo.state import DemoUser
from lab.endurance.town import Town
from server.calling.caller import Caller, DeskIdentity, Refusal
from server.calling.sheets import shown_for
from shared.canonical import sign_off_bytes
from shared.money import Satang, format_amount
from shared.wire.payments import IntentView, SignOffReply, SignOffRequest, SubmitIntentRequest

_AGAIN: Final = frozenset({0, 409, 429, 500, 502, 503, 504})
"""Answers after which the same call is made again under the same key; 0 is none."""
_PAUSE: Final = 0.2
_MOST_SIGNED: Final = 500


class Load:
    """One cashier and one manager for each branch, each a thread of its own. `per_second` is of all cashiers."""

    def __init__(self, town: Town, per_second: float, draw_seed: int) -> None:
        self.town, self.per_second = town, per_second
        self.acknowledged: dict[UUID, int] = {}
        """Satang by intent."""
        self.unsigned: dict[str, deque[UUID]] = {}
        self.refused: list[str] = []
        self.latencies: list[tuple[float, float]] = []
        """When a submission was answered, and how many milliseconds it took with all its repetitions."""
        self._stop_submitting, self._stop_signing = threading.Event(), threading.Event()
        self._draw_seed = draw_seed
        self._numbers = iter(range(1, 1 << 40))
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._died: list[BaseException] = []

    def open(self) -> None:
        """Begin."""
        for branch in self.town.members:
            self.unsigned[branch] = deque()
            for work, role in ((self._submit_on, "cashier"), (self._sign_on, "manager")):
                user = next(one for one in self.town.users.values() if (one.branch, one.role) == (branch, role))
                thread = threading.Thread(target=self._guarded, args=(work, branch, user), daemon=True)
                self._threads.append(thread)
                thread.start()

    def stop_submitting(self) -> None:
        """Nothing new from now on; what is acknowledged is still signed."""
        self._stop_submitting.set()

    @property
    def left_to_sign(self) -> int:
        """Acknowledged and not signed."""
        return sum(len(queue) for queue in self.unsigned.values())

    def close(self) -> None:
        """End; raises what has ended somebody before."""
        self._stop_submitting.set()
        self._stop_signing.set()
        for thread in self._threads:
            thread.join(60)
        self.check()

    def check(self) -> None:
        """Raise what has ended somebody: without their load nothing is proved."""
        if self._died:
            raise self._died[0]

    def _guarded(self, work: Any, branch: str, user: DemoUser) -> None:
        try:
            work(branch, user)
        except BaseException as error:
            self._died.append(error)

    def _submit_on(self, branch: str, user: DemoUser) -> None:
        draw = random.Random(f"{self._draw_seed} {branch}")
        with self._desk(user) as desk:
            due = time.monotonic() + draw.uniform(0, len(self.town.members) / self.per_second)
            while not self._stop_submitting.wait(max(0.0, due - time.monotonic())):
                pause = len(self.town.members) / self.per_second
                due = max(due + pause, time.monotonic() - 2 * pause)
                member, version = draw.choice(self.town.members[branch])
                with self._lock:
                    number = next(self._numbers)
                amount = Satang(100_00 + number)
                request = SubmitIntentRequest(
                    branch=branch,
                    member_id=member,
                    account_version=version,
                    amount=format_amount(amount),
                    produce="rice",
                    weigh_ticket=f"W-{self._draw_seed}-{number}",
                )
                began = time.monotonic()
                answer = self._surely(desk, "submit_intent", request, str(uuid.uuid4()), self._stop_signing)
                if isinstance(answer, bytes):
                    intent = msgspec.json.decode(answer, type=IntentView).id
                    self.acknowledged[intent] = amount
                    self.latencies.append((began, (time.monotonic() - began) * 1000))
                    self.unsigned[branch].append(intent)
                elif answer is not None:
                    self.refused.append(str(answer))

    def _sign_on(self, branch: str, user: DemoUser) -> None:
        queue = self.unsigned[branch]
        with self._desk(user) as desk:
            while not self._stop_signing.wait(_PAUSE):
                some = [queue.popleft() for _ in range(min(len(queue), _MOST_SIGNED))]
                if some and not self._signed(desk, some):
                    queue.extendleft(reversed(some))

    def _signed(self, desk: Caller, intents: Sequence[UUID]) -> bool:
        """Whether the decision was taken; what was decided by a call whose answer was lost is not taken twice."""
        try:
            fields: dict[str, Any] = {"items": [{"id": str(one), "version": 0} for one in intents]}
            shown = shown_for(desk, "sign_off", fields)
            if isinstance(shown, Refusal):
                return self._after(desk, shown)
            signature = desk.sign(sign_off_bytes("approve", shown["digest"], ""))
            request = msgspec.convert(
                {"decision": "approve", "reason": "", "signature": signature, "batch_id": None, **shown},
                type=SignOffRequest,
                strict=False,
            )
            answer = desk.call("sign_off", request)
        except httpx.HTTPError:
            return self._are_signed(intents)
        if isinstance(answer, Refusal):
            return self._after(desk, answer) or self._are_signed(intents)
        left = [one.id for one in msgspec.json.decode(answer, type=SignOffReply).results if one.refused]
        return not left or self._are_signed(left)

    def _are_signed(self, intents: Sequence[UUID]) -> bool:
        sql = "select count(*) from sheaf.intent where id = any(%s) and state = 'validated'"
        try:
            return bool(self.town.ask(sql, list(intents))[0][0] == 0)
        except Exception:
            return False

    def _after(self, desk: Caller, refusal: Refusal) -> bool:
        if refusal.status == 401:
            self._sign_in(desk)
        return False

    def _surely(self, desk: Caller, verb: str, request: Any, key: str, stop: threading.Event) -> bytes | Refusal | None:
        """The answer, however often it takes; None when told to stop before."""
        while not stop.is_set():
            try:
                answer = desk.call(verb, request, idempotency_key=key)
            except httpx.HTTPError:
                answer = Refusal(0, {})
            if isinstance(answer, bytes):
                return answer
            if answer.status == 401:
                self._sign_in(desk)
            elif answer.status not in _AGAIN or answer.code in ("ticket.used", "duplicate.likely"):
                return answer
            stop.wait(_PAUSE)
        return None

    def _sign_in(self, desk: Caller) -> None:
        try:
            desk.sign_in()
        except httpx.HTTPError:
            time.sleep(_PAUSE)

    def _desk(self, user: DemoUser) -> Caller:
        identity = DeskIdentity(
            device_id=str(user.device_id),
            device_seed=user.device_seed,
            username=user.username,
            password=user.password,
            totp_secret=user.totp_secret,
        )
        return Caller(self.town.api, identity)
