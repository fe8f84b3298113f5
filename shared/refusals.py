"""Every way to say no: code, HTTP status, Thai and English text, and who can fix it; docs/refusals.md lists them."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

import msgspec

from shared.problem_texts import FIELDS, PROBLEMS, STATES
from shared.refusal_texts import TEXTS


class Fixer(StrEnum):
    """Who can put right what a refusal names."""

    CALLER = "caller"
    MANAGER = "manager"
    TREASURER = "treasurer"
    ADMINISTRATOR = "administrator"
    OPERATOR = "operator"


class RefusalCode(StrEnum):
    """The stable `code` of problem details; never renamed."""

    MALFORMED = "request.malformed"
    INVALID = "request.invalid"
    UNKNOWN_FIELD = "request.unknown_field"
    TOO_LARGE = "request.too_large"
    WRONG_CONTENT_TYPE = "request.content_type"
    KEY_MISSING = "idempotency.missing"
    KEY_REUSED = "idempotency.mismatch"
    KEY_BUSY = "idempotency.busy"
    NOT_FOUND = "not_found"
    NO_SUCH_CALL = "no_such_call"
    WRONG_METHOD = "wrong_method"
    OVERLOADED = "overloaded"
    INTERNAL = "internal"
    TOO_MANY = "too_many_requests"
    PUSH_SILENT = "revocation.silent"
    DEVICE_UNKNOWN = "device.unknown"
    DEVICE_PROOF = "device.proof"
    CREDENTIALS = "auth.credentials"
    LOCKED = "auth.locked"
    USER_DISABLED = "auth.disabled"
    TOKEN = "auth.token"
    FORBIDDEN = "auth.forbidden"
    OPERATION_TOKEN_MISSING = "operation_token.missing"
    OPERATION_TOKEN_INVALID = "operation_token.invalid"
    OPERATION_TOKEN_MISMATCH = "operation_token.mismatch"
    OPERATION_TOKEN_USED = "operation_token.used"
    CODE_WRONG = "auth.code"
    CODE_NEEDED = "auth.code_needed"
    SIGNATURE = "signature.invalid"
    ENROLMENT_CODE = "device.code"
    DEVICE_STATE = "device.state"
    PASSWORD_WEAK = "auth.password_weak"
    ALREADY_EXISTS = "already_exists"
    LAST_ADMINISTRATOR = "users.last_administrator"
    MONEY_INVALID = "money.invalid"
    MONEY_OVER_LIMIT = "money.over_limit"
    CURRENCY = "money.currency"
    FUNDS = "funds.insufficient"
    FUNDS_FEE = "funds.fee"
    MEMBER_UNKNOWN = "member.unknown"
    MEMBER_NOT_ACTIVE = "member.not_active"
    MEMBER_CHANGED = "member.changed"
    ACCOUNT_MISSING = "account.missing"
    ACCOUNT_UNVERIFIED = "account.unverified"
    ACCOUNT_INVALID = "account.invalid"
    ACCOUNT_SAME = "account.same"
    OPERATION_UNKNOWN = "operation.unsupported"
    ROUTE_NONE = "route.none"
    ROUTE_UNCOVERED = "route.uncovered"
    ROUTE_NO_DOOR = "route.no_door"
    STATE = "state.refused"
    RETRY_UNSAFE = "retry.unsafe"
    STALE_VERSION = "version.stale"
    EXPIRED = "approval.expired"
    MAKER_IS_CHECKER = "sod.maker"
    ALREADY_SIGNED = "approval.already_signed"
    NOT_YOUR_TURN = "approval.not_needed"
    REASON_NEEDED = "approval.reason_needed"
    DOCUMENTS_NEEDED = "documents.needed"
    DOCUMENTS_UNREAD = "documents.unread"
    DOCUMENT_INVALID = "documents.invalid"
    CASE_OPEN = "bank_change.open"
    CASE_ALTERED = "bank_change.altered"
    BATCH_TOTALS = "batch.totals"
    BATCH_LINES = "batch.lines"
    DUPLICATE_TICKET = "duplicate.weigh_ticket"
    POSSIBLE_DUPLICATE = "duplicate.possible"
    TICKET_RETURNED = "duplicate.returned_ticket"
    PAID_AGAIN = "retry.paid_again"
    DEPOSIT_DUPLICATE = "deposit.duplicate"
    DEPOSIT_LINE = "deposit.line"
    BALANCE = "balance.insufficient"
    BALANCE_FEE = "balance.fee"
    SAME_MEMBER = "transfer.same_member"
    RECIPIENT_UNKNOWN = "transfer.recipient_unknown"
    RECIPIENT_NOT_ACTIVE = "transfer.recipient_not_active"
    RULE_INVALID = "rule.invalid"
    RULE_OPEN = "rule.open"
    FEE_RULE_ERROR = "fee.rule_error"
    FEE_OVER_AMOUNT = "fee.over_amount"
    LIMIT_RULE_ERROR = "limit.rule_error"
    LIMIT_SINGLE = "limit.single"
    LIMIT_REACHED = "limit.reached"
    CURSOR = "cursor.unknown"
    CURSOR_GONE = "cursor.gone"
    RESTORE_REPORT = "restore.report"
    RESTORE_BEHIND = "restore.behind"
    CALLBACK_REFUSED = "callback.refused"


OF_OPERATION_TOKENS: Final = frozenset(
    {
        RefusalCode.OPERATION_TOKEN_MISSING,
        RefusalCode.OPERATION_TOKEN_INVALID,
        RefusalCode.OPERATION_TOKEN_MISMATCH,
        RefusalCode.OPERATION_TOKEN_USED,
    }
)
"""What another token mends."""
OF_ACCOUNTS: Final = frozenset({RefusalCode.ACCOUNT_MISSING, RefusalCode.ACCOUNT_UNVERIFIED})
"""Why a member can't be paid to a bank; money that stays in our books asks for no account."""


class Refusal(msgspec.Struct, frozen=True):
    """One catalogue row; its texts take the named parameters of `Refused.params`."""

    status: int
    fixer: Fixer
    english: str
    thai: str


class Refused(msgspec.Struct, frozen=True):
    """A verb's reply when it does nothing: the code, the field it is about, and the parameters of its texts.

    `others` are what is wrong with further fields of the same request, each a refusal of its own.
    """

    code: RefusalCode
    field: str = ""
    params: dict[str, str] = {}
    others: tuple[Refused, ...] = ()


def _catalogue(texts: str) -> dict[RefusalCode, Refusal]:
    lines = texts.splitlines()
    rows = {}
    for head, english, thai in zip(lines[0::3], lines[1::3], lines[2::3], strict=True):
        code, status, fixer = head.split()
        rows[RefusalCode(code)] = Refusal(int(status), Fixer(fixer), english.strip(), thai.strip())
    return rows


CATALOGUE: dict[RefusalCode, Refusal] = _catalogue(TEXTS)


_PART: Final = re.compile(r"\[([^\[\]|]*)(?:\|([^\[\]|]*))?\]")
_NAME: Final = re.compile(r"\{([a-z_]+)\}")


def _chosen(template: str, words: dict[str, str]) -> str:
    """The template without its brackets: of each the words with parameters when all of them are known."""

    def part(found: re.Match[str]) -> str:
        known = all(words.get(name, "-") not in ("", "-") for name in _NAME.findall(found[1]))
        return found[1] if known else found[2] or ""

    return _PART.sub(part, template)


def refusal_text(refused: Refused, language: str) -> str:
    """The text to show, `th` or `en`: a whole sentence, with words for problems, states and fields.

    `params["problem_th"]`, where given, is the Thai text's `problem`. Without a parameter the sentence does without it.
    """
    row, at = CATALOGUE[refused.code], 1 if language == "th" else 0
    words = dict(refused.params)
    words["field"] = _field_words(refused, at)
    words["problem"] = _problem_words(refused, at)
    for name in ("state", "status", "allowed"):
        if name in words:
            words[name] = ", ".join(_state_words(part, at) for part in words[name].split(", "))
    return _chosen(row.thai if at else row.english, words).format_map(words)


def _problem_words(refused: Refused, at: int) -> str:
    problem = refused.params.get("problem", "-")
    texts = PROBLEMS.get((refused.code, problem))
    if texts is not None:
        return texts[at]
    return refused.params.get("problem_th", problem) if at else problem


def _field_words(refused: Refused, at: int) -> str:
    # Who sends an unknown field must be told the very name.
    named = None if refused.code is RefusalCode.UNKNOWN_FIELD else FIELDS.get(refused.field)
    return named[at] if named is not None else refused.field


def _state_words(state: str, at: int) -> str:
    return STATES[state][at] if state in STATES else state
