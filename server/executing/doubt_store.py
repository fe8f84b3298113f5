"""What is known of payments in doubt, and the one thing that is asked for: the bank's next answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from server.database.transaction import Row, Transaction
from server.ledger.accounts import payable_id
from shared.money import Satang


async def oldest(tx: Transaction, branches: Sequence[int], cursor: UUID | None, limit: int) -> list[UUID]:
    """Ids of payments in doubt of these branches, oldest first."""
    rows = await tx.rows(
        """
        select id from sheaf.intent
        where branch_id = any(%(branches)s) and state = 'in_doubt' and (%(cursor)s::uuid is null or id > %(cursor)s)
        order by id limit %(limit)s
        """,
        branches=list(branches),
        cursor=cursor,
        limit=limit,
    )
    return [row["id"] for row in rows]


async def attempts(tx: Transaction, ids: Sequence[UUID]) -> list[Row]:
    """All attempts of these payments, each payment's in their order."""
    return await tx.rows(
        "select * from sheaf.attempt where intent_id = any(%(ids)s) order by intent_id, ordinal", ids=list(ids)
    )


async def callbacks(tx: Transaction, ids: Sequence[UUID]) -> list[Row]:
    """What the bank called back about them, oldest first."""
    return await tx.rows(
        """
        select a.intent_id, c.at, c.outcome, c.transaction_id, c.reference
        from sheaf.attempt a join sheaf.callback_inbox c on c.reference = a.bank_reference and c.reference <> ''
        where a.intent_id = any(%(ids)s) order by c.at, c.id
        """,
        ids=list(ids),
    )


async def lines(tx: Transaction, ids: Sequence[UUID]) -> list[Row]:
    """What its statements say under their references."""
    return await tx.rows(
        """
        select a.intent_id, l.amount, l.kind, l.bank_reference, s.number, s.date
        from sheaf.attempt a join sheaf.accepted_line l on l.reference = a.bank_reference and l.reference <> ''
        join sheaf.statement s on s.id = l.statement_id
        where a.intent_id = any(%(ids)s) order by s.date, l.sequence
        """,
        ids=list(ids),
    )


async def began(tx: Transaction, ids: Sequence[UUID]) -> list[Row]:
    """Since when each is in doubt."""
    return await tx.rows(
        """
        select intent_id, max(at) at from sheaf.intent_event
        where intent_id = any(%(ids)s) and state = 'in_doubt' group by intent_id
        """,
        ids=list(ids),
    )


async def managers(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """The managers of their branches, by payment."""
    rows = await tx.rows(
        """
        select i.id intent_id, u.name from sheaf.intent i
        join sheaf.user_role r on r.branch_id = i.branch_id and r.role = 'manager'
        join sheaf.app_user u on u.id = r.user_id and u.enabled
        where i.id = any(%(ids)s) order by u.name
        """,
        ids=list(ids),
    )
    found: dict[UUID, list[str]] = {}
    for row in rows:
        found.setdefault(row["intent_id"], []).append(row["name"])
    return found


async def treasurers(tx: Transaction) -> list[str]:
    """The company's treasurers by name."""
    return [row["name"] for row in await tx.rows("select name from sheaf.treasurer_names()")]


async def statements_until(tx: Transaction) -> date | None:
    """The last day of which a statement was taken."""
    day: date | None = await tx.value("select max(date) from sheaf.accepted_statement")
    return day


async def intent(tx: Transaction, intent_id: UUID) -> Row | None:
    """Whose it is and where it stands."""
    return await tx.maybe("select id, branch_id, number, state from sheaf.intent where id = %(id)s", id=intent_id)


async def ask_now(tx: Transaction, intent_id: UUID, now: datetime) -> bool:
    """Make the next inquiry due; whether one is under way at all."""
    return bool(await tx.value("select sheaf.ask_bank_now(%(id)s, %(now)s)", id=intent_id, now=now))


async def account_version(tx: Transaction, member_id: UUID) -> int:
    """The newest version of where a member is paid, 0 for none."""
    version: int = await tx.value(
        "select coalesce(max(version), 0) from sheaf.bank_account where member_id = %(member)s", member=member_id
    )
    return version


async def free(tx: Transaction, member_id: UUID) -> Satang:
    """What is free of a member's money with the company."""
    return Satang(
        await tx.value(
            "select coalesce(max(posted - held), 0)::bigint from sheaf.ledger_account where id = %(id)s",
            id=payable_id(member_id),
        )
    )
