"""Who calls: the desk by its signature over this call, the person by the shop token; both remembered for a while."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import hmac
import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from server.context import Actor
from server.database.transaction import Database
from server.http.push import RevocationPush
from server.identity import store
from server.identity.rules import CLOCK_SKEW, visible_branches
from server.identity.signatures import from_base64
from server.identity.tokens import ShopClaims, alive, keys_of
from server.wire_time import wire_time
from shared.canonical import device_proof_bytes, session_proof
from shared.permissions import Role
from shared.refusals import RefusalCode, Refused

_NONCE = re.compile(r"^[A-Za-z0-9_.~-]{16,64}$", re.ASCII)
_MOST_TOKENS, _MOST_DEVICES, _MOST_NONCES = 20_000, 20_000, 500_000
_UUID_LENGTH = 36
_K = TypeVar("_K")
_V = TypeVar("_V")


@dataclasses.dataclass(kw_only=True, slots=True)
class Call:
    """What a proof covers, exactly as received."""

    method: str
    target: str
    body: bytes
    headers: Mapping[str, str]
    correlation_id: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Desk:
    """An approved desk."""

    id: UUID
    branch_id: int
    key: Ed25519PublicKey


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class _Known:
    """A shop token that was read before; `key` proves the desk in calls that only read."""

    claims: ShopClaims
    actor: Actor
    key: bytes


class Gate:
    """Answers who calls, from bounded caches that the push empties."""

    def __init__(self, database: Database, push: RevocationPush) -> None:
        self._database, self._push = database, push
        self._keys = keys_of(database.services.vault)
        self._desks: OrderedDict[str, Desk] = OrderedDict()
        self._tokens: OrderedDict[str, _Known] = OrderedDict()
        self._nonces: OrderedDict[tuple[UUID | None, str], datetime] = OrderedDict()
        push.on_change.append(self._drop)

    async def desk(self, call: Call, now: datetime, *, reading: bool = False) -> Desk | Refused:
        """The approved desk that proves this very call now. Refuses DEVICE_UNKNOWN and DEVICE_PROOF.

        A call that is only `reading` may be proved by its session's key instead of the desk's signature; TOKEN where
        there is no such session.
        """
        desk = await self._approved(call.headers.get("Device-Id", ""))
        if desk is None:
            return Refused(RefusalCode.DEVICE_UNKNOWN)
        if reading and "Device-Mac" in call.headers:
            return self._prove_by_session(call, desk, now) or desk
        return self.prove(call, desk.id, desk.key, now) or desk

    def prove(self, call: Call, device_id: UUID | None, key: Ed25519PublicKey, now: datetime) -> Refused | None:
        """Whether the key signed this call, within a minute, for the first time (as far as this worker knows)."""

        def signed(proved: bytes) -> bool:
            try:
                key.verify(base64.b64decode(call.headers.get("Device-Signature", ""), validate=True), proved)
            except (InvalidSignature, binascii.Error, ValueError):
                return False
            return True

        return self._fresh(call, device_id, signed, now)

    def _prove_by_session(self, call: Call, desk: Desk, now: datetime) -> Refused | None:
        """The same by the key of the session that is named, which must be this desk's.

        A token without its key proves nothing, and no session's key proves another's calls.
        """
        known = self._known(_bearer(call), now)
        if known is None or known.claims.did != desk.id:
            return Refused(RefusalCode.TOKEN)

        def proved_by_key(proved: bytes) -> bool:
            given = from_base64(call.headers["Device-Mac"])
            return hmac.compare_digest(given, session_proof(known.key, proved))

        return self._fresh(call, desk.id, proved_by_key, now)

    def _fresh(
        self, call: Call, device_id: UUID | None, proves: Callable[[bytes], bool], now: datetime
    ) -> Refused | None:
        time, nonce = call.headers.get("Device-Time", ""), call.headers.get("Device-Nonce", "")
        proved_at = _instant(time)
        if (
            proved_at is not None
            and abs(proved_at - now) <= CLOCK_SKEW
            and _NONCE.match(nonce)
            and proves(device_proof_bytes(call.method, call.target, time, nonce, call.body))
            and self._first_use(device_id, nonce, now)
        ):
            return None
        return Refused(RefusalCode.DEVICE_PROOF, params={"server_time": wire_time(now)})

    def session(self, call: Call, desk: Desk, now: datetime) -> Actor | Refused:
        """The person behind the shop token, on the desk it was made for. Refuses TOKEN for anything else."""
        known = self._known(_bearer(call), now)
        if known is None or known.claims.did != desk.id or not self._lives(known.claims, now):
            return Refused(RefusalCode.TOKEN)
        return known.actor.of_call(call.correlation_id)

    def lives(self, call: Call, now: datetime) -> bool:
        """Whether the shop token of a call that was admitted is neither over nor revoked."""
        known = self._known(_bearer(call), now)
        return known is not None and self._lives(known.claims, now)

    def _lives(self, claims: ShopClaims, now: datetime) -> bool:
        return alive(claims, now) and not self._push.shut_out(
            device_id=claims.did, session_id=claims.sid, user_id=claims.sub, issued=claims.iat
        )

    def visitor(self, call: Call, desk: Desk | None) -> Actor:
        """The actor of a call without a session: it sees all branches, because it must find its own first."""
        return Actor(
            name="desk",
            branch_id=desk.branch_id if desk else 0,
            branch_codes=self._push.branch_codes,
            device_id=desk.id if desk else None,
            correlation_id=call.correlation_id,
        )

    async def _approved(self, text: str) -> Desk | None:
        desk = self._desks.get(text)
        if desk is None:
            device_id = _uuid(text)
            if device_id is None or self._push.device_out(device_id):
                return None
            # known by one writing of its id only, so that it is forgotten as a whole
            return self._desks.get(str(device_id)) or await self._read(device_id)
        if self._push.device_out(desk.id):
            return None
        self._desks.move_to_end(text)
        return desk

    async def _read(self, device_id: UUID) -> Desk | None:
        async with self._database.transaction(()) as tx:
            await tx.see([row["id"] for row in await store.branches(tx)])
            row = await store.device(tx, device_id)
        # it may have been revoked while it was read: what the push said is not said again
        if row is None or row["state"] != "approved" or self._push.device_out(device_id):
            return None
        key = Ed25519PublicKey.from_public_bytes(row["public_key"])
        desk = Desk(id=device_id, branch_id=row["branch_id"], key=key)
        _remember(self._desks, str(device_id), desk, _MOST_DEVICES)
        return desk

    def _known(self, token: str, now: datetime) -> _Known | None:
        known = self._tokens.get(token)
        if known is not None:
            self._tokens.move_to_end(token)
            return known
        claims = self._keys.read(token, ShopClaims, now)
        if claims is None:
            return None
        roles = frozenset(Role(role) for role in claims.roles)
        actor = Actor(
            name=claims.usr,
            user_id=claims.sub,
            display_name=claims.name,
            roles=roles,
            branch_id=claims.bid,
            branch_codes=visible_branches(roles, claims.bid, self._push.branch_codes),
            device_id=claims.did,
            session_id=claims.sid,
        )
        known = _Known(claims=claims, actor=actor, key=self._keys.proof_key(claims))
        _remember(self._tokens, token, known, _MOST_TOKENS)
        return known

    def _first_use(self, device_id: UUID | None, nonce: str, now: datetime) -> bool:
        while self._nonces and next(iter(self._nonces.values())) < now:
            self._nonces.popitem(last=False)
        number = (device_id, nonce)
        if number in self._nonces or len(self._nonces) >= _MOST_NONCES:
            return False
        # a proof may be a minute ahead of us, so it stays usable for two
        self._nonces[number] = now + 2 * CLOCK_SKEW
        return True

    def _drop(self, kind: str, subject: UUID | None) -> None:
        if kind == "device" and subject is not None:
            self._desks.pop(str(subject), None)
        if subject is None:
            self._tokens.clear()
            self._desks.clear()


def _remember(cache: OrderedDict[_K, _V], key: _K, value: _V, most: int) -> None:
    cache[key] = value
    if len(cache) > most:
        cache.popitem(last=False)


def _bearer(call: Call) -> str:
    scheme, _, token = call.headers.get("Authorization", "").partition(" ")
    return token if scheme == "Bearer" else ""


def _uuid(text: str) -> UUID | None:
    if len(text) != _UUID_LENGTH:
        return None
    try:
        return UUID(text)
    except ValueError:
        return None


def _instant(text: str) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant if instant.tzinfo is not None else None
