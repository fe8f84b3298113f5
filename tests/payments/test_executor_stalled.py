"""Executors that are stalled or cut off: others take over, late writes are refused, everything is paid once."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from lab.sandbox_bank.bank import RunningBank
from lab.sandbox_bank.faults import Fault, FaultRule
from server.channels import open_channels
from server.database.roles import EXECUTOR, role_url
from server.database.transaction import Database
from server.executing.outcomes import Outcome, Settled
from server.executing.sending import Announced, Lane
from server.ledger.accounts import Purpose
from server.workers.payments import Executor
from shared.evidence import Evidence
from tests.conftest import ROLE_SECRET
from tests.lab.sandbox_bank.fixtures import running_bank, scb_settings
from tests.members.world import CODES, SERVICES
from tests.payments.farm import QUICK, Farm, bank_dir, commits_of
from tests.waiting import eventually

SHORT_LEASE = replace(QUICK, lease=1.0)


async def _authorized(farm: Farm, bank: RunningBank) -> UUID:
    member = await farm.payee()
    bank.books.put_accounts([farm.bank_account_of(member)])
    intent = await farm.submit(member)
    await farm.sign(farm.manager, [intent.id])
    return intent.id


def _paid(bank: RunningBank) -> int:
    return len([one for one in bank.books.transactions() if one.status == "CONFIRM_COMPLETED"])


def _attempts(farm: Farm, intent_id: UUID) -> list[str]:
    rows = farm.query("select state from sheaf.attempt where intent_id = %s order by ordinal", intent_id)
    return [state for (state,) in rows]


@contextmanager
def _process(farm: Farm, directory: Path) -> Iterator[subprocess.Popen[bytes]]:
    url = role_url(farm.url, EXECUTOR, ROLE_SECRET)
    command = [sys.executable, "-m", "tests.payments.executor_process", url, str(directory), "1.0"]
    process = subprocess.Popen(command)
    try:
        yield process
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()


def _beat(farm: Farm, executor: int) -> object:
    return farm.query("select beat_at from sheaf.executor where id = %s", executor)[0][0]


async def _beats_again(farm: Farm, executor: int) -> None:
    """Wait until an executor that was stalled has gone round its loops."""
    for _ in range(3):
        before = _beat(farm, executor)
        await eventually(lambda before=before: _beat(farm, executor) != before)  # type: ignore[misc]  # bound now


@pytest.mark.parametrize(("call", "stalls_at"), [("initiate", "prepared"), ("confirm", "confirming")])
async def test_a_stopped_process_is_taken_over_and_its_late_writes_are_refused(
    farm: Farm, tmp_path: Path, call: str, stalls_at: str
) -> None:
    """SIGSTOP keeps its connections and its lock: only its lease runs out."""
    directory = bank_dir(tmp_path)
    async with running_bank(directory) as bank:
        bank.faults.set(FaultRule(fault=Fault.SLOW, call=call, times=1, seconds=1))
        intent_id = await _authorized(farm, bank)
        transit = farm.balance("NSN", Purpose.TRANSIT)[0]
        with _process(farm, directory) as stalled:
            await eventually(lambda: _attempts(farm, intent_id) == [stalls_at])
            executor = farm.query("select executor_id from sheaf.attempt where intent_id = %s", intent_id)[0][0]
            os.kill(stalled.pid, signal.SIGSTOP)
            async with farm.executor_at(bank, SHORT_LEASE):
                assert await farm.reaches(intent_id, "settled", "failed") == "settled"
                os.kill(stalled.pid, signal.SIGCONT)
                await _beats_again(farm, executor)
            assert stalled.poll() is None
        assert _paid(bank) == 1
    assert farm.balance("NSN", Purpose.TRANSIT)[0] == transit + 10_000
    assert _attempts(farm, intent_id)[-1] == "accepted"
    settled = farm.query(
        "select count(*) from sheaf.intent_event where intent_id = %s and state = 'settled'", intent_id
    )
    assert settled == [(1,)]
    assert (await farm.ledger()).balanced


async def test_whoever_was_taken_over_writes_nothing_more(farm: Farm, tmp_path: Path) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        intent_id = await _authorized(farm, bank)
    database = Database(role_url(farm.url, EXECUTOR, ROLE_SECRET), SERVICES, connections=2)
    old, young = [await commits_of(farm, database, "scb") for _ in range(2)]
    (attempt,) = await old.claim({Lane(CODES["NSN"], "scb"): 1}, [])
    assert attempt.intent_id == intent_id
    assert await young.adopt(old.executor) == 1
    assert await old.note_confirming([Announced(attempt, "T1", "")]) == [False]
    assert await old.record_outcomes([Outcome(attempt, Settled(Evidence.CONFIRMED))]) == [False]
    assert (_attempts(farm, intent_id), farm.state(intent_id)) == (["prepared"], "sent")
    # and nobody older takes it back, even with the owner's rights
    with pytest.raises(Exception, match="younger executor"):
        farm.query("update sheaf.attempt set executor_id = %s where id = %s", old.executor, attempt.id)
    await database.close()


@asynccontextmanager
async def _executor(farm: Farm, bank: RunningBank) -> AsyncIterator[Executor]:
    url = role_url(farm.url, EXECUTOR, ROLE_SECRET)
    database = Database(url, SERVICES, connections=5)
    channels = open_channels({"scb": scb_settings(bank.description)})
    yield Executor(database, url, SERVICES, channels, QUICK)
    for channel in channels.values():
        await channel.close()
    await database.close()


_CUT = "select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = 'sheaf_executor'"


async def test_an_executor_that_is_cut_off_ends_and_the_next_one_pays_once(farm: Farm, tmp_path: Path) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        bank.faults.set(FaultRule(fault=Fault.SLOW, call="confirm", times=1, seconds=1))
        intent_id = await _authorized(farm, bank)
        async with _executor(farm, bank) as executor:
            running = asyncio.create_task(executor.run(asyncio.Event()))
            await eventually(lambda: _attempts(farm, intent_id) == ["confirming"])
            farm.query(_CUT)
            with pytest.raises(ConnectionError):
                await running
            assert not executor._under_way()
        async with farm.executor_at(bank):
            assert await farm.reaches(intent_id, "settled", "failed") == "settled"
        assert _paid(bank) == 1


async def test_an_executor_whose_working_connections_are_cut_goes_on_by_itself(farm: Farm, tmp_path: Path) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        bank.faults.set(FaultRule(fault=Fault.SLOW, call="confirm", times=1, seconds=0.5))
        intent_id = await _authorized(farm, bank)
        async with farm.executor_at(bank):
            await eventually(lambda: _attempts(farm, intent_id) == ["confirming"])
            farm.query(_CUT + " and application_name <> 'sheaf executor liveness'")
            assert await farm.reaches(intent_id, "settled", "failed") == "settled"
            second = await _authorized(farm, bank)
            assert await farm.reaches(second, "settled", "failed") == "settled"
        assert _paid(bank) == 2


async def test_who_does_not_have_a_channel_takes_over_nothing_of_it_and_knows_that_it_is_there(
    farm: Farm, tmp_path: Path
) -> None:
    """It would never ask about it: whoever has the channel must find it with the dead executor."""
    async with running_bank(bank_dir(tmp_path)) as bank:
        await _authorized(farm, bank)
    database = Database(role_url(farm.url, EXECUTOR, ROLE_SECRET), SERVICES, connections=2)
    old, other, young = [await commits_of(farm, database, name) for name in ("scb", "scb_file", "scb")]
    assert len(await old.claim({Lane(CODES["NSN"], "scb"): 1}, [])) == 1
    assert await other.others_at_work(timedelta(seconds=10)) == {}
    assert await other.adopt(old.executor) == 0
    assert (await other.untended(), await young.untended()) == ({"scb": 1}, {})
    assert await young.others_at_work(timedelta(seconds=10)) == {old.executor: False}
    assert await young.adopt(old.executor) == 1
    await database.close()
