"""What each of SCB's answers proves about the call that it answers; the codes stand in shared/bank_codes.py."""

from __future__ import annotations

from typing import Final

from shared.bank_codes import Owner, Verdict, bank_code, outer_code

__all__ = ["Verdict", "confirm_verdict", "verdict"]

_DOWNSTREAM: Final = 8101
_INNER: Final = ("VF", "BU", "LB", "LG")


def verdict(http: int, code: int, detail: str | None) -> Verdict:
    """What an answer proves; 8101 is told apart by its inner code (VF.., BU.., LB.., LG..), else it is unknown."""
    if code == _DOWNSTREAM:
        inner = detail or ""
        return bank_code(inner).verdict if inner.startswith(_INNER) else Verdict.UNKNOWN
    found = outer_code(http, code).verdict
    is_had = found is Verdict.BUSINESS and bank_code(detail or "").verdict is Verdict.DUPLICATE
    return Verdict.DUPLICATE if is_had else found


def confirm_verdict(http: int, code: int, detail: str | None) -> Verdict:
    """The same for confirm, where more is at stake.

    A 5xx may come from a gateway after the bank executed. BU0001, 1104 and 1111 also answer a *second* confirm of
    a token whose first confirm executed. A legacy code that is not known as a refusal (or 000, "Success") may mean
    anything. None of them proves anything, so the inquiry decides.
    """
    found = verdict(http, code, detail)
    inner = bank_code(detail or "")
    if found is Verdict.BUSINESS and (inner.verdict is not Verdict.BUSINESS or inner.owner is Owner.UNKNOWN):
        return Verdict.UNKNOWN
    if http >= 500 or found in (Verdict.NOT_THERE, Verdict.DUPLICATE):
        return Verdict.UNKNOWN
    return found
