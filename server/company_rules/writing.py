"""Reads a rule as a person wrote it: cleaned, its expression checked, its caps in satang; or the first thing wrong."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any, Final

from server.company_rules.language import Fault, Type, check_expression
from server.company_rules.programs import compiles
from server.company_rules.rules import Kind
from server.wire_time import read_day as day_of
from shared.money import AmountProblem, Satang, parse_amount
from shared.refusals import RefusalCode as R
from shared.refusals import Refused
from shared.text import TextProblem, clean_text
from shared.thai import business_date
from shared.wire.rules import Caps, ProposeRuleRequest, RuleText

_CODE: Final = re.compile("[a-z][a-z0-9-]{1,39}")
_AMOUNTS: Final = ("single_amount", "day_amount", "month_amount")
_COUNTS: Final = ("day_count", "month_count")


def read_rule(rule: RuleText) -> dict[str, Any] | Refused:
    """The columns of a rule, or why it is none: INVALID with the field, MONEY_INVALID, or RULE_INVALID with a place."""
    if _CODE.fullmatch(rule.code) is None:
        return Refused(R.INVALID, field="code", params={"problem": "rule_code"})
    names = _names(rule)
    if isinstance(names, Refused):
        return names
    caps = _caps(rule.caps)
    if isinstance(caps, Refused):
        return caps
    limit = Kind(rule.kind) is Kind.LIMIT
    if limit != bool(rule.scope):
        return Refused(R.INVALID, field="scope", params={"problem": "rule_scope"})
    if limit != any(cap is not None for cap in caps.values()):
        return Refused(R.INVALID, field="caps", params={"problem": "rule_caps"})
    expression = " ".join(rule.expression.splitlines()).strip()
    refusal = expression_refusal(expression, limit=limit)
    if refusal is not None:
        return refusal
    return {"code": rule.code, "kind": rule.kind, "scope": rule.scope, "expression": expression, **names, **caps}


def expression_refusal(expression: str, *, limit: bool) -> Refused | None:
    """RULE_INVALID at the character that is wrong; None for an expression of this kind of rule."""
    fault = check_expression(expression, Type.TRUTH if limit else Type.INTEGER)
    if fault is None and not compiles(expression):
        raise RuntimeError("the checker lets through what the library can't read")
    return None if fault is None else _refused(fault)


def read_day(request: ProposeRuleRequest, now: datetime) -> date | Refused:
    """The first day, today or later in Asia/Bangkok."""
    day = day_of(request.effective_from)
    if day is None:
        return Refused(R.INVALID, field="effective_from", params={"problem": "not_a_day"})
    if day < business_date(now):
        return Refused(R.INVALID, field="effective_from", params={"problem": "past"})
    return day


def _refused(fault: Fault) -> Refused:
    params = {"problem": fault.problem.value, "position": str(fault.position), "found": fault.found or "-"}
    return Refused(R.RULE_INVALID, field="expression", params=params)


def _names(rule: RuleText) -> dict[str, str] | Refused:
    found = {}
    for field in ("name_th", "name_en"):
        cleaned = clean_text(getattr(rule, field), 80, required=True)
        if isinstance(cleaned, TextProblem):
            return Refused(R.INVALID, field=field, params={"problem": cleaned.value})
        found[field] = cleaned
    return found


def _caps(caps: Caps) -> dict[str, int | None] | Refused:
    found: dict[str, int | None] = {field: getattr(caps, field) for field in _COUNTS}
    for field in _AMOUNTS:
        amount: Satang | AmountProblem | None = None
        if getattr(caps, field):
            amount = parse_amount(getattr(caps, field), allow_zero=True)
        if isinstance(amount, AmountProblem):
            return Refused(R.MONEY_INVALID, field="caps", params={"problem": amount.value})
        found[field] = amount
    return found
