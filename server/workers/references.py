"""What the bank has under a reference that it says it had before: asked by reference, and only the answer decides."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from msgspec import structs

from server.channels.base import (
    Accepted,
    Channel,
    Found,
    Mismatch,
    NotFound,
    OpenStatus,
    PaymentOrder,
    Rejected,
    StillOpen,
    Unknown,
)
from server.executing.outcomes import Again, Failed, InDoubt, Result, Settled
from server.executing.sending import Announced, Attempt
from shared.evidence import Evidence
from shared.ids import AttemptId


class ByReference:
    """Asks, and says what follows. `note` commits a token that the bank has; `doubt` names the next inquiry's time."""

    def __init__(
        self,
        channels: Mapping[str, Channel],
        clock: Callable[[], datetime],
        note: Callable[[Announced], Awaitable[bool]],
        doubt: Callable[[Attempt, Evidence, str], InDoubt],
    ) -> None:
        self._channels, self._clock, self._note, self._doubt = channels, clock, note, doubt

    async def find(self, attempt: Attempt, otherwise: Result | None = None) -> Result | Found:
        """What follows from what the bank has; `Found` where it waits for its confirm.

        `otherwise` follows when the bank has nothing under the reference. It is None where the bank said before that it
        has it: then finding nothing proves nothing.
        """
        if attempt.mismatched:
            return self._mismatch(attempt)
        if attempt.bank and not attempt.account:
            return self._open(attempt, Unknown(Evidence.ACCOUNT_UNREADABLE), otherwise)
        found = await self._channels[attempt.channel].find(order_of(attempt), self._clock())
        match found:
            case Found(standing=StillOpen(status=OpenStatus.AWAITING_CONFIRM)):
                return self._waits(attempt, found)
            case Found():
                return await self._had(attempt, found)
            case Mismatch():
                return self._mismatch(attempt)
            case NotFound() if otherwise is not None:
                return otherwise
            case NotFound() | Unknown():
                said = found if isinstance(found, Unknown) else Unknown(Evidence.REFERENCE_UNKNOWN)
                return await self._untold(attempt, said, otherwise)

    def _waits(self, attempt: Attempt, found: Found) -> Result | Found:
        """A bank that names payees has to: what it announces without a name lapses, and is announced anew."""
        if found.payee_name_masked is None and self._channels[attempt.channel].manifest.names_accounts:
            return Again(Evidence.PAYEE_NOT_NAMED)
        return found

    async def _untold(self, attempt: Attempt, answer: Unknown, otherwise: Result | None) -> Result:
        if otherwise is not None and not self._channels[attempt.channel].manifest.finds:
            return otherwise
        if otherwise is None and attempt.state == "prepared":
            # From now on the statements of this account can say that nobody has paid it.
            await self._note(Announced(attempt, "", "", self._channels[attempt.channel].payer_account))
        return self._open(attempt, answer, otherwise)

    async def _had(self, attempt: Attempt, found: Found) -> Result:
        payer = self._channels[attempt.channel].payer_account
        if not await self._note(Announced(attempt, found.token, found.payee_name_masked or "", payer)):
            # Fenced off: recording finds it out.
            return Again(Evidence.WITHDRAWN, unconfirmed=True)
        match found.standing:
            case Accepted():
                return Settled(Evidence.INQUIRY_PAID)
            case Rejected(retryable_as_new_attempt=True):
                return Again(Evidence.REFUSED, found.standing.code, spent=True)
            case Rejected():
                return Failed(found.standing.code, found.standing.text)
            case _:
                return self._open(attempt, Unknown(Evidence.REFERENCE_OPEN), None)

    def _open(self, attempt: Attempt, answer: Unknown, otherwise: Result | None) -> InDoubt:
        doubt = self._doubt(attempt, answer.evidence, answer.told)
        return structs.replace(doubt, taken=attempt.taken or otherwise is None)

    def _mismatch(self, attempt: Attempt) -> InDoubt:
        return structs.replace(self._doubt(attempt, Evidence.MISMATCHED, ""), flag=True, taken=True, mismatched=True)


def order_of(attempt: Attempt) -> PaymentOrder:
    """An attempt as its channel takes it."""
    return PaymentOrder(
        attempt_id=AttemptId(attempt.id),
        bank_ref=attempt.bank_reference,
        payee_bank_code=attempt.bank,
        payee_account_number=attempt.account,
        payee_name=attempt.payee,
        amount=attempt.amount,
        created_at=attempt.created_at,
        taken=attempt.taken,
        since=attempt.since,
        payer_statement_text=attempt.bank_reference,
    )
