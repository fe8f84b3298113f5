"""An executor whose database goes away in every way, whose bank's certificate is renewed: it goes on, and pays once."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID

import msgspec
import psycopg
import pytest

from lab.sandbox_bank.bank import RunningBank
from lab.sandbox_bank.faults import Fault, FaultRule
from server.audit import store as audit
from server.context import Actor
from server.database.embedded import EmbeddedPostgres
from server.database.migrations import upgrade
from shared.audit_tags import AuditTag
from tests.conftest import ROLE_SECRET
from tests.faults.service import START_SECONDS, Service
from tests.lab.sandbox_bank.fixtures import running_bank, scb_settings
from tests.members.world import CODES, found_company
from tests.payments.farm import Farm, bank_dir, now
from tests.waiting import eventually

pytestmark = pytest.mark.timeout(600)
LOST = "begins anew"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[EmbeddedPostgres, str]]:
    """A server of this module's own, for it is ended and started again."""
    server = EmbeddedPostgres(tmp_path_factory.mktemp("cluster") / "postgres", unsafe_for_tests=True)
    url = server.start()
    upgrade(url, ROLE_SECRET)
    found_company(url)
    yield server, url
    server.destroy()


@pytest.fixture
async def farm(cluster: tuple[EmbeddedPostgres, str]) -> AsyncIterator[Farm]:
    farm = Farm(cluster[1])
    async with farm.owner.transaction(tuple(CODES.values())) as tx:  # by which an executor's file knows its database
        founder = Actor(name="test", branch_codes=CODES)
        await audit.append(tx, founder, CODES["HQ"], AuditTag.COMPANY_INITIALISED, "HQ", {}, now())
    await farm.open_money()
    await farm.fund("NSN", 10_000_000)
    yield farm
    await farm.close()


async def _signed(farm: Farm, bank: RunningBank) -> UUID:
    member = await farm.payee()
    bank.books.put_accounts([farm.bank_account_of(member)])
    intent = await farm.submit(member)
    await farm.sign(farm.manager, [intent.id])
    return intent.id


async def _pays(farm: Farm, bank: RunningBank) -> None:
    assert await farm.reaches(await _signed(farm, bank), "settled", "failed") == "settled"


def _administrator(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as admin:
        for statement in statements:
            admin.execute(statement.encode())


def _end_sessions(url: str) -> None:
    """As an administrator does, and as a failover does to everybody."""
    _administrator(url, "select pg_terminate_backend(pid) from pg_stat_activity where usename like 'sheaf_%'")


async def test_it_goes_on_whatever_happens_to_its_database_and_its_settings(
    cluster: tuple[EmbeddedPostgres, str], farm: Farm, tmp_path: Path
) -> None:
    server, url = cluster
    directory = bank_dir(tmp_path)
    async with running_bank(directory) as bank:
        service = Service(tmp_path, url, "worker", "payments")
        told = msgspec.to_builtins(scb_settings(bank.description), enc_hook=str)
        service.sections["bank"] = {key: value for key, value in told.items() if key != "timeouts"}
        service.write()
        service.start(wait=False)
        try:
            await eventually(service.is_up, START_SECONDS)
            (worker,) = service.workers()
            await _pays(farm, bank)
            await _sessions_ended(service, url)
            await _pays(await _again(farm), bank)
            await _server_restarted(service, server)
            await _pays(await _again(farm), bank)
            await _only_a_copy(service, url)
            await _pays(await _again(farm), bank)
            assert service.workers() == [worker]
            await _certificate_renewed(service, farm, bank)
            assert worker not in service.workers()
            await _pays(farm, bank)
            os.kill(service.pid, signal.SIGTERM)
            await eventually(lambda: service.process is not None and service.process.poll() == 0, 70)
        finally:
            service.kill()
        paid = [one for one in bank.books.transactions() if one.status == "CONFIRM_COMPLETED"]
        assert len(paid) == len({one.bank_reference for one in paid}) == 7
    assert (await farm.ledger()).balanced


async def _sessions_ended(service: Service, url: str) -> None:
    before = len(service.told(LOST))
    _end_sessions(url)
    await eventually(lambda: len(service.told(LOST)) > before, 30)


async def _again(farm: Farm) -> Farm:
    """The test's own connections were ended, too."""
    for database in (farm.owner, farm.api, farm.executor):
        await database.renew()
    return farm


async def _server_restarted(service: Service, server: EmbeddedPostgres) -> None:
    before = len(service.told(LOST))
    server.stop()
    await eventually(lambda: len(service.told(LOST)) > before + 1, 60)  # told again, and still there
    server.start()


async def _only_a_copy(service: Service, url: str) -> None:
    """The server that answers can't be written to, as after a failover of which nobody told us."""
    _administrator(url, "alter system set default_transaction_read_only = on", "select pg_reload_conf()")
    before = len(service.told(LOST))
    _end_sessions(url)
    await eventually(lambda: any(line.get("sqlstate") == "25006" for line in service.told(LOST)[before:]), 60)
    _administrator(
        url, "set default_transaction_read_only = off", "alter system reset default_transaction_read_only",
        "select pg_reload_conf()",
    )  # fmt: skip
    _end_sessions(url)


def _put_certificate(bank: RunningBank, content: bytes | None) -> bytes:
    """Put this in the place of our client certificate, or one whose key is another's; what stood there."""
    place = Path(bank.description.client_certificate)
    before = place.read_bytes()
    place.write_bytes(Path(bank.description.authority_file).read_bytes() if content is None else content)
    return before


async def _certificate_renewed(service: Service, farm: Farm, bank: RunningBank) -> None:
    """Half of a renewal is refused, and the whole taken, while a payment is under way."""
    good = _put_certificate(bank, None)
    service.signal(signal.SIGHUP)
    refused = "reload refused; the old workers go on with the old settings"
    await eventually(lambda: bool(service.told(refused)), START_SECONDS)
    assert "a channel of the bank can't be opened" in service.told(refused)[-1]["why"]
    await _pays(farm, bank)
    _put_certificate(bank, good)
    bank.faults.set(FaultRule(fault=Fault.SLOW, call="confirm", times=1, seconds=4))
    slow = await _signed(farm, bank)
    await eventually(lambda: farm.state(slow) == "sent")
    service.signal(signal.SIGHUP)
    await eventually(lambda: bool(service.told("reloaded")), START_SECONDS)
    assert await farm.reaches(slow, "settled", "failed") == "settled"
    await eventually(lambda: len(service.workers()) == 1, START_SECONDS)
