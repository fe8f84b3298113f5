"""Company rules on the wire: fees and limits as expressions, proposed by one person and signed by another."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from shared.wire.approvals import SignatureView
from shared.wire.common import AmountText, Code, DayText, LongText, ShortText, Wire

Expression = Annotated[str, Meta(max_length=1000)]


class Caps(Wire, frozen=True, kw_only=True):
    """A limit's caps, in baht and in numbers of payments; an empty one is none, 0 lets nothing through."""

    single_amount: AmountText = ""
    day_amount: AmountText = ""
    day_count: Annotated[int, Meta(ge=0, le=1_000_000_000)] | None = None
    month_amount: AmountText = ""
    month_count: Annotated[int, Meta(ge=0, le=1_000_000_000)] | None = None


class RuleText(Wire, frozen=True, kw_only=True):
    """What a rule says: a fee's expression gives whole satang, a limit's whom its caps concern."""

    code: Code
    kind: Literal["pre_fee", "post_fee", "limit"]
    scope: Literal["", "member", "branch", "maker", "approver", "company"] = ""
    name_th: ShortText
    name_en: ShortText
    expression: Expression
    caps: Caps = Caps()


class ProposeRuleRequest(RuleText, frozen=True, kw_only=True):
    """The next revision of the rule with this code, from a day on; `enabled` false retires the rule from that day."""

    enabled: bool = True
    effective_from: DayText
    reason: LongText = ""


class RuleView(RuleText, frozen=True, kw_only=True):
    """One revision. `in_force` says whether it binds today; `sheet` is base64 of what is signed."""

    id: UUID
    revision: int
    enabled: bool
    effective_from: str
    in_force: bool
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


class RuleList(Wire, frozen=True, kw_only=True):
    rules: list[RuleView]


class TryRuleRequest(RuleText, frozen=True, kw_only=True):
    """Play a rule over the payments of the last days before anybody signs it; nothing is written."""

    days: Annotated[int, Meta(ge=1, le=366)] = 90


class TryRuleReply(Wire, frozen=True, kw_only=True):
    """What the rule alone would have done.

    Of `looked_at` payments: `charged` ones with `fees` in total, `refused` ones of `refused_amount` in total, and
    `broken` ones for which it gives no answer.
    """

    looked_at: int
    charged: int
    fees: str
    refused: int
    refused_amount: str
    broken: int
