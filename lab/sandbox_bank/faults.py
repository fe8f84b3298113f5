"""The bank's faults: what can be made to go wrong, for which payments, and how often."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Final

import msgspec


class Fault(StrEnum):
    """One way in which the bank misbehaves; `DESCRIPTIONS` says what each does."""

    LOST_ANSWER = "lost_answer"
    TIMEOUT_AFTER_EXECUTION = "timeout_after_execution"
    TIMEOUT_BEFORE_EXECUTION = "timeout_before_execution"
    GATEWAY_TIMEOUT = "gateway_timeout"
    SLOW = "slow"
    UNAVAILABLE = "unavailable"
    PENDING = "pending"
    CONFIRM_FAILED = "confirm_failed"
    BALANCE_SHORT = "balance_short"
    CUT_OFF = "cut_off"
    TOKEN_EXPIRED = "token_expired"
    TLS_RESET = "tls_reset"
    MALFORMED_JSON = "malformed_json"
    REPLY_CUT = "reply_cut"
    NAME_MISMATCH = "name_mismatch"
    CLIENT_CERTIFICATE_EXPIRED = "client_certificate_expired"
    SERVER_CERTIFICATE_EXPIRED = "server_certificate_expired"
    CALLBACK_EARLY = "callback_early"
    CALLBACK_DUPLICATE = "callback_duplicate"
    CALLBACK_MISSING = "callback_missing"
    CALLBACK_WRONG_AMOUNT = "callback_wrong_amount"
    CALLBACK_FALSE = "callback_false"
    STATEMENT_WRONG_AMOUNT = "statement_wrong_amount"
    STATEMENT_MISSING_LINE = "statement_missing_line"
    STATEMENT_EXTRA_LINE = "statement_extra_line"
    STATEMENT_TRUNCATED = "statement_truncated"
    STATEMENT_WRONG_TOTAL = "statement_wrong_total"
    RETURNED_NEXT_DAY = "returned_next_day"
    UPLOAD_CUT = "upload_cut"
    UPLOAD_REFUSED = "upload_refused"
    UPLOAD_ANSWER_LOST = "upload_answer_lost"
    RESULT_LATE = "result_late"
    RESULT_MISSING = "result_missing"
    RESULT_TRUNCATED = "result_truncated"
    RESULT_DUPLICATE = "result_duplicate"


DESCRIPTIONS: Final[dict[Fault, str]] = {
    Fault.LOST_ANSWER: "confirm executes, then the connection is cut without a reply",
    Fault.TIMEOUT_AFTER_EXECUTION: "confirm executes, then the reply is held back (seconds, default 120)",
    Fault.TIMEOUT_BEFORE_EXECUTION: "the call hangs (seconds, default 120), then is cut; nothing executes",
    Fault.GATEWAY_TIMEOUT: "confirm executes, then answers 504/9900",
    Fault.SLOW: "the call is answered rightly, but late (seconds, default 5)",
    Fault.UNAVAILABLE: "503/9900 before anything executes (maintenance)",
    Fault.PENDING: "confirm answers 409 LB9002; the payment completes later (seconds, default 45 minutes)",
    Fault.CONFIRM_FAILED: "confirm is rejected with a legacy code (code, default 112) and inquiry says CONFIRM_FAILED; "
    "initiate is with call=initiate",
    Fault.BALANCE_SHORT: "confirm is rejected as if the company account could not carry the amount",
    Fault.CUT_OFF: "initiate is rejected with 184: outside the bank's hours",
    Fault.TOKEN_EXPIRED: "401/9300 although the access token should still be good; nothing executes",
    Fault.TLS_RESET: "the connection is reset after the request was read; nothing executes",
    Fault.MALFORMED_JSON: "confirm executes, then answers 200 with a body that is not JSON",
    Fault.REPLY_CUT: "confirm executes, then the reply breaks off in the middle",
    Fault.NAME_MISMATCH: "initiate and verify name another account holder",
    Fault.CLIENT_CERTIFICATE_EXPIRED: "new connections are refused as if the client certificate had run out",
    Fault.SERVER_CERTIFICATE_EXPIRED: "new connections are shown a server certificate that has run out",
    Fault.CALLBACK_EARLY: "the callback arrives before confirm is answered",
    Fault.CALLBACK_DUPLICATE: "the callback is sent twice although it was acknowledged",
    Fault.CALLBACK_MISSING: "no callback is sent",
    Fault.CALLBACK_WRONG_AMOUNT: "the callback names one baht more than was paid",
    Fault.CALLBACK_FALSE: "a callback says that it is paid: of a payment that is only announced, or that failed",
    Fault.STATEMENT_WRONG_AMOUNT: "the payment is booked with one baht more than confirmed (difference: other satang)",
    Fault.STATEMENT_MISSING_LINE: "the payment never appears on a statement",
    Fault.STATEMENT_EXTRA_LINE: "the next statement carries a debit that no call made (difference: its satang)",
    Fault.STATEMENT_TRUNCATED: "the next statement files break off in the middle",
    Fault.STATEMENT_WRONG_TOTAL: "the next statement's closing balance is one satang off",
    Fault.RETURNED_NEXT_DAY: "the payment completes, and comes back as a credit on the next Bangkok day",
    Fault.UPLOAD_CUT: "an uploaded file is cut in the middle although every write was answered with success",
    Fault.UPLOAD_REFUSED: "the drop refuses to rename an uploaded file",
    Fault.UPLOAD_ANSWER_LOST: "an uploaded file is renamed, then the connection is cut without an answer",
    Fault.RESULT_LATE: "an upload's result file comes late (seconds, default 45 minutes)",
    Fault.RESULT_MISSING: "an upload's result file never comes",
    Fault.RESULT_TRUNCATED: "an upload's result file breaks off in the middle; later it is whole (seconds, default 60)",
    Fault.RESULT_DUPLICATE: "an upload's result file comes twice, under two names",
}

_CONFIRM: Final = ("confirm",)
_STATEMENT: Final = ("statement",)
_UPLOAD: Final = ("upload",)
_RESULT: Final = ("result",)
_STAGES: Final[dict[Fault, tuple[str, ...]]] = {
    Fault.SLOW: ("initiate", "confirm", "inquiry", "verify"),
    Fault.UNAVAILABLE: ("initiate", "confirm", "inquiry", "verify", "token", "echo"),
    Fault.TIMEOUT_BEFORE_EXECUTION: ("initiate", "confirm", "inquiry", "verify"),
    Fault.TLS_RESET: ("initiate", "confirm", "inquiry", "verify"),
    Fault.TOKEN_EXPIRED: ("initiate", "confirm", "inquiry", "verify"),
    Fault.CUT_OFF: ("initiate",),
    Fault.NAME_MISMATCH: ("initiate", "verify"),
    Fault.CALLBACK_FALSE: ("initiate", "confirm"),
    Fault.CLIENT_CERTIFICATE_EXPIRED: ("handshake",),
    Fault.SERVER_CERTIFICATE_EXPIRED: ("handshake",),
    Fault.STATEMENT_EXTRA_LINE: _STATEMENT,
    Fault.STATEMENT_TRUNCATED: _STATEMENT,
    Fault.STATEMENT_WRONG_TOTAL: _STATEMENT,
    Fault.UPLOAD_CUT: _UPLOAD,
    Fault.UPLOAD_REFUSED: _UPLOAD,
    Fault.UPLOAD_ANSWER_LOST: _UPLOAD,
    Fault.RESULT_LATE: _RESULT,
    Fault.RESULT_MISSING: _RESULT,
    Fault.RESULT_TRUNCATED: _RESULT,
    Fault.RESULT_DUPLICATE: _RESULT,
}


class FaultRule(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """One fault that was switched on; a filter left out matches everything.

    `times` counts down and the rule ends at 0; None lasts until cleared. `call` narrows a fault that can
    happen in several calls (token, initiate, confirm, inquiry, verify, echo). Amounts are satang.
    """

    fault: Fault
    times: int | None = None
    call: str | None = None
    reference: str | None = None
    account: str | None = None
    amount: int | None = None
    seconds: float | None = None
    code: str | None = None
    difference: int | None = None


class Subject(msgspec.Struct, frozen=True):
    """What a call is about, as far as is known when a fault is looked for."""

    reference: str | None = None
    account: str | None = None
    amount: int | None = None


NOBODY: Final = Subject()


class FaultBoard:
    """The faults that are switched on now."""

    def __init__(self) -> None:
        self._rules: list[FaultRule] = []
        self.changed: Callable[[], None] = lambda: None

    def set(self, rule: FaultRule) -> None:
        """Switch a fault on."""
        self._rules.append(rule)
        self.changed()

    def clear(self, fault: Fault | None = None) -> None:
        """Switch one fault off, or all of them."""
        self._rules = [rule for rule in self._rules if fault is not None and rule.fault is not fault]
        self.changed()

    def active(self) -> tuple[FaultRule, ...]:
        """The rules that can still strike."""
        return tuple(self._rules)

    def is_on(self, fault: Fault) -> bool:
        """Whether a rule for this fault exists, whatever its filters; nothing is counted down."""
        return any(rule.fault is fault for rule in self._rules)

    def strike(self, fault: Fault, call: str, subject: Subject = NOBODY) -> FaultRule | None:
        """The rule that makes this call fail, counted down once; None when the call is to go well."""
        for rule in self._rules:
            if rule.fault is fault and _matches(rule, call, subject):
                if rule.times is not None:
                    rule.times -= 1
                    if rule.times <= 0:
                        self._rules.remove(rule)
                return rule
        return None


def _matches(rule: FaultRule, call: str, subject: Subject) -> bool:
    if call != rule.call and (rule.call is not None or call not in _STAGES.get(rule.fault, _CONFIRM)):
        return False
    wanted = ((rule.reference, subject.reference), (rule.account, subject.account), (rule.amount, subject.amount))
    return all(filter_ is None or filter_ == actual for filter_, actual in wanted)
