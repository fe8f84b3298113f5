"""Reads the payments of past days for a rule to be tried on, grouped by the facts that the rule asks about."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from server.company_rules.programs import Facts, asks
from server.company_rules.replay import Group
from server.company_rules.rules import Rule, Scope
from server.database.transaction import Row, Transaction
from shared.money import Satang


async def read_groups(tx: Transaction, rule: Rule, since: datetime, until: datetime) -> list[Group]:
    """What was submitted in that time and did not end without a payment; for approvers, what they signed then.

    A day or a month that began before `since` counts from `since`. Facts that the rule does not ask about are left
    empty: so a million payments are few groups.
    """
    asked = asks(rule.expression)
    rows = await tx.rows(
        """
        with moment as (
          select i.id intent_id, i.created_at at, null::uuid approver from sheaf.intent i
          where not %(approvals)s and i.created_at >= %(since)s and i.created_at < %(until)s
          union all
          select x.intent_id, s.at, s.user_id from sheaf.sign_off s join sheaf.sign_off_item x on x.sign_off_id = s.id
          where %(approvals)s and s.decision = 'approve' and s.at >= %(since)s and s.at < %(until)s
        ), payment as (
          select i.operation, i.amount, i.branch_id,
            case when %(limit)s then (extract(epoch from e.at) * 1000000)::bigint end moment,
            case when %(channel)s then i.channel else '' end channel,
            case when %(produce)s then i.produce else '' end produce,
            case when %(bank)s then coalesce(a.bank, '') else '' end bank,
            case when %(member)s then m.code else '' end member,
            case when %(batch)s then i.batch_id is not null else false end batch,
            case when %(tags)s then i.tags else '{}' end tags,
            case %(scope)s when 'member' then i.member_id when 'maker' then i.maker_id when 'approver' then e.approver
            end person
          from moment e join sheaf.intent i on i.id = e.intent_id
          -- outer joins, which the planner leaves out where no column of theirs is asked for
          left join sheaf.member m on m.id = i.member_id
          left join sheaf.bank_account a on a.id = i.bank_account_id
          where i.state not in ('created', 'rejected', 'cancelled', 'expired', 'failed')
        )
        select p.operation, p.channel, b.code branch, p.branch_id, p.bank, p.produce, p.member, p.batch, p.tags,
          p.person, array_agg(p.amount) amounts,
          case when %(limit)s then array_agg(p.moment) else '{}' end moments
        from payment p join sheaf.branch b on b.id = p.branch_id
        group by p.operation, p.channel, b.code, p.branch_id, p.bank, p.produce, p.member, p.batch, p.tags, p.person
        """,
        since=since,
        until=until,
        limit=rule.scope is not None,
        approvals=rule.scope is Scope.APPROVER,
        scope=rule.scope.value if rule.scope else "",
        **{name: name in asked for name in ("channel", "produce", "bank", "member", "batch", "tags")},
    )
    return [_group(rule.scope, row) for row in rows]


def _group(scope: Scope | None, row: Row) -> Group:
    facts = Facts(
        operation=row["operation"],
        channel=row["channel"],
        branch=row["branch"],
        bank=row["bank"],
        produce=row["produce"],
        member=row["member"],
        amount=Satang(0),
        batch=row["batch"],
        tags=tuple(row["tags"]),
    )
    return Group(facts=facts, subject=_subject(scope, row), amounts=row["amounts"], moments=row["moments"])


def _subject(scope: Scope | None, row: Row) -> str:
    person: UUID | None = row["person"]
    if person is not None:
        return str(person)
    return str(row["branch_id"]) if scope is Scope.BRANCH else ""
