"""An executor's heart beats whatever its housekeeping waits for, and nothing is paid when it does not beat."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import psycopg

from lab.sandbox_bank.bank import RunningBank
from lab.sandbox_bank.faults import Fault, FaultRule
from server.database.roles import EXECUTOR, role_url
from server.database.transaction import Database
from server.executing.sending import Announced, Lane
from server.workers.liveness import Liveness
from shared.evidence import Evidence
from tests.conftest import ROLE_SECRET
from tests.lab.sandbox_bank.fixtures import running_bank
from tests.members.world import CODES, SERVICES
from tests.payments.farm import QUICK, Farm, bank_dir, commits_of, now
from tests.waiting import eventually

SHORT_LEASE = replace(QUICK, lease=1.0)


async def _authorized(farm: Farm, bank: RunningBank, **line: str) -> UUID:
    member = await farm.payee()
    bank.books.put_accounts([farm.bank_account_of(member)])
    intent = await farm.submit(member, **line)
    await farm.sign(farm.second_manager, [intent.id])
    return intent.id


def _paid(bank: RunningBank) -> int:
    return len([one for one in bank.books.transactions() if one.status == "CONFIRM_COMPLETED"])


def _attempts(farm: Farm, intent_id: UUID) -> list[str]:
    rows = farm.query("select state from sheaf.attempt where intent_id = %s order by ordinal", intent_id)
    return [state for (state,) in rows]


def _last_beat(farm: Farm) -> object:
    return farm.query("select beat_at from sheaf.executor order by id desc limit 1")[0][0]


def _callback(farm: Farm) -> UUID:
    callback = uuid4()
    farm.query("insert into sheaf.callback_inbox (id, at, body) values (%s, %s, 'no json')", callback, now())
    return callback


async def _is_read(farm: Farm, callback: UUID) -> None:
    query = "select outcome from sheaf.callback_inbox where id = %s"
    await eventually(lambda: farm.query(query, callback) == [("unreadable",)])


@contextmanager
def _locked(farm: Farm, table: str) -> Iterator[None]:
    """Whoever reads the table waits."""
    with psycopg.connect(farm.url) as admin:
        admin.execute(f"lock table {table} in access exclusive mode")
        yield
        admin.rollback()


async def test_housekeeping_that_waits_stops_neither_the_heart_nor_its_other_steps(farm: Farm, tmp_path: Path) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank, farm.executor_at(bank, SHORT_LEASE):
        with _locked(farm, "sheaf.bank_change"):
            waiting = "select 1 from pg_stat_activity where usename = 'sheaf_executor' and wait_event_type = 'Lock'"
            await eventually(lambda: bool(farm.query(waiting)))
            callback = _callback(farm)
            for _ in range(3):
                before = _last_beat(farm)
                await eventually(lambda before=before: _last_beat(farm) != before)  # type: ignore[misc]  # bound now
            await _is_read(farm, callback)


async def test_housekeeping_that_fails_keeps_no_other_step_back(farm: Farm, tmp_path: Path) -> None:
    farm.query("revoke select on sheaf.bank_change from sheaf_executor")
    try:
        async with running_bank(bank_dir(tmp_path)) as bank, farm.executor_at(bank):
            await _is_read(farm, _callback(farm))
    finally:
        farm.query("grant select on sheaf.bank_change to sheaf_executor")


async def test_what_is_announced_when_the_heart_has_stopped_is_not_confirmed(farm: Farm, tmp_path: Path) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        bank.faults.set(FaultRule(fault=Fault.SLOW, call="initiate", times=1, seconds=1.5))
        intent_id = await _authorized(farm, bank)
        async with farm.executor_at(bank, SHORT_LEASE) as executor:
            await eventually(lambda: _attempts(farm, intent_id) == ["prepared"])

            async def stopped(_: object) -> int:
                return await asyncio.Future()

            executor._liveness.beat = stopped  # type: ignore[method-assign,assignment]  # a connection that does not answer
            await eventually(lambda: _attempts(farm, intent_id) == ["rejected"])
            evidence = farm.query("select evidence from sheaf.attempt where intent_id = %s", intent_id)
            assert evidence == [(Evidence.LEASE_PASSED,)]
            assert (_paid(bank), farm.state(intent_id)) == (0, "authorized")
        async with farm.executor_at(bank):
            assert await farm.reaches(intent_id, "settled", "failed") == "settled"
        assert _paid(bank) == 1


async def test_the_heart_beats_until_what_is_under_way_is_recorded(farm: Farm, tmp_path: Path) -> None:
    """A stopping executor claims nothing more, and waits for longer than its lease."""
    async with running_bank(bank_dir(tmp_path)) as bank:
        bank.faults.set(FaultRule(fault=Fault.SLOW, call="initiate", times=1, seconds=1.5))
        intent_id = await _authorized(farm, bank)
        async with farm.executor_at(bank, SHORT_LEASE):
            await eventually(lambda: _attempts(farm, intent_id) == ["prepared"])
        assert (_attempts(farm, intent_id), farm.state(intent_id)) == (["accepted"], "settled")


async def test_the_lock_of_a_dead_executor_is_taken_once_however_often_it_is_found_dead(farm: Farm) -> None:
    url = role_url(farm.url, EXECUTOR, ROLE_SECRET)
    one, other = Liveness(url, timedelta(seconds=15)), Liveness(url, timedelta(seconds=15))
    dead = farm.query("insert into sheaf.executor (started_at) values (now()) returning id")[0][0]
    for liveness in (one, other):
        await liveness.register(now())
    # its first take-over came to nothing, so it is found dead again
    assert [await one.dead({dead: False}) for _ in range(3)] == [[dead]] * 3
    assert await other.dead({dead: False}) == []
    await one.release(dead)
    assert await other.dead({dead: False}) == [dead]
    for liveness in (one, other):
        await liveness.close()


async def _left_confirming(farm: Farm, bank: RunningBank) -> UUID:
    """An internal payment whose executor has died between its two commits."""
    intent_id = await _authorized(farm, bank, to="balance")
    database = Database(role_url(farm.url, EXECUTOR, ROLE_SECRET), SERVICES, connections=1)
    dead = await commits_of(farm, database, "scb")
    (attempt,) = await dead.claim({Lane(CODES["NSN"], "internal"): 1}, [])
    token = f"INTERNAL{attempt.bank_reference}"
    assert (attempt.intent_id, await dead.note_confirming([Announced(attempt, token, "", None)])) == (intent_id, [True])
    await database.close()
    return intent_id


async def test_an_adopted_internal_payment_goes_back_and_is_settled_as_it_was_signed(
    farm: Farm, tmp_path: Path
) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        intent_id = await _left_confirming(farm, bank)
        async with farm.executor_at(bank):
            assert await farm.reaches(intent_id, "settled", "cancelled", "failed") == "settled"
    assert _attempts(farm, intent_id) == ["accepted"]
    assert (await farm.ledger()).balanced


async def test_an_adopted_internal_payment_whose_signature_does_not_hold_any_more_is_not_settled(
    farm: Farm, tmp_path: Path
) -> None:
    """Last, because the signer's desk stays revoked."""
    async with running_bank(bank_dir(tmp_path)) as bank:
        intent_id = await _left_confirming(farm, bank)
        farm.query("update sheaf.device set state = 'revoked' where id = %s", farm.second_manager.actor.device)
        async with farm.executor_at(bank):
            assert await farm.reaches(intent_id, "settled", "cancelled", "failed") == "cancelled"
    assert (await farm.ledger()).balanced
