"""The sandbox bank keeps to what docs/bank.md says of the bank: headers, fields, codes and the quota."""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncIterator
from copy import deepcopy
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from lab.sandbox_bank.bank import RunningBank
from tests.lab.sandbox_bank.fixtures import running_bank

INITIATE = "/v1/payment/transfer/fcd/credit/initiate"
CONFIRM = "/v1/payment/transfer/fcd/credit/confirm"
INQUIRY = "/v1/payment/transfer/fcd/inquiry"
VERIFY = "/v1/payment/transfer/account/verify"
Headers = dict[str, str | None]
MOMENT = "2026-09-30T09:01:00.000+07:00"


class Partner:
    """Calls the bank with right headers unless told otherwise."""

    def __init__(self, bank: RunningBank, session: aiohttp.ClientSession) -> None:
        self._bank, self._session = bank, session
        self.headers = {
            "content-type": "application/json",
            "resourceOwnerId": bank.description.api_key,
            "accept-language": "EN",
        }

    async def sign_in(self) -> None:
        bank = self._bank.description
        body = {"applicationKey": bank.api_key, "applicationSecret": bank.api_secret}
        status, envelope = await self.post("/v1/oauth/token", body)
        assert (status, envelope["status"]["code"]) == (200, 1000)
        data = envelope["data"]
        assert (data["tokenType"], data["expiresIn"]) == ("Bearer", 1800)
        self.headers["authorization"] = f"Bearer {data['accessToken']}"

    async def post(self, path: str, body: Any, method: str = "POST", headers: Headers | None = None) -> tuple[int, Any]:
        sent = {**self.headers, "requestUId": uuid4().hex}
        for name, value in (headers or {}).items():
            sent.pop(name, None)
            if value is not None:
                sent[name] = value
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        async with self._session.request(method, self._bank.base_url + path, data=data, headers=sent) as reply:
            return reply.status, json.loads(await reply.read(), parse_float=str)

    async def outcome(
        self, path: str, body: Any, method: str = "POST", headers: Headers | None = None
    ) -> tuple[int, int]:
        status, envelope = await self.post(path, body, method, headers)
        assert set(envelope) == {"status", "data"}
        return status, envelope["status"]["code"]


def initiate_body(bank: RunningBank, reference: str = "S1") -> dict[str, Any]:
    settings = bank.settings
    return {
        "channelDateTime": MOMENT,
        "partnerTransactionID": reference,
        "corporateId": settings.corporate_id,
        "payer": {
            "taxId": settings.payer_tax_id,
            "accountInfo": {"accountNo": settings.company_account, "bankCode": "014"},
        },
        "payee": {"accountInfo": {"accountNo": "012345674412", "bankCode": "034"}},
        "tranAmount": {"amount": 20000.5, "currency": "THB"},
    }


@pytest.fixture
async def bank(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[RunningBank]:
    async with running_bank(tmp_path, calls_per_second=getattr(request, "param", 0)) as running:
        yield running


@pytest.fixture
async def partner(bank: RunningBank) -> AsyncIterator[Partner]:
    context = ssl.create_default_context(cafile=bank.description.authority_file)
    context.load_cert_chain(bank.description.client_certificate, bank.description.client_key)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session:
        made = Partner(bank, session)
        await made.sign_in()
        yield made


async def test_the_whole_way_has_the_documented_shapes(bank: RunningBank, partner: Partner) -> None:
    status, envelope = await partner.post(INITIATE, initiate_body(bank))
    assert status == 200
    assert envelope["status"] == {"code": 1000, "description": "Success"}
    token = envelope["data"].pop("tokenizerId")
    assert token.startswith("SCBX")
    assert len(token) <= 35
    assert envelope["data"] == {
        "channelDateTime": MOMENT,
        "payee": {"accountName": "นาย ส*** ใ***"},
        "fee": {"amount": "0.00"},
    }
    _, envelope = await partner.post(CONFIRM, {"channelDateTime": MOMENT, "tokenizerId": token})
    assert envelope["data"] == {"channelDateTime": MOMENT, "tokenizerId": token}
    day = bank.books.transactions()[0].token[4:12]
    asked = {"channelDateTime": MOMENT, "tokenizerId": token, "dateFrom": f"{day[:4]}-{day[4:6]}-{day[6:]}"}
    _, envelope = await partner.post(INQUIRY, asked)
    assert envelope["data"]["status"] == "CONFIRM_COMPLETED"
    assert envelope["data"]["tranAmount"] == {"amount": "20000.50", "currency": "THB"}
    account = {"accountNo": "012345674412", "bankCode": "034"}
    body = {"channelDateTime": MOMENT, "corporateId": "AGRI001", "accountInfo": account}
    _, envelope = await partner.post(VERIFY, body)
    assert envelope["data"] == {
        "accountInfo": account,
        "accountName": "นาย สมชาย ใจดี",
        "accountStatus": "ACTIVE",
    }


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"resourceOwnerId": None}, (400, 9100)),
        ({"requestUId": None}, (400, 9100)),
        ({"requestUId": "not an id"}, (400, 1102)),
        ({"resourceOwnerId": "somebody"}, (401, 9500)),
        ({"authorization": None}, (401, 9300)),
        ({"authorization": "Bearer 00000000-0000-0000-0000-000000000000"}, (401, 9300)),
        ({"content-type": "text/plain"}, (415, 9900)),
        ({"requestUId": str(uuid4())}, (200, 1000)),
        ({"requestUId": None, "REQUESTUID": uuid4().hex}, (200, 1000)),
        ({"accept-language": None}, (200, 1000)),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
async def test_headers_are_checked(
    headers: dict[str, str | None], expected: tuple[int, int], bank: RunningBank, partner: Partner
) -> None:
    assert await partner.outcome(INITIATE, initiate_body(bank), headers=headers) == expected


MISSING = object()
FIELDS: list[tuple[str, object, tuple[int, int]]] = [
    ("partnerTransactionID", MISSING, (400, 1101)),
    ("partnerTransactionID", "", (400, 1103)),
    ("partnerTransactionID", "A" * 26, (400, 1102)),
    ("partnerTransactionID", "A-1", (400, 1102)),
    ("partnerTransactionID", 7, (400, 1102)),
    ("partnerTransactionID", "A" * 25, (200, 1000)),
    ("surprise", "x", (400, 1105)),
    ("payee.surprise", "x", (400, 1105)),
    ("payee", MISSING, (400, 1101)),
    ("payee", "x", (400, 1102)),
    ("payee.accountInfo.accountNo", MISSING, (400, 1101)),
    ("payee.taxId", "", (400, 1103)),
    ("payee.taxId", "1" * 13, (200, 1000)),
    ("payee.statementDescription", "x" * 41, (400, 1102)),
    ("channelDateTime", "2026-09-30 09:01", (400, 1102)),
    ("corporateId", "SOMEBODY", (400, 1102)),
    ("payer.accountInfo.accountNo", "9999999999", (400, 1102)),
    ("tranAmount.amount", "20000.00", (400, 1102)),
    ("tranAmount.amount", 1.234, (400, 1102)),
    ("tranAmount.amount", -1, (400, 1102)),
    ("tranAmount.amount", 0, (400, 8102)),
    ("tranAmount.amount", 2_000_000.01, (400, 8102)),
    ("tranAmount.amount", 2_000_000, (200, 1000)),
    ("tranAmount.currency", "USD", (400, 1102)),
    ("payee.accountInfo.bankCode", "999", (400, 8102)),
    ("payee.accountInfo.bankCode", "111", (400, 8102)),
]


@pytest.mark.parametrize(("path", "value", "expected"), FIELDS, ids=[f"{f[0]}={f[1]!s:.12}" for f in FIELDS])
async def test_fields_are_checked(
    path: str, value: object, expected: tuple[int, int], bank: RunningBank, partner: Partner
) -> None:
    body = deepcopy(initiate_body(bank))
    *parents, last = path.split(".")
    holder = body
    for parent in parents:
        holder = holder[parent]
    if value is MISSING:
        del holder[last]
    else:
        holder[last] = value
    assert await partner.outcome(INITIATE, body) == expected
    assert len(bank.books.transactions()) == (expected[0] == 200)


async def test_promptpay_by_mobile_number_is_refused(bank: RunningBank, partner: Partner) -> None:
    body = initiate_body(bank)
    body["payee"]["accountInfo"] = {"accountNo": "0812345678", "bankCode": "111"}
    status, envelope = await partner.post(INITIATE, body)
    assert (status, envelope["status"]["code"], envelope["data"]["code"]) == (400, 8102, "176")


async def test_paths_methods_and_bodies_that_do_not_exist(bank: RunningBank, partner: Partner) -> None:
    assert await partner.outcome("/v1/nothing", {}) == (404, 1104)
    assert await partner.outcome(CONFIRM, b"", "GET") == (405, 9900)
    assert await partner.outcome(CONFIRM, b"{") == (400, 1102)
    assert await partner.outcome(CONFIRM, b"[" * 60_000) == (400, 1102)
    assert await partner.outcome(CONFIRM, b'{"a":NaN}') == (400, 1105)
    unknown = {"channelDateTime": MOMENT, "tokenizerId": "SCBX0"}
    status, envelope = await partner.post(CONFIRM, unknown)
    assert (status, envelope["status"]["code"], envelope["data"]["code"]) == (409, 8101, "BU0001")


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2026-09-28", "2026-10-01", (400, 1102)),
        ("2026-09-30", "2026-09-29", (400, 1102)),
        ("2026-02-30", "2026-02-30", (400, 1102)),
        ("2026-09-28", "2026-09-30", (409, 8101)),
    ],
)
async def test_an_inquiry_reaches_over_three_days_at_most(
    first: str, last: str, expected: tuple[int, int], partner: Partner
) -> None:
    body = {"channelDateTime": MOMENT, "tokenizerId": "SCBX0", "dateFrom": first, "dateTo": last}
    assert await partner.outcome(INQUIRY, body) == expected


async def test_wrong_keys_get_no_token(bank: RunningBank, partner: Partner) -> None:
    body = {"applicationKey": bank.description.api_key, "applicationSecret": "wrong"}
    assert await partner.outcome("/v1/oauth/token", body) == (401, 9500)


@pytest.mark.parametrize("bank", [5], indirect=True)
async def test_the_sixth_call_of_a_second_on_one_path_is_turned_away(bank: RunningBank, partner: Partner) -> None:
    answers = [await partner.outcome(INITIATE, initiate_body(bank, f"S{number}")) for number in range(6)]
    assert answers == [(200, 1000)] * 5 + [(503, 9900)]
    assert await partner.outcome(CONFIRM, {"channelDateTime": MOMENT, "tokenizerId": "SCBX0"}) == (409, 8101)
    assert len(bank.books.transactions()) == 5
