"""Every light in every case: green only from a positive verdict of the server that still holds, and a word for each."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import get_args, get_type_hints

import pytest

from desktop.core import lights
from desktop.core.answers import Offline, Problem
from desktop.core.clock import parse_instant, wire_time
from desktop.core.lights import Answer, Asked, Finding, Light, light
from desktop.core.screens.members import Members
from desktop.core.screens.payment_risks import bank_risks
from desktop.i18n import lights as words
from desktop.i18n.text import Text
from shared.refusals import OF_ACCOUNTS
from shared.wire.common import ItemRefused
from shared.wire.members import AccountVerdict, ValidationView
from tests.desktop.core.fake_server import FakeServer, member, uid, validation

NOW = parse_instant("2026-11-21T03:00:00.000Z")
SAYS: tuple[str, ...] = get_args(get_type_hints(AccountVerdict)["says"])
QUESTION = Text("ถาม", "Question")
AGES = [None, timedelta(days=-1), timedelta(0), timedelta(hours=1), timedelta(days=400)]
REASONS = ("member.not_active", "account.missing", "account.unverified")


def at(age: timedelta | None) -> str:
    return "" if age is None else wire_time(NOW - age)


@pytest.mark.parametrize("answer", list(Answer))
def test_a_finding_in_every_state_and_age(answer: Answer) -> None:
    for since, until in itertools.product(AGES, AGES):
        begins = None if since is None else NOW - since
        ends = None if until is None else NOW - until
        shown = light(Finding(answer, QUESTION, since=begins, good_until=ends), NOW)
        holds = begins is not None and ends is not None and begins <= NOW <= ends
        assert shown.green == (answer is Answer.YES and holds), (answer, since, until)
        assert shown.text == QUESTION
        plain = (Answer.YES, Answer.NO, Answer.CARE, Answer.SEEN)
        assert (shown.reason is None) == (answer in plain and (answer is not Answer.YES or holds))


def test_no_two_answers_look_or_read_alike() -> None:
    shown = [light(Finding(answer, QUESTION, since=NOW, good_until=NOW), NOW) for answer in Answer]
    assert len({(one.tone, one.icon) for one in shown}) == len(Answer)
    assert [one.green for one in shown].count(True) == 1
    without = [one for one in shown if one.reason is not None]
    assert len({one.all_text.en for one in without}) == len(without) == 5
    for one in without:
        assert one.reason is not None
        assert one.all_text.en.startswith(one.reason.en)  # the word that takes it back comes first


@pytest.mark.parametrize("says", SAYS)
def test_what_the_bank_says_in_every_case_and_age(says: str) -> None:
    for since, until in itertools.product(AGES, AGES):
        verdict = AccountVerdict(says=says, at=at(since), good_until=at(until))  # type: ignore[arg-type]
        shown = lights.account_light(verdict, NOW)
        holds = since is not None and until is not None and since >= timedelta(0) >= until
        assert shown.green == (says == "confirmed" and holds), (says, since, until)
        if says == "confirmed" and not holds:
            assert shown.text in (words.BANK_STALE, words.BANK_UNKNOWN)
    assert lights.account_light(None, NOW).text == words.BANK_UNKNOWN


def test_every_word_of_the_bank_is_its_own() -> None:
    good = {"at": at(timedelta(0)), "good_until": at(timedelta(hours=-1))}
    texts = [lights.account_light(AccountVerdict(says=says, **good), NOW).text for says in SAYS]  # type: ignore[arg-type]
    assert len({text.en for text in texts}) == len({text.th for text in texts}) == len(SAYS)


def test_a_server_that_says_nothing_of_it_is_never_green() -> None:
    assert not lights.account_light(member(1).verdict, NOW).green


@pytest.mark.parametrize("busy", [False, True])
@pytest.mark.parametrize("failure", [None, Offline(reason="x"), Problem(code="c", status=503, detail_en="Why")])
@pytest.mark.parametrize("age", [timedelta(days=-1), timedelta(0), timedelta(minutes=9), timedelta(hours=1)])
@pytest.mark.parametrize("reasons", [(), REASONS[:1], REASONS[1:], REASONS])
@pytest.mark.parametrize("judged", [False, True])
def test_the_servers_verdict_on_a_member(
    judged: bool, reasons: tuple[str, ...], age: timedelta, failure: Offline | Problem | None, busy: bool
) -> None:
    refused = [ItemRefused(code=code, detail_th=f"ไม่ {code}", detail_en=f"No {code}") for code in reasons]
    verdict = ValidationView(member=member(1), payable=not reasons, reasons=refused, as_of=at(age)) if judged else None
    asked = Asked(verdict, failure, busy)
    fresh = timedelta(0) <= age <= lights.FRESH
    whole = lights.payable_light(asked, QUESTION, NOW)
    assert whole.green == (judged and not reasons and fresh)
    no_account = lights.payable_light(asked, QUESTION, NOW, ignore=OF_ACCOUNTS)
    assert no_account.green == (judged and "member.not_active" not in reasons and fresh)
    for code in REASONS:
        part = lights.reason_light(asked, code, QUESTION, NOW)
        assert part.green == (judged and code not in reasons and fresh)
        if judged and code in reasons:
            assert (part.tone, part.text.en) == ("bad", f"No {code}")
        if not judged:
            assert part == lights.payable_light(asked, QUESTION, NOW)
    if not judged:
        expected = words.ASKING if busy else words.NOT_ASKED if failure is None else words.NO_ANSWER
        told = isinstance(failure, Problem) and not busy
        assert whole.reason == (Text("", "Why") if told else expected)


@pytest.mark.parametrize(
    "pulled", [None, timedelta(seconds=-60), timedelta(0), timedelta(minutes=1), timedelta(hours=1)]
)
@pytest.mark.parametrize("found", [None, Text("พบ", "Found")])
def test_the_desks_copy_speaks_only_while_it_is_fresh(pulled: timedelta | None, found: Text | None) -> None:
    shown = lights.copy_light(found, QUESTION, None if pulled is None else NOW - pulled, NOW)
    fresh = pulled is not None and timedelta(0) <= pulled <= lights.PULLED
    assert shown.green == (found is None and fresh)
    assert (shown.tone, shown.text) == ("wait", found) if found is not None else shown.text == QUESTION


@pytest.mark.parametrize("age", [None, timedelta(0), timedelta(hours=1)])
@pytest.mark.parametrize("failure", [None, Offline(reason="x")])
def test_a_yes_without_an_instant_is_none(age: timedelta | None, failure: Offline | None) -> None:
    shown = lights.said_light(QUESTION, None if age is None else NOW - age, NOW, failure)
    assert shown.green == (age == timedelta(0))
    if age is None:
        assert shown.reason == (words.NOT_ASKED if failure is None else words.NO_ANSWER)


def test_what_the_desk_sees_for_itself_has_no_colour() -> None:
    shown: list[Light] = [lights.seen_light(QUESTION, NOW), lights.waiting_light(QUESTION, NOW)]
    assert {one.tone for one in shown} == {"quiet"}


@pytest.mark.parametrize("says", SAYS)
def test_a_signer_is_warned_of_what_was_never_proved(says: str) -> None:
    verdict = AccountVerdict(says=says, at=at(timedelta(hours=1)), good_until=at(timedelta(hours=-1)))  # type: ignore[arg-type]
    assert bool(bank_risks(verdict, NOW)) == (says not in ("confirmed", "stale", "not_needed"))


def test_a_no_without_a_reason_is_no_yes() -> None:
    verdict = ValidationView(member=member(1), payable=False, reasons=[], as_of=at(timedelta(0)))
    assert not lights.payable_light(Asked(verdict), QUESTION, NOW).green


async def test_a_verdict_of_another_member_or_a_silent_server_is_no_verdict(ready, server: FakeServer) -> None:  # type: ignore[no-untyped-def]
    screen = Members(ready)
    await screen.open(uid(1))
    server.extra["GET", f"/members/{uid(1)}/validation"] = lambda request, body: FakeServer.problem(503, "overloaded")
    await screen.validate()
    assert screen.validation is None
    assert isinstance(screen.unanswered, Problem)
    server.extra["GET", f"/members/{uid(1)}/validation"] = lambda request, body: validation(1)
    await screen.validate()
    assert screen.validation is not None
    await screen.open(uid(2))
    assert screen.validation is screen.unanswered is None
