"""Who may go on with a bank change, and when; pure."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from shared.lifecycle import EDGES, BankChangeState
from shared.refusals import RefusalCode, Refused

MAX_DOCUMENTS: Final = 10


def state_refusal(state: str, *legal: BankChangeState) -> Refused | None:
    """STATE unless the case stands in one of the legal states."""
    if state in legal:
        return None
    allowed = sorted(target for source, target in EDGES["bank_change"] if source == state)
    return Refused(RefusalCode.STATE, params={"state": state, "allowed": ", ".join(allowed) or "-"})


def maker_refusal(maker_id: UUID, user_id: UUID) -> Refused | None:
    """FORBIDDEN unless it is one's own case: nobody else documents, submits or withdraws it."""
    return None if maker_id == user_id else Refused(RefusalCode.FORBIDDEN)
