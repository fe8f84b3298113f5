"""Going on after a restore: what is known elsewhere and not here, and two people's consent, on the wire."""

from __future__ import annotations

from uuid import UUID

from shared.wire.approvals import SignatureView
from shared.wire.common import Hex64, LongText, Wire


class WitnessView(Wire, frozen=True, kw_only=True):
    """Who has found that something is missing here: `kind` is position, history, no_file, damaged_file, desk or
    person."""

    kind: str
    subject: str
    detail: str
    found_at: str
    reason_en: str
    reason_th: str


class MissingPaymentView(Wire, frozen=True, kw_only=True):
    """A payment that the bank may have made and the database lacks or has as unpaid.

    `here` is absent, unsigned, unsent or ended; `bank` what the bank said when it was asked, `found_by` file, statement
    or callback. `open` as long as nothing here explains it; absent and ended ones people must find out.
    """

    reference: str
    amount: str
    here: str
    found_by: str
    bank: str
    branch: str
    number: str
    payee: str
    open: bool


class RestoreView(Wire, frozen=True, kw_only=True):
    """A proposal to go on with what a report says; `report` is the report's digest."""

    id: UUID
    report: str
    made_at: str
    payments: list[MissingPaymentView]
    reason: str
    state: str
    maker: str
    maker_id: UUID
    signatures: list[SignatureView]
    created_at: str
    expires_at: str
    version: int
    sheet: str
    digest: str


class ReportView(Wire, frozen=True, kw_only=True):
    """The newest comparison, as it may be proposed; `digest` is the report's.

    `count` payments of `total` baht are missing or unpaid here, `exceptions` of them people must find out; `payments`
    are the first of them. `complete` while it was made with all that is told now: else compare again.
    """

    digest: str
    made_at: str
    complete: bool
    count: int
    exceptions: int
    total: str
    payments: list[MissingPaymentView]


class RestoreList(Wire, frozen=True, kw_only=True):
    """`behind` while payments stand still; who says so; the newest report (digest: `report`), and the proposals."""

    behind: bool
    witnesses: list[WitnessView]
    report: str
    newest: ReportView | None = None
    restores: list[RestoreView]


class ProposeRestoreRequest(Wire, frozen=True, kw_only=True):
    """`report` is the digest that `sheaf restore compare` printed."""

    report: Hex64
    reason: LongText
