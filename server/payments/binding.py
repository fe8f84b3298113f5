"""Binds a requested line to whose money it is, where it goes and the channel that takes it there."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from server.context import Policy
from server.database.transaction import Row
from server.ledger.accounts import payable_id
from server.members.rules import Payee, member_refusal, payee_refusal
from server.payments.facts import Facts, Recipient
from server.routing.operations import Destination, Operation, source_account
from server.routing.routes import OUR_BOOKS, route
from shared.lifecycle import MemberStatus
from shared.money import NOTHING, Satang, display_amount
from shared.normal import code_key
from shared.refusals import RefusalCode as R
from shared.refusals import Refused


class Bound(msgspec.Struct, frozen=True, kw_only=True):
    """Whose account pays, and whom; `bank_account_id` is None where the money stays in our books."""

    source_id: UUID
    channel: str
    bank_account_id: UUID | None = None
    counterparty_branch_id: int | None = None
    counterparty_member_id: UUID | None = None


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a line says about where money goes; `to_member` is a code, of a transfer only."""

    operation: str
    destination: str
    amount: Satang
    account_version: int
    to_member: str = ""


def bind(
    wanted: Wanted, payee: Payee | None, facts: Facts, branch_code: str, policy: Policy, now: datetime
) -> Bound | Refused:
    """Where the line's money comes from and goes to, or why it does not.

    To a bank: everything that `payee_refusal` asks. Into our books: an active member. Out of a balance: enough of it.
    """
    refusal = payable_refusal(payee, wanted.destination, wanted.account_version, policy, now)
    if payee is None or refusal is not None:
        return refusal or Refused(R.MEMBER_UNKNOWN, field="member_id")
    recipient = _recipient(wanted, payee, facts)
    refusal = recipient if isinstance(recipient, Refused) else _balance_refusal(wanted, payee, facts)
    if isinstance(recipient, Refused) or refusal is not None:
        return refusal or Refused(R.RECIPIENT_UNKNOWN, field="to_member")
    to_bank = payee.account if wanted.destination == Destination.BANK else None
    channel = route(facts.routes, wanted.operation, to_bank.bank if to_bank else OUR_BOOKS, wanted.amount, now)
    if isinstance(channel, Refused):
        return channel
    return Bound(
        source_id=source_account(wanted.operation, branch_code, payee.member_id),
        channel=channel,
        bank_account_id=to_bank.id if to_bank else None,
        counterparty_branch_id=recipient.branch_id if recipient else None,
        counterparty_member_id=recipient.id if recipient else None,
    )


def payable_refusal(
    payee: Payee | None, destination: str, account_version: int, policy: Policy, now: datetime
) -> Refused | None:
    """Why this member can't be paid there: all that `payee_refusal` asks for a bank, an active member for our books."""
    if destination == Destination.BANK:
        return payee_refusal(payee, account_version, policy, now)
    return member_refusal(payee)


def _recipient(wanted: Wanted, payee: Payee, facts: Facts) -> Recipient | Refused | None:
    if wanted.operation != Operation.TRANSFER:
        return None
    recipient = _named(wanted.to_member, facts)
    if recipient is None:
        return Refused(R.RECIPIENT_UNKNOWN, field="to_member")
    if recipient.id == payee.member_id:
        return Refused(R.SAME_MEMBER, field="to_member")
    if recipient.status != MemberStatus.ACTIVE:
        return Refused(R.RECIPIENT_NOT_ACTIVE, field="to_member", params={"status": recipient.status})
    return recipient


def _named(code: str, facts: Facts) -> Recipient | None:
    """Who has this code, in whatever writing; where an old register holds it in two, the exact one alone counts."""
    exact = facts.recipients.get(code)
    alike = [one for one in facts.recipients.values() if code_key(one.code) == code_key(code)]
    return exact or (alike[0] if len(alike) == 1 else None)


def recipient_refusal(recipient: Row | None) -> Refused | None:
    """RECIPIENT_NOT_ACTIVE for a transfer's other member who can't be paid any more; None is no transfer."""
    if recipient is None or recipient["status"] == MemberStatus.ACTIVE:
        return None
    return Refused(R.RECIPIENT_NOT_ACTIVE, field="to_member", params={"status": recipient["status"]})


def _balance_refusal(wanted: Wanted, payee: Payee, facts: Facts) -> Refused | None:
    """A member without a balance has no account to lock, so this is looked at before the write as well as in it."""
    if wanted.operation == Operation.DISBURSEMENT:
        return None
    return short_of(balance_of(payee.member_id, facts), wanted.amount, NOTHING)


def balance_of(member_id: UUID, facts: Facts) -> Satang:
    """What is free of a member's money with the company; nothing for one without an account."""
    return Satang(facts.balances.get(payable_id(member_id), 0))


def beside_fee(available: Satang, amount: Satang, fee: Satang) -> dict[str, str]:
    """What a refusal says where the amount is there and the fee on top of it is not."""
    parts = {"available": available, "amount": amount, "fee": fee, "needed": Satang(amount + fee)}
    return {name: display_amount(value) for name, value in parts.items()}


def short_of(free: Satang, amount: Satang, fee: Satang) -> Refused | None:
    """BALANCE when a member has less with the company than the amount, BALANCE_FEE when only the fee is too much."""
    if free < amount:
        return too_little(free)
    if free < amount + fee:
        return Refused(R.BALANCE_FEE, field="amount", params=beside_fee(free, amount, fee))
    return None


def too_little(free: Satang) -> Refused:
    """BALANCE, with what is free of a member's money."""
    return Refused(R.BALANCE, field="amount", params={"available": display_amount(free)})
