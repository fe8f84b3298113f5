"""What the wire shows of members: numbers by their last digits only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from server.context import Policy
from server.database.transaction import Row, Transaction
from server.members import rules, store
from server.wire_time import wire_time
from shared.refusals import Refused, refusal_text
from shared.wire.common import ItemRefused
from shared.wire.members import AccountCheckView, AccountVerdict, AccountView, MemberView, ValidationView


def member_view(row: Row, policy: Policy, now: datetime, payee: rules.Payee | None = None) -> MemberView:
    """A row of `store.member_rows` as the desk sees it at `now`; its `payee` where that is made already."""
    payee = payee or store.payee_of(row)
    account = payee.account
    check = account.check if account else None
    return MemberView(
        id=payee.member_id,
        code=payee.code,
        branch=row["branch"],
        name=payee.name,
        id_last4=row["national_id_last4"],
        phone=row["phone"],
        status=payee.status,
        version=row["version"],
        account=_account_view(account) if account else None,
        check=_check_view(check) if check else None,
        verdict=verdict_view(account, policy, now) if account else AccountVerdict(says="no_account"),
    )


def verdict_view(account: rules.Account, policy: Policy, now: datetime) -> AccountVerdict:
    """What the bank says of an effective account."""
    return verdict_words(rules.verdict(account.check, account.unanswered, policy, now))


def verdict_words(said: rules.Verdict) -> AccountVerdict:
    """A verdict as it crosses the network."""
    return AccountVerdict(
        says=said.says,
        at=wire_time(said.at) if said.at else "",
        good_until=wire_time(said.good_until) if said.good_until else "",
    )


async def member_views(tx: Transaction, member_ids: Sequence[UUID], now: datetime) -> list[MemberView]:
    """Members by id in the order asked; those that the transaction may not see are left out."""
    if not member_ids:
        return []
    policy = tx.services.policy
    found = {row["id"]: member_view(row, policy, now) for row in await store.member_rows(tx, member_ids)}
    return [found[member_id] for member_id in member_ids if member_id in found]


def validation_view(row: Row, policy: Policy, now: datetime) -> ValidationView:
    """Whether the member of a row may be paid at `now`, with every reason why not."""
    payee = store.payee_of(row)
    reasons = rules.standing(payee, policy, now)
    return ValidationView(
        member=member_view(row, policy, now, payee),
        payable=not reasons,
        reasons=[item_refused(reason) for reason in reasons],
        as_of=wire_time(now),
    )


def item_refused(refused: Refused) -> ItemRefused:
    """A refusal as an item of a reply shows it, in both languages."""
    return ItemRefused(
        code=refused.code,
        detail_th=refusal_text(refused, "th"),
        detail_en=refusal_text(refused, "en"),
        field=refused.field,
    )


def _account_view(account: rules.Account) -> AccountView:
    return AccountView(
        version=account.version,
        bank=account.bank,
        last4=account.last4,
        name=account.name,
        effective_at=wire_time(account.effective_at),
    )


def _check_view(check: rules.BankCheck) -> AccountCheckView:
    return AccountCheckView(
        checked_at=wire_time(check.checked_at), bank_name=check.bank_name, status=check.status, match=check.match
    )
