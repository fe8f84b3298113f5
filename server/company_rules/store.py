"""The rules' tables: revisions, signatures, and the canonical sheet of each."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from server.approvals.cases import signatures_of
from server.company_rules.rules import Rule, rules_of
from server.context import HEAD_OFFICE
from server.database.transaction import Row, Transaction
from server.wire_time import wire_time
from shared import canonical
from shared.canonical import RuleSheet
from shared.lifecycle import RuleState
from shared.money import Satang, format_amount
from shared.wire.approvals import SignatureView
from shared.wire.rules import Caps, RuleView

KEPT = 5
"""How many of a rule's newest revisions are listed."""


async def effective_rules(tx: Transaction, now: datetime) -> tuple[Rule, ...]:
    """The rules that bind at `now`, by code."""
    return rules_of(await tx.rows("select * from sheaf.effective_rules(%(now)s)", now=now))


async def newest_revision(tx: Transaction, code: str) -> Row | None:
    """The newest revision of a rule, whatever became of it; locked, so that two proposals come one after the other."""
    return await tx.maybe(
        "select * from sheaf.company_rule where code = %(code)s order by revision desc limit 1 for no key update",
        code=code,
    )


async def insert_rule(tx: Transaction, values: dict[str, Any], now: datetime) -> None:
    """Write a proposal."""
    await tx.execute(
        """
        insert into sheaf.company_rule (id, branch_id, code, revision, kind, scope, name_th, name_en, expression,
          single_amount, day_amount, day_count, month_amount, month_count, enabled, effective_from, reason, state,
          maker_id, created_at, expires_at, changed_at)
        values (%(id)s, %(branch)s, %(code)s, %(revision)s, %(kind)s, %(scope)s, %(name_th)s, %(name_en)s,
          %(expression)s, %(single_amount)s, %(day_amount)s, %(day_count)s, %(month_amount)s, %(month_count)s,
          %(enabled)s, %(effective_from)s, %(reason)s, 'proposed', %(maker)s, %(now)s, %(expires)s, %(now)s)
        """,
        branch=HEAD_OFFICE,
        now=now,
        **values,
    )


async def move_rule(tx: Transaction, rule_id: UUID, target: RuleState, now: datetime) -> None:
    """Take a proposal to its end."""
    await tx.execute(
        """
        update sheaf.company_rule set state = %(state)s, version = version + 1, changed_at = %(now)s
        where id = %(id)s
        """,
        id=rule_id,
        state=target.value,
        now=now,
    )


async def lock_rule(tx: Transaction, rule_id: UUID) -> Row | None:
    """Lock one revision."""
    return await tx.maybe("select * from sheaf.company_rule where id = %(id)s for no key update", id=rule_id)


async def rule_ids(tx: Transaction) -> list[UUID]:
    """Open proposals and each rule's newest revisions, by code and newest first."""
    rows = await tx.rows(
        """
        select id from (select id, code, revision, state, row_number() over (partition by code order by revision desc) n
                        from sheaf.company_rule) r
        where n <= %(kept)s or state = 'proposed' order by code, revision desc
        """,
        kept=KEPT,
    )
    return [row["id"] for row in rows]


async def rule_views(tx: Transaction, ids: Sequence[UUID], now: datetime) -> list[RuleView]:
    """Revisions in the order of `ids`."""
    rows = await tx.rows(
        """
        select r.*, coalesce(u.name, '') maker,
          exists (select from sheaf.effective_rules(%(now)s) e where e.id = r.id) in_force,
          exists (select from sheaf.void_approval v where v.kind = 'rule' and v.id = r.id) void
        from sheaf.company_rule r left join lateral sheaf.user_names(array[r.maker_id]) u on true
        where r.id = any(%(ids)s)
        """,
        ids=list(ids),
        now=now,
    )
    signed = await signatures_of(tx, ids)
    by_id = {row["id"]: _view(row, signed[row["id"]]) for row in rows}
    return [by_id[rule_id] for rule_id in ids if rule_id in by_id]


def rule_sheet(row: Row) -> RuleSheet:
    """What is signed for a revision."""
    return RuleSheet(
        id=row["id"],
        code=row["code"],
        revision=row["revision"],
        kind=row["kind"],
        scope=row["scope"],
        name_th=row["name_th"],
        name_en=row["name_en"],
        expression=row["expression"],
        single_amount=row["single_amount"],
        day_amount=row["day_amount"],
        day_count=row["day_count"],
        month_amount=row["month_amount"],
        month_count=row["month_count"],
        enabled=row["enabled"],
        effective_from=row["effective_from"].isoformat(),
        reason=row["reason"],
    )


def _view(row: Row, signed: list[SignatureView]) -> RuleView:
    sheet = canonical.sheet_bytes(rule_sheet(row))
    return RuleView(
        id=row["id"],
        code=row["code"],
        revision=row["revision"],
        kind=row["kind"],
        scope=row["scope"],
        name_th=row["name_th"],
        name_en=row["name_en"],
        expression=row["expression"],
        caps=Caps(
            single_amount=_cap(row["single_amount"]),
            day_amount=_cap(row["day_amount"]),
            day_count=row["day_count"],
            month_amount=_cap(row["month_amount"]),
            month_count=row["month_count"],
        ),
        enabled=row["enabled"],
        effective_from=row["effective_from"].isoformat(),
        in_force=row["in_force"],
        reason=row["reason"],
        state="void" if row["void"] else row["state"],
        maker=row["maker"],
        maker_id=row["maker_id"],
        signatures=signed,
        created_at=wire_time(row["created_at"]),
        expires_at=wire_time(row["expires_at"]),
        version=row["version"],
        sheet=base64.b64encode(sheet).decode(),
        digest=canonical.digest(sheet),
    )


def _cap(amount: int | None) -> str:
    return "" if amount is None else format_amount(Satang(amount))
