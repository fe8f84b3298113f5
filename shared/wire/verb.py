"""What a row of the verb table says, and the refusals that any verb may answer with."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from shared.permissions import Permission
from shared.refusals import RefusalCode as R

KB, MB = 1024, 1024 * 1024


class Auth(StrEnum):
    """What must be proved before a verb is looked at."""

    OPEN = "open"  # nothing: only enrolment, which brings its one-time code and proves its new key
    DEVICE = "device"  # device proof only: sign-in and refresh
    SESSION = "session"  # device proof and shop token


class Challenge(StrEnum):
    """What stands behind the operation token of a verb (docs/architecture.md, Who proves what)."""

    NONE = "none"
    DEVICE = "device"
    DEVICE_AND_CODE = "device_and_code"


class Runs(StrEnum):
    """How a call is run once it is admitted: server/http/running.py has one way for each."""

    TRANSACTION = "transaction"  # alone in one: key, operation token, effect and reply are committed together
    STATEMENT = "statement"  # its one statement says itself what it may see: no transaction is begun around it
    LOOKUP = "lookup"  # about one row by its id: what several ask for at once is read together
    GROUP = "group"  # what comes while one group is written goes into the next one, with an answer for each
    WORKER = "worker"  # what the worker that is asked knows itself: no room's, and no transaction


@dataclass(frozen=True, kw_only=True)
class Verb:
    """One row. `refusals` are those of the verb itself; `COMMON` may be answered by any verb.

    `item_refusals` stand beside items of a reply instead: of a list, or of what keeps a member from being paid.
    `bound_to` is the field of the request that an operation token names, where the verb wants one.
    """

    name: str
    method: str
    path: str
    request: type[Any]
    reply: type[Any]
    summary: str
    permission: Permission | None = None
    refusals: tuple[R, ...] = ()
    item_refusals: tuple[R, ...] = ()
    auth: Auth = Auth.SESSION
    runs: Runs = Runs.TRANSACTION
    idempotent: bool = False
    challenge: Challenge = Challenge.NONE
    bound_to: str = "id"
    money: bool = False  # moves money or decides where it goes: refused while the revocation push is silent
    body_limit: int = 64 * KB
    raw_request: bool = False
    raw_reply: bool = False
    status: int = 200

    def declares(self, code: R) -> bool:
        """Whether a caller may be refused with this code, as a whole or for one item."""
        return code in COMMON or code in self.refusals or code in self.item_refusals

    @property
    def repeatable(self) -> bool:
        """Nothing is different when the same call comes twice."""
        return self.method == "GET" or self.runs in (Runs.STATEMENT, Runs.LOOKUP)

    @property
    def reading(self) -> bool:
        """Whether it changes nothing, so that the session's key may prove the desk instead of its signature."""
        return self.method == "GET" and self.auth is Auth.SESSION


COMMON = frozenset(
    {
        R.MALFORMED,
        R.INVALID,
        R.UNKNOWN_FIELD,
        R.TOO_LARGE,
        R.WRONG_CONTENT_TYPE,
        R.OVERLOADED,
        R.INTERNAL,
        R.TOO_MANY,
        R.DEVICE_UNKNOWN,
        R.DEVICE_PROOF,
        R.TOKEN,
        R.FORBIDDEN,
        R.NOT_FOUND,
        R.KEY_MISSING,
        R.KEY_REUSED,
        R.KEY_BUSY,
        R.PUSH_SILENT,
        R.OPERATION_TOKEN_MISSING,
        R.OPERATION_TOKEN_INVALID,
        R.OPERATION_TOKEN_MISMATCH,
        R.OPERATION_TOKEN_USED,
    }
)

SIGN_REFUSALS = (
    R.STATE,
    R.STALE_VERSION,
    R.EXPIRED,
    R.MAKER_IS_CHECKER,
    R.ALREADY_SIGNED,
    R.NOT_YOUR_TURN,
    R.REASON_NEEDED,
    R.SIGNATURE,
)
PAYEE_REFUSALS = (R.MEMBER_UNKNOWN, R.MEMBER_NOT_ACTIVE, R.MEMBER_CHANGED, R.ACCOUNT_MISSING, R.ACCOUNT_UNVERIFIED)
LIMIT_REFUSALS = (R.LIMIT_RULE_ERROR, R.LIMIT_SINGLE)
LINE_REFUSALS = (
    *PAYEE_REFUSALS,
    R.FEE_RULE_ERROR,
    R.FEE_OVER_AMOUNT,
    *LIMIT_REFUSALS,
    R.MONEY_INVALID,
    R.MONEY_OVER_LIMIT,
    R.CURRENCY,
    R.OPERATION_UNKNOWN,
    R.ROUTE_NONE,
    R.DUPLICATE_TICKET,
    R.TICKET_RETURNED,
    R.POSSIBLE_DUPLICATE,
    R.SAME_MEMBER,
    R.RECIPIENT_UNKNOWN,
    R.RECIPIENT_NOT_ACTIVE,
    R.BALANCE,
    R.BALANCE_FEE,
)
AGAIN_REFUSALS = (R.PAID_AGAIN, R.RETRY_UNSAFE, R.STATE)
