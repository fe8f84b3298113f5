"""Shop tokens (EdDSA) and operation tokens (HS256): JWTs with one algorithm, one issuer and one audience each."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar, cast
from uuid import UUID

import jwt
import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from server.context import Vault
from server.identity.rules import CLOCK_SKEW

_LONGEST = 8 * 1024
_ISSUER, _SHOP, _OPERATION = "sheaf", "sheaf-shop", "sheaf-operation"


class ShopClaims(msgspec.Struct, frozen=True, kw_only=True):
    """Who, on which desk, of which branch, in which roles; times are seconds since 1970 with fractions."""

    sub: UUID
    sid: UUID
    did: UUID
    bid: int
    usr: str
    name: str
    roles: list[str]
    jti: UUID
    iat: float
    exp: float


class OperationClaims(msgspec.Struct, frozen=True, kw_only=True):
    """One verb on one list of resources with one content, by one person on one desk."""

    sub: UUID
    did: UUID
    verb: str
    resources: str
    content: str
    jti: UUID
    iat: float
    exp: float


Claims = TypeVar("Claims", ShopClaims, OperationClaims)
_AUDIENCE: dict[type[Any], str] = {ShopClaims: _SHOP, OperationClaims: _OPERATION}


class _SignedShop(ShopClaims, frozen=True, kw_only=True):
    iss: str
    aud: str
    nbf: float


class _SignedOperation(OperationClaims, frozen=True, kw_only=True):
    iss: str
    aud: str
    nbf: float


_DECODERS: dict[type[Any], msgspec.json.Decoder[Any]] = {
    ShopClaims: msgspec.json.Decoder(_SignedShop),
    OperationClaims: msgspec.json.Decoder(_SignedOperation),
}


class TokenKeys:
    """Signs and checks. The key id is the public key's fingerprint, so another key's tokens are never tried.

    A token is read by hand: its header must be, to the letter, the one that we write, so that no algorithm and no key
    is ever taken from it. A library that looks at each takes three times as long, for every submission. Nobody but us
    reads an operation token, and each is read once: a key that we alone have does for it what a signature would, at a
    twentieth. Shop tokens are remembered.
    """

    def __init__(self, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self._public = self._private.public_key()
        self.kid = hashlib.sha256(self._public.public_bytes_raw()).hexdigest()[:16]
        self._operation_key = hmac.digest(seed, b"sheaf-operation-token-1", "sha256")
        self._proof_seed = hmac.digest(seed, b"sheaf-session-proof-1", "sha256")
        self._headers = {kind: self._encode(kind, {}).partition(".")[0] for kind in _AUDIENCE}

    def proof_key(self, claims: ShopClaims) -> bytes:
        """What proves the desk in calls that only read, as long as this shop token lives; told to the desk only.

        It is reckoned from the token's own number, its session and its desk: nothing is stored, every worker knows it,
        and another installation key makes other ones.
        """
        return hmac.digest(self._proof_seed, f"{claims.sid}\n{claims.did}\n{claims.jti}".encode(), "sha256")

    def issue(self, claims: ShopClaims | OperationClaims) -> str:
        """The signed token."""
        payload = msgspec.to_builtins(claims)
        kind = type(claims)
        return self._encode(kind, payload | {"iss": _ISSUER, "aud": _AUDIENCE[kind], "nbf": claims.iat})

    def read(self, token: str, kind: type[Claims], now: datetime) -> Claims | None:
        """The claims of a token that is ours, of this kind and alive; None for anything else, whatever it is."""
        if len(token) > _LONGEST or not token.isascii():
            return None
        signed, _, signature = token.rpartition(".")
        header, _, payload = signed.partition(".")
        if header != self._headers[kind]:
            return None
        try:
            self._verify(kind, _exactly(signature), signed.encode())
            claims: Any = _DECODERS[kind].decode(_exactly(payload))
        except (InvalidSignature, msgspec.DecodeError, ValueError):
            return None
        if (claims.iss, claims.aud) != (_ISSUER, _AUDIENCE[kind]) or not alive(claims, now):
            return None
        return cast(Claims, claims)

    def _verify(self, kind: type[Any], signature: bytes, signed: bytes) -> None:
        if kind is ShopClaims:
            self._public.verify(signature, signed)
        elif not hmac.compare_digest(signature, hmac.digest(self._operation_key, signed, "sha256")):
            raise InvalidSignature

    def _encode(self, kind: type[Any], payload: dict[str, Any]) -> str:
        key, algorithm = (self._private, "EdDSA") if kind is ShopClaims else (self._operation_key, "HS256")
        return jwt.encode(payload, key, algorithm=algorithm, headers={"kid": self.kid})


def alive(claims: ShopClaims | OperationClaims, now: datetime) -> bool:
    """Neither over nor from a future that clocks don't explain."""
    return now.timestamp() < claims.exp and claims.iat <= now.timestamp() + CLOCK_SKEW.total_seconds()


def resources_digest(resources: list[str]) -> str:
    """SHA-256 of the list as JSON, so that no two lists are alike."""
    return hashlib.sha256(msgspec.json.encode(resources)).hexdigest()


def instant(seconds: float) -> datetime:
    """Seconds since 1970 as an aware time."""
    return datetime.fromtimestamp(seconds, UTC)


@lru_cache(maxsize=8)
def keys_of(vault: Vault) -> TokenKeys:
    """The installation's token keys."""
    return TokenKeys(vault.derive(b"sheaf-tokens-1"))


def _exactly(segment: str) -> bytes:
    """The bytes of a segment. ValueError unless it is written as we write it: base64 has spare bits at its end and
    characters that decoders pass over, and two texts for one signature would be two tokens."""
    raw = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != segment:
        raise ValueError("not as it is written")
    return raw
