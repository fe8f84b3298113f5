"""Members with money in their balances, and what tests ask about them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from server.ledger import posting
from server.ledger.accounts import Purpose, account_id, open_payables, payable_id
from server.ledger.posting import Leg
from server.payments import verbs
from server.treasury import advance_verbs
from shared.wire import balances as wire
from shared.wire.approvals import SignCaseRequest
from shared.wire.payments import IntentView, SubmitIntentRequest
from tests.lab.sandbox_bank.fixtures import running_bank
from tests.members.world import CODES, SERVICES, Person
from tests.payments.farm import Farm, bank_dir, now


async def give(farm: Farm, member: UUID, baht: int, branch: str = "NSN") -> None:
    """Let a member have money with the company, as a returned payment would."""
    async with farm.owner.transaction(tuple(CODES.values())) as tx:
        await open_payables(tx, [(member, CODES[branch])])
        legs = (Leg(account_id(branch, Purpose.FUNDING), -baht * 100), Leg(payable_id(member), baht * 100))
        transfer = posting.Transfer(
            id=SERVICES.new_id(now()),
            branch_id=CODES[branch],
            kind=posting.Kind.TRANSFER,
            legs=legs,
            subject="given",
        )
        await posting.post(tx, [transfer], now())


def balance(farm: Farm, member: UUID) -> tuple[int, int]:
    """(posted, held) of the member's balance in satang."""
    rows = farm.query("select posted, held from sheaf.ledger_account where id = %s", payable_id(member))
    return (int(rows[0][0]), int(rows[0][1])) if rows else (0, 0)


async def lend(farm: Farm, member: UUID, baht: str, **terms: Any) -> wire.AdvanceView:
    """An advance that the manager has signed."""
    request = wire.RequestAdvanceRequest(
        member_id=member, document=terms.pop("document", f"DN-{SERVICES.new_id(now())}"), amount=baht, **terms
    )
    asked = await farm.done(farm.cashier, advance_verbs.request_advance, request, now())
    return await sign_advance(farm, farm.manager, asked)


async def sign_advance(
    farm: Farm, person: Person, asked: wire.AdvanceView, decision: str = "approve", reason: str = ""
) -> wire.AdvanceView:
    """Sign as the person's desk does."""
    request = SignCaseRequest(
        id=asked.id,
        version=asked.version,
        decision=decision,  # type: ignore[arg-type]  # one of two literals
        reason=reason,
        digest=asked.digest,
        signature=person.sign(decision, asked.digest, reason),
    )
    return await farm.done(person, advance_verbs.sign_advance, request, now())


def request(member: UUID, baht: str, operation: str = "disbursement", **changed: Any) -> SubmitIntentRequest:
    """One intent of branch NSN, without a weigh ticket."""
    content = {"branch": "NSN", "operation": operation, "member_id": member, "account_version": 1, "amount": baht}
    return SubmitIntentRequest(**{**content, **changed})


async def submit(farm: Farm, member: UUID, baht: str, operation: str = "disbursement", **changed: Any) -> IntentView:
    """Submit it as the cashier."""
    return await farm.done(farm.cashier, verbs.submit_intent, request(member, baht, operation, **changed), now())


async def settle(farm: Farm, tmp_path: Path, ids: Sequence[UUID], *payees: UUID) -> None:
    """Sign as the manager and let an executor pay; `payees` have accounts at the bank."""
    async with running_bank(bank_dir(tmp_path)) as bank:
        bank.books.put_accounts([farm.bank_account_of(member) for member in payees])
        await farm.sign(farm.manager, ids)
        async with farm.executor_at(bank):
            for intent_id in ids:
                assert await farm.reaches(intent_id, "settled", "failed", "cancelled") == "settled"
