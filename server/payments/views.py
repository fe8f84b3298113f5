"""Intents and batches as desks see them; used by the verbs and by sync."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from server.approvals.cases import signature_view
from server.approvals.rules import Signed, still_needed
from server.database.transaction import Row, Transaction
from server.payments.facts import PayeeFact
from server.payments.writing import PlannedRow
from server.wire_time import wire_time
from shared.money import Satang, format_amount
from shared.permissions import Role
from shared.wire.approvals import SignatureView
from shared.wire.payments import Approvals, BatchView, IntentView, PaidAccount


async def intent_views(tx: Transaction, ids: Sequence[UUID]) -> list[IntentView]:
    """Intents in the order of `ids`; those that the transaction can't see are left out."""
    if not ids:
        return []
    rows = await tx.rows(
        """
        select i.*, b.code branch, m.code member_code, m.name member_name, a.bank, a.number_last4, a.name account_name,
          u.name maker, coalesce(p.number, '') pays_again_number,
          coalesce((select n.number from sheaf.intent n where n.pays_again = i.id
                    and n.state not in ('rejected', 'cancelled', 'expired', 'failed') limit 1), '') paid_again_number,
          coalesce((select array_agg(s.role) from sheaf.sign_off_item x join sheaf.sign_off s on s.id = x.sign_off_id
                    where x.intent_id = i.id and s.decision = 'approve' and (i.state not in ('validated', 'authorized')
                      or sheaf.signature_stands(s.user_id, s.role, s.branch_id, s.device_id, s.at))), '{}') given
        from sheaf.intent i
        join sheaf.branch b on b.id = i.branch_id
        join sheaf.member m on m.id = i.member_id
        left join sheaf.bank_account a on a.id = i.bank_account_id
        left join sheaf.app_user u on u.id = i.maker_id
        left join sheaf.intent p on p.id = i.pays_again
        where i.id = any(%(ids)s)
        """,
        ids=list(ids),
    )
    others = await members_anywhere(tx, [row["counterparty_member_id"] for row in rows])
    by_id = {row["id"]: _intent_view(row, others.get(row["counterparty_member_id"])) for row in rows}
    return [by_id[intent_id] for intent_id in ids if intent_id in by_id]


async def members_anywhere(tx: Transaction, ids: Sequence[UUID | None]) -> dict[UUID | None, Row]:
    """Code, name, status and branch of the members that transfers go to, whatever branch they are of."""
    wanted = sorted({member_id for member_id in ids if member_id is not None})
    if not wanted:
        return {}
    rows = await tx.rows("select * from sheaf.members_anywhere(%(ids)s)", ids=wanted)
    return {row["id"]: row for row in rows}


def planned_view(
    row: PlannedRow,
    payee: PayeeFact,
    branch: str,
    maker: str,
    now: datetime,
    counterparty: tuple[str, str] = ("", ""),
    pays_again_number: str = "",
) -> IntentView:
    """The view of an intent that is about to be written, the same that `intent_views` gives afterwards."""
    return IntentView(
        id=row.id,
        number=row.number,
        state=row.state,
        operation=row.operation,
        branch=branch,
        member_id=row.member_id,
        member_code=payee.code,
        member_name=payee.name,
        account=_planned_account(row, payee),
        account_version=row.account_version,
        amount=format_amount(Satang(row.amount)),
        fee=format_amount(Satang(row.fee)),
        post_fee=format_amount(Satang(row.post_fee)),
        advance=format_amount(Satang(row.advance)),
        payout=format_amount(Satang(row.amount - row.post_fee - row.advance)),
        destination=row.destination,
        counterparty_code=counterparty[0],
        counterparty_name=counterparty[1],
        duplicate_reason=row.duplicate_reason,
        currency=row.currency,
        channel=row.channel,
        produce=row.produce,
        weigh_ticket=row.weigh_ticket,
        note=row.note,
        maker=maker,
        maker_id=row.maker_id,
        approvals=approvals_view(row.quorum, ()),
        batch_id=row.batch_id,
        line=row.line,
        failure_code="",
        failure_text="",
        created_at=wire_time(now),
        expires_at=wire_time(row.expires_at),
        changed_at=wire_time(now),
        version=1,
        pays_again=row.pays_again,
        pays_again_number=pays_again_number,
    )


def _planned_account(row: PlannedRow, payee: PayeeFact) -> PaidAccount:
    if row.bank_account_id is None:
        return PaidAccount(bank="", last4="", name="")
    return PaidAccount(bank=payee.bank or "", last4=payee.last4 or "", name=payee.account_name or "")


async def batch_views(tx: Transaction, ids: Sequence[UUID]) -> list[BatchView]:
    """Batches in the order of `ids`; those that the transaction can't see are left out."""
    if not ids:
        return []
    rows = await tx.rows(
        """
        select t.*, b.code branch, u.name maker,
          coalesce((select jsonb_object_agg(state, n) from (select state, count(*) n from sheaf.intent
                    where batch_id = t.id group by state) counted), '{}') states,
          coalesce((select array_agg(s.role) from sheaf.sign_off s
                    where s.case_id = t.id and s.decision = 'approve' and (t.state not in ('validated', 'authorized')
                      or sheaf.signature_stands(s.user_id, s.role, s.branch_id, s.device_id, s.at))), '{}') given
        from sheaf.batch t
        join sheaf.branch b on b.id = t.branch_id
        left join sheaf.app_user u on u.id = t.maker_id
        where t.id = any(%(ids)s)
        """,
        ids=list(ids),
    )
    by_id = {row["id"]: _batch_view(row) for row in rows}
    return [by_id[batch_id] for batch_id in ids if batch_id in by_id]


async def signatures_of_intent(tx: Transaction, intent_id: UUID) -> list[SignatureView]:
    """Every sign-off that covers an intent, oldest first."""
    rows = await tx.rows(
        """
        select s.user_id, s.role, s.decision, s.reason, s.at, coalesce(u.name, '') "user",
          sheaf.signature_stands(s.user_id, s.role, s.branch_id, s.device_id, s.at) stands
        from sheaf.sign_off_item x join sheaf.sign_off s on s.id = x.sign_off_id
        left join lateral sheaf.user_names(array[s.user_id]) u on true
        where x.intent_id = %(id)s order by s.at, s.id
        """,
        id=intent_id,
    )
    return [signature_view(row) for row in rows]


def approvals_view(quorum: Sequence[str], given: Sequence[str]) -> Approvals:
    """How many are needed and given, and whose are still missing."""
    needed = [Role(role) for role in quorum]
    # still_needed asks who signed only to count roles; here the roles alone are known.
    signed = [Signed(UUID(int=index), Role(role)) for index, role in enumerate(given)]
    missing = still_needed(needed, signed)
    return Approvals(needed=len(needed), given=len(given), roles=[role.value for role in missing])


def _intent_view(row: Row, counterparty: Row | None) -> IntentView:
    return IntentView(
        id=row["id"],
        number=row["number"],
        state=row["state"],
        operation=row["operation"],
        branch=row["branch"],
        member_id=row["member_id"],
        member_code=row["member_code"],
        member_name=row["member_name"],
        account=PaidAccount(bank=row["bank"] or "", last4=row["number_last4"] or "", name=row["account_name"] or ""),
        account_version=row["account_version"],
        amount=format_amount(Satang(row["amount"])),
        fee=format_amount(Satang(row["fee"])),
        post_fee=format_amount(Satang(row["post_fee"])),
        advance=format_amount(Satang(row["advance"])),
        payout=format_amount(Satang(row["payout"])),
        destination=row["destination"],
        counterparty_code=counterparty["code"] if counterparty else "",
        counterparty_name=counterparty["name"] if counterparty else "",
        duplicate_reason=row["duplicate_reason"],
        currency=row["currency"],
        channel=row["channel"],
        produce=row["produce"],
        weigh_ticket=row["weigh_ticket"],
        note=row["note"],
        maker=row["maker"] or "",
        maker_id=row["maker_id"],
        approvals=approvals_view(row["quorum"], row["given"]),
        batch_id=row["batch_id"],
        line=row["line"],
        failure_code=row["failure_code"],
        failure_text=row["failure_text"],
        created_at=wire_time(row["created_at"]),
        expires_at=wire_time(row["expires_at"]),
        changed_at=wire_time(row["changed_at"]),
        version=row["version"],
        pays_again=row["pays_again"],
        pays_again_number=row["pays_again_number"],
        paid_again_number=row["paid_again_number"],
    )


def _batch_view(row: Row) -> BatchView:
    return BatchView(
        id=row["id"],
        number=row["number"],
        branch=row["branch"],
        state=row["state"],
        count=row["count"],
        total=format_amount(Satang(row["total"])),
        note=row["note"],
        file_sha256=row["file_sha256"],
        maker=row["maker"] or "",
        maker_id=row["maker_id"],
        approvals=approvals_view(row["quorum"], row["given"]),
        states=row["states"],
        created_at=wire_time(row["created_at"]),
        expires_at=wire_time(row["expires_at"]),
        version=row["version"],
    )
