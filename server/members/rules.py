"""Whether a member may be paid now, decided from what the registry and the bank said."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from server.channels.base import AccountStatus
from server.context import Policy
from shared.lifecycle import MemberStatus
from shared.refusals import RefusalCode, Refused


class BankCheck(msgspec.Struct, frozen=True, kw_only=True):
    """The bank's newest answer about an account; `match` is 0 to 100 (shared.names.name_match)."""

    bank_name: str
    status: str
    match: int
    checked_at: datetime

    def __repr__(self) -> str:
        return f"BankCheck({self.status}, {self.match}, {self.checked_at})"


class Verdict(msgspec.Struct, frozen=True):
    """One word on what the bank says of an account (`AccountVerdict` explains them); `confirmed` is good till then."""

    says: Literal[
        "none", "asking", "no_answer", "stale", "closed", "not_found", "not_active", "name_differs", "confirmed"
    ]
    at: datetime | None = None
    good_until: datetime | None = None


class Unanswered(msgspec.Struct, frozen=True, kw_only=True):
    """The newest question about an account to which there is no answer; `failed` when the bank gave none."""

    failed: bool
    at: datetime


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """The effective version of where a member is paid; without the number where nobody asks for it."""

    id: UUID
    version: int
    bank: str
    number_cipher: bytes = b""
    number_digest: bytes = b""
    last4: str
    name: str
    effective_at: datetime
    check: BankCheck | None = None
    unanswered: Unanswered | None = None

    def __repr__(self) -> str:
        return f"Account({self.id}, version {self.version})"


class Payee(msgspec.Struct, frozen=True, kw_only=True):
    """A member as the payment path sees them; `account` is None until a first account is effective."""

    member_id: UUID
    branch_id: int
    code: str
    name: str
    status: str
    account: Account | None = None

    def __repr__(self) -> str:
        return f"Payee({self.member_id}, {self.status})"


def standing(payee: Payee, policy: Policy, now: datetime) -> list[Refused]:
    """Every reason why this member may not be paid at `now` (aware UTC); empty when payable."""
    reasons = []
    if payee.status != MemberStatus.ACTIVE:
        reasons.append(Refused(RefusalCode.MEMBER_NOT_ACTIVE, field="member_id", params={"status": payee.status}))
    if payee.account is None:
        reasons.append(Refused(RefusalCode.ACCOUNT_MISSING, field="member_id"))
    elif problem := check_problem(payee.account.check, policy, now):
        reasons.append(Refused(RefusalCode.ACCOUNT_UNVERIFIED, field="account", params={"problem": problem}))
    return reasons


def payee_refusal(payee: Payee | None, account_version_seen: int, policy: Policy, now: datetime) -> Refused | None:
    """The first reason not to pay this member to the account version that the maker saw; None when payable.

    Refuses with MEMBER_UNKNOWN, MEMBER_NOT_ACTIVE, ACCOUNT_MISSING, MEMBER_CHANGED or ACCOUNT_UNVERIFIED.
    """
    if payee is None:
        return Refused(RefusalCode.MEMBER_UNKNOWN, field="member_id")
    reasons = standing(payee, policy, now)
    stale = version_refusal(payee, account_version_seen) if payee.account is not None else None
    if stale and not any(reason.code is RefusalCode.MEMBER_NOT_ACTIVE for reason in reasons):
        return stale
    return reasons[0] if reasons else None


def member_refusal(payee: Payee | None) -> Refused | None:
    """MEMBER_UNKNOWN or MEMBER_NOT_ACTIVE."""
    if payee is None:
        return Refused(RefusalCode.MEMBER_UNKNOWN, field="member_id")
    if payee.status != MemberStatus.ACTIVE:
        return Refused(RefusalCode.MEMBER_NOT_ACTIVE, field="member_id", params={"status": payee.status})
    return None


def changed_refusal(payee: Payee | None, account_version: int) -> Refused | None:
    """Why what was submitted for this member should not be signed any more; how old the bank's answer is, is no reason.

    MEMBER_UNKNOWN, MEMBER_NOT_ACTIVE, or MEMBER_CHANGED when another account has become effective; version 0 is paid to
    no account at a bank.
    """
    refusal = member_refusal(payee)
    if payee is None or refusal is not None:
        return refusal
    return version_refusal(payee, account_version) if account_version else None


def version_refusal(payee: Payee, account_version_seen: int) -> Refused | None:
    """MEMBER_CHANGED with the present version unless the caller saw that one; 0 stands for no account."""
    version = payee.account.version if payee.account else 0
    if version == account_version_seen:
        return None
    return Refused(RefusalCode.MEMBER_CHANGED, field="account_version", params={"version": str(version)})


def check_problem(check: BankCheck | None, policy: Policy, now: datetime) -> str | None:
    """What is wrong with the bank's newest answer: none, stale, status or name; None when it confirms the account.

    An answer dated after `now` proves nothing: some clock is wrong, so it counts as stale.
    """
    if check is None:
        return "none"
    if not now - policy.check_life <= check.checked_at <= now:
        return "stale"
    if check.status != AccountStatus.ACTIVE:
        return "status"
    return "name" if check.match < policy.name_match_minimum else None


def verdict(check: BankCheck | None, unanswered: Unanswered | None, policy: Policy, now: datetime) -> Verdict:
    """What the bank says of an account, in one word for people. A bad answer stays one however old it is.

    `check_problem` decides whether the account is paid; "confirmed" here is exactly its None.
    """
    problem = check_problem(check, policy, now)
    if check is not None and problem is None:
        return Verdict("confirmed", check.checked_at, check.checked_at + policy.check_life)
    if check is not None and (bad := _bad(check, policy)) is not None:
        return Verdict(bad, check.checked_at)
    if unanswered is not None and (check is None or unanswered.at > check.checked_at):
        return Verdict("no_answer" if unanswered.failed else "asking", unanswered.at)
    return Verdict("none") if check is None else Verdict("stale", check.checked_at)


def _bad(check: BankCheck, policy: Policy) -> Literal["closed", "not_found", "not_active", "name_differs"] | None:
    if check.status == AccountStatus.CLOSED:
        return "closed"
    if check.status == AccountStatus.NOT_FOUND:
        return "not_found"
    if check.status != AccountStatus.ACTIVE:
        return "not_active"
    return "name_differs" if check.match < policy.name_match_minimum else None
