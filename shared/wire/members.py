"""Members, their bank accounts and what the bank says about them, on the wire."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from shared.limits import AT_ONCE
from shared.wire.common import Cursor, ItemRefused, Limit, ShortText, Wire


class AccountView(Wire, frozen=True, kw_only=True):
    """The effective version of where a member is paid; the number only by its last digits."""

    version: int
    bank: str
    last4: str
    name: str
    effective_at: str


class AccountVerdict(Wire, frozen=True, kw_only=True):
    """The server's word on what the bank says of an account; only `confirmed` is good, and only until `good_until`.

    unknown: nobody judged it; no_account: there is none; not_needed: no bank is involved; none: it was never asked;
    asking: it has not answered yet; no_answer: it was asked and gave none; stale: its answer is too old;
    closed, not_found, not_active: so it says; name_differs: it has another name. `at`: when it was asked or answered.
    """

    says: Literal[
        "unknown", "no_account", "not_needed", "none", "asking", "no_answer", "stale", "closed", "not_found",
        "not_active", "name_differs", "confirmed",
    ] = "unknown"  # fmt: skip
    at: str = ""
    good_until: str = ""


class AccountCheckView(Wire, frozen=True, kw_only=True):
    """What the bank last said of the account: its name for it, and how well that fits the register (0 to 100)."""

    checked_at: str
    bank_name: str
    status: str
    match: int


class MemberView(Wire, frozen=True, kw_only=True):
    id: UUID
    code: str
    branch: str
    name: str
    id_last4: str
    phone: str
    status: str
    version: int
    account: AccountView | None = None
    check: AccountCheckView | None = None
    verdict: AccountVerdict = AccountVerdict()


class ListMembersRequest(Wire, frozen=True, kw_only=True):
    """`query` is a name, a member code, the last digits of an id card or of an account."""

    query: ShortText = ""
    limit: Limit = 50
    cursor: Cursor = ""


class MemberList(Wire, frozen=True, kw_only=True):
    members: list[MemberView]
    cursor: str = ""


class ValidationView(Wire, frozen=True, kw_only=True):
    """The server's word on whether this member may be paid now; `reasons` are refusals' codes, empty when payable."""

    member: MemberView
    payable: bool
    reasons: list[ItemRefused]
    as_of: str


class ValidateMembersRequest(Wire, frozen=True, kw_only=True):
    """Validate many at once by member code, as a batch file needs it; answers in the order asked."""

    codes: Annotated[list[ShortText], Meta(min_length=1, max_length=AT_ONCE)]


class ValidateMembersItem(Wire, frozen=True, kw_only=True):
    code: str
    validation: ValidationView | None = None
    refused: ItemRefused | None = None


class ValidateMembersReply(Wire, frozen=True, kw_only=True):
    items: list[ValidateMembersItem]


class CheckAccountReply(Wire, frozen=True, kw_only=True):
    """The question is queued for the bank; its answer arrives by sync as a new `check` of the member."""

    check_id: UUID


class BeginCheckRunsRequest(Wire, frozen=True, kw_only=True):
    """Ask the bank about every active member's account of a branch, or with an empty one of all that the caller sees.

    What is confirmed and still holds at the end of the buying day is not asked again.
    """

    branch: ShortText = ""


class CheckRunView(Wire, frozen=True, kw_only=True):
    """One branch's run. `looked` of `members` were looked at; of what was asked: `waiting` for the bank, confirmed,
    answered badly (closed, not found, another name), and `silent`, where the bank gave no answer."""

    id: UUID
    branch: str
    asked_by: str
    state: Literal["running", "done", "cancelled"]
    begun_at: str
    ended_at: str
    good_until: str
    members: int
    looked: int
    asked: int
    waiting: int
    confirmed: int
    bad: int
    silent: int


class CheckRunList(Wire, frozen=True, kw_only=True):
    """The newest run of each branch that the caller sees."""

    runs: list[CheckRunView]
