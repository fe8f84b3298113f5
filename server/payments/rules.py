"""Decides whether one requested line may become an intent, and as what: pure, from facts that were given."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from server.approvals.rules import payment_quorum
from server.company_rules import programs
from server.company_rules.rules import Claim, Subjects
from server.context import Policy
from server.ledger.accounts import Purpose, account_id
from server.members.rules import Payee, payee_refusal
from server.payments.facts import Facts, PayeeFact
from server.payments.rating import Charge, rate
from server.payments.routing import Route, route
from shared.money import AmountProblem, Satang, display_amount, parse_amount
from shared.permissions import Role
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.text import TextProblem, clean_text
from shared.wire.payments import IntentLine


class CleanLine(msgspec.Struct, frozen=True, kw_only=True):
    """A requested line that is sound in itself: cleaned texts and an amount in satang."""

    member_id: UUID
    account_version: int
    operation: str
    amount: Satang
    currency: str
    produce: str
    weigh_ticket: str
    note: str
    documents: tuple[str, ...]


class CheckedLine(CleanLine, frozen=True, kw_only=True):
    """A line that may become an intent: bound to the account that it pays and the channel that it takes."""

    bank_account_id: UUID | None
    channel: str


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """What will be written for a line: the account its money is held on, its charges and who must sign it.

    `member_version` is what it was decided from and is looked at again when it is written.
    """

    line: CheckedLine
    member_version: int
    source_id: UUID
    quorum: tuple[Role, ...]
    fee: Satang = Satang(0)
    post_fee: Satang = Satang(0)
    advance: Satang = Satang(0)
    charges: tuple[Charge, ...] = ()
    claims: tuple[Claim, ...] = ()
    tags: tuple[str, ...] = ()
    destination: str = "bank"
    counterparty_branch_id: int | None = None
    counterparty_member_id: UUID | None = None
    duplicate_reason: str = ""

    @property
    def held(self) -> Satang:
        """What is set aside on the source account: the amount and the fees that the company pays on top."""
        return Satang(self.line.amount + self.fee)


_TEXTS = (("produce", 60), ("weigh_ticket", 40), ("note", 120))


def clean_line(line: IntentLine, policy: Policy) -> CleanLine | Refused:
    """What can be said about a line without knowing anything else."""
    if line.operation != "disbursement":
        return Refused(R.OPERATION_UNKNOWN, field="operation")
    if line.currency != "THB":
        return Refused(R.CURRENCY, field="currency")
    amount = check_amount(line.amount, policy.single_limit)
    if isinstance(amount, Refused):
        return amount
    texts = _clean_texts(line)
    if isinstance(texts, Refused):
        return texts
    return CleanLine(
        member_id=line.member_id,
        account_version=line.account_version,
        operation=line.operation,
        amount=amount,
        currency=line.currency,
        produce=texts["produce"],
        weigh_ticket=texts["weigh_ticket"].upper(),
        note=texts["note"],
        documents=tuple(sorted(set(line.documents))),
    )


def decide(
    line: CleanLine,
    facts: Facts,
    *,
    maker: UUID,
    branch_id: int,
    branch_code: str,
    policy: Policy,
    now: datetime,
    batch: bool = False,
) -> Planned | Refused:
    """The line as it will be written, or why not. Free money and the room in limits are looked at when it is written.

    The order of the steps is the order in which refusals are given.
    """
    fact = facts.payees.get(line.member_id)
    payee = None if fact is None else fact.payee(line.member_id, branch_id)
    # operations (balances): which account pays, and whom
    checked = bind(line, payee, facts.routes, policy, now)
    if fact is None or isinstance(checked, Refused):
        return checked if isinstance(checked, Refused) else Refused(R.MEMBER_UNKNOWN, field="member_id")
    taken = facts.tickets.get(line.weigh_ticket) if line.weigh_ticket else None
    if taken is not None:
        return duplicate_ticket(line.weigh_ticket, taken.number)
    subjects = Subjects(member=line.member_id, branch=branch_id, maker=maker)
    rated = rate(facts.rules, rule_facts(checked, fact, branch_code, batch=batch), subjects, branch_code, now)
    if isinstance(rated, Refused):
        return rated
    # advances of the member are kept back here, after the fees (balances)
    return Planned(
        line=checked,
        member_version=fact.version,
        source_id=account_id(branch_code, Purpose.FUNDING),
        quorum=payment_quorum(line.amount, policy),
        fee=rated.fee,
        post_fee=rated.post_fee,
        charges=rated.charges,
        claims=rated.claims,
        tags=fact.tags,
    )


def rule_facts(line: CheckedLine, payee: PayeeFact, branch_code: str, *, batch: bool) -> programs.Facts:
    """What a company rule may ask about this line."""
    return programs.Facts(
        operation=line.operation,
        channel=line.channel,
        branch=branch_code,
        bank=(payee.bank or "") if line.bank_account_id is not None else "",
        produce=line.produce,
        member=payee.code,
        amount=line.amount,
        batch=batch,
        tags=payee.tags,
    )


def bind(
    line: CleanLine, payee: Payee | None, routes: Sequence[Route], policy: Policy, now: datetime
) -> CheckedLine | Refused:
    """The line bound to the payee's account and to the channel there, or why this payee is not paid."""
    refusal = payee_refusal(payee, line.account_version, policy, now)
    if payee is None or payee.account is None or refusal is not None:
        return refusal or Refused(R.MEMBER_UNKNOWN, field="member_id")
    channel = route(routes, line.operation, payee.account.bank, line.amount, now)
    if isinstance(channel, Refused):
        return channel
    return CheckedLine(**msgspec.structs.asdict(line), bank_account_id=payee.account.id, channel=channel)


def check_line(
    line: IntentLine, payee: Payee | None, routes: Sequence[Route], policy: Policy, now: datetime
) -> CheckedLine | Refused:
    """`clean_line` and `bind` together; weigh tickets and money are looked at by the caller."""
    clean = clean_line(line, policy)
    return clean if isinstance(clean, Refused) else bind(clean, payee, routes, policy, now)


def duplicate_ticket(ticket: str, number: str) -> Refused:
    """DUPLICATE_TICKET, naming the voucher that carries it."""
    return Refused(R.DUPLICATE_TICKET, field="weigh_ticket", params={"ticket": ticket, "number": number})


def check_amount(text: str, limit: Satang | None = None) -> Satang | Refused:
    """The amount in satang; MONEY_INVALID, or MONEY_OVER_LIMIT above `limit` (the bank's, for one payment)."""
    amount = parse_amount(text)
    if isinstance(amount, AmountProblem):
        return Refused(R.MONEY_INVALID, field="amount", params={"problem": amount.value})
    if limit is not None and amount > limit:
        return Refused(R.MONEY_OVER_LIMIT, field="amount", params={"limit": display_amount(limit)})
    return amount


def clean_reason(text: str, field: str = "reason") -> str | Refused:
    """A cleaned free text of up to 500 characters, perhaps empty; INVALID when it holds what no text may."""
    cleaned = clean_text(text, 500, required=False)
    if isinstance(cleaned, TextProblem):
        return Refused(R.INVALID, field=field, params={"problem": cleaned.value})
    return cleaned


def _clean_texts(line: IntentLine) -> dict[str, str] | Refused:
    texts: dict[str, str] = {}
    for field, length in _TEXTS:
        cleaned = clean_text(getattr(line, field), length, required=False)
        if isinstance(cleaned, TextProblem):
            return Refused(R.INVALID, field=field, params={"problem": cleaned.value})
        texts[field] = cleaned
    return texts
