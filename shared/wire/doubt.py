"""Payments in doubt on the wire: what is known of each, when the bank is asked next, and what a person may do."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from shared.evidence import Evidence
from shared.wire.common import Cursor, Limit, ShortText, Wire
from shared.wire.payments import IntentView


class AttemptView(Wire, frozen=True, kw_only=True):
    """One try. `token` is the bank's, `evidence` and `told` what is known; times are empty when not reached."""

    ordinal: int
    channel: str
    bank_reference: str
    state: str
    token: str
    prepared_at: str
    confirming_at: str
    ended_at: str
    inquiries: int
    evidence: Evidence
    told: str


class CallbackSeen(Wire, frozen=True, kw_only=True):
    """A callback that named the attempt; unsigned, so it proves nothing."""

    at: str
    outcome: str
    transaction_id: str
    bank_reference: str


class LineSeen(Wire, frozen=True, kw_only=True):
    """A line of a statement that carries the attempt's reference."""

    date: str
    amount: str
    kind: str
    bank_reference: str
    statement: str


class DoubtView(Wire, frozen=True, kw_only=True):
    """One payment in doubt. `owner_role` has to care for it since `owned_since`; `owners` are their names where known.

    `next_inquiry_at` is when the executor asks the bank by itself; `deadline_at` when head office's treasurer takes
    over. `safe` lists the verbs that may be called: none of them sends anything.
    """

    intent: IntentView
    since: str
    next_inquiry_at: str
    deadline_at: str
    flagged: bool
    owner_role: str
    owners: list[str]
    inquiries: int
    attempts: list[AttemptView]
    callbacks: list[CallbackSeen]
    lines: list[LineSeen]
    statements_until: str
    safe: list[str]


class ListInDoubtRequest(Wire, frozen=True, kw_only=True):
    branch: ShortText = ""
    limit: Limit = 100
    cursor: Cursor = ""


class DoubtList(Wire, frozen=True, kw_only=True):
    """Oldest doubt first."""

    payments: list[DoubtView]
    cursor: str = ""


class AskReply(Wire, frozen=True, kw_only=True):
    """`asked` is false when an inquiry was due already."""

    id: UUID
    asked: bool


class RetryView(Wire, frozen=True, kw_only=True):
    """A payment that certainly did not happen, or that came back, as it would be submitted; asking writes nothing.

    It is a new intent with its own id, sign-offs and hold, and names this one as `pays_again`: `account_version` is the
    account of today. What came back is withdrawn from what is owed to the member, in full and without a fee.
    """

    id: UUID
    number: str
    state: str
    failure_code: str
    branch: str
    operation: str
    member_id: UUID
    account_version: int
    amount: str
    currency: str
    produce: str
    weigh_ticket: str
    note: str
    to: Literal["bank", "balance"] = "bank"
    to_member: str = ""
