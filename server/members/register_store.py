"""The import's SQL: a few statements whatever the number of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from server.database.transaction import Row, Transaction


@dataclass(frozen=True, kw_only=True)
class AccountRecord:
    """A first account as it is stored."""

    id: UUID
    bank: str
    number_cipher: bytes = field(repr=False)
    number_digest: bytes = field(repr=False)
    last4: str
    name: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Record:
    """A member as stored."""

    id: UUID
    code: str
    name: str = field(repr=False)
    name_sort: str = field(repr=False)
    code_key: str
    name_key: str = field(repr=False)
    national_id_cipher: bytes = field(repr=False)
    national_id_digest: bytes = field(repr=False)
    national_id_last4: str
    phone: str = field(repr=False)
    account: AccountRecord | None


async def begin(tx: Transaction, branch: str) -> int | None:
    """Let one import run at a time and see every branch (codes and ids are the company's); the branch's id."""
    await tx.rows("select pg_advisory_xact_lock(7235450)")
    branches = await tx.rows("select id, code from sheaf.all_branches()")
    await tx.see([row["id"] for row in branches])
    return next((int(row["id"]) for row in branches if row["code"] == branch), None)


async def known(tx: Transaction, code_keys: Sequence[str], id_digests: Sequence[bytes]) -> list[Row]:
    """Stored members with one of the keys of codes or ids, and their effective accounts."""
    return await tx.rows(
        """
        select m.code, m.code_key, m.branch_id, m.name, m.phone, m.national_id_digest,
               a.bank, a.number_digest, a.name as account_name
        from sheaf.member m
        left join lateral (select * from sheaf.bank_account v where v.member_id = m.id
                           order by v.version desc limit 1) a on true
        where m.code_key = any(%(codes)s::text[]) or m.national_id_digest = any(%(ids)s::bytea[])
        """,
        codes=list(code_keys),
        ids=list(id_digests),
    )


async def insert(tx: Transaction, branch_id: int, records: Sequence[Record], now: datetime) -> None:
    """Store new members, active, each with version 1 of their account where they have one."""
    await tx.execute(
        """
        insert into sheaf.member (id, branch_id, code, name, name_sort, national_id_cipher, national_id_digest,
                                  national_id_last4, phone, status, created_at, changed_at, code_key, name_key)
        select id, %(branch)s, code, name, name_sort, cipher, digest, last4, phone, 'active', %(now)s, %(now)s,
               code_key, name_key
        from unnest(%(ids)s::uuid[], %(codes)s::text[], %(names)s::text[], %(sorts)s::text[], %(ciphers)s::bytea[],
                    %(digests)s::bytea[], %(last4s)s::text[], %(phones)s::text[], %(code_keys)s::text[],
                    %(name_keys)s::text[])
             as t(id, code, name, name_sort, cipher, digest, last4, phone, code_key, name_key)
        """,
        branch=branch_id,
        now=now,
        ids=[record.id for record in records],
        codes=[record.code for record in records],
        names=[record.name for record in records],
        sorts=[record.name_sort for record in records],
        ciphers=[record.national_id_cipher for record in records],
        digests=[record.national_id_digest for record in records],
        last4s=[record.national_id_last4 for record in records],
        phones=[record.phone for record in records],
        code_keys=[record.code_key for record in records],
        name_keys=[record.name_key for record in records],
    )
    paid = [(record.id, record.account) for record in records if record.account is not None]
    await tx.execute(
        """
        insert into sheaf.bank_account (id, branch_id, member_id, version, bank, number_cipher, number_digest,
                                        number_last4, name, effective_at)
        select id, %(branch)s, member_id, 1, bank, cipher, digest, last4, name, %(now)s
        from unnest(%(ids)s::uuid[], %(members)s::uuid[], %(banks)s::text[], %(ciphers)s::bytea[],
                    %(digests)s::bytea[], %(last4s)s::text[], %(names)s::text[])
             as t(id, member_id, bank, cipher, digest, last4, name)
        """,
        branch=branch_id,
        now=now,
        ids=[account.id for _, account in paid],
        members=[member_id for member_id, _ in paid],
        banks=[account.bank for _, account in paid],
        ciphers=[account.number_cipher for _, account in paid],
        digests=[account.number_digest for _, account in paid],
        last4s=[account.last4 for _, account in paid],
        names=[account.name for _, account in paid],
    )
