"""What each of SCB's answers proves, as data (bank.md 1.5, 1.6): anything not listed proves nothing."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Verdict(StrEnum):
    """What an answer says about the call that it answers."""

    DONE = "done"
    FAULTY = "faulty"
    """Our request was wrong; not executed, and would be wrong again."""
    BUSINESS = "business"
    """Refused for the legacy code that comes with it; not executed."""
    DUPLICATE = "duplicate"
    NOT_THERE = "not_there"
    NEW_TOKEN = "new_token"
    STOP = "stop"
    """Keys, certificate or rights: not executed, and nothing else will be."""
    UNAVAILABLE = "unavailable"
    UNKNOWN = "unknown"


_BY_CODE: Final[dict[tuple[int, int], Verdict]] = {
    (200, 1000): Verdict.DONE,
    (201, 1000): Verdict.DONE,
    # 202 is "accepted in the background": only the inquiry says how it ended.
    (202, 1000): Verdict.UNKNOWN,
    (400, 1101): Verdict.FAULTY,
    (400, 1102): Verdict.FAULTY,
    (400, 1103): Verdict.FAULTY,
    (400, 1105): Verdict.FAULTY,
    (400, 1111): Verdict.DUPLICATE,
    (404, 1104): Verdict.NOT_THERE,
    (501, 4101): Verdict.FAULTY,
    (400, 8102): Verdict.BUSINESS,
    (400, 9100): Verdict.FAULTY,
    (401, 9100): Verdict.FAULTY,
    (401, 9300): Verdict.NEW_TOKEN,
    (401, 9500): Verdict.STOP,
    (403, 9503): Verdict.STOP,
    (405, 9900): Verdict.FAULTY,
    (415, 9900): Verdict.FAULTY,
    (500, 9900): Verdict.STOP,
    (502, 9900): Verdict.UNAVAILABLE,
    (503, 9900): Verdict.UNAVAILABLE,
    (504, 9900): Verdict.UNAVAILABLE,
}

_BY_DETAIL: Final[dict[str, Verdict]] = {
    "VF0001": Verdict.FAULTY,
    "VF0002": Verdict.FAULTY,
    "VF0003": Verdict.FAULTY,
    "BU0001": Verdict.NOT_THERE,
}

RETRYABLE_LEGACY: Final = frozenset({"184"})
"""Legacy codes that say nothing against the order: cut-off. SCB's number for a short balance is not published."""


_KNOWN_LEGACY: Final = frozenset({"112", "113", "114", "117", "125", "165", "176", "182", "184"})
"""Legacy codes whose meaning we know to be a rejection; SCB's list goes on where our copy of it ends."""


def verdict(http: int, code: int, detail: str | None) -> Verdict:
    """What an answer proves; 8101 is told apart by its inner code (VF.., BU.., LB.., LG..), else it is unknown."""
    if code == 8101:
        return _BY_DETAIL.get(detail or "", Verdict.UNKNOWN)
    return _BY_CODE.get((http, code), Verdict.UNKNOWN)


def confirm_verdict(http: int, code: int, detail: str | None) -> Verdict:
    """The same for confirm, where more is at stake.

    A 5xx may come from a gateway after the bank executed. BU0001, 1104 and 1111 also answer a *second* confirm of
    a token whose first confirm executed. A legacy code that we don't know (or 000, "Success") may mean anything. None
    of them proves anything, so the inquiry decides.
    """
    found = verdict(http, code, detail)
    if found is Verdict.BUSINESS and detail not in _KNOWN_LEGACY:
        return Verdict.UNKNOWN
    if http >= 500 or found in (Verdict.NOT_THERE, Verdict.DUPLICATE):
        return Verdict.UNKNOWN
    return found
