"""Decides whether one requested line may become an intent, and as what: pure, from facts that were given."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from server.amounts import check_amount
from server.approvals.rules import payment_quorum
from server.company_rules import programs
from server.company_rules.rules import Claim, Subjects
from server.context import Policy
from server.ledger.accounts import advance_account_id, payable_id
from server.payments.advances import deductions
from server.payments.binding import Bound, Wanted, balance_of, bind, short_of
from server.payments.facts import AskedIntent, Facts, PayeeFact
from server.payments.paying_again import is_owed
from server.payments.radar import possible_duplicate, quorum_with
from server.payments.rating import Charge, Rated, rate
from server.routing.operations import Destination, Operation
from shared.lifecycle import IntentState
from shared.limits import LINE_TEXTS
from shared.money import Satang, display_amount
from shared.normal import code_key, ticket_key
from shared.permissions import Role
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.text import TextProblem, clean_text
from shared.wire.payments import IntentLine, SubmitIntentRequest

_OPERATIONS = frozenset(Operation)


class CleanLine(msgspec.Struct, frozen=True, kw_only=True):
    """A requested line that is sound in itself: cleaned texts and an amount in satang.

    `account_version` is 0 where no bank pays it out. `weigh_ticket` is what people see, `ticket_key` what is compared.
    """

    member_id: UUID
    account_version: int
    operation: str
    amount: Satang
    currency: str
    produce: str
    weigh_ticket: str
    note: str
    documents: tuple[str, ...]
    destination: str = "bank"
    duplicate_reason: str = ""
    ticket_key: str = ""
    pays_again: UUID | None = None


class TransferLine(CleanLine, frozen=True, kw_only=True):
    """The same of a transfer, with the code of the member that it goes to."""

    to_member: str


class CheckedLine(CleanLine, frozen=True, kw_only=True):
    """A line that may become an intent: bound to the accounts that pay and are paid, and to the channel between."""

    bank_account_id: UUID | None
    channel: str
    counterparty_branch_id: int | None = None
    counterparty_member_id: UUID | None = None


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """What will be written for a line: the account its money is held on, its charges and who must sign it.

    `member_version` and `tier_total` are what it was decided from and are looked at again when it is written.
    """

    line: CheckedLine
    member_version: int
    source_id: UUID
    tier_total: Satang
    quorum: tuple[Role, ...]
    fee: Satang = Satang(0)
    post_fee: Satang = Satang(0)
    advance: Satang = Satang(0)
    charges: tuple[Charge, ...] = ()
    claims: tuple[Claim, ...] = ()
    tags: tuple[str, ...] = ()

    @property
    def held(self) -> Satang:
        """What is set aside on the source account: the amount and the fees that the company pays on top."""
        return Satang(self.line.amount + self.fee)


NEW_ACCOUNT = timedelta(days=30)
NEW_ACCOUNT_TAG = "new_account"


def clean_line(line: IntentLine, policy: Policy) -> CleanLine | Refused:
    """What can be said about a line without knowing anything else."""
    refusal = _operation_refusal(line)
    if refusal is not None:
        return refusal
    if line.currency != "THB":
        return Refused(R.CURRENCY, field="currency")
    amount = check_amount(line.amount)
    if isinstance(amount, Refused):
        return amount
    if amount > policy.single_limit:  # the bank's, for one payment
        return Refused(R.MONEY_OVER_LIMIT, field="amount", params={"limit": display_amount(policy.single_limit)})
    texts = _clean_texts(line)
    if isinstance(texts, Refused):
        return texts
    transfer = line.operation == Operation.TRANSFER
    to_bank = Destination(line.to) is Destination.BANK and not transfer
    clean = CleanLine(
        member_id=line.member_id,
        account_version=line.account_version if to_bank else 0,
        operation=line.operation,
        amount=amount,
        currency=line.currency,
        produce=texts["produce"],
        weigh_ticket=texts["weigh_ticket"],
        note=texts["note"],
        documents=tuple(sorted(set(line.documents))),
        destination=(Destination.BANK if to_bank else Destination.BALANCE).value,
        duplicate_reason=texts["duplicate_reason"],
        ticket_key=ticket_key(texts["weigh_ticket"]),
        pays_again=line.pays_again if isinstance(line, SubmitIntentRequest) else None,
    )
    if not transfer:
        return clean
    return TransferLine(**msgspec.structs.asdict(clean), to_member=line.to_member.strip())


def asked(line: CleanLine, user_id: UUID, key: str | None = None, token_id: UUID | None = None) -> AskedIntent:
    """What facts are looked up for this line."""
    return AskedIntent(
        member_id=line.member_id,
        ticket_key=line.ticket_key,
        operation=line.operation,
        amount=line.amount,
        destination=line.destination,
        to_member=code_key(line.to_member) if isinstance(line, TransferLine) else "",
        balance_id=None if line.operation == Operation.DISBURSEMENT else payable_id(line.member_id),
        pays_again=line.pays_again,
        user_id=user_id,
        key=key,
        token_id=token_id,
    )


def _operation_refusal(line: IntentLine) -> Refused | None:
    """OPERATION_UNKNOWN, or INVALID for a field that the operation does not have."""
    if line.operation not in _OPERATIONS:
        return Refused(R.OPERATION_UNKNOWN, field="operation")
    disbursement, transfer = line.operation == Operation.DISBURSEMENT, line.operation == Operation.TRANSFER
    foreign = {
        "to": line.to != Destination.BANK.value and line.operation == Operation.WITHDRAWAL,
        "to_member": bool(line.to_member) and not transfer,
        "weigh_ticket": bool(line.weigh_ticket) and not disbursement,
        "duplicate_reason": bool(line.duplicate_reason) and not disbursement,
    }
    wrong = next((name for name, is_foreign in foreign.items() if is_foreign), None)
    return None if wrong is None else Refused(R.INVALID, field=wrong, params={"problem": "not_here"})


def decide(
    line: CleanLine,
    facts: Facts,
    *,
    maker: UUID,
    branch_id: int,
    branch_code: str,
    policy: Policy,
    now: datetime,
    paid_today: int = 0,
    batch: bool = False,
) -> Planned | Refused:
    """The line as it will be written, or why not. Free money and the room in limits are looked at when it is written.

    `paid_today` (satang) is what its tier counts besides: two just under a tier need the tier of their sum.

    The order of the steps is the order in which refusals are given.
    """
    fact = facts.payees.get(line.member_id)
    payee = None if fact is None else fact.payee(line.member_id, branch_id)
    bound = bind(_wanted(line), payee, facts, branch_code, policy, now)
    if fact is None or isinstance(bound, Refused):
        return bound if isinstance(bound, Refused) else Refused(R.MEMBER_UNKNOWN, field="member_id")
    refusal = _seen_before(line, facts, branch_id)
    if refusal is not None:
        return refusal
    checked = _checked(line, bound)
    subjects = Subjects(member=line.member_id, branch=branch_id, maker=maker)
    tags = member_tags(fact, now)
    rated = rate(facts.rules, rule_facts(checked, fact, tags, branch_code, batch=batch), subjects, branch_code, now)
    if isinstance(rated, Refused):
        return rated
    if is_owed(line, facts.originals):
        # The fees were charged when it was paid first; it is owed, and paid, in full.
        rated = Rated(claims=rated.claims)
    own_money = line.operation != Operation.DISBURSEMENT
    refusal = short_of(balance_of(line.member_id, facts), line.amount, rated.fee) if own_money else None
    if refusal is not None:
        return refusal
    repaid = _repaid(line, rated, facts)
    tier_total = Satang(line.amount + paid_today)
    return Planned(
        line=checked,
        member_version=fact.version,
        source_id=bound.source_id,
        tier_total=tier_total,
        quorum=quorum_with(payment_quorum(tier_total, policy), disputed=bool(line.duplicate_reason)),
        fee=rated.fee,
        post_fee=rated.post_fee,
        advance=Satang(sum(charge.amount for charge in repaid)),
        charges=(*rated.charges, *repaid),
        claims=rated.claims,
        tags=tags,
    )


def after_repaying(facts: Facts, decided: Planned | Refused) -> Facts:
    """What is still owed when a line of the same call repays some of it."""
    if isinstance(decided, Refused) or not decided.advance:
        return facts
    taken = {charge.advance_id: charge.amount for charge in decided.charges if charge.advance_id is not None}
    member = decided.line.member_id
    left = tuple(
        msgspec.structs.replace(owed, free=owed.free - taken.get(owed.id, 0)) for owed in facts.advances[member]
    )
    return msgspec.structs.replace(facts, advances={**facts.advances, member: left})


def member_tags(payee: PayeeFact, now: datetime) -> tuple[str, ...]:
    """What rules may ask about a payee: the register's own tags, and `new_account` for 30 days after a change.

    Nobody sends tags: they come from the register, and the intent keeps those that held when it was submitted.
    """
    since = payee.effective_at if (payee.account_version or 0) > 1 else None
    fresh = {NEW_ACCOUNT_TAG} if since is not None and since > now - NEW_ACCOUNT else set()
    return tuple(sorted({*payee.tags, *fresh}))


def rule_facts(
    line: CheckedLine, payee: PayeeFact, tags: tuple[str, ...], branch_code: str, *, batch: bool
) -> programs.Facts:
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
        tags=tags,
    )


def _wanted(line: CleanLine) -> Wanted:
    return Wanted(
        operation=line.operation,
        destination=line.destination,
        amount=line.amount,
        account_version=line.account_version,
        to_member=line.to_member if isinstance(line, TransferLine) else "",
    )


def _checked(line: CleanLine, bound: Bound) -> CheckedLine:
    content = {name: getattr(line, name) for name in CleanLine.__struct_fields__}
    return CheckedLine(
        **content,
        bank_account_id=bound.bank_account_id,
        channel=bound.channel,
        counterparty_branch_id=bound.counterparty_branch_id,
        counterparty_member_id=bound.counterparty_member_id,
    )


def _seen_before(line: CleanLine, facts: Facts, branch_id: int) -> Refused | None:
    """DUPLICATE_TICKET within the branch, which no reason helps; POSSIBLE_DUPLICATE unless a reason is given."""
    taken = facts.tickets.get(line.ticket_key) if line.ticket_key else None
    if taken is not None:
        return duplicate_ticket(line.ticket_key, taken.number, returned=taken.state == IntentState.RETURNED)
    if line.duplicate_reason or line.operation != Operation.DISBURSEMENT:
        return None
    asked = (line.member_id, line.amount, line.ticket_key)
    suspect = next((one for one in facts.suspects if (one.member_id, one.amount, one.ticket) == asked), None)
    return None if suspect is None else possible_duplicate(suspect, branch_id)


def _repaid(line: CleanLine, rated: Rated, facts: Facts) -> tuple[Charge, ...]:
    """What a disbursement repays of the member's advances, after the fees."""
    if line.operation != Operation.DISBURSEMENT:
        return ()
    kept_back = deductions(facts.advances.get(line.member_id, ()), line.amount, rated.post_fee)
    account = advance_account_id(line.member_id)
    return tuple(
        Charge(ordinal=place, kind="advance", amount=one.amount, account_id=account, advance_id=one.advance_id)
        for place, one in enumerate(kept_back, len(rated.charges) + 1)
    )


def duplicate_ticket(ticket: str, number: str, *, returned: bool = False) -> Refused:
    """DUPLICATE_TICKET, naming the voucher that carries it; TICKET_RETURNED when that came back and is owed."""
    code = R.TICKET_RETURNED if returned else R.DUPLICATE_TICKET
    return Refused(code, field="weigh_ticket", params={"ticket": ticket, "number": number})


def _clean_texts(line: IntentLine) -> dict[str, str] | Refused:
    texts: dict[str, str] = {}
    for field, length in LINE_TEXTS.items():
        cleaned = clean_text(getattr(line, field), length, required=False)
        if isinstance(cleaned, TextProblem):
            return Refused(R.INVALID, field=field, params={"problem": cleaned.value})
        texts[field] = cleaned
    return texts
