"""What a restored database must show: unbroken chains, a balanced ledger, payments that the bank's files prove,
documents that are what was signed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag

from server.audit import verification
from server.backup.failures import BackupFailed, Cause
from server.backup.rules import sample_size
from server.context import Vault
from server.database.transaction import Row, Transaction
from server.ledger import check as ledger
from server.reconciliation.net import Booked, Standing, net_of
from server.statements.importing import read
from server.statements.parsed import LineKind, Rejected
from shared.money import Satang

_TOLD: Final = 3


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """How much was looked at; `waiting` of the payments are on no statement yet."""

    entries: int
    payments: int
    waiting: int
    documents: int
    statements: int


class OriginalLine(msgspec.Struct, frozen=True):
    """A line as the bank's own file has it; `amount` is signed satang."""

    sequence: int
    amount: int
    reference: str
    kind: LineKind


async def chains(tx: Transaction) -> int:
    """Recompute the audit trail; how many entries."""
    report = await verification.verify(tx)
    if report.first_bad is not None:
        bad = report.first_bad
        raise _not_proved(f"audit entry {bad.sequence} of branch {bad.branch_id}: {bad.what}")
    return report.entries


async def books(tx: Transaction) -> None:
    """Recompute every balance and hold from the entries."""
    report = await ledger.check(tx)
    if not report.balanced:
        first = report.differences[0]
        raise _not_proved(f"the ledger differs in {len(report.differences)} places, first: {first.what} {first.name}")


async def documents(tx: Transaction, vault: Vault, seed: str) -> int:
    """Open a sample of the documents and compare each with the digest that people signed; how many.

    One after the other: a document has up to 10 MB, and there may be thousands in a sample.
    """
    seen = 0
    for chosen, content in ((_of_changes, _content_of_change), (_of_deposits, _content_of_deposit)):
        for row in await chosen(tx, seed):
            _look_at_document(vault, row["sha256"], bytes(await content(tx, row)))
            seen += 1
    return seen


def _look_at_document(vault: Vault, sha256: str, cipher: bytes) -> None:
    try:
        content = vault.decrypt(cipher)
    except InvalidTag:
        raise _not_proved(f"the document {sha256[:12]} can't be opened with these keys") from None
    if hashlib.sha256(content).hexdigest() != sha256:
        raise _not_proved(f"the document {sha256[:12]} is not what was signed")


async def _of_changes(tx: Transaction, seed: str) -> list[Row]:
    return await tx.rows(
        """
        select bank_change_id id, sha256 from sheaf.document
        order by md5(bank_change_id::text || sha256 || %(seed)s) limit %(most)s
        """,
        seed=seed,
        most=sample_size(await tx.value("select count(*) from sheaf.document")),
    )


async def _content_of_change(tx: Transaction, row: Row) -> Any:
    return await tx.value(
        "select content_cipher from sheaf.document where bank_change_id = %(id)s and sha256 = %(sha256)s", **row
    )


async def _of_deposits(tx: Transaction, seed: str) -> list[Row]:
    return await tx.rows(
        """
        select deposit_id id, sha256 from sheaf.deposit_document
        order by md5(deposit_id::text || %(seed)s) limit %(most)s
        """,
        seed=seed,
        most=sample_size(await tx.value("select count(*) from sheaf.deposit_document")),
    )


async def _content_of_deposit(tx: Transaction, row: Row) -> Any:
    return await tx.value("select content_cipher from sheaf.deposit_document where deposit_id = %(id)s", id=row["id"])


async def payments(tx: Transaction, archive: Path, seed: str) -> tuple[int, int, int]:
    """Compare a sample of what was paid through a bank with the bank's own files.

    How many payments, how many of them are on no statement yet, and how many statements were read. Each statement that
    names one of them is read again from its original and must be what the database has of it, line by line; then the
    net of a payment's lines must say that it was paid.
    """
    chosen = await _sample(tx, seed)
    lines = await _lines(tx, [row["bank_reference"] for row in chosen])
    statements = {(row["sha256"], row["statement_id"]) for row in lines}
    for sha256, statement in sorted(statements):
        stored = [_line(row) for row in await _whole(tx, statement)]
        if stored not in _original(archive, sha256):
            raise _not_proved(f"statement {sha256[:12]}: the bank's file says something else than the database")
    waiting = 0
    for payment in chosen:
        own = [_booked(row) for row in lines if row["reference"] == payment["bank_reference"]]
        waiting += not own
        net = net_of(own, payment["payout"], payment["currency"])
        if payment["state"] != "settled" and net.standing is Standing.UNSEEN:
            raise _not_proved(
                f"payment {payment['number']} is {payment['state']}, and no statement says that it was paid"
            )
    return len(chosen), waiting, len(statements)


async def _sample(tx: Transaction, seed: str) -> list[Row]:
    counted = await tx.value(
        """
        select count(*) from sheaf.intent where destination = 'bank' and state in ('settled', 'reconciled', 'returned')
        """
    )
    return await tx.rows(
        """
        select i.number, i.state, i.payout, i.currency, a.bank_reference from
          (select id, number, state, payout, currency from sheaf.intent
           where destination = 'bank' and state in ('settled', 'reconciled', 'returned')
           order by md5(id::text || %(seed)s) limit %(most)s) i
        join sheaf.attempt a on a.intent_id = i.id and a.state = 'accepted'
        """,
        seed=seed,
        most=sample_size(counted),
    )


async def _lines(tx: Transaction, references: Sequence[str]) -> list[Row]:
    return await tx.rows(
        """
        select l.id, l.branch_id, l.statement_id, l.sequence, l.booked_at, l.amount, l.reference, l.kind, s.sha256,
               s.position, encode(s.account_digest, 'hex') account
        from sheaf.accepted_line l join sheaf.statement s on s.id = l.statement_id
        where l.reference = any(%(references)s) and l.amount <> 0
        """,
        references=list(references),
    )


async def _whole(tx: Transaction, statement: UUID) -> list[Row]:
    return await tx.rows(
        """
        select sequence, amount, reference, kind from sheaf.statement_line where statement_id = %(id)s order by sequence
        """,
        id=statement,
    )


def _line(row: Row) -> OriginalLine:
    return OriginalLine(row["sequence"], row["amount"], row["reference"], LineKind(row["kind"]))


def _booked(row: Row) -> Booked:
    return Booked(
        line_id=row["id"],
        branch_id=row["branch_id"],
        place=(row["account"], row["position"], row["sequence"]),
        name="",
        date=row["booked_at"].date(),
        reference=row["reference"],
        amount=Satang(row["amount"]),
        # A statement in another currency is refused when it is read.
        currency="THB",
        kind=LineKind(row["kind"]),
    )


def _original(archive: Path, sha256: str) -> list[list[OriginalLine]]:
    """The lines of each statement in the archived file of this SHA-256."""
    file = next(iter(archive.glob(f"{sha256[:16]}-*")), None)
    content = b"" if file is None else file.read_bytes()
    if file is None or hashlib.sha256(content).hexdigest() != sha256:
        raise _not_proved(f"the original of statement {sha256[:12]} is not in the archive")
    parsed = read(file.name[17:], sha256, content).parsed
    if isinstance(parsed, Rejected):
        raise _not_proved(f"the original of statement {sha256[:12]} can't be read: {parsed.problem.value}")
    return [
        [OriginalLine(line.sequence, line.amount, line.reference, line.kind) for line in one.lines] for one in parsed
    ]


def _not_proved(text: str) -> BackupFailed:
    return BackupFailed(Cause.NOT_PROVED, text)


def told(problems: Sequence[str]) -> str:
    """The first few problems in one sentence."""
    more = f", and {len(problems) - _TOLD} more" if len(problems) > _TOLD else ""
    return "; ".join(problems[:_TOLD]) + more
