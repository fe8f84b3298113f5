"""A channel is one new file: nothing else changes, and it is found, routed to and paid through."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from server import channels
from server.ledger.accounts import Purpose
from tests.lab.sandbox_bank.fixtures import running_bank
from tests.payments.farm import Farm, bank_dir

ECHO = '''
"""Says yes to everything."""

from __future__ import annotations

from datetime import datetime

import msgspec

from server.channels.base import Accepted, AccountName, Initiated, Manifest, PaymentOrder, Plugin, Unknown
from shared.banks import AccountNumber
from shared.money import Satang

MANIFEST = Manifest(operations=frozenset({"disbursement"}), max_amount=Satang(500_00), concurrency=4)


class EchoSettings(msgspec.Struct, frozen=True):
    """Nothing is required."""

    voice: str = "echo"


class EchoChannel:
    """The channel."""

    name = "echo"
    manifest = MANIFEST
    payer_account = None

    def __init__(self, settings: EchoSettings) -> None:
        self._voice = settings.voice

    async def initiate(self, order: PaymentOrder, now: datetime) -> Initiated:
        return Initiated(f"{self._voice}-{order.bank_ref}", None, Satang(0))

    async def confirm(self, order: PaymentOrder, token: str, now: datetime) -> Accepted:
        return Accepted(now)

    async def inquire(self, order: PaymentOrder, token: str, now: datetime) -> Accepted:
        return Accepted(now)

    async def verify(self, bank_code: str, account_number: AccountNumber, now: datetime) -> AccountName | Unknown:
        return Unknown(Evidence.NOT_ASKED)

    async def close(self) -> None:
        return None


PLUGIN = Plugin(name="echo", manifest=MANIFEST, settings=EchoSettings, open=EchoChannel)
'''

ROUTES = """
insert into sheaf.route_table (id, effective_from, reason, state, created_at, changed_at)
  values ('00000000-0000-7000-8000-00000000000e', '2020-01-01Z', 'an echo for small payments', 'proposed',
    '2020-01-01Z', '2020-01-01Z');
insert into sheaf.payment_route (table_id, ordinal, operation, bank, amounts, week, channel)
  values ('00000000-0000-7000-8000-00000000000e', 1, 'disbursement', '', '[1,50000]', '{[0,10080)}', 'echo'),
         ('00000000-0000-7000-8000-00000000000e', 2, 'disbursement', '', '[50001,200000000]', '{[0,10080)}', 'scb');
-- nobody signs it: as the table that the product ships with
set local session_replication_role = replica;
update sheaf.route_table set state = 'approved' where id = '00000000-0000-7000-8000-00000000000e';
"""


@pytest.fixture
def echo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The one new file, in a folder of its own that belongs to the package for this test."""
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "echo.py").write_text(ECHO, encoding="utf-8")
    monkeypatch.setattr(channels, "__path__", [*channels.__path__, str(tmp_path / "more")])
    yield
    sys.modules.pop("server.channels.echo", None)


async def test_a_channel_in_one_new_file_is_found_routed_to_and_executed(
    echo: None, farm: Farm, tmp_path: Path
) -> None:
    assert set(channels.manifests()) == {"echo", "internal", "scb", "scb_file"}
    with psycopg.connect(farm.url) as admin:
        admin.execute(ROUTES)
    member = await farm.payee()
    before = farm.balance("NSN", Purpose.FUNDING)[0]
    small, large = await farm.submit(member, "500.00"), await farm.submit(member, "500.01")
    assert (small.channel, large.channel) == ("echo", "scb")
    await farm.sign(farm.manager, [small.id, large.id])
    async with running_bank(bank_dir(tmp_path)) as bank:
        bank.books.put_accounts([farm.bank_account_of(member)])
        async with farm.executor_at(bank):
            assert await farm.reaches(small.id, "settled", "failed", "in_doubt") == "settled"
            assert await farm.reaches(large.id, "settled", "failed", "in_doubt") == "settled"
        assert [one.amount for one in bank.books.transactions()] == [50001]
    token = farm.query("select token from sheaf.attempt where intent_id = %s", small.id)[0][0]
    assert token.startswith("echo-")
    assert farm.balance("NSN", Purpose.FUNDING) == (before - 100001, 0)
    assert (await farm.ledger()).balanced


def test_a_channel_without_its_settings_is_not_opened_and_an_unknown_name_is_a_mistake(echo: None) -> None:
    with pytest.raises(KeyError):
        channels.open_channels({"pigeon": {}})
    with pytest.raises(KeyError):
        channels.open_channel("pigeon")
    assert set(channels.open_channels({})) == {"echo", "internal"}
