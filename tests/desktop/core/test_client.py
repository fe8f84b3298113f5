"""The client proves the device, carries tokens, and answers with values whatever the network does."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import httpx

from desktop.core.answers import Offline, Problem
from desktop.core.client import ApiClient
from desktop.core.clock import ServerClock
from desktop.core.desk import Desk
from desktop.core.operations import payments, records
from desktop.core.session import Session
from shared.wire.payments import IntentView, ListIntentsRequest, SubmitIntentRequest
from shared.wire.records import SyncReply
from tests.desktop.core.fake_server import FakeServer, member, uid

REQUEST = SubmitIntentRequest(branch="NSN", member_id=uid(1), account_version=1, amount="48250.00")


async def test_a_call_carries_a_proof_that_the_server_can_check(signed_in: Desk, server: FakeServer) -> None:
    assert isinstance(await records.sync(signed_in.client, ""), SyncReply)


async def test_the_proof_covers_a_query_with_thai_letters_and_signs(signed_in: Desk, server: FakeServer) -> None:
    server.extra["GET", "/intents"] = lambda request, body: {"intents": []}
    asked = ListIntentsRequest(state="รอ&อนุมัติ =+", branch="NSN")
    answer = await payments.list_intents(signed_in.client, asked)
    assert not isinstance(answer, (Problem, Offline))


async def test_submitting_gets_a_token_for_exactly_what_is_sent(signed_in: Desk, server: FakeServer) -> None:
    server.members = [member(1)]
    answer = await payments.submit_intent(signed_in.client, REQUEST, "key-1")
    assert isinstance(answer, IntentView)
    assert server.minted == {}


async def test_a_refusal_is_a_value_with_both_languages(signed_in: Desk, server: FakeServer) -> None:
    answer = await payments.submit_intent(signed_in.client, REQUEST, "key-1")
    assert isinstance(answer, Problem)
    assert (answer.code, answer.status, answer.field) == ("member.changed", 409, "account_version")
    assert answer.detail_th
    assert answer.detail_en


async def test_the_sessions_key_proves_what_only_reads_and_the_device_everything_else(signed_in: Desk) -> None:
    client = signed_in.client
    reading = client.proof_headers("GET", "/api/v1/members", b"", reading=True)
    assert ("Device-Mac" in reading, "Device-Signature" in reading) == (True, False)
    changing = client.proof_headers("POST", "/api/v1/intents", b"{}")
    assert ("Device-Mac" in changing, "Device-Signature" in changing) == (False, True)
    client.adopt(None)
    without_session = client.proof_headers("GET", "/api/v1/members", b"", reading=True)
    assert ("Device-Mac" in without_session, "Device-Signature" in without_session) == (False, True)


async def test_a_stale_token_is_refreshed_once_for_many_calls(signed_in: Desk, server: FakeServer) -> None:
    server.shop = "another"
    answers = await asyncio.gather(*(records.sync(signed_in.client, "") for _ in range(5)))
    assert all(isinstance(answer, SyncReply) for answer in answers)
    assert server.refreshes == 1


async def test_a_session_that_cannot_be_refreshed_asks_to_sign_in_again(signed_in: Desk, server: FakeServer) -> None:
    server.shop = server.refresh_token = "another"
    answer = await records.sync(signed_in.client, "")
    assert isinstance(answer, Problem)
    assert answer.code == "auth.token"
    assert signed_in.keeper.ended
    assert signed_in.session is not None


async def test_a_clock_a_day_wrong_signs_right_after_one_answer(desk: Desk, server: FakeServer) -> None:
    server.skew = timedelta(days=1)
    assert isinstance(await desk.keeper.sign_in("mali", "secret"), Session)
    assert abs(desk.now() - server.now()) < timedelta(seconds=3)


async def test_a_captive_portal_is_offline(signed_in: Desk, server: FakeServer) -> None:
    server.html = True
    assert await records.sync(signed_in.client, "") == Offline(reason="html")


async def test_nobody_listening_is_offline(desk: Desk) -> None:
    client = ApiClient("http://127.0.0.1:9", desk.key)
    assert isinstance(await records.sync(client, ""), Offline)
    await client.close()


async def test_a_lost_answer_is_offline_and_the_same_key_gets_it(signed_in: Desk, server: FakeServer) -> None:
    server.members = [member(1)]
    server.lose = 1
    assert isinstance(await payments.submit_intent(signed_in.client, REQUEST, "key-1"), Offline)
    again = await payments.submit_intent(signed_in.client, REQUEST, "key-1")
    assert isinstance(again, IntentView)
    assert len(server.intents) == 1


async def test_a_reply_that_cannot_be_read_is_said_so(signed_in: Desk, server: FakeServer) -> None:
    server.extra["GET", "/sync"] = lambda request, body: {"surprise": True}
    answer = await records.sync(signed_in.client, "")
    assert isinstance(answer, Problem)
    assert answer.code == "desk.reply_unreadable"


async def test_nothing_of_the_environment_is_trusted(desk: Desk) -> None:
    assert isinstance(desk.client.http, httpx.AsyncClient)
    assert desk.client.http.trust_env is False


def test_a_date_that_cannot_be_read_teaches_nothing() -> None:
    clock = ServerClock(lambda: datetime(2026, 11, 21, tzinfo=UTC))
    assert not clock.learn_header("yesterday")
    assert clock.offset == timedelta(0)
