"""Statements that were taken wrongly: proposals to set them aside, their signatures, and what goes with them."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from server.approvals.cases import signatures_of
from server.context import HEAD_OFFICE
from server.database.transaction import Row, Transaction
from server.statements.rules import Outcome
from server.wire_time import wire_time
from shared import canonical
from shared.canonical import SetAsideSheet
from shared.lifecycle import SetAsideState
from shared.money import Satang, format_amount
from shared.wire.approvals import SignatureView
from shared.wire.statements import SetAsideView

SET_ASIDE, TAKE_AGAIN = "set_aside", "take_again"

_CASES = """
    select c.*, s.account_last4, s.number, s.date, s.opening, s.closing, s.line_count, s.file_name, s.sha256,
      s.account_digest, s.position, s.set_aside_at, coalesce(u.name, '') maker,
      (select count(*) from sheaf.statement n where n.account_digest = s.account_digest and n.set_aside_at is null
         and s.set_aside_at is null and n.position > s.position) later
    from sheaf.set_aside c join sheaf.statement s on s.id = c.statement_id
    left join lateral sheaf.user_names(array[c.maker_id]) u on true
"""


async def insert_case(
    tx: Transaction, case_id: UUID, statement: UUID, action: str, reason: str, maker: UUID, now: datetime
) -> None:
    """Write a proposal that waits for its signature."""
    await tx.execute(
        """
        insert into sheaf.set_aside (id, branch_id, statement_id, action, reason, state, maker_id, created_at,
          expires_at, changed_at)
        values (%(id)s, %(branch)s, %(statement)s, %(action)s, %(reason)s, 'requested', %(maker)s, %(now)s,
          %(expires)s, %(now)s)
        """,
        id=case_id,
        branch=HEAD_OFFICE,
        statement=statement,
        action=action,
        reason=reason,
        maker=maker,
        now=now,
        expires=now + tx.services.policy.approval_life,
    )


async def open_case(tx: Transaction, statement: UUID) -> Row | None:
    """The proposal about a statement that waits, or that nobody decided in time."""
    return await tx.maybe(
        "select * from sheaf.set_aside where statement_id = %(id)s and state = 'requested' for no key update",
        id=statement,
    )


async def lock_case(tx: Transaction, case_id: UUID) -> Row | None:
    """One proposal with its statement, locked."""
    await tx.execute("select from sheaf.set_aside where id = %(id)s for no key update", id=case_id)
    return await tx.maybe(f"{_CASES} where c.id = %(id)s", id=case_id)


async def move_case(tx: Transaction, case_id: UUID, state: SetAsideState, now: datetime) -> None:
    """A new state is a new version."""
    await tx.execute(
        """
        update sheaf.set_aside set state = %(state)s, changed_at = %(now)s, version = version + 1 where id = %(id)s
        """,
        id=case_id,
        state=state.value,
        now=now,
    )


async def set_by_people(tx: Transaction, statement: UUID) -> bool:
    """Whether people have set this very statement aside, and not since wanted it taken again."""
    action = await tx.value(
        """
        select action from sheaf.set_aside where statement_id = %(id)s and state = 'approved'
        order by changed_at desc, id desc limit 1
        """,
        id=statement,
    )
    return bool(action == SET_ASIDE)


async def put_aside(tx: Transaction, case: Row, now: datetime) -> list[UUID]:
    """Set the statement aside and all that rest on it: those are judged again. Gives their ids, its own first."""
    rows = await tx.rows(
        """
        update sheaf.statement set set_aside_at = %(now)s, set_aside_by = %(case)s
        where account_digest = %(account)s and set_aside_at is null and position >= %(position)s
        returning id, position
        """,
        case=case["id"],
        now=now,
        account=bytes(case["account_digest"]),
        position=case["position"],
    )
    ids: list[UUID] = [row["id"] for row in sorted(rows, key=lambda row: row["position"])]
    await _mark_files(tx, ids[:1], Outcome.SET_ASIDE, now)
    await _mark_files(tx, ids[1:], Outcome.WAITING, now)
    return ids


async def judge_file_again(tx: Transaction, statement: UUID, now: datetime) -> None:
    """Let the files of a statement that was set aside wait to be judged."""
    await _mark_files(tx, [statement], Outcome.WAITING, now)


async def _mark_files(tx: Transaction, statements: Sequence[UUID], outcome: Outcome, now: datetime) -> None:
    """Both forms of each: the file it was read from, and the one of the same name that said the same."""
    await tx.execute(
        """
        update sheaf.statement_file f set outcome = %(outcome)s, problem = '', problem_line = 0, changed_at = %(now)s
        from sheaf.statement s
        where s.id = any(%(ids)s) and (f.sha256 = s.sha256 or (f.outcome in ('copy', 'set_aside')
          and regexp_replace(f.name, '[.][^.]*$', '') = regexp_replace(s.file_name, '[.][^.]*$', '')))
        """,
        ids=list(statements),
        outcome=outcome.value,
        now=now,
    )


async def contents_set_aside(tx: Transaction, account: bytes, days: Sequence[date]) -> list[Row]:
    """Day, form, number and content of what people have set aside: the same is not taken from another file."""
    return await tx.rows(
        """
        select s.date, s.format, s.number, s.content
        from sheaf.statement s join sheaf.set_aside c on c.id = s.set_aside_by
        where s.account_digest = %(account)s and s.date = any(%(days)s) and c.statement_id = s.id
          and not exists (select from sheaf.set_aside a where a.statement_id = s.id and a.action = 'take_again'
                            and a.state = 'approved' and a.changed_at >= c.changed_at)
        """,
        account=account,
        days=list(days),
    )


async def case_ids(tx: Transaction, limit: int) -> list[UUID]:
    """The newest proposals."""
    rows = await tx.rows("select id from sheaf.set_aside order by id desc limit %(limit)s", limit=limit)
    return [row["id"] for row in rows]


async def case_views(tx: Transaction, ids: Sequence[UUID]) -> list[SetAsideView]:
    """Proposals in the order of `ids`."""
    rows = await tx.rows(f"{_CASES} where c.id = any(%(ids)s)", ids=list(ids))
    signed = await signatures_of(tx, ids)
    by_id = {row["id"]: _view(row, signed[row["id"]]) for row in rows}
    return [by_id[one] for one in ids if one in by_id]


def sheet_of(row: Row) -> SetAsideSheet:
    """What is signed."""
    return SetAsideSheet(
        id=row["id"],
        action=row["action"],
        statement_id=row["statement_id"],
        account=row["account_last4"],
        statement=row["number"],
        date=row["date"].isoformat(),
        opening=format_amount(Satang(row["opening"])),
        closing=format_amount(Satang(row["closing"])),
        lines=row["line_count"],
        file=row["sha256"],
        reason=row["reason"],
    )


def _view(row: Row, signed: list[SignatureView]) -> SetAsideView:
    sheet = canonical.sheet_bytes(sheet_of(row))
    return SetAsideView(
        id=row["id"],
        action=row["action"],
        statement_id=row["statement_id"],
        account_last4=row["account_last4"],
        number=row["number"],
        date=row["date"].isoformat(),
        file_name=row["file_name"],
        lines=row["line_count"],
        later=row["later"],
        reason=row["reason"],
        state=row["state"],
        maker=row["maker"],
        maker_id=row["maker_id"],
        signatures=signed,
        created_at=wire_time(row["created_at"]),
        expires_at=wire_time(row["expires_at"]),
        version=row["version"],
        sheet=base64.b64encode(sheet).decode(),
        digest=canonical.digest(sheet),
    )
