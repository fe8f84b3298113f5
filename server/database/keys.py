"""Whether the keys of `keys.json` are those with which the database was written; nobody works with others.

A wrong vault key makes every number unreadable, every signature seem to cover something else and every number seem
unknown: what follows from that is never told from what somebody changed. So each connection proves its process's key
by a canary before anything else is asked, and what does not decrypt is called changed only by a key that is proved.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from typing import Any, Final, LiteralString

import psycopg
from cryptography.exceptions import InvalidTag
from psycopg import errors, sql

from server.context import Vault
from server.database.roles import API, OWNER, role_name, role_url, used_elsewhere
from server.database.transaction import Transaction
from server.life import StartRefused

VAULT, ROLES = "keys.vault_key", "keys.role_secret"
_CANARY: Final = b"the canary of Sheaf, version 1"
_SECONDS: Final = 5
_READ: Final[LiteralString] = "select proof from sheaf.key_canary where key = 'vault'"
_SAMPLES: Final[tuple[LiteralString, ...]] = (
    "select number_cipher from sheaf.bank_account order by id {} limit 5",
    "select national_id_cipher from sheaf.member order by id {} limit 5",
    "select number_cipher from sheaf.bank_change order by id {} limit 5",
    "select totp_secret from sheaf.app_user order by id {} limit 5",
)
_SEEN_BY_ALL: Final = 2
"""So many of the samples may be read by executors too."""


class KeyRefused(StartRefused):
    """The database was written with another key than ours. `place` is the setting, the text what to do."""

    def __init__(self, place: str, text: str) -> None:
        super().__init__(f"{place} {text}")
        self.place, self.text = place, text


def another_vault_key() -> KeyRefused:
    """Of a vault key that is not the database's."""
    return KeyRefused(
        VAULT,
        "is not the key with which this database was written: put the keys.json back that belongs to it (a copy of it "
        "was to be kept in a safe place). Nothing was read or changed",
    )


def another_role_secret() -> KeyRefused:
    """Of a role secret that is not the database's."""
    return KeyRefused(
        ROLES,
        "is not the one with which this database's roles were made: put the keys.json back that belongs to it, or, if "
        "the secret was changed on purpose, run: sheaf migrate --new-role-secret. Nothing was changed",
    )


def roles_of_another() -> KeyRefused:
    """Of role names that another installation on the same server has."""
    return KeyRefused(
        ROLES,
        "names roles that another installation on this PostgreSQL has, and would give them other passwords: let sheaf "
        "init make a keys.json of its own, in a folder without one. Nothing was changed",
    )


def is_ours(vault: Vault, proof: bytes) -> bool:
    """Whether a stored canary was made with this vault's key."""
    try:
        return vault.decrypt(bytes(proof)) == _CANARY
    except InvalidTag:
        return False


def prove_connection(connection: Any, vault: Vault) -> None:
    """Of a new connection of a pool (DB-API): raises KeyRefused when the database's canary is of another key.

    A database without a canary, of before version 4 or made for a test, proves nothing here.
    """
    cursor = connection.cursor()
    try:
        cursor.execute(_READ)
        found = cursor.fetchone()
    except (errors.UndefinedTable, errors.InvalidSchemaName, errors.InsufficientPrivilege):
        return
    finally:
        cursor.close()
    if found is not None and not is_ours(vault, found[0]):
        raise another_vault_key()


async def proved(tx: Transaction) -> bool | None:
    """Whether our vault key is the database's; None where there is no canary."""
    proof = await tx.value(_READ)
    return None if proof is None else is_ours(tx.vault, proof)


async def keep_canary(tx: Transaction) -> None:
    """Store the canary of our vault key when a company is founded; one that is there stays."""
    await tx.execute(
        "insert into sheaf.key_canary (key, proof) values ('vault', %(proof)s) on conflict (key) do nothing",
        proof=tx.vault.encrypt(_CANARY),
    )


async def unsealed(tx: Transaction, stored: bytes) -> bytes:
    """What was encrypted. Raises InvalidTag when somebody changed it, KeyRefused when it is our key that is wrong."""
    vault: Vault = tx.vault
    try:
        return vault.decrypt(bytes(stored))
    except InvalidTag:
        if await _is_ours(tx) is False:
            raise another_vault_key() from None
        raise


async def unsealed_text(tx: Transaction, stored: bytes) -> str:
    """The text that was encrypted; raises as `unsealed` does."""
    return (await unsealed(tx, stored)).decode()


async def _is_ours(tx: Transaction) -> bool | None:
    """Whether our vault key is the database's: by its canary, else by what else is stored; None when nothing tells."""
    known = await proved(tx)
    if known is not None:
        return known
    stored: list[bytes] = []
    for sample in _SAMPLES[:_SEEN_BY_ALL]:
        for order in ("asc", "desc"):
            stored += [next(iter(row.values())) for row in await tx.rows(sample.format(order))]
    return _any_opens(tx.vault, stored)


def _any_opens(vault: Vault, stored: Iterable[bytes]) -> bool | None:
    """One that opens proves the key, for no other makes its tag; None for nothing to try."""
    tried = False
    for cipher in stored:
        try:
            vault.decrypt(bytes(cipher))
        except InvalidTag:
            tried = True
        else:
            return True
    return False if tried else None


def examine(url: str, vault_key: bytes, role_secret: str, *, new_role_secret: bool = False) -> list[KeyRefused]:
    """Which of the keys are not the database's, as its administrator sees it; none for an empty one.

    Of a database without a canary the vault key must open what is stored, and the role secret let its API role in. A
    new role secret keeps the names of the roles, which are what stands before its colon.
    Raises psycopg.Error when the database is not reached.
    """
    refused = []
    with psycopg.connect(url, connect_timeout=_SECONDS) as connection:
        if connection.execute("select to_regclass('sheaf.app_user')").fetchone() == (None,):
            theirs = used_elsewhere(connection, role_secret) and not _lets_in(url, role_secret)
            return [roles_of_another()] if theirs else []
        known = _known(connection)
        vault = Vault(vault_key)
        proof = known.get("vault")
        if (is_ours(vault, proof) if proof is not None else _any_opens(vault, _stored(connection))) is False:
            refused.append(another_vault_key())
        owner = "select nspowner::regrole::text from pg_namespace where nspname = 'sheaf'"
        named = connection.execute(owner).fetchone()
    if named != (role_name(role_secret, OWNER),):
        refused.append(another_role_secret())
    elif not new_role_secret:
        proof = known.get("roles")
        right = hmac.compare_digest(proof, _role_proof(role_secret)) if proof else _lets_in(url, role_secret)
        refused += [] if right else [another_role_secret()]
    return refused


def keep(url: str, vault_key: bytes, role_secret: str) -> None:
    """Store the canaries of keys that `examine` has nothing against; those that are there already stay, but for a new
    role secret's. As the database's administrator."""
    with psycopg.connect(url, connect_timeout=_SECONDS) as connection:
        connection.execute(sql.SQL("set local role {}").format(sql.Identifier(role_name(role_secret, OWNER))))
        add = "insert into sheaf.key_canary (key, proof) values (%s, %s) on conflict (key) do "
        connection.execute(f"{add} nothing", ("vault", Vault(vault_key).encrypt(_CANARY)))
        connection.execute(f"{add} update set proof = excluded.proof", ("roles", _role_proof(role_secret)))


def refused_at_start(url: str, role: str, vault_key: bytes, role_secret: str) -> list[KeyRefused]:
    """Which keys a process that would connect as `role` must not start with; none while the database is away.

    `url` is the administrator's. A role that is not let in where the administrator is may have another secret.
    """
    try:
        with psycopg.connect(role_url(url, role, role_secret), connect_timeout=_SECONDS, autocommit=True) as connection:
            prove_connection(connection, Vault(vault_key))
    except KeyRefused as refused:
        return [refused]
    except psycopg.OperationalError:
        try:
            return examine(url, vault_key, role_secret)
        except psycopg.OperationalError:
            return []
    return []


def _known(connection: psycopg.Connection[Any]) -> dict[str, bytes]:
    if connection.execute("select to_regclass('sheaf.key_canary')").fetchone() == (None,):
        return {}
    return {key: bytes(proof) for key, proof in connection.execute("select key, proof from sheaf.key_canary")}


def _stored(connection: psycopg.Connection[Any]) -> list[bytes]:
    """Some of everything that is encrypted, oldest and newest."""
    branches = "(select coalesce(array_agg(b.id), '{}') from sheaf.all_branches() b)::text"
    connection.execute(f"select set_config('sheaf.branches', {branches}, true)")
    stored: list[bytes] = []
    for sample in _SAMPLES:
        for order in ("asc", "desc"):
            stored += [row[0] for row in connection.execute(sample.format(order))]
    return stored


def _lets_in(url: str, role_secret: str) -> bool:
    try:
        psycopg.connect(role_url(url, API, role_secret), connect_timeout=_SECONDS).close()
    except psycopg.OperationalError:
        return False
    return True


def _role_proof(role_secret: str) -> bytes:
    return hmac.digest(role_secret.encode(), b"sheaf-canary-1", "sha256")
