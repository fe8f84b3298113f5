"""Each of the bank's published codes is sorted once: whose fault, what it proves, a reason, and who can fix it."""

from __future__ import annotations

import re

import pytest

from server.channels.base import refusal
from server.channels.scb_codes import confirm_verdict
from shared.bank_codes import BANK_CODES, Owner, Verdict, bank_code, outer_code
from shared.refusals import Fixer

GENERIC = """1000:200 1000:201 1000:202 1101:400 1102:400 1103:400 1105:400 1111:400 1104:404 4101:501 8101:400 8101:500
8102:400 8901:500 8902:500 9100:400 9100:401 9300:401 9500:401 9503:403 9700:500 9900:405 9900:415 9900:500 9900:502
9900:503 9900:504""".split()
DOWNSTREAM = "VF0001 VF0002 VF0003 BU0001 BU0006 BU9998 LB9002 LB9999 LG0001 LG0002 LG0003 LG0004 LG9999".split()
LEGACY = "000 112 113 114 116 117 125 H030 H109 H113 H117 H131 H132 H133 H165 H176 H182 H184".split()
OWNERS = {
    Owner.PAYMENT: "112 113 114 125 176 182".split(),
    Owner.PAYER: "116 165".split(),
    Owner.CHANNEL: ["184"],
    Owner.US: "1101 1102 1103 1105 4101 9100 9300 9500 9503 VF0001 VF0002 VF0003 117 131 132 133 file.refused".split(),
    Owner.UNKNOWN: "1104 1111 8101 8901 8902 9700 BU0001 BU0006 BU9998 LB9002 LB9999 LG0001 000 030 109".split(),
}


def test_every_published_code_stands_in_the_table() -> None:
    missing = [pair for pair in GENERIC if (int(pair.partition(":")[2]), pair.partition(":")[0]) not in BANK_CODES]
    assert missing == []
    assert [code for code in (*DOWNSTREAM, *LEGACY) if bank_code(code) is bank_code("nobody's")] == []


@pytest.mark.parametrize(("owner", "code"), [(owner, code) for owner, codes in OWNERS.items() for code in codes])
def test_a_code_belongs_to_whom_it_is_about(owner: Owner, code: str) -> None:
    assert bank_code(code).owner is owner
    row = refusal(code, "")
    assert row.stop_channel is (owner in (Owner.PAYER, Owner.CHANNEL, Owner.US))
    assert row.retryable_as_new_attempt is row.stop_channel


def test_every_row_has_its_reason_in_both_languages_and_somebody_who_can_fix_it() -> None:
    for (_, code), row in BANK_CODES.items():
        assert re.search("[ก-๙]", row.thai), code
        assert row.english, code
        assert not re.search("[ก-๙]", row.english), code
        assert row.fixer in {*Fixer} or row.owner is Owner.NONE, code


def test_what_is_not_listed_proves_nothing_and_one_code_has_one_writing() -> None:
    assert bank_code("4711").owner is Owner.UNKNOWN
    assert outer_code(418, 1000).verdict is Verdict.UNKNOWN
    assert bank_code("H116") is bank_code("116")
    assert bank_code("H1160") is bank_code("nobody's")


@pytest.mark.parametrize("code", [*LEGACY, "999", "8102", "not_sent", "VF0001", "CANCELED"])
def test_at_confirm_only_a_published_refusal_counts(code: str) -> None:
    published = bank_code(code).verdict is Verdict.BUSINESS and bank_code(code).owner is not Owner.UNKNOWN
    assert (confirm_verdict(400, 8102, code) is Verdict.BUSINESS) is published
    assert confirm_verdict(504, 8102, code) is Verdict.UNKNOWN
