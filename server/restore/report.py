"""What the bank, the statements and executors' files know and the database doesn't, as people read it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from server.database.transaction import Row, Transaction
from server.restore import store
from server.restore.journal import Known, Sent
from server.wire_time import wire_time
from shared.ids import bank_reference
from shared.money import Satang, format_amount


class Here(StrEnum):
    """How a payment that went to the bank stands in this database."""

    ABSENT = "absent"
    """Nobody here has heard of the intent under this reference: people must find out what it was."""
    UNSIGNED = "unsigned"
    """It waits for signatures, which were lost: signed again it is asked about first, for its reference is the same."""
    UNSENT = "unsent"
    """It is signed, or was about to be sent: it goes to doubt, and the bank is asked."""
    ENDED = "ended"
    """It has ended here without money: people must put that right."""


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One payment that the database lacks or has as unpaid; `payout` is satang, `payee` is empty where nobody knows."""

    reference: str
    payout: int
    here: Here
    source: str
    bank: str = ""
    """What the bank said when it was asked; empty when it was not."""
    branch: str = ""
    number: str = ""
    payee: str = ""
    sent: Sent | None = None

    @property
    def is_exception(self) -> bool:
        """Whether people must act: find out what it was, or sign what would run out unsigned though it was paid."""
        return self.here is not Here.UNSENT


class FileSeen(msgspec.Struct, frozen=True, kw_only=True):
    """An executor's file as it was compared; `here` is what the database has of it, -1 for nothing."""

    file_id: UUID
    position: int
    here: int
    heads_lost: int


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """Who stops the payments, as the report was made."""

    id: UUID
    kind: str
    subject: str
    detail: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """All of it; its digest is what two people agree to."""

    made_at: str
    installation: str
    witnesses: list[Told]
    files: list[FileSeen]
    damaged: list[str]
    items: list[Item]

    def encoded(self) -> bytes:
        """The bytes that the digest is of."""
        return msgspec.json.encode(self, order="deterministic")


def digest_of(body: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(body).hexdigest()


def read_report(body: bytes) -> Report:
    """A report that was kept."""
    return msgspec.json.decode(body, type=Report)


async def compare(tx: Transaction, files: Sequence[Known], damaged: Sequence[str], now: datetime) -> Report:
    """Everything that can be told without asking the bank; the transaction sees every branch."""
    facts = await store.facts(tx)
    seen = [
        FileSeen(
            file_id=file.file_id,
            position=file.position,
            here=facts.positions.get(file.file_id, -1),
            heads_lost=len(await store.lost_history(tx, file.heads)),
        )
        for file in files
    ]
    # Of several tries under one reference the newest has the token that counts.
    sent = {one.reference: one for one in sorted((one for file in files for one in file.sent), key=lambda one: one.at)}
    return Report(
        made_at=wire_time(now),
        installation=facts.installation,
        witnesses=[
            Told(id=row["id"], kind=row["kind"], subject=row["subject"], detail=row["detail"])
            for row in await store.open_witnesses(tx)
        ],
        files=seen,
        damaged=list(damaged),
        items=[*await _of_files(tx, sent), *await _of_statements(tx, sent)],
    )


async def _of_files(tx: Transaction, sent: Mapping[str, Sent]) -> list[Item]:
    """What files let go to the bank, and the database has not as let go."""
    rows = await tx.rows(
        """
        select id, bank_reference, state, spent, intent_id, confirming_at from sheaf.attempt
        where bank_reference = any(%(references)s)
        """,
        references=list(sent),
    )
    known = {row["bank_reference"]: row for row in rows}
    lost = [one for reference, one in sent.items() if _is_lost(one, known.get(reference))]
    intents = await _intents(tx, [one.intent_id for one in lost])
    return [
        _item(one, intents.get(one.intent_id) if _is_its_own(one, known.get(one.reference), intents) else None)
        for one in sorted(lost, key=lambda one: one.at)
    ]


def _is_its_own(sent: Sent, attempt: Row | None, intents: Mapping[UUID, Row]) -> bool:
    """Whether the reference is that payment's, and the amount too: no executor wrote a line that says otherwise, and
    nobody is asked about one payment under another one's name."""
    if attempt is None:
        named = sent.reference == bank_reference(sent.intent_id, sent.ordinal)
    else:
        named = attempt["intent_id"] == sent.intent_id
    intent = intents.get(sent.intent_id)
    return named and (intent is None or intent["payout"] == sent.payout)


def _is_lost(sent: Sent, attempt: Row | None) -> bool:
    """Not let go as far as is known here. That this very confirm ended unpaid is known, or that the bank has ended the
    reference: a copy keeps that."""
    if attempt is None or attempt["state"] in ("prepared", "initiated"):
        return True
    if attempt["state"] != "rejected" or attempt["spent"]:
        return False
    return attempt["id"] != sent.attempt_id or attempt["confirming_at"] is None


async def _intents(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, Row]:
    rows = await tx.rows(
        """
        select i.id, i.number, i.state, i.payout, b.code branch, coalesce(c.name, m.name, '') payee from sheaf.intent i
        join sheaf.branch b on b.id = i.branch_id left join sheaf.bank_account c on c.id = i.bank_account_id
        left join sheaf.member m on m.id = i.member_id where i.id = any(%(ids)s)
        """,
        ids=list(ids),
    )
    return {row["id"]: row for row in rows}


_STANDS: Mapping[str, Here] = {
    "created": Here.UNSIGNED,
    "validated": Here.UNSIGNED,
    "authorized": Here.UNSENT,
    "sent": Here.UNSENT,
    "in_doubt": Here.UNSENT,
}


def _item(sent: Sent, intent: Row | None) -> Item:
    if intent is None:
        return Item(reference=sent.reference, payout=sent.payout, here=Here.ABSENT, source="file", sent=sent)
    return Item(
        reference=sent.reference,
        payout=sent.payout,
        here=_STANDS.get(intent["state"], Here.ENDED),
        source="file",
        branch=intent["branch"],
        number=intent["number"],
        payee=intent["payee"],
        sent=sent,
    )


async def _of_statements(tx: Transaction, sent: Mapping[str, Sent]) -> list[Item]:
    """Debits on statements, and what the bank called back about, under references of ours that nobody here has made."""
    rows = await tx.rows(
        """
        select l.reference, -sum(l.amount)::bigint payout, 'statement' source from sheaf.accepted_line l
        where l.reference ~ '^S[0-9A-Z]{15}$' and l.kind <> 'fee'
          and not exists (select from sheaf.attempt a where a.bank_reference = l.reference)
        group by l.reference having sum(l.amount) < 0
        union all
        select distinct c.reference, 0::bigint, 'callback' from sheaf.callback_inbox c
        where c.outcome = 'unknown_reference' and c.reference ~ '^S[0-9A-Z]{15}$'
          and not exists (select from sheaf.attempt a where a.bank_reference = c.reference)
          and not exists (select from sheaf.accepted_line l where l.reference = c.reference)
        order by reference
        """
    )
    return [
        Item(reference=row["reference"], payout=row["payout"], here=Here.ABSENT, source=row["source"])
        for row in rows
        if row["reference"] not in sent
    ]


def lines_of(report: Report) -> Iterable[tuple[str, ...]]:
    """The payments as rows of a table: reference, baht, how it stands, branch, number, payee, bank, source."""
    for item in report.items:
        amount = format_amount(Satang(item.payout)) if item.payout else "-"
        yield (
            item.reference, amount, item.here.value, item.branch, item.number, item.payee, item.bank, item.source
        )  # fmt: skip
