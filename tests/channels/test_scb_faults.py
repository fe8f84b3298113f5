"""Every fault of the bank is classified for what it proves, over real mutual TLS."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from lab.sandbox_bank.bank import RunningBank
from lab.sandbox_bank.books import Account
from lab.sandbox_bank.faults import Fault, FaultRule
from server.channels.base import (
    NOT_SENT,
    Accepted,
    AccountName,
    AccountStatus,
    Duplicate,
    Initiated,
    InitiateLost,
    NotFound,
    OpenStatus,
    Rejected,
    StillOpen,
    Unknown,
)
from server.channels.scb import ScbChannel
from server.channels.scb_line import Timeouts
from shared.evidence import Evidence
from tests.lab.sandbox_bank.fixtures import BOONMEE, SOMCHAI, now, order, running_bank, scb_settings
from tests.waiting import eventually

IMPATIENT = Timeouts(initiate=0.3, confirm=0.3)
AWAITING = StillOpen(OpenStatus.AWAITING_CONFIRM)


@pytest.fixture
async def bank(tmp_path: Path) -> AsyncIterator[RunningBank]:
    async with running_bank(tmp_path) as running:
        yield running


@pytest.fixture
async def channel(bank: RunningBank) -> AsyncIterator[ScbChannel]:
    opened = ScbChannel(scb_settings(bank.description, timeouts=IMPATIENT))
    yield opened
    await opened.close()


def unexplained(outer: str, inner: str) -> Unknown:
    return Unknown(Evidence.UNEXPLAINED, f"{outer} {inner}", inner)


async def initiated(channel: ScbChannel, number: int = 1, satang: int = 48_250_00) -> str:
    answer = await channel.initiate(order(number, satang), now())
    assert isinstance(answer, Initiated), answer
    return answer.token


def paid(bank: RunningBank) -> list[tuple[str, int]]:
    """What the bank's books say has moved."""
    return [(line.reference, -line.amount) for line in bank.books.lines(None)]


async def test_a_payment_goes_through(bank: RunningBank, channel: ScbChannel) -> None:
    answer = await channel.initiate(order(1), now())
    assert isinstance(answer, Initiated)
    assert (answer.payee_name_masked, answer.fee) == ("นาย ส*** ใ***", 0)
    assert await channel.inquire(order(1), answer.token, now()) == AWAITING
    assert paid(bank) == []
    assert isinstance(await channel.confirm(order(1), answer.token, now()), Accepted)
    assert paid(bank) == [(order(1).bank_ref, 48_250_00)]
    assert isinstance(await channel.inquire(order(1), answer.token, now()), Accepted)


EXECUTED = [
    Fault.LOST_ANSWER,
    Fault.TIMEOUT_AFTER_EXECUTION,
    Fault.GATEWAY_TIMEOUT,
    Fault.MALFORMED_JSON,
    Fault.REPLY_CUT,
]


@pytest.mark.parametrize("fault", EXECUTED)
async def test_an_answer_lost_after_execution_is_unknown_until_the_inquiry(
    fault: Fault, bank: RunningBank, channel: ScbChannel
) -> None:
    token = await initiated(channel)
    bank.faults.set(FaultRule(fault=fault, times=1))
    assert isinstance(await channel.confirm(order(1), token, now()), Unknown)
    assert paid(bank) == [(order(1).bank_ref, 48_250_00)]
    assert isinstance(await channel.inquire(order(1), token, now()), Accepted)


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.TLS_RESET, Fault.TIMEOUT_BEFORE_EXECUTION, Fault.SLOW])
async def test_a_confirm_that_was_not_executed_is_unknown_too(
    fault: Fault, bank: RunningBank, channel: ScbChannel
) -> None:
    token = await initiated(channel)
    bank.faults.set(FaultRule(fault=fault, times=1, call="confirm"))
    assert isinstance(await channel.confirm(order(1), token, now()), Unknown)
    assert await channel.inquire(order(1), token, now()) == AWAITING
    assert (bank.api.calls["confirm"], paid(bank)) == (1, [])


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.TLS_RESET, Fault.TIMEOUT_BEFORE_EXECUTION, Fault.SLOW])
async def test_a_lost_initiate_is_proof_that_nothing_moved(
    fault: Fault, bank: RunningBank, channel: ScbChannel
) -> None:
    await initiated(channel)
    bank.faults.set(FaultRule(fault=fault, times=1, call="initiate"))
    assert isinstance(await channel.initiate(order(2), now()), InitiateLost)
    assert paid(bank) == []
    assert isinstance(await channel.initiate(order(3), now()), Initiated)


async def test_a_pending_payment_stays_open_and_completes(bank: RunningBank, channel: ScbChannel) -> None:
    token = await initiated(channel)
    bank.faults.set(FaultRule(fault=Fault.PENDING, times=1, seconds=2700))
    assert await channel.confirm(order(1), token, now()) == unexplained("409/8101", "LB9002")
    assert await channel.inquire(order(1), token, now()) == StillOpen(OpenStatus.PROCESSING)
    assert await channel.confirm(order(1), token, now()) == unexplained("409/8101", "LB9002")
    assert paid(bank) == []
    bank.move_clock(2701)
    assert isinstance(await channel.inquire(order(1), token, now()), Accepted)
    assert paid(bank) == [(order(1).bank_ref, 48_250_00)]


@pytest.mark.parametrize(("code", "again"), [("112", False), ("184", True)])
async def test_a_failed_confirm_is_rejected_with_the_banks_code(
    code: str, again: bool, bank: RunningBank, channel: ScbChannel
) -> None:
    token = await initiated(channel)
    bank.faults.set(FaultRule(fault=Fault.CONFIRM_FAILED, times=1, code=code))
    at_once = await channel.confirm(order(1), token, now())
    later = await channel.inquire(order(1), token, now())
    assert isinstance(at_once, Rejected)
    assert at_once == msgspec.structs.replace(later, spent=False)
    assert later.spent
    assert (at_once.code, at_once.retryable_as_new_attempt) == (code, again)
    assert paid(bank) == []


@pytest.mark.parametrize("code", ["000", "999"])
async def test_a_failed_confirm_with_a_code_that_says_nothing_is_decided_by_inquiry(
    code: str, bank: RunningBank, channel: ScbChannel
) -> None:
    token = await initiated(channel)
    bank.faults.set(FaultRule(fault=Fault.CONFIRM_FAILED, times=1, code=code))
    assert await channel.confirm(order(1), token, now()) == unexplained("400/8102", code)
    later = await channel.inquire(order(1), token, now())
    assert isinstance(later, Rejected)
    assert (later.code, later.retryable_as_new_attempt) == (code, False)


async def test_a_short_balance_is_decided_by_inquiry_because_its_code_is_not_published(tmp_path: Path) -> None:
    async with running_bank(tmp_path, opening_balance=100_00) as bank:
        channel = ScbChannel(scb_settings(bank.description))
        token = await initiated(channel, 1, 100_01)
        assert await channel.confirm(order(1, 100_01), token, now()) == Unknown(
            Evidence.UNEXPLAINED, "400/8102 116", "116"
        )
        later = await channel.inquire(order(1, 100_01), token, now())
        assert isinstance(later, Rejected)
        token = await initiated(channel, 2, 100_00)
        assert isinstance(await channel.confirm(order(2, 100_00), token, now()), Accepted)
        assert bank.books.fact("balance") == 0
        await channel.close()


async def test_an_access_token_that_ends_early_is_replaced_and_the_call_goes_out_again(
    bank: RunningBank, channel: ScbChannel
) -> None:
    token = await initiated(channel)
    bank.faults.set(FaultRule(fault=Fault.TOKEN_EXPIRED, times=1, call="confirm"))
    assert isinstance(await channel.confirm(order(1), token, now()), Accepted)
    assert (bank.api.calls["token"], bank.api.calls["confirm"]) == (2, 2)
    assert len(paid(bank)) == 1


async def test_access_tokens_that_never_work_stop_the_channel_with_proof(
    bank: RunningBank, channel: ScbChannel
) -> None:
    token = await initiated(channel)
    bank.faults.set(FaultRule(fault=Fault.TOKEN_EXPIRED, call="confirm"))
    answer = await channel.confirm(order(1), token, now())
    assert isinstance(answer, Rejected)
    assert (answer.code, answer.retryable_as_new_attempt, answer.stop_channel) == ("9300", True, True)
    assert bank.api.calls["confirm"] == 2


async def test_an_access_token_is_kept_for_as_long_as_the_bank_says(tmp_path: Path) -> None:
    async with running_bank(tmp_path, access_token_seconds=1000) as bank:
        channel = ScbChannel(scb_settings(bank.description))
        started = now()
        await channel.initiate(order(1), started)
        await channel.initiate(order(3), started + timedelta(seconds=939))
        assert bank.api.calls["token"] == 1
        await channel.initiate(order(4), started + timedelta(seconds=941))
        assert bank.api.calls["token"] == 2
        await channel.close()


async def test_wrong_keys_stop_the_channel_before_anything_is_sent(bank: RunningBank) -> None:
    channel = ScbChannel(scb_settings(bank.description, api_secret="wrong"))
    answer = await channel.initiate(order(1), now())
    assert isinstance(answer, Rejected)
    assert (answer.code, answer.stop_channel) == (NOT_SENT, True)
    assert bank.api.calls["initiate"] == 0
    await channel.close()


async def test_a_token_confirmed_twice_is_paid_once(bank: RunningBank, channel: ScbChannel) -> None:
    token = await initiated(channel)
    assert isinstance(await channel.confirm(order(1), token, now()), Accepted)
    assert isinstance(await channel.confirm(order(1), token, now()), Accepted)
    assert len(paid(bank)) == 1


async def test_a_bank_that_forgets_the_token_on_a_second_confirm_proves_nothing(tmp_path: Path) -> None:
    async with running_bank(tmp_path, second_confirm="not_found") as bank:
        channel = ScbChannel(scb_settings(bank.description))
        token = await initiated(channel)
        assert isinstance(await channel.confirm(order(1), token, now()), Accepted)
        assert await channel.confirm(order(1), token, now()) == Unknown(
            Evidence.UNEXPLAINED, "409/8101 BU0001", "BU0001"
        )
        assert isinstance(await channel.inquire(order(1), token, now()), Accepted)
        assert len(paid(bank)) == 1
        await channel.close()


async def test_a_reference_used_twice_is_a_duplicate_whatever_else_is_wrong_by_then(
    bank: RunningBank, channel: ScbChannel
) -> None:
    await initiated(channel)
    assert await channel.initiate(order(1), now()) == Duplicate("400/1111")
    bank.books.put_accounts([msgspec.structs.replace(SOMCHAI, status="CLOSED")])
    bank.faults.set(FaultRule(fault=Fault.CUT_OFF, times=1))
    assert await channel.initiate(order(1), now()) == Duplicate("400/1111")


async def test_an_unconfirmed_token_lapses(bank: RunningBank, channel: ScbChannel) -> None:
    token = await initiated(channel)
    bank.move_clock(901)
    assert await channel.confirm(order(1), token, now()) == unexplained("409/8101", "BU0001")
    answer = await channel.inquire(order(1), token, now())
    assert isinstance(answer, Rejected)
    assert (answer.code, answer.retryable_as_new_attempt) == ("CANCELED", True)
    assert paid(bank) == []


async def test_a_token_nobody_issued_is_not_found(channel: ScbChannel) -> None:
    assert await channel.inquire(order(1), "SCBX0", now()) == NotFound()


async def test_a_name_mismatch_shows_in_initiate_and_verify(bank: RunningBank, channel: ScbChannel) -> None:
    number = order(1).payee_account_number
    assert await channel.verify("034", number, now()) == AccountName(SOMCHAI.name, AccountStatus.ACTIVE)
    bank.faults.set(FaultRule(fault=Fault.NAME_MISMATCH, account=number))
    verified = await channel.verify("034", number, now())
    answer = await channel.initiate(order(1), now())
    assert isinstance(verified, AccountName)
    assert verified.name != SOMCHAI.name
    assert isinstance(answer, Initiated)
    assert answer.payee_name_masked == "นาง ว*** แ***"


async def test_a_fault_for_one_payment_leaves_the_others_alone(bank: RunningBank, channel: ScbChannel) -> None:
    bank.faults.set(FaultRule(fault=Fault.UNAVAILABLE, reference=order(2).bank_ref))
    bank.faults.set(FaultRule(fault=Fault.CUT_OFF, amount=77_00))
    assert isinstance(await channel.initiate(order(1), now()), Initiated)
    assert isinstance(await channel.initiate(order(2), now()), InitiateLost)
    assert await channel.initiate(order(3, 77_00), now()) == Rejected(
        "184", "Cut-off time", retryable_as_new_attempt=True, stop_channel=True
    )


@pytest.mark.parametrize(
    ("number", "bank_code", "satang", "code"),
    [
        ("999999999999", "034", 100, "182"),
        ("9876543210", "004", 100, "182"),
        ("012345674412", "034", 2_000_000_01, "165"),
        ("0123456789", "034", 100, "176"),
    ],
)
async def test_business_refusals_carry_the_legacy_code(
    number: str, bank_code: str, satang: int, code: str, channel: ScbChannel
) -> None:
    answer = await channel.initiate(order(1, satang, Account(bank_code, number, "")), now())
    assert isinstance(answer, Rejected)
    assert (answer.code, answer.retryable_as_new_attempt) == (code, False)


async def test_the_banks_own_customers_have_no_transfer_limit(channel: ScbChannel) -> None:
    assert isinstance(await channel.initiate(order(1, 2_000_000_01, BOONMEE), now()), Initiated)


async def test_fifty_calls_shake_hands_once(bank: RunningBank, channel: ScbChannel) -> None:
    for number in range(1, 26):
        token = await initiated(channel, number, 100)
        assert isinstance(await channel.confirm(order(number, 100), token, now()), Accepted)
    assert bank.tls.handshakes == 1
    assert bank.books.fact("balance") == 500_000_000_00 - 25 * 100


async def test_a_channel_finds_its_way_back_after_the_bank_dropped_its_connections(
    bank: RunningBank, channel: ScbChannel
) -> None:
    await initiated(channel)
    bank.drop_connections()
    await eventually(lambda: not bank.connections())
    token = await initiated(channel, 2)
    assert isinstance(await channel.confirm(order(2), token, now()), Accepted)


@pytest.mark.parametrize(
    "rule",
    [
        FaultRule(fault=Fault.UNAVAILABLE, call="token"),
        FaultRule(fault=Fault.UNAVAILABLE, call="inquiry"),
        FaultRule(fault=Fault.TIMEOUT_BEFORE_EXECUTION, call="inquiry", seconds=30),
        FaultRule(fault=Fault.TLS_RESET, call="inquiry"),
        FaultRule(fault=Fault.SERVER_CERTIFICATE_EXPIRED),
        FaultRule(fault=Fault.CLIENT_CERTIFICATE_EXPIRED),
    ],
    ids=lambda rule: f"{rule.fault}-{rule.call}",
)
async def test_the_question_whether_the_bank_is_there_meets_what_a_payment_would(
    bank: RunningBank, rule: FaultRule
) -> None:
    bank.faults.set(rule)
    asking = ScbChannel(scb_settings(bank.description, timeouts=Timeouts(probe=1)))
    assert isinstance(await asking.probe(now()), Unknown)
    bank.faults.clear()
    assert await asking.probe(now()) is None
    await asking.close()


async def test_the_question_shows_that_the_bank_does_not_accept_our_keys_any_more(bank: RunningBank) -> None:
    asking = ScbChannel(scb_settings(bank.description, api_secret="not the bank's"))
    answer = await asking.probe(now())
    assert isinstance(answer, Unknown)
    assert answer.told.startswith("token: 401")
    # a certificate that ran out is not shown
    late = now() + timedelta(days=36_500)
    assert isinstance(await asking.probe(late), Unknown)
    await asking.close()
