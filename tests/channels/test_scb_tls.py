"""Whoever cannot prove who they are is refused without money moving, on either side of the line."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
import structlog
from aiohttp import web

from lab.sandbox_bank.bank import RunningBank
from lab.sandbox_bank.faults import Fault, FaultRule
from server import pki
from server.channels import open_channel
from server.channels.base import NOT_SENT, Accepted, Initiated, Rejected, Unknown
from server.channels.scb import ScbChannel, ScbSettings
from tests.lab.sandbox_bank.fixtures import SOMCHAI, now, order, running_bank, scb_settings
from tests.waiting import eventually

MONEY_CALLS = ("initiate", "confirm")


@pytest.fixture
async def bank(tmp_path: Path) -> AsyncIterator[RunningBank]:
    async with running_bank(tmp_path / "bank") as running:
        yield running


async def first_answer(settings: ScbSettings, back: timedelta = timedelta()) -> object:
    channel = ScbChannel(settings)
    try:
        return await channel.initiate(order(1), now() - back)
    finally:
        await channel.close()


def assert_refused(answer: object, bank: RunningBank) -> Rejected:
    assert isinstance(answer, Rejected), answer
    assert (answer.code, answer.retryable_as_new_attempt) == (NOT_SENT, True)
    assert [bank.api.calls[call] for call in MONEY_CALLS] == [0, 0]
    assert bank.books.transactions() == []
    return answer


async def test_a_bank_of_another_authority_is_refused(bank: RunningBank, tmp_path: Path) -> None:
    other = pki.open_authority(tmp_path / "other", "other-authority", now())
    answer = await first_answer(scb_settings(bank.description, authority_file=str(other.certificate_file)))
    refused = assert_refused(answer, bank)
    assert (refused.text, refused.stop_channel) == ("probe: ClientConnectorCertificateError", True)


async def test_a_bank_with_a_key_that_is_not_pinned_is_refused(bank: RunningBank) -> None:
    answer = await first_answer(scb_settings(bank.description, spki_pins=("00" * 32,)))
    refused = assert_refused(answer, bank)
    assert (refused.text, refused.stop_channel) == ("probe: ClientConnectorCertificateError", True)


async def test_a_backup_pin_is_enough(bank: RunningBank) -> None:
    settings = scb_settings(bank.description, spki_pins=("00" * 32, *bank.description.spki_pins))
    assert isinstance(await first_answer(settings), Initiated)


async def test_a_bank_under_another_host_name_is_refused(bank: RunningBank) -> None:
    elsewhere = bank.base_url.replace("127.0.0.1", "127.0.0.2")
    answer = await first_answer(scb_settings(bank.description, base_url=elsewhere))
    assert_refused(answer, bank)


async def test_an_expired_client_certificate_is_noticed_before_anything_is_sent(
    bank: RunningBank, tmp_path: Path
) -> None:
    old = pki.issue_expired_client(bank.authority, tmp_path, bank.settings.corporate_id, now())
    settings = scb_settings(bank.description, client_certificate=str(old.certificate), client_key=str(old.key))
    assert assert_refused(await first_answer(settings), bank).stop_channel
    assert bank.api.calls["echo"] == 0


async def test_an_expired_client_certificate_is_refused_by_the_bank_too(bank: RunningBank, tmp_path: Path) -> None:
    old = pki.issue_expired_client(bank.authority, tmp_path, bank.settings.corporate_id, now())
    settings = scb_settings(bank.description, client_certificate=str(old.certificate), client_key=str(old.key))
    assert_refused(await first_answer(settings, back=timedelta(days=1)), bank)
    assert bank.tls.handshakes == 0


async def test_a_client_of_another_authority_is_refused(bank: RunningBank, tmp_path: Path) -> None:
    other = pki.open_authority(tmp_path / "other", "other-authority", now())
    made = pki.issue_client(other, tmp_path / "other", bank.settings.corporate_id, now())
    settings = scb_settings(bank.description, client_certificate=str(made.certificate), client_key=str(made.key))
    assert_refused(await first_answer(settings), bank)


async def test_a_client_of_the_right_authority_and_another_name_has_no_rights(
    bank: RunningBank, tmp_path: Path
) -> None:
    made = pki.issue_client(bank.authority, tmp_path, "SOMEBODY", now())
    settings = scb_settings(bank.description, client_certificate=str(made.certificate), client_key=str(made.key))
    answer = await first_answer(settings)
    assert isinstance(answer, Rejected)
    assert answer.stop_channel
    assert bank.books.transactions() == []


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_nobody_gets_in_without_a_client_certificate(version: ssl.TLSVersion, bank: RunningBank) -> None:
    context = ssl.create_default_context(cafile=bank.description.authority_file)
    context.minimum_version = context.maximum_version = version
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientError):
            await session.get(f"{bank.base_url}/v1/util/echo", ssl=context)
    assert bank.tls.handshakes == 0
    assert not bank.api.calls


async def test_older_tls_than_1_2_is_refused(bank: RunningBank) -> None:
    context = ssl.create_default_context(cafile=bank.description.authority_file)
    context.load_cert_chain(bank.description.client_certificate, bank.description.client_key)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorError):
            await session.get(f"{bank.base_url}/v1/util/echo", ssl=context)


async def test_a_bank_whose_certificate_ran_out_is_refused_until_it_is_renewed(bank: RunningBank) -> None:
    bank.faults.set(FaultRule(fault=Fault.SERVER_CERTIFICATE_EXPIRED))
    channel = ScbChannel(scb_settings(bank.description))
    assert_refused(await channel.initiate(order(1), now()), bank)
    bank.faults.clear()
    assert isinstance(await channel.initiate(order(1), now()), Initiated)
    await channel.close()


async def test_a_bank_that_starts_to_refuse_our_certificate_leaves_a_confirm_unsent(bank: RunningBank) -> None:
    channel = ScbChannel(scb_settings(bank.description, probe_after_seconds=0))
    answer = await channel.initiate(order(1), now())
    assert isinstance(answer, Initiated)
    bank.faults.set(FaultRule(fault=Fault.CLIENT_CERTIFICATE_EXPIRED))
    refused = await channel.confirm(order(1), answer.token, now())
    assert isinstance(refused, Rejected)
    assert refused.code == NOT_SENT
    assert bank.api.calls["confirm"] == 0
    bank.faults.clear()
    assert isinstance(await channel.confirm(order(1), answer.token, now()), Accepted)
    await channel.close()


async def test_without_a_fresh_probe_a_refused_certificate_would_leave_the_confirm_unknown(bank: RunningBank) -> None:
    channel = ScbChannel(scb_settings(bank.description, probe_after_seconds=3600))
    answer = await channel.initiate(order(1), now())
    assert isinstance(answer, Initiated)
    bank.faults.set(FaultRule(fault=Fault.CLIENT_CERTIFICATE_EXPIRED, times=1))
    assert isinstance(await channel.confirm(order(1), answer.token, now()), Unknown)
    assert bank.api.calls["confirm"] == 0
    await channel.close()


async def test_a_renewed_certificate_is_taken_up_without_a_restart(bank: RunningBank) -> None:
    settings = scb_settings(bank.description)
    channel = ScbChannel(settings)
    await channel.initiate(order(1), now())
    before = channel.certificate_expiry()
    folder = Path(settings.client_certificate).parent
    pki.issue_client(bank.authority, folder, bank.settings.corporate_id, now() + timedelta(hours=12))
    channel.reload_certificate()
    assert channel.certificate_expiry() > before
    bank.drop_connections()
    await eventually(lambda: not bank.connections())
    assert isinstance(await channel.initiate(order(2), now()), Initiated)
    assert bank.tls.handshakes == 2
    await channel.close()


async def test_nothing_is_sent_when_no_bank_is_there(bank: RunningBank) -> None:
    with_nobody = bank.base_url.replace(f":{bank.base_url.split(':')[2].split('/')[0]}/", ":1/")
    assert_refused(await first_answer(scb_settings(bank.description, base_url=with_nobody)), bank)


async def test_logs_hold_ids_and_codes_but_nobody(bank: RunningBank) -> None:
    with structlog.testing.capture_logs() as entries:
        assert isinstance(await first_answer(scb_settings(bank.description)), Initiated)
    text = repr(entries)
    assert [entry["call"] for entry in entries] == ["probe", "token", "initiate"]
    assert all(len(entry["request_uid"]) == 32 for entry in entries)
    for secret in (SOMCHAI.account_no, SOMCHAI.name, bank.description.api_secret, bank.description.company_account):
        assert secret not in text
    assert SOMCHAI.account_no not in repr(order(1))


class Impostor:
    """A server that holds the bank's certificate and answers money calls as it likes."""

    def __init__(self, bank: RunningBank, confirm: web.Response) -> None:
        self._bank, self._confirm, self.seen = bank, confirm, 0

    async def __aenter__(self) -> str:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=self._bank.tls.context)
        await site.start()
        return f"https://127.0.0.1:{self._runner.addresses[0][1]}"

    async def __aexit__(self, *_error: object) -> None:
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        if request.path.endswith("/confirm"):
            self.seen += 1
            return self._confirm
        data = {"accessToken": "a", "expiresIn": 1800}
        return web.json_response({"status": {"code": 1000}, "data": data})


@pytest.mark.parametrize(
    "reply",
    [
        web.Response(body=b'{"status":{"code":1000},"data":{"tokenizerId":"T"}}'.ljust(200_000)),
        web.Response(body=b"\xff\xfe"),
        web.Response(status=307, headers={"location": "/again/confirm"}),
        web.json_response({"status": {"code": 1000}, "data": {"tokenizerId": "ANOTHER"}}),
        web.json_response({"status": {"code": 1000}, "data": None}),
        web.json_response({"status": {"code": 1000}, "data": {"tokenizerId": "T"}}, status=202),
        web.json_response({"status": {"code": 9700}}, status=500),
        web.json_response({"status": {"code": 4242}}),
    ],
    ids=["huge", "garbage", "redirect", "other-token", "no-data", "background", "error", "new-code"],
)
async def test_a_strange_confirm_reply_is_unknown_and_is_never_repeated(reply: web.Response, bank: RunningBank) -> None:
    impostor = Impostor(bank, reply)
    async with impostor as url:
        channel = open_channel("scb", scb_settings(bank.description, base_url=url))
        assert isinstance(await channel.confirm(order(1), "T", now()), Unknown)
        await channel.close()
    assert impostor.seen == 1


async def test_a_one_element_list_is_read_as_the_older_dialect_writes_it(bank: RunningBank) -> None:
    reply = web.json_response({"status": {"code": 1000}, "data": [{"tokenizerId": "T"}]})
    async with Impostor(bank, reply) as url:
        channel = open_channel("scb", scb_settings(bank.description, base_url=url))
        assert await channel.confirm(order(1), "T", now()) == Accepted(None)
        await channel.close()


async def test_a_quota_is_kept_by_waiting_rather_than_by_being_turned_away(tmp_path: Path) -> None:
    async with running_bank(tmp_path / "strict", calls_per_second=5) as strict:
        channel = ScbChannel(scb_settings(strict.description, calls_per_second=5))
        answers = await asyncio.gather(*(channel.initiate(order(number), now()) for number in range(1, 9)))
        assert all(isinstance(answer, Initiated) for answer in answers)
        await channel.close()


async def test_many_at_once_sign_in_once(bank: RunningBank) -> None:
    channel = ScbChannel(scb_settings(bank.description, max_connections=4))
    answers = await asyncio.gather(*(channel.initiate(order(number), now()) for number in range(1, 21)))
    assert all(isinstance(answer, Initiated) for answer in answers)
    assert (bank.api.calls["token"], bank.api.calls["echo"]) == (1, 1)
    assert bank.tls.handshakes <= 4
    await channel.close()
