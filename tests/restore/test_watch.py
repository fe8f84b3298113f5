"""An executor on a database that may not be the one it paid from: what it does by itself, and what needs two people."""

from __future__ import annotations

import asyncio
import base64
import errno
import os
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from server.context import Actor
from server.database.roles import EXECUTOR
from server.life import Unusable
from server.restore import journal, report, store
from server.restore.journal import Sent, read_folder
from server.restore.rules import Kind, Witness
from server.restore.verbs import list_restores, propose_restore, sign_restore
from server.restore.watch import Behind, ForeignFile, Watch
from shared.canonical import sign_off_bytes
from shared.ids import bank_reference
from shared.refusals import RefusalCode as R
from shared.wire.approvals import SignCaseRequest
from shared.wire.common import Nothing
from shared.wire.restores import ProposeRestoreRequest, RestoreView
from tests.support.calls import call
from tests.support.world import Company, found

CODES = {"HQ": 0, "NSN": 1, "KKN": 2, "CRI": 3}
UNKNOWN = UUID("0192f0c2-0000-7000-8000-0000000000ff")


class Machine:
    """One machine with a data folder; `start` is a new executor process on it."""

    def __init__(self, company: Company, folder: Path) -> None:
        self.company, self.folder = company, folder
        self.database = company.database(role=EXECUTOR)
        self.watches: list[Watch] = []

    async def start(self, patience: float = 60.0) -> Watch:
        """A process that has looked once."""
        watch = Watch(self.folder, patience=patience)
        self.watches.append(watch)
        await watch.open(self.company.services.new_id(self.company.clock()))
        await self.look(watch)
        return watch

    async def look(self, watch: Watch) -> bool:
        """Whether payments stand still for it."""
        async with self.database.transaction([0]) as tx:
            executor = await tx.value(
                "insert into sheaf.executor (started_at, beat_at) values (%(now)s, %(now)s) returning id",
                now=self.company.clock(),
            )
        await watch.look(self.database, tuple(CODES.values()), executor, self.company.clock())
        return watch.behind

    async def let_go(self, watch: Watch, intent: UUID = UNKNOWN) -> None:
        """Confirm something."""
        now = self.company.clock()
        async with self.database.transaction([0]) as tx:
            position = await watch.count(tx, now)
        sent = Sent(
            reference=bank_reference(intent, 1), attempt_id=intent, intent_id=intent, ordinal=1, branch_id=1,
            channel="scb", payout=100_00, token="T1", at=now.isoformat(),
        )  # fmt: skip
        await watch.keep(position, [sent])

    async def close(self) -> None:
        for watch in self.watches:
            watch.close()
        await self.database.close()


Machines = Callable[[str], Machine]


@pytest.fixture
async def company(database_url: str) -> Company:
    return await found(database_url)


@pytest.fixture
async def machines(company: Company, tmp_path: Path) -> AsyncIterator[Machines]:
    made: list[Machine] = []

    def machine(name: str) -> Machine:
        made.append(Machine(company, tmp_path / name))
        return made[-1]

    yield machine
    for one in made:
        await one.close()


def kinds(company: Company) -> list[str]:
    with psycopg.connect(company.admin_url) as admin:
        rows = admin.execute("select kind from sheaf.restore_witness where restore_id is null order by 1").fetchall()
    return [kind for (kind,) in rows]


def forget(company: Company, sql: str) -> None:
    """The database is put back to before something."""
    with psycopg.connect(company.admin_url) as admin:
        admin.execute("set session_replication_role = replica")
        admin.execute(sql)


async def test_what_lost_nothing_goes_on_without_people(company: Company, machines: Machines) -> None:
    """A restart, a second executor, a file that was put back, and another machine once a first one vouches."""
    here, there = machines("here"), machines("there")
    first = await here.start()
    await here.let_go(first)
    old = shutil.copytree(here.folder, here.folder.with_name("old"))
    await here.let_go(first)
    second = await here.start()
    assert not first.behind
    assert not second.behind
    first.close()
    shutil.copy(old / "executor-1.log", here.folder / "executor-1.log")
    again = await here.start()
    assert not again.behind
    await here.let_go(again)
    elsewhere = await there.start()
    assert elsewhere.behind  # nobody has vouched yet
    await here.look(again)
    assert not await there.look(elsewhere)
    assert kinds(company) == []


async def test_a_machine_without_a_file_stops_where_nobody_vouches(company: Company, machines: Machines) -> None:
    """The machine with the file may be gone with the newest payments: nothing here can tell."""
    here = machines("here")
    first = await here.start()
    await here.let_go(first)
    first.close()
    shutil.rmtree(here.folder)
    assert (await machines("there").start(patience=0.0)).behind
    assert kinds(company) == ["no_file"]


async def test_a_damaged_file_is_kept_aside_and_counts_as_none(company: Company, machines: Machines) -> None:
    here = machines("here")
    first = await here.start()
    first.close()
    path = here.folder / "executor-1.log"
    path.write_bytes(b"x" + path.read_bytes())
    assert (await here.start(patience=0.0)).behind
    assert kinds(company) == ["damaged_file"]
    assert list(here.folder.glob("*.damaged-1"))


async def test_a_file_of_another_installation_sends_nothing_and_stops_nobody_else(
    company: Company, machines: Machines
) -> None:
    here = machines("here")
    first = await here.start()
    first.close()
    forget(company, "update sheaf.audit_entry set hash = sha256('another') where branch_id = 0 and sequence = 1")
    with pytest.raises(ForeignFile, match="another installation"):
        await here.start()
    assert kinds(company) == []


async def test_a_forgotten_confirm_and_forgotten_changes_stop_every_executor(
    company: Company, machines: Machines
) -> None:
    here = machines("here")
    first = await here.start()
    await here.let_go(first)
    forget(company, "update sheaf.executor_position set position = 0")
    with pytest.raises(Behind):
        await here.let_go(first)
    assert await here.look(first)
    assert kinds(company) == ["position"]
    assert (await here.start()).behind


async def test_forgotten_history_is_found_though_the_database_has_grown_since(
    company: Company, machines: Machines
) -> None:
    here = machines("here")
    first = await here.start()
    forget(company, "update sheaf.audit_entry set hash = sha256('other') where branch_id = 0 and sequence > 1")
    assert await here.look(first)
    assert kinds(company) == ["history"]


async def test_while_its_file_takes_nothing_an_executor_takes_nothing(
    company: Company, machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = machines("here")
    first = await here.start()

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(journal.os, "fsync", full)
        for work in (here.let_go, here.look):
            with pytest.raises(Unusable, match=r"executor-1.log can't be written \(No space left on device\)"):
                await work(first)
            assert first.unwritable
        with pytest.raises(Unusable):
            await machines("there").start()
    assert not await here.look(first)
    assert first.unwritable == ""
    await here.let_go(first)


def actor(company: Company, username: str) -> Actor:
    person = company.people[username]
    return Actor(
        name=username, user_id=person.user_id, roles=frozenset({person.role}), branch_id=0, branch_codes=CODES,
        device_id=person.device_id,
    )  # fmt: skip


async def ask(company: Company, who: str, verb: Any, request: Any) -> Any:
    database = company.database(connections=1)
    try:
        return await call(database, actor(company, who), verb, request, company.clock())
    finally:
        await database.close()


async def compared(company: Company, machine: Machine) -> str:
    files, damaged = await asyncio.to_thread(lambda: read_folder(machine.folder, with_sent=True))
    async with company.administration() as database, database.transaction(tuple(CODES.values())) as tx:
        body = (await report.compare(tx, files, damaged, company.clock())).encoded()
        await store.keep_report(tx, report.digest_of(body), body, company.clock())
    return report.digest_of(body)


async def signed(company: Company, case: RestoreView, who: str = "treasurer") -> Any:
    signature = company.people[who].key.sign(sign_off_bytes("approve", case.digest, ""))
    request = SignCaseRequest(
        id=case.id, version=case.version, decision="approve", digest=case.digest,
        signature=base64.b64encode(signature).decode(),
    )  # fmt: skip
    return await ask(company, who, sign_restore, request)


async def test_two_people_agree_to_the_newest_report_and_payments_go_on(company: Company, machines: Machines) -> None:
    here = machines("here")
    first = await here.start()
    await here.let_go(first)
    forget(company, "update sheaf.executor_position set position = 0")
    assert await here.look(first)
    old = await compared(company, here)
    wanted = ProposeRestoreRequest(report=old, reason="disk")
    await compared(company, here)
    assert (await ask(company, "administrator", propose_restore, wanted)).code is R.RESTORE_REPORT
    wanted = ProposeRestoreRequest(report=await compared(company, here), reason="disk")
    newest = (await ask(company, "treasurer", list_restores, Nothing())).newest
    assert (newest.digest, newest.complete, newest.total) == (wanted.report, True, "100.00")
    assert (newest.count, newest.exceptions, [one.here for one in newest.payments]) == (1, 1, ["absent"])
    own = await ask(company, "treasurer", propose_restore, wanted)
    assert (await signed(company, own)).code is R.MAKER_IS_CHECKER
    assert (await ask(company, "administrator", propose_restore, wanted)).code is R.ALREADY_EXISTS
    company.clock.forward(company.services.policy.approval_life)
    case = await ask(company, "administrator", propose_restore, wanted)
    assert await here.look(first)
    assert (await signed(company, case)).state == "approved"
    assert not await here.look(first)
    await here.let_go(first)
    listed = await ask(company, "treasurer", list_restores, Nothing())
    assert (listed.behind, [one.state for one in listed.restores]) == (False, ["settled", "expired"])
    # nobody here has heard of it: it stays listed for people
    assert [(one.here, one.amount, one.open) for one in listed.restores[0].payments] == [("absent", "100.00", True)]
    first.close()
    assert not (await here.start()).behind


async def test_what_is_found_after_the_report_needs_another_one(company: Company, machines: Machines) -> None:
    here = machines("here")
    first = await here.start()
    await here.let_go(first)
    forget(company, "update sheaf.executor_position set position = 0")
    await here.look(first)
    wanted = ProposeRestoreRequest(report=await compared(company, here), reason="disk")
    case = await ask(company, "administrator", propose_restore, wanted)
    forget(company, "insert into sheaf.restore_witness values (gen_random_uuid(), 'desk', 'desk 1', 'x', now(), null)")
    assert not (await ask(company, "treasurer", list_restores, Nothing())).newest.complete
    assert (await signed(company, case)).code is R.RESTORE_REPORT
    assert await here.look(first)


async def test_a_new_machine_goes_on_after_consent_for_good(company: Company, machines: Machines) -> None:
    """It waited for somebody with a file when people agreed; from then on it has one itself."""
    lost, here = machines("lost"), machines("here")
    first = await lost.start()
    await lost.let_go(first)
    first.close()
    shutil.rmtree(lost.folder)
    told = [Witness(Kind.PERSON, "command line", "restored from a backup")]
    async with company.administration() as database, database.transaction(tuple(CODES.values())) as tx:
        await store.tell(tx, told, company.clock())
    waiting = await here.start()
    assert waiting.behind
    wanted = ProposeRestoreRequest(report=await compared(company, here), reason="the machine was lost")
    case = await ask(company, "administrator", propose_restore, wanted)
    assert (await signed(company, case)).state == "approved"
    assert not await here.look(waiting)
    waiting.close()
    assert not (await here.start(patience=0.0)).behind
    assert kinds(company) == []


async def test_a_consent_is_proved_again_when_it_is_used(company: Company, machines: Machines) -> None:
    """Its signer was shut out, or what stands in the database is not what was signed: another consent is needed."""
    here = machines("here")
    first = await here.start()
    await here.let_go(first)
    forget(company, "update sheaf.executor_position set position = 0")
    assert await here.look(first)
    spoilt = {
        "update sheaf.app_user set enabled = false where username = 'treasurer'":
            "update sheaf.app_user set enabled = true where username = 'treasurer'",
        "update sheaf.user_role set since = '2100-01-01' where role = 'treasurer'":
            "update sheaf.user_role set since = '2020-01-01' where role = 'treasurer'",
        "update sheaf.device set state = 'revoked' where id in (select device_id from sheaf.sign_off)":
            "update sheaf.device set state = 'approved'",
        "update sheaf.restore set reason = 'another' where state = 'approved'": "select",
        "update sheaf.restore set maker_id = (select id from sheaf.app_user where username = 'treasurer') "
        "where state = 'approved'": "select",
        "update sheaf.sign_off set signature = 'x'": "select",
        "update sheaf.sign_off set decision = 'reject'": "select",
        "update sheaf.restore_report set digest = repeat('0', 64) where id = (select report_id from sheaf.restore "
        "where state = 'approved')": "select",
    }  # fmt: skip
    for number, (spoil, mend) in enumerate(spoilt.items()):
        wanted = ProposeRestoreRequest(report=await compared(company, here), reason=f"disk {number}")
        case = await ask(company, "administrator", propose_restore, wanted)
        assert (await signed(company, case)).state == "approved"
        forget(company, spoil)
        assert await here.look(first), spoil
        assert await here.look(first), spoil
        with psycopg.connect(company.admin_url) as admin:
            rows = admin.execute("select state from sheaf.restore where id = %s", [case.id]).fetchall()
        assert rows == [("expired",)], spoil
        forget(company, mend)
    tags = "select count(*) from sheaf.audit_entry where tag = 'signatures_voided'"
    with psycopg.connect(company.admin_url) as admin:
        assert admin.execute(tags).fetchall() == [(len(spoilt),)]
