"""The table of SCB's codes says what the bank's published tables say."""

from __future__ import annotations

import pytest

from server.channels.scb_codes import Verdict, confirm_verdict, verdict

CASES = [
    (200, 1000, None, Verdict.DONE, Verdict.DONE),
    (202, 1000, None, Verdict.UNKNOWN, Verdict.UNKNOWN),
    (400, 1101, None, Verdict.FAULTY, Verdict.FAULTY),
    (400, 1111, None, Verdict.DUPLICATE, Verdict.UNKNOWN),
    (404, 1104, None, Verdict.NOT_THERE, Verdict.UNKNOWN),
    (501, 4101, None, Verdict.FAULTY, Verdict.UNKNOWN),
    (400, 8101, "VF0002", Verdict.FAULTY, Verdict.FAULTY),
    (400, 8101, None, Verdict.UNKNOWN, Verdict.UNKNOWN),
    (409, 8101, "BU0001", Verdict.NOT_THERE, Verdict.UNKNOWN),
    (409, 8101, "BU0006", Verdict.UNKNOWN, Verdict.UNKNOWN),
    (409, 8101, "LB9002", Verdict.UNKNOWN, Verdict.UNKNOWN),
    (409, 8101, "LG0004", Verdict.UNKNOWN, Verdict.UNKNOWN),
    (400, 8102, "182", Verdict.BUSINESS, Verdict.BUSINESS),
    (400, 8102, "000", Verdict.BUSINESS, Verdict.UNKNOWN),
    (400, 8102, "999", Verdict.BUSINESS, Verdict.UNKNOWN),
    (400, 8102, None, Verdict.BUSINESS, Verdict.UNKNOWN),
    (500, 8901, None, Verdict.UNKNOWN, Verdict.UNKNOWN),
    (401, 9300, None, Verdict.NEW_TOKEN, Verdict.NEW_TOKEN),
    (401, 9500, None, Verdict.STOP, Verdict.STOP),
    (403, 9503, None, Verdict.STOP, Verdict.STOP),
    (500, 9700, None, Verdict.UNKNOWN, Verdict.UNKNOWN),
    (500, 9900, None, Verdict.STOP, Verdict.UNKNOWN),
    (503, 9900, None, Verdict.UNAVAILABLE, Verdict.UNKNOWN),
    (504, 9900, None, Verdict.UNAVAILABLE, Verdict.UNKNOWN),
    (200, 9300, None, Verdict.UNKNOWN, Verdict.UNKNOWN),
    (418, 7, None, Verdict.UNKNOWN, Verdict.UNKNOWN),
]


@pytest.mark.parametrize(("http", "code", "detail", "elsewhere", "at_confirm"), CASES)
def test_a_code_proves_what_the_table_says(
    http: int, code: int, detail: str | None, elsewhere: Verdict, at_confirm: Verdict
) -> None:
    assert verdict(http, code, detail) is elsewhere
    assert confirm_verdict(http, code, detail) is at_confirm
