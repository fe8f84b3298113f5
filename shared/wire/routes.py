"""Routes on the wire: which channel a payment takes, as whole tables that one person proposes and another approves."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from shared.wire.approvals import SignatureView
from shared.wire.common import AmountText, InstantText, LongText, Wire

Operation = Literal["disbursement", "withdrawal", "transfer"]
BankOrAny = Annotated[
    str, Meta(pattern=r"^([0-9]{3}|ours)?$", description="empty for any bank, ours for our own books")
]
ChannelName = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Minute = Annotated[int, Meta(ge=0, le=7 * 24 * 60)]


class WeekPart(Wire, frozen=True, kw_only=True):
    """Minutes since Monday 00:00 in Asia/Bangkok; `until` is the first that does not belong."""

    begin: Minute
    until: Minute


class RouteRow(Wire, frozen=True, kw_only=True):
    """Payments from `lowest` to `highest` baht, both included, and their channel; no `week` is the whole week."""

    operation: Operation
    bank: BankOrAny = ""
    lowest: AmountText = "0.01"
    highest: AmountText
    week: list[WeekPart] = []
    channel: ChannelName


class ProposeRoutesRequest(Wire, frozen=True, kw_only=True):
    """A whole table, to replace the one in force at an instant that is still to come."""

    effective_from: InstantText
    reason: LongText
    routes: Annotated[list[RouteRow], Meta(min_length=1, max_length=200)]


class RouteTableView(Wire, frozen=True, kw_only=True):
    """One table. `state`: proposed, rejected, lapsed (never approved in time), coming, in_force, replaced or void."""

    id: UUID
    state: str
    effective_from: str
    reason: str
    routes: list[RouteRow]
    maker: str
    maker_id: UUID | None
    signatures: list[SignatureView]
    created_at: str
    version: int
    sheet: str
    digest: str


class RouteTableList(Wire, frozen=True, kw_only=True):
    """The newest tables first, the one in force among them."""

    tables: list[RouteTableView]


class PreviewRoutesRequest(Wire, frozen=True, kw_only=True):
    """Where would this payment go? `at` empty is now; `table_id` asks a table that is not in force."""

    operation: Operation
    amount: AmountText
    bank: BankOrAny = ""
    at: InstantText = ""
    table_id: UUID | None = None


class PreviewRoutesReply(Wire, frozen=True, kw_only=True):
    """The channel, and whether it takes orders only in hours that do not hold then."""

    channel: str
    open: bool
