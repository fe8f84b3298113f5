"""What keeps payments from leaving, and what became of them, is named by status and doctor within ten seconds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from lab.sandbox_bank.bank import RunningBank
from lab.sandbox_bank.faults import Fault, FaultRule
from server.installation import Keys, toml_text
from server.pki import write_secret
from server.workers.breaker import BreakerSettings
from shared.ids import bank_reference
from tests.conftest import ROLE_SECRET
from tests.faults.place import named, troubles
from tests.lab.sandbox_bank.fixtures import running_bank
from tests.payments.conftest import company, farm
from tests.payments.farm import QUICK, Farm, bank_dir
from tests.waiting import eventually

__all__ = ["company", "farm"]

NERVOUS = replace(QUICK, breaker=BreakerSettings(failures=3, rest=0.5, rest_most=1.0), pause_after_stop=0.5)


def settings(farm: Farm, bank: RunningBank, folder: Path) -> Path:
    """What the operator of this farm has."""
    import msgspec

    told = bank.description
    write_secret(folder / "keys.json", msgspec.json.encode(Keys(role_secret=ROLE_SECRET, vault_key=bytes(range(32)))))
    section = {name: getattr(told, name) for name in ("base_url", "api_key", "api_secret", "corporate_id")}
    section |= {"payer_account": told.company_account, "payer_tax_id": told.payer_tax_id}
    files = {name: getattr(told, name) for name in ("authority_file", "client_certificate", "client_key")}
    sftp = {"host": told.sftp_host, "port": told.sftp_port, "username": told.sftp_user}
    sftp |= {"private_key": told.sftp_client_key, "host_keys": [told.sftp_host_key]}
    text = toml_text({"database": {"url": farm.url}, "bank": {**section, **files}, "sftp": sftp})
    write_secret(folder / "sheaf.toml", text.encode())
    return folder / "sheaf.toml"


async def paid(farm: Farm, bank: RunningBank, count: int) -> list[UUID]:
    """Signed payments to members whom the bank knows."""
    ids = []
    for member in await farm.payees(count):
        bank.books.put_accounts([farm.bank_account_of(member)])
        ids.append((await farm.submit(member, "100.00")).id)
    await farm.sign(farm.manager, ids)
    return ids


async def says(config: Path, what: str, **more: Any) -> dict[str, Any]:
    """What doctor says, while this loop's bank and executor go on."""
    return await asyncio.to_thread(lambda: named(config, what, **more))


def state(farm: Farm, ids: list[UUID], wanted: str) -> Callable[[], bool]:
    query = "select count(*) from sheaf.intent where id = any(%s) and state = %s"
    return lambda: farm.query(query, ids, wanted) == [(len(ids),)]


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        (FaultRule(fault=Fault.UNAVAILABLE), "does not answer"),
        (FaultRule(fault=Fault.BALANCE_SHORT), "does not hold enough money (116)"),
        (FaultRule(fault=Fault.CUT_OFF), "outside the bank's hours (184)"),
    ],
    ids=["silent", "empty account", "closed"],
)
async def test_a_stopped_lane_is_named_with_its_cause(farm: Farm, tmp_path: Path, fault: FaultRule, cause: str) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        config = settings(farm, bank, tmp_path)
        bank.faults.set(fault)
        ids = await paid(farm, bank, 4)
        async with farm.executor_at(bank, NERVOUS):
            told = await says(config, "payments.channels scb", says=cause)
            assert "Make no payment anew" in told["do"]["en"]
            bank.faults.clear()
            await eventually(state(farm, ids, "settled"), 40)
            told_after = await asyncio.to_thread(troubles, config)
            assert not [one for one in told_after if one["what"].startswith("payments.channels")]


async def test_payments_in_doubt_are_named(farm: Farm, tmp_path: Path) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        config = settings(farm, bank, tmp_path)
        ids = await paid(farm, bank, 2)
        bank.faults.set(FaultRule(fault=Fault.LOST_ANSWER))
        bank.faults.set(FaultRule(fault=Fault.UNAVAILABLE, call="inquiry"))
        async with farm.executor_at(bank, NERVOUS):
            told = await says(config, "payments.doubt scb")
            assert "pay none of them again" in told["do"]["en"]
            bank.faults.clear()
            await eventually(state(farm, ids, "settled"), 40)


async def test_another_amount_under_our_reference_is_named(farm: Farm, tmp_path: Path) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        config = settings(farm, bank, tmp_path)
        member = await farm.payee()
        bank.books.put_accounts([farm.bank_account_of(member)])
        payment = (await farm.submit(member, "100.00")).id
        await farm.sign(farm.manager, [payment])
        had = (farm.bank_account_of(member), 100_01)
        assert (
            bank.books.initiate(bank_reference(payment, 1), *had, int(datetime.now(UTC).timestamp() * 1000)) is not None
        )
        async with farm.executor_at(bank, NERVOUS):
            told = await says(config, "payments.mismatched scb", says="another amount or payee: 1, 100.00 THB")
            assert told["level"] == "bad"
            assert "Pay none of them again" in told["do"]["en"]


async def test_payments_that_fail_in_a_crowd_are_named(farm: Farm, tmp_path: Path) -> None:
    async with running_bank(bank_dir(tmp_path)) as bank:
        config = settings(farm, bank, tmp_path)
        ids = await paid(farm, bank, 24)
        bank.faults.set(FaultRule(fault=Fault.CONFIRM_FAILED, code="182"))
        async with farm.executor_at(bank, NERVOUS):
            await eventually(state(farm, ids, "failed"), 40)
            told = await says(config, "payments.endings scb")
            assert told["level"] == "bad"
