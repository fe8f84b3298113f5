"""The executor's transactions: claim, note before the call, note before the confirm, record the outcome.

Every function takes a list; a write that the executor's fence no longer covers is left out of what is returned.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import LiteralString, NamedTuple
from uuid import UUID

import msgspec
import structlog
from cryptography.exceptions import InvalidTag

from server.audit import store as audit
from server.context import Actor, Vault
from server.database.transaction import Row, Transaction
from server.executing import references
from server.failpoints import failpoint
from server.payments import store
from server.sign_offs.evidence import KnownSets, Proven
from server.sign_offs.judging import Waits, ask_the_bank, cancel_refused, judge_again, withdrawn
from shared.audit_tags import AuditTag
from shared.banks import AccountNumber
from shared.lifecycle import IntentState
from shared.money import Satang

log = structlog.get_logger("executor")


class Lane(NamedTuple):
    """One branch's queue for one channel."""

    branch_id: int
    channel: str


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One try, with all that is needed to make it, by the executor that has it.

    The executor's id stays with what it began: one that renewed itself and took the same attempt over again must not
    write under the new id what it began under the old one, for another may have confirmed it in between.

    `account` is empty once the bank has its token: it is not announced again, and one that does not decrypt any more
    must not keep the others from being asked about. `since`: when the payment was asked for.
    """

    id: UUID
    intent_id: UUID
    branch_id: int
    executor_id: int
    channel: str
    ordinal: int
    bank_reference: str
    bank: str
    account: AccountNumber = AccountNumber("")
    payee: str
    amount: Satang
    created_at: datetime
    state: str = "prepared"
    token: str = ""
    inquiries: int = 0
    taken: bool = False
    """The bank has said before that it had taken it for processing, or that it has the reference."""
    mismatched: bool = False
    """The bank has another amount or payee under the reference: nobody but people end it."""
    since: datetime | None = None
    correlation_id: str = "-"

    def __repr__(self) -> str:
        return f"Attempt({self.bank_reference})"


_WITH_TOTAL: LiteralString = """
    i.*, coalesce((select b.total from sheaf.batch b where b.id = i.batch_id), i.amount) signed_total,
    coalesce((select e.at from sheaf.intent_event e
              where i.batch_id is not null and e.intent_id = i.id and e.version = 2), i.created_at) submitted_at
"""


async def waiting(tx: Transaction, channels: Sequence[str], most: int) -> dict[Lane, int]:
    """How many authorized intents wait in each lane of these channels, counted up to `most`."""
    rows = await tx.rows(
        """
        select l.branch_id, l.channel, n.waiting from sheaf.executor_lanes() l cross join lateral (
          select count(*) waiting from (
            select from sheaf.intent i where i.branch_id = l.branch_id and i.channel = l.channel
              and i.state = 'authorized' limit %(most)s) first) n
        where l.channel = any(%(channels)s) order by l.branch_id, l.channel
        """,
        channels=list(channels),
        most=most,
    )
    return {Lane(row["branch_id"], row["channel"]): row["waiting"] for row in rows}


@failpoint("sending.claim")
async def claim(
    tx: Transaction,
    actor: Actor,
    executor_id: int,
    limits: Mapping[Lane, int],
    skip: Sequence[UUID],
    now: datetime,
    known: KnownSets | None = None,
    rest: Callable[[UUID], None] = lambda _: None,
) -> list[Attempt]:
    """Take authorized intents, at most `limits[lane]` of each lane, and commit to an attempt for each.

    All that submission and sign-off judged is judged again: what does not hold any more is cancelled instead, its money
    released, and never sent. `rest` is told of what must wait for the bank's word about its account. What pays again a
    payment that the bank has paid after all waits for people; of a database that is behind nothing is taken.
    """
    rows = await tx.rows(
        "select "
        + _WITH_TOTAL
        + """,
        last.id last_id, last.ordinal last_ordinal, last.bank_reference last_reference, last.spent last_spent
        from unnest(%(branches)s::int[], %(channels)s::text[], %(limits)s::int[]) as wanted (branch_id, channel, n)
        cross join lateral (
          select * from sheaf.intent
          where branch_id = wanted.branch_id and channel = wanted.channel and state = 'authorized'
            and expires_at > %(now)s and id <> all(%(skip)s)
            and (operation = 'disbursement' and pays_again is null
                 or not sheaf.disputed(member_id, operation, pays_again))
          order by changed_at, id limit wanted.n for no key update skip locked
        ) i
        left join lateral (
          select a.id, a.ordinal, a.bank_reference, a.spent from sheaf.attempt a
          where a.intent_id = i.id order by a.ordinal desc limit 1
        ) last on true
        where not exists (select from sheaf.restore_witness where restore_id is null)
        """,
        branches=[lane.branch_id for lane in limits],
        channels=[lane.channel for lane in limits],
        limits=list(limits.values()),
        skip=list(skip),
        now=now,
    )
    if not rows:
        return []
    judged = await judge_again(tx, rows, now, known)
    refused = await cancel_refused(tx, actor, rows, judged, now)
    asked = await ask_the_bank(tx, actor, rows, judged, rest, now)
    good = [(row, proof) for row in rows if isinstance(proof := judged[row["id"]], Proven)]
    attempts = await _prepare(tx, executor_id, good, rest, now)
    moves = [
        store.Move(id=one.intent_id, target=IntentState.SENT, evidence=f"attempt {one.ordinal} {one.bank_reference}")
        for one in attempts
    ]
    await store.move_intents(tx, moves, actor.name, now)
    news = [(row["branch_id"], AuditTag.INTENT_REFUSED_TO_SEND, row["number"]) for row in refused]
    news += [(row["branch_id"], AuditTag.ACCOUNT_CHECK_REQUESTED, row["number"]) for row in asked]
    news += [(one.branch_id, AuditTag.INTENT_SENT, one.bank_reference) for one in attempts]
    await _audit(tx, actor, news, now)
    return attempts


@failpoint("sending.prepare")
async def _prepare(
    tx: Transaction,
    executor_id: int,
    good: Sequence[tuple[Row, Proven]],
    rest: Callable[[UUID], None],
    now: datetime,
) -> list[Attempt]:
    attempts = []
    tries = {row["id"]: references.next_try(row, tx.services.new_id(now)) for row, _ in good}
    written = await references.write(tx, executor_id, list(tries.values()), now)
    for row, proof in good:
        one = tries[row["id"]]
        if one.attempt_id not in written:
            log.error("the bank reference is another payment's: not sent", reference=one.reference)
            rest(row["id"])
            continue
        attempts.append(
            Attempt(
                id=one.attempt_id,
                intent_id=row["id"],
                branch_id=row["branch_id"],
                executor_id=executor_id,
                channel=row["channel"],
                ordinal=one.ordinal,
                bank_reference=one.reference,
                bank=proof.sheet.bank,
                account=AccountNumber(proof.sheet.account),
                payee=proof.sheet.payee,
                amount=proof.sheet.payout,
                created_at=now,
                since=row["created_at"],
                correlation_id=row["correlation_id"],
            )
        )
    return attempts


class Announced(msgspec.Struct, frozen=True):
    """The bank's answer to an initiate: its token and the payee's name as it writes it; and the account that pays."""

    attempt: Attempt
    token: str
    payee_name: str
    payer: AccountNumber | None = None


@failpoint("sending.note_confirming")
async def note_confirming(
    tx: Transaction, executor_id: int, announced: Sequence[Announced], now: datetime
) -> set[UUID]:
    """Commit the tokens before the confirm; gives the attempts that this executor may confirm.

    Left out is also what was withdrawn since it was claimed: nobody confirms it, and the next claim names the cause.
    """
    announced = [one for one in announced if one.attempt.executor_id == executor_id]
    lost = await withdrawn(tx, [one.attempt.intent_id for one in announced])
    announced = [one for one in announced if one.attempt.intent_id not in lost]
    parameters = {
        "executor": executor_id,
        "now": now,
        "ids": [one.attempt.id for one in announced],
        "tokens": [one.token for one in announced],
        "names": [one.payee_name for one in announced],
        "payers": [None if one.payer is None else tx.vault.digest(one.payer) for one in announced],
    }
    await tx.execute(
        """
        update sheaf.attempt a set state = 'initiated', token = n.token, payee_name = n.name, payer_digest = n.payer
        from unnest(%(ids)s::uuid[], %(tokens)s::text[], %(names)s::text[], %(payers)s::bytea[])
          as n (id, token, name, payer)
        where a.id = n.id and a.executor_id = %(executor)s and a.state = 'prepared'
        """,
        **parameters,
    )
    rows = await tx.rows(
        """
        update sheaf.attempt set state = 'confirming', confirming_at = %(now)s
        where id = any(%(ids)s) and executor_id = %(executor)s and state = 'initiated'
          and not exists (select from sheaf.restore_witness where restore_id is null) returning id
        """,
        **parameters,
    )
    return {row["id"] for row in rows}


@failpoint("sending.note_found")
async def note_found(tx: Transaction, executor_id: int, found: Announced, now: datetime) -> bool:
    """Commit the token that the bank has for a reference it had before; nobody confirms it because of this."""
    parameters = {
        "executor": executor_id,
        "now": now,
        "id": found.attempt.id,
        "token": found.token,
        "name": found.payee_name,
        "payer": None if found.payer is None else tx.vault.digest(found.payer),
    }
    if found.attempt.executor_id != executor_id:
        return False
    await tx.execute(
        """
        update sheaf.attempt set state = case state when 'prepared' then 'initiated' else state end,
          token = %(token)s, payee_name = %(name)s, payer_digest = %(payer)s
        where id = %(id)s and executor_id = %(executor)s and state in ('prepared', 'unknown') and token = ''
        """,
        **parameters,
    )
    noted = await tx.execute(
        """
        update sheaf.attempt set state = case state when 'initiated' then 'confirming' else state end,
          confirming_at = %(now)s
        where id = %(id)s and executor_id = %(executor)s and state in ('initiated', 'unknown') and token = %(token)s
        """,
        **parameters,
    )
    return noted == 1


@failpoint("sending.note_confirming_again")
async def note_confirming_again(tx: Transaction, executor_id: int, attempt: Attempt, now: datetime) -> bool:
    """Commit that a token is confirmed once more: what the statements prove is counted from here."""
    if attempt.executor_id != executor_id:
        return False
    noted = await tx.execute(
        """
        update sheaf.attempt set confirming_at = %(now)s
        where id = %(id)s and executor_id = %(executor)s and state in ('confirming', 'unknown')
          and not exists (select from sheaf.restore_witness where restore_id is null)
        """,
        id=attempt.id,
        executor=executor_id,
        now=now,
    )
    return noted == 1


_FORGOTTEN = timedelta(minutes=2)
_UNDER_WAY: LiteralString = """
    select a.*, i.channel, i.payout, i.correlation_id, coalesce(c.bank, '') bank, coalesce(c.name, '') payee,
      i.created_at since, case when a.token = '' then c.number_cipher end number_cipher
    from sheaf.attempt a join sheaf.intent i on i.id = a.intent_id
    left join sheaf.bank_account c on c.id = i.bank_account_id
    where a.executor_id = %(executor)s and a.state not in ('accepted', 'rejected')
"""


async def still_approved(tx: Transaction, attempt: Attempt, now: datetime) -> bool:
    """Whether the intent, judged whole, may still be sent and its time is not over: else nothing moves its money."""
    rows = await tx.rows(
        "select " + _WITH_TOTAL + " from sheaf.intent i where i.id = %(id)s and i.expires_at > %(now)s",
        id=attempt.intent_id,
        now=now,
    )
    judged = await judge_again(tx, rows, now)
    # the bank has named the payee itself when it was announced: how old its earlier answer is, is no reason here
    return isinstance(judged.get(attempt.intent_id), Proven | Waits)


async def due_inquiries(
    tx: Transaction, executor_id: int, busy: Sequence[UUID], now: datetime, limits: Mapping[str, int]
) -> list[Attempt]:
    """Attempts of this executor that are due to be asked about, at most `limits[channel]` of each channel.

    Also those that nobody works on and nobody asked about: the connection broke while their claim was committed.
    """
    found = []
    for channel, limit in limits.items():
        rows = await tx.rows(
            _UNDER_WAY
            + """
              and i.channel = %(channel)s
              and coalesce(a.inquire_at, a.prepared_at + %(forgotten)s) <= %(now)s and a.id <> all(%(busy)s)
              order by coalesce(a.inquire_at, a.prepared_at + %(forgotten)s), a.id limit %(limit)s
            """,
            forgotten=_FORGOTTEN,
            executor=executor_id,
            channel=channel,
            busy=list(busy),
            now=now,
            limit=limit,
        )
        found += [_attempt(row, tx.vault) for row in rows]
    return found


def _attempt(row: Row, vault: Vault | None = None) -> Attempt:
    account, cipher = "", row.get("number_cipher")
    if vault is not None and cipher is not None:
        with suppress(InvalidTag):
            account = vault.decrypt_text(bytes(cipher))
    return Attempt(
        id=row["id"],
        intent_id=row["intent_id"],
        branch_id=row["branch_id"],
        executor_id=row["executor_id"],
        channel=row["channel"],
        ordinal=row["ordinal"],
        bank_reference=row["bank_reference"],
        bank=row["bank"],
        account=AccountNumber(account),
        payee=row["payee"],
        amount=Satang(row["payout"]),
        created_at=row["prepared_at"],
        state=row["state"],
        token=row["token"],
        inquiries=row["inquiries"],
        taken=row["taken_at"] is not None,
        mismatched=row["mismatched_at"] is not None,
        since=row.get("since"),
        correlation_id=row["correlation_id"],
    )


async def ask_again(tx: Transaction, executor_id: int, attempts: Sequence[tuple[UUID, datetime]]) -> None:
    """Put the next inquiry of each attempt at its time."""
    await tx.execute(
        """
        update sheaf.attempt a set inquiries = a.inquiries + 1, inquire_at = n.at
        from unnest(%(ids)s::uuid[], %(times)s::timestamptz[]) as n (id, at)
        where a.id = n.id and a.executor_id = %(executor)s and a.state not in ('accepted', 'rejected')
        """,
        executor=executor_id,
        ids=[attempt_id for attempt_id, _ in attempts],
        times=[at for _, at in attempts],
    )


async def _audit(tx: Transaction, actor: Actor, news: Sequence[tuple[int, AuditTag, str]], now: datetime) -> None:
    """One entry for each branch and tag, in the order of branch ids (the one order of audit heads)."""
    for branch_id, tag in sorted({(branch, tag) for branch, tag, _ in news}):
        names = [name for *about, name in news if about == [branch_id, tag]]
        await audit.append(tx, actor, branch_id, tag, names[0], {"count": len(names), "references": names}, now)
