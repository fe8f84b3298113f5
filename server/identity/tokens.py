"""Shop tokens and operation tokens: JWTs with exactly one algorithm (EdDSA), one issuer and an audience each."""

from __future__ import annotations

import base64
import binascii
import hashlib
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from server.context import Vault
from server.identity.rules import CLOCK_SKEW

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


class TokenKeys:
    """Signs and checks. The key id is the public key's fingerprint, so another key's tokens are never tried."""

    def __init__(self, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self._public = self._private.public_key()
        self.kid = hashlib.sha256(self._public.public_bytes_raw()).hexdigest()[:16]

    def issue(self, claims: ShopClaims | OperationClaims) -> str:
        """The signed token."""
        payload = msgspec.to_builtins(claims)
        payload |= {"iss": _ISSUER, "aud": _AUDIENCE[type(claims)], "nbf": claims.iat}
        return jwt.encode(payload, self._private, algorithm="EdDSA", headers={"kid": self.kid})

    def read(self, token: str, kind: type[Claims], now: datetime) -> Claims | None:
        """The claims of a token that is ours, of this kind and alive; None for anything else, whatever it is."""
        try:
            if jwt.get_unverified_header(token).get("kid") != self.kid or not _canonical(token):
                return None
            payload = jwt.decode(
                token,
                self._public,
                algorithms=["EdDSA"],
                audience=_AUDIENCE[kind],
                issuer=_ISSUER,
                options={
                    "require": ["exp", "iat", "nbf", "jti", "sub"],
                    # time is an argument: checked below against the clock we were given
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
            claims = msgspec.convert(payload, kind)
        except (jwt.PyJWTError, msgspec.ValidationError, ValueError, TypeError, RecursionError):
            return None
        return claims if alive(claims, now) else None


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


def _canonical(token: str) -> bool:
    # Base64 has spare bits at its end that decoders ignore: two texts for one signature would be two tokens.
    signature = token.rpartition(".")[2]
    try:
        raw = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
    except (binascii.Error, ValueError):
        return False
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode() == signature
