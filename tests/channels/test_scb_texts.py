"""What the bank writes is kept only as far as it may be: no whole numbers, nothing that a database can't hold."""

from __future__ import annotations

import msgspec
import pytest

from server.channels.base import Initiated, InitiateLost, Rejected
from server.channels.scb_codes import Verdict
from server.channels.scb_line import Reply
from server.channels.scb_replies import InquiryData, initiated, rejected, standing, told_text


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Account 021-0-07241-5 is closed", "Account ••••41-5 is closed"),
        ("Account 0210072415 is closed", "Account ••••2415 is closed"),
        ("Rejected\x00 by\nBAAC", "Rejected  by BAAC"),
        ("over 50000.00", "over 50000.00"),
        ("บัญชีปิดแล้ว", "บัญชีปิดแล้ว"),
    ],
)
def test_a_text_is_printable_and_without_whole_numbers(written: str, kept: str) -> None:
    assert told_text(written) == kept


def test_every_refusal_keeps_only_that() -> None:
    said = "no 0210072415\x00"
    reply = Reply(400, 8102, said, msgspec.json.encode({"code": "182\x00", "description": said}))
    inquiry = msgspec.json.encode(
        {"tokenizerId": "t", "status": "CONFIRM_FAILED", "tranAmount": {}, "code": "112", "description": said}
    )
    refusals = [rejected(kind, reply) for kind in (Verdict.FAULTY, Verdict.BUSINESS, Verdict.STOP)]
    refusals.append(_rejection(standing(msgspec.json.decode(inquiry, type=InquiryData))))
    for refusal in refusals:
        assert refusal is not None
        assert (refusal.text, "\x00" in refusal.code) == ("no ••••2415 ", False)


def _rejection(answer: object) -> Rejected:
    assert isinstance(answer, Rejected)
    return answer


@pytest.mark.parametrize("token", ["", "a\x00", "a b", "x" * 201])
def test_a_token_that_could_not_be_kept_is_no_token(token: str) -> None:
    assert isinstance(initiated(_initiate_reply(token)), InitiateLost)
    assert isinstance(initiated(_initiate_reply("0b1f-good")), Initiated)


def _initiate_reply(token: str) -> Reply:
    return Reply(200, 1000, "", msgspec.json.encode({"tokenizerId": token, "payee": {"accountName": "SOMCHAI\x00"}}))
