"""The registry's tables: members, effective accounts and the bank's answers about them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from server.database.transaction import Row, Transaction, as_array
from server.members.rules import Account, BankCheck, Payee, Unanswered
from shared.banks import AccountNumber


async def member_rows(tx: Transaction, member_ids: Sequence[UUID]) -> list[Row]:
    """Members that the transaction may see, with account and check, in no order; one round trip, in or out of one."""
    return await tx.rows(
        "select * from sheaf.look_up_members(%(sight)s, %(ids)s, null)", sight=list(tx.sight), ids=list(member_ids)
    )


async def member_rows_by_code(tx: Transaction, codes: Sequence[str]) -> list[Row]:
    """The same by keys of member codes (shared.normal.code_key)."""
    return await tx.rows(
        "select * from sheaf.look_up_members(%(sight)s, null, %(codes)s)", sight=list(tx.sight), codes=list(codes)
    )


async def member_rows_each(tx: Transaction, asked: Sequence[tuple[tuple[int, ...], UUID]]) -> list[Row | None]:
    """The same for members of several callers, each with what its caller sees; None where that shows no such member.

    The function sets each sight before it reads for who has it: row-level security, not this query, keeps them apart.
    """
    by_sight: dict[tuple[int, ...], list[str]] = {}
    for sight, member_id in asked:
        by_sight.setdefault(sight, []).append(member_id.hex)
    rows = await tx.rows(
        """
        select i.n, l.*
        from unnest(%(sights)s::text[], %(ids)s::text[]) with ordinality i (sight, ids, n)
        cross join lateral sheaf.look_up_members(i.sight::int[], string_to_array(i.ids, ',')::uuid[], null) l
        """,
        sights=[as_array(sight) for sight in by_sight],
        ids=[",".join(ids) for ids in by_sight.values()],
    )
    found = {(row["n"], row["id"]): row for row in rows}
    numbers = {sight: number for number, sight in enumerate(by_sight, 1)}
    return [found.get((numbers[sight], member_id)) for sight, member_id in asked]


async def payees(tx: Transaction, member_ids: Sequence[UUID], *, lock: bool = False) -> dict[UUID, Payee]:
    """Members by id as the payment path needs them; ids that are unknown or of another branch are absent.

    `lock` first shares the members' rows, so that no bank change becomes effective before this transaction ends. The
    lock is a statement of its own: one that had waited would still read the account of before the wait.
    """
    if lock:
        await tx.rows(
            "select id from sheaf.member where id = any(%(ids)s) order by id for share", ids=sorted(member_ids)
        )
    return {row["id"]: payee_of(row) for row in await member_rows(tx, member_ids)}


async def lock_member(tx: Transaction, member_id: UUID) -> Payee | None:
    """One member, alone in this transaction until it ends: accounts of theirs change only under this lock."""
    await tx.rows("select id from sheaf.member where id = %(id)s for update", id=member_id)
    return next((payee_of(row) for row in await member_rows(tx, [member_id])), None)


def payee_of(row: Row) -> Payee:
    """A row of this store as the rules see it."""
    check = account = None
    if row["checked_at"] is not None:
        check = BankCheck(
            bank_name=row["bank_name"], status=row["account_status"], match=row["match"], checked_at=row["checked_at"]
        )
    if row["account_id"] is not None:
        account = Account(
            id=row["account_id"],
            version=row["account_version"],
            bank=row["bank"],
            number_cipher=row["number_cipher"],
            number_digest=row["number_digest"],
            last4=row["number_last4"],
            name=row["account_name"],
            effective_at=row["effective_at"],
            check=check,
            unanswered=_unanswered(row),
        )
    return Payee(
        member_id=row["id"],
        branch_id=row["branch_id"],
        code=row["code"],
        name=row["name"],
        status=row["status"],
        account=account,
    )


def _unanswered(row: Row) -> Unanswered | None:
    state = row.get("asked_state")
    return Unanswered(failed=state == "failed", at=row["asked_at"]) if state else None


def account_number(tx: Transaction, account: Account) -> AccountNumber:
    """The number in full; only for the bank and for who signs, never for lists or logs."""
    return AccountNumber(tx.vault.decrypt_text(account.number_cipher))


async def search(
    tx: Transaction, *, query: str, whole_number: bytes | None, after: UUID | None, limit: int
) -> list[Row]:
    """Up to `limit` members in Thai order after the member `after`; texts are compared literally, without patterns.

    `query` is the key of a name; `whole_number` is the vault's digest of it when it might be a whole id card or
    account.
    """
    return await tx.rows(
        """
        select l.* from (select sheaf.find_members(%(sight)s, %(query)s, %(whole)s, %(after)s, %(limit)s) ids) page
        cross join lateral sheaf.look_up_members(%(sight)s, page.ids, null) l
        order by array_position(page.ids, l.id)
        """,
        sight=list(tx.sight),
        query=query,
        whole=whole_number,
        after=after,
        limit=limit,
    )


async def may_see(tx: Transaction, member_id: UUID) -> bool:
    """Whether there is such a member in the transaction's branches."""
    return bool(await member_rows(tx, [member_id]))


async def open_check(tx: Transaction, bank_account_id: UUID) -> UUID | None:
    """The question about this account that the bank has not answered yet."""
    row = await tx.maybe(
        """
        select id from sheaf.account_check where bank_account_id = %(account)s and state = 'requested'
        order by requested_at limit 1
        """,
        account=bank_account_id,
    )
    return None if row is None else UUID(str(row["id"]))


async def open_case_check(tx: Transaction, case_id: UUID) -> UUID | None:
    """The question about a bank change's account that the bank has not answered yet."""
    row = await tx.maybe(
        "select id from sheaf.account_check where bank_change_id = %(case)s and state = 'requested' limit 1",
        case=case_id,
    )
    return None if row is None else UUID(str(row["id"]))


async def is_being_checked(tx: Transaction, bank_account_id: UUID, since: datetime) -> bool:
    """Whether the bank has been asked about this account and may still answer, or has answered after `since`."""
    return bool(
        await tx.value(
            """
            select exists (select from sheaf.account_check where bank_account_id = %(account)s
              and (state = 'requested' or state = 'done' and checked_at > %(since)s))
            """,
            account=bank_account_id,
            since=since,
        )
    )


async def request_check(
    tx: Transaction,
    *,
    check_id: UUID,
    branch_id: int,
    member_id: UUID,
    account_id: UUID | None,
    by: str,
    now: datetime,
    case_id: UUID | None = None,
) -> None:
    """Queue a question for the executor, about an effective account or about the one that a bank change names."""
    await tx.execute(
        """
        insert into sheaf.account_check
          (id, branch_id, member_id, bank_account_id, bank_change_id, state, requested_at, requested_by)
        values (%(id)s, %(branch)s, %(member)s, %(account)s, %(case)s, 'requested', %(now)s, %(by)s)
        """,
        id=check_id,
        branch=branch_id,
        member=member_id,
        account=account_id,
        case=case_id,
        now=now,
        by=by,
    )


async def requested_checks(tx: Transaction, limit: int) -> list[Row]:
    """The oldest unanswered questions: id, branch_id, member_id, case_id, bank, number_cipher, account_name.

    A bank change that has ended asks no more.
    """
    return await tx.rows(
        """
        select k.id, k.branch_id, k.member_id, k.bank_change_id as case_id, coalesce(a.bank, c.bank) as bank,
          coalesce(a.number_cipher, c.number_cipher) as number_cipher, coalesce(a.name, c.account_name) as account_name
        from sheaf.account_check k
        left join sheaf.bank_account a on a.id = k.bank_account_id
        left join sheaf.bank_change c on c.id = k.bank_change_id and a.id is null
        where (a.id is not null or c.state = 'requested') and k.state = 'requested'
        order by k.requested_at, k.id limit %(limit)s
        """,
        limit=limit,
    )


async def hold_case(tx: Transaction, case_id: UUID) -> None:
    """Take the case's row before its question: who decides the case takes them in this order too."""
    await tx.rows("select id from sheaf.bank_change where id = %(id)s for update", id=case_id)


async def record_check(
    tx: Transaction, check_id: UUID, *, state: str, bank_name: str, status: str, match: int, now: datetime
) -> Row | None:
    """Write the answer once: branch_id and member_id, or None when the question was answered before."""
    return await tx.maybe(
        """
        update sheaf.account_check set state = %(state)s, checked_at = %(now)s, bank_name = %(bank_name)s,
               account_status = %(status)s, match = %(match)s
        where id = %(id)s and state = 'requested'
        returning branch_id, member_id
        """,
        id=check_id,
        state=state,
        bank_name=bank_name,
        status=status,
        match=match,
        now=now,
    )
