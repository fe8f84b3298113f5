"""Statements, reconciliation, liquidity, audit, sync and the dashboard on the wire."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from shared.wire.bank_changes import BankChangeView
from shared.wire.common import Cursor, Limit, ShortText, Wire
from shared.wire.members import MemberView
from shared.wire.payments import BatchView, FundingView, IntentView


class FileProblem(Wire, frozen=True, kw_only=True):
    """What was wrong with a delivered file, in which line (0 for the file as a whole); without a name, with a fetch."""

    problem: str
    name: str = ""
    line: int = 0


class FetchView(Wire, frozen=True, kw_only=True):
    """One fetch of statements: requested, running, done or failed, with what it brought."""

    id: UUID
    state: str
    files: int
    lines: int
    matched: int
    problems: list[FileProblem]
    requested_at: str
    finished_at: str


class StatementView(Wire, frozen=True, kw_only=True):
    """One statement; `set_aside_at` is empty while it counts, `later` is how many of its account rest on it then."""

    id: UUID
    account_last4: str
    number: str
    date: str
    opening: str
    closing: str
    lines: int
    file_name: str
    imported_at: str
    set_aside_at: str = ""
    later: int = 0


class StatementList(Wire, frozen=True, kw_only=True):
    statements: list[StatementView]


class StatementLineView(Wire, frozen=True, kw_only=True):
    sequence: int
    booked_at: str
    amount: str
    balance: str
    reference: str
    description: str
    result: str
    intent_number: str


class StatementDetail(Wire, frozen=True, kw_only=True):
    statement: StatementView
    lines: list[StatementLineView]
    cursor: str = ""


class GetStatementRequest(Wire, frozen=True, kw_only=True):
    id: UUID
    limit: Limit = 500
    cursor: Cursor = ""


class ListReconciliationRequest(Wire, frozen=True, kw_only=True):
    result: ShortText = ""
    limit: Limit = 200
    cursor: Cursor = ""


class ReconciliationView(Wire, frozen=True, kw_only=True):
    """One result, and why: matched, mismatched, settlement_pending, missing_settlement, unexpected, returned, fee or
    set_aside."""

    id: UUID
    result: str
    branch: str
    intent_id: UUID | None
    intent_number: str
    amount_expected: str
    amount_found: str
    reference: str
    reason: str
    date: str


class ReconciliationList(Wire, frozen=True, kw_only=True):
    counts: dict[str, int]
    results: list[ReconciliationView]
    cursor: str = ""


class BranchLiquidity(Wire, frozen=True, kw_only=True):
    """A branch's money: what is in its funding account, held by open intents, free, and in transit (baht)."""

    branch: str
    name_th: str
    name_en: str
    posted: str
    held: str
    available: str
    transit: str
    waiting: int
    as_of: str


class LiquidityReply(Wire, frozen=True, kw_only=True):
    branches: list[BranchLiquidity]
    treasury: str


class DayTotals(Wire, frozen=True, kw_only=True):
    date: str
    settled: str
    waiting: str
    returned: str


class ChannelAlarm(Wire, frozen=True, kw_only=True):
    """Why signed payments do not leave by a channel; it is there for as long as that is so.

    `state`: open (the lane waits), half_open (one payment tries it), absent (not set up, or no executor has it) or
    silent (no executor runs). `code` is the bank's or ours. `waiting` and `total` are the signed payments that wait in
    the caller's sight, `expires_at` is when the first of their approvals runs out, empty when none waits.
    """

    channel: str
    state: str
    code: str
    reason_en: str
    reason_th: str
    who_can_fix: str
    waiting: int
    total: str
    since: str
    expires_at: str


class DashboardReply(Wire, frozen=True, kw_only=True):
    """The branch's day in numbers; every amount in baht, every count opens its list."""

    settled_count: int
    settled_total: str
    waiting_count: int
    waiting_total: str
    oldest_waiting_at: str
    failed_count: int
    failed_total: str
    in_doubt_count: int
    unreconciled_count: int
    bank_changes_open: int
    days: list[DayTotals]
    as_of: str
    alarms: list[ChannelAlarm] = []


class ListAuditRequest(Wire, frozen=True, kw_only=True):
    branch: ShortText = ""
    tag: ShortText = ""
    limit: Limit = 100
    cursor: Cursor = ""


class AuditEntryView(Wire, frozen=True, kw_only=True):
    branch: str
    sequence: int
    at: str
    actor: str
    tag: str
    subject: str
    detail: str
    hash: str


class AuditList(Wire, frozen=True, kw_only=True):
    entries: list[AuditEntryView]
    cursor: str = ""


class SyncRequest(Wire, frozen=True, kw_only=True):
    """`cursor` is what the last page gave, empty at first."""

    cursor: Cursor = ""
    limit: Annotated[int, Meta(ge=1, le=2000)] = 1000


class PolicyView(Wire, frozen=True, kw_only=True):
    """What the company has set and a desk goes by; the server decides all the same.

    `name_match_minimum` (0 to 100) and `check_seconds` are what the verdicts on accounts rest on. A payment like one of
    `duplicate_days` may be the same, and an account is new for `new_account_days`.
    """

    name_match_minimum: int
    check_seconds: int
    duplicate_days: int
    new_account_days: int
    production_accounts: bool


class SyncReply(Wire, frozen=True, kw_only=True):
    """Everything that changed since the cursor, as it stands now; apply the page and the cursor in one transaction.

    `alarms` are those that are true now, and `policy` what is set now; both on the last page only.
    """

    cursor: str
    more: bool
    remaining: int
    server_time: str
    members: list[MemberView]
    intents: list[IntentView]
    batches: list[BatchView]
    bank_changes: list[BankChangeView]
    funding: list[FundingView]
    alarms: list[ChannelAlarm] = []
    policy: PolicyView | None = None
