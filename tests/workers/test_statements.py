"""The statements worker over real SFTP: one click, schedules, gaps, strangers, kill -9 and a clean stop."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest

from lab.sandbox_bank import sftp as bank_sftp
from lab.sandbox_bank.statements import publish
from server.database.roles import STATEMENTS, role_url
from server.pki import open_ssh_key
from server.statements import verbs
from server.statements.fetch import SftpSettings
from server.workers.statements import StatementsSettings, run
from shared.banks import AccountNumber
from shared.refusals import RefusalCode, Refused
from shared.wire.common import ById, Nothing
from shared.wire.records import FetchView, FileProblem, GetStatementRequest, StatementDetail
from tests.conftest import ROLE_SECRET
from tests.statements.conftest import House
from tests.support.books import ACCOUNT, MORNING, TREASURER, Books, intent_id
from tests.support.calls import call
from tests.support.world import found
from tests.waiting import eventually, wait_until

PRICE = 48_250_00
SELDOM = StatementsSettings(every=timedelta(days=9), poll=0.01, back_off=0.05)


class Desk:
    """The bank's drop, the worker and a treasurer who clicks."""

    def __init__(self, books: Books, folder: Path, archive: Path, sftp: SftpSettings) -> None:
        self.books, self.folder, self.archive, self.sftp = books, folder, archive, sftp
        self.api = books.company.database(connections=2)

    def leave(self, files: dict[str, bytes]) -> None:
        """What the bank does when it has cut a statement."""
        for name, content in files.items():
            publish(self.folder, name, content)

    async def click(self) -> FetchView:
        """Ask for statements."""
        now = self.books.company.clock()
        view = await call(self.api, TREASURER, verbs.fetch_statements, Nothing(), now)
        assert isinstance(view, FetchView)
        return view

    async def finished(self, fetch: FetchView) -> FetchView:
        """The fetch when it has ended."""
        await eventually(lambda: self.fetches("state in ('done', 'failed') and id = %s", fetch.id) == 1)
        view = await call(self.api, TREASURER, verbs.get_fetch, ById(id=fetch.id), MORNING)
        assert isinstance(view, FetchView)
        return view

    def fetches(self, condition: Any, *parameters: object) -> int:
        """How many fetches are so."""
        return int(
            self.books.rows(f"select count(*) n from sheaf.statement_fetch where {condition}", *parameters)[0]["n"]
        )

    @asynccontextmanager
    async def worker(self, settings: StatementsSettings = SELDOM, **changes: Any) -> AsyncIterator[None]:
        """The worker in this process until the block ends."""
        stop = asyncio.Event()
        sftp = msgspec.structs.replace(self.sftp, **changes)
        task = asyncio.create_task(run(self.books.db, sftp, self.archive, stop, settings))
        try:
            yield
        finally:
            stop.set()
            async with asyncio.timeout(20):
                await task


@pytest.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    books = Books(await found(database_url))
    host_line, client_line = open_ssh_key(tmp_path / "host"), open_ssh_key(tmp_path / "client")
    folder = tmp_path / "bank" / "outbox" / "statement"
    folder.mkdir(parents=True)
    server = bank_sftp.SftpDrop("127.0.0.1", 0, tmp_path / "bank", tmp_path / "host", "sheaf", client_line)
    sftp = SftpSettings(
        host="127.0.0.1",
        port=server.port,
        username="sheaf",
        private_key=tmp_path / "client",
        host_keys=(host_line,),
        timeout_seconds=5.0,
    )
    desk = Desk(books, folder, tmp_path / "archive", sftp)
    yield desk
    server.close()
    await desk.api.close()
    await books.close()


BUGS = """
    create function sheaf.bug() returns trigger language plpgsql as $$ begin
      raise exception 'a bug' using errcode = tg_argv[0];
    end $$;
    create trigger bug before insert on sheaf.statement_line for each row when (new.reference = 'BUG')
      execute function sheaf.bug('23514');
    -- as one that takes longer than a statement may
    create trigger slow before insert on sheaf.statement_line for each row when (new.reference = 'SLOW')
      execute function sheaf.bug('57014');
"""


@pytest.mark.parametrize("reference", ["BUG", "SLOW"])
async def test_a_file_that_the_database_does_not_take_keeps_no_other_out(desk: Desk, reference: str) -> None:
    (paid,) = desk.books.pay()
    desk.books.bank.book(paid, -PRICE)
    desk.leave(desk.books.bank.cut())
    desk.books.bank.book(reference, -PRICE)
    desk.leave(desk.books.bank.cut())
    with psycopg.connect(desk.books.company.admin_url) as admin:
        admin.execute(BUGS)
    async with desk.worker():
        fetch = await desk.finished(await desk.click())
    assert (fetch.state, fetch.files, fetch.matched) == ("done", 2, 1)
    assert codes(fetch) == ["not_stored"] * 2
    assert desk.books.state(paid) == "reconciled"


def codes(fetch: FetchView) -> list[str]:
    return [one.problem for one in fetch.problems]


async def test_a_run_that_breaks_is_told_and_ends_no_worker(desk: Desk) -> None:
    (paid,) = desk.books.pay()
    desk.books.bank.book(paid, -PRICE)
    desk.leave(desk.books.bank.cut())
    with psycopg.connect(desk.books.company.admin_url) as admin:
        admin.execute("alter table sheaf.reconciliation add constraint bug check (result <> 'matched')")
    async with desk.worker():
        fetch = await desk.finished(await desk.click())
        assert (fetch.state, fetch.files, codes(fetch)) == ("failed", 2, ["not_judged"])
        with psycopg.connect(desk.books.company.admin_url) as admin:
            admin.execute("alter table sheaf.reconciliation drop constraint bug")
        assert (await desk.finished(await desk.click())).matched == 1


async def test_one_click_brings_statements_and_reconciles_them(desk: Desk) -> None:
    paid, waiting = desk.books.pay(2)
    desk.books.bank.book(paid, -PRICE)
    desk.leave(desk.books.bank.cut())
    async with desk.worker():
        view = await desk.finished(await desk.click())
    assert (view.state, view.files, view.lines, view.matched, codes(view)) == ("done", 2, 1, 1, [])
    assert (desk.books.state(paid), desk.books.state(waiting)) == ("reconciled", "settled")
    (statement,) = desk.books.rows("select id, format, number from sheaf.statement")
    assert (statement["format"], statement["number"]) == ("mt940", "1")
    detail = await call(desk.api, TREASURER, verbs.get_statement, GetStatementRequest(id=statement["id"]), MORNING)
    assert isinstance(detail, StatementDetail)
    (line,) = detail.lines
    assert (line.amount, line.result, line.intent_number) == ("-48250.00", "matched", "PV2611-0000001")
    # The time comes from the CSV, the payee's account stays in the archive.
    assert (line.booked_at, "020123454412" in line.description) == ("2026-11-21T03:00:00.000Z", False)


async def test_one_open_question_serves_all_who_ask(desk: Desk) -> None:
    first, second = await desk.click(), await desk.click()
    assert first.id == second.id
    async with desk.worker():
        assert (await desk.finished(first)).state == "done"
        third = await desk.click()
        assert third.id != first.id
        await desk.finished(third)
    asked = desk.books.rows("select count(*) n from sheaf.audit_entry where tag = 'fetch_statements'")
    assert asked == [{"n": 2}]


async def test_the_same_drop_again_brings_nothing(desk: Desk) -> None:
    (paid,) = desk.books.pay()
    desk.books.bank.book(paid, -PRICE)
    desk.leave(desk.books.bank.cut())
    async with desk.worker():
        await desk.finished(await desk.click())
        again = await desk.finished(await desk.click())
    assert (again.state, again.files, again.lines, again.matched, codes(again)) == ("done", 0, 0, 0, [])


async def test_a_statement_after_a_gap_waits_and_is_taken_when_the_gap_is_filled(desk: Desk) -> None:
    references = desk.books.pay(3)
    cuts = []
    for reference in references:
        desk.books.bank.book(reference, -PRICE)
        cuts.append(desk.books.bank.cut())
    desk.leave(cuts[0] | cuts[2])
    async with desk.worker():
        view = await desk.finished(await desk.click())
        assert (view.lines, view.matched, codes(view)) == (1, 1, ["gap"] * 2)
        for name in cuts[2]:
            (desk.folder / name).unlink()
        desk.leave(cuts[1])
        view = await desk.finished(await desk.click())
    assert (view.lines, view.matched, codes(view)) == (2, 2, [])
    assert [desk.books.state(reference) for reference in references] == ["reconciled"] * 3


async def test_the_settings_say_which_accounts_are_ours(desk: Desk) -> None:
    """An account that they no longer name is no new statement's; a chain that has begun goes on."""
    desk.leave(desk.books.bank.cut())
    async with desk.worker(replace(SELDOM, accounts=(AccountNumber(ACCOUNT), AccountNumber("4445556660")))):
        await desk.finished(await desk.click())
    async with desk.worker(replace(SELDOM, accounts=(AccountNumber("7778889990"),))):
        await desk.finished(await desk.click())
        desk.leave({"a.mt940": _of("4445556660"), "b.mt940": _of("7778889990")} | desk.books.bank.cut())
        view = await desk.finished(await desk.click())
    assert view.problems == [FileProblem(name="a.mt940", problem="not_our_account")]
    taken = desk.books.rows("select account_last4, count(*) n from sheaf.statement group by 1 order by 1")
    assert [tuple(row.values()) for row in taken] == [("3338", 2), ("9990", 1)]


def _of(account: str) -> bytes:
    return f":20:A\n:25:{account}\n:28C:1\n:60F:C261121THB1,00\n:62F:C261121THB1,00\n".encode()


async def test_what_two_people_set_aside_is_concluded_anew_at_once(desk: Desk) -> None:
    (paid,) = desk.books.pay()
    desk.books.bank.book(paid, -PRICE)
    desk.leave(desk.books.bank.cut())
    house = House(desk.books)
    async with desk.worker():
        await desk.finished(await desk.click())
        assert desk.books.state(paid) == "reconciled"
        await house.set_aside(house.statement(1))
        await eventually(lambda: desk.books.state(paid) == "settled")
        view = await desk.finished(await desk.click())
    assert (view.files, view.lines, codes(view)) == (0, 0, [])
    assert {row["outcome"] for row in desk.books.rows("select outcome from sheaf.statement_file")} == {"set_aside"}
    await house.api.close()


async def test_forms_that_disagree_are_refused_by_name_and_import_nothing(desk: Desk) -> None:
    paid, other = desk.books.pay(2)
    desk.books.bank.book(paid, -PRICE)
    files = desk.books.bank.cut()
    desk.leave({name: content.replace(paid.encode(), other.encode()) if name.endswith("csv") else content
                for name, content in files.items()})  # fmt: skip
    async with desk.worker():
        view = await desk.finished(await desk.click())
    assert (view.state, view.files, view.lines, codes(view)) == ("done", 0, 0, ["forms_disagree"] * 2)
    assert desk.books.rows("select outcome from sheaf.statement_file") == [{"outcome": "refused"}] * 2
    assert desk.books.rows("select 1 from sheaf.statement_line") == []


async def test_a_broken_file_is_refused_whole_and_told(desk: Desk) -> None:
    for reference in desk.books.pay(2):
        desk.books.bank.book(reference, -PRICE)
    files = desk.books.bank.cut()
    desk.leave({name: content[: len(content) // 2] for name, content in files.items()})
    async with desk.worker():
        view = await desk.finished(await desk.click())
    assert (view.files, view.lines) == (0, 0)
    assert {one.name.rpartition(".")[2] for one in view.problems} == {"csv", "mt940"}
    assert desk.books.rows("select actor from sheaf.audit_entry where tag = 'statement_refused'") == [
        {"actor": "statements"}
    ]


async def test_the_schedule_asks_by_itself(desk: Desk) -> None:
    async with desk.worker(StatementsSettings(every=timedelta(milliseconds=50), poll=0.01)):
        await eventually(lambda: desk.fetches("state = 'done' and requested_by = 'schedule'") >= 3)


async def test_a_clock_that_was_years_ahead_does_not_end_the_schedule(desk: Desk) -> None:
    """Neither in the worker that lived through it, nor in one that reads when it was asked last."""
    clock, years = desk.books.company.clock, timedelta(days=3650)
    async with desk.worker():
        await eventually(lambda: desk.fetches("state = 'done'") == 1)
        clock.forward(years)
        await eventually(lambda: desk.fetches("state = 'done'") == 2)
        clock.forward(-years)
        await eventually(lambda: desk.fetches("state = 'done'") == 3)
    async with desk.worker():
        await eventually(lambda: desk.fetches("state = 'done'") == 4)


async def test_a_stranger_at_the_banks_address_stops_the_schedule_until_a_person_asks(
    desk: Desk, tmp_path: Path
) -> None:
    stranger = open_ssh_key(tmp_path / "stranger")
    often = StatementsSettings(every=timedelta(milliseconds=1), poll=0.01)
    async with desk.worker(often, host_keys=(stranger,)):
        await eventually(lambda: desk.fetches("state = 'failed'") == 1)
        view = await desk.finished(await desk.click())
        assert (view.state, codes(view)) == ("failed", ["host_key_changed"])
    assert desk.fetches("requested_by = 'schedule'") == 1
    assert desk.fetches("true") == 2


async def test_a_bank_that_cannot_be_reached_fails_the_fetch_and_reconciliation_goes_on(desk: Desk) -> None:
    (paid,) = desk.books.pay()
    async with desk.worker(port=1):
        view = await desk.finished(await desk.click())
    assert (view.state, codes(view)) == ("failed", ["unreachable"])
    assert desk.books.results()[paid][0] in ("settlement_pending", "missing_settlement")


async def test_only_one_worker_works_and_another_takes_over(desk: Desk) -> None:
    async with desk.worker():
        await desk.finished(await desk.click())
        async with desk.worker():
            locks = "select count(*) n from pg_locks where locktype = 'advisory' and granted"
            assert desk.books.rows(locks) == [{"n": 1}]
    async with desk.worker():
        assert (await desk.finished(await desk.click())).state == "done"


def _kill_at(command: list[str], moment: Callable[[], bool]) -> None:
    with subprocess.Popen(command) as process:
        wait_until(moment)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL


async def test_a_killed_worker_is_followed_without_loss_or_doubling(desk: Desk, tmp_path: Path) -> None:
    references = desk.books.pay(300)
    for reference in references:
        desk.books.bank.book(reference, -PRICE)
        if len(desk.books.bank.lines) == 30:
            desk.leave(desk.books.bank.cut())
    url = role_url(desk.books.company.admin_url, STATEMENTS, ROLE_SECRET)
    sftp = msgspec.json.encode(desk.sftp, enc_hook=str).decode()
    command = [sys.executable, "-m", "tests.workers.statements_process", url, sftp, str(desk.archive)]
    fetch = await desk.click()
    moments = (
        lambda: desk.fetches("state = 'running'") == 1,
        lambda: any(desk.archive.glob("*.mt940")),
        lambda: desk.books.rows("select 1 from sheaf.statement limit 1") != [],
    )
    for moment in moments:
        await asyncio.to_thread(_kill_at, command, moment)
    async with desk.worker():
        assert (await desk.finished(fetch)).state == "done"
        assert (await desk.finished(await desk.click())).state == "done"
    lines = desk.books.rows("select count(*) n, count(distinct reference) d from sheaf.statement_line")
    assert lines == [{"n": 300, "d": 300}]
    assert {desk.books.state(reference) for reference in references} == {"reconciled"}
    events = desk.books.rows("select count(*) n from sheaf.intent_event")
    assert events == [{"n": 300}]


async def test_a_branch_sees_only_its_own_lines_of_a_statement(desk: Desk) -> None:
    (ours,), (theirs,) = desk.books.pay(), desk.books.pay(branch="KKN")
    for reference in (ours, theirs):
        desk.books.bank.book(reference, -PRICE)
    await desk.books.take(desk.books.bank.cut())
    (statement,) = desk.books.rows("select id from sheaf.statement")
    manager = replace(TREASURER, branch_codes={"NSN": 1})
    detail = await call(desk.api, manager, verbs.get_statement, GetStatementRequest(id=statement["id"]), MORNING)
    assert isinstance(detail, StatementDetail)
    assert [line.reference for line in detail.lines] == [ours]
    nothing = await call(desk.api, manager, verbs.get_statement, GetStatementRequest(id=intent_id(1)), MORNING)
    assert nothing == Refused(RefusalCode.NOT_FOUND, field="id")
    asked = GetStatementRequest(id=statement["id"], cursor="x")
    wrong = await call(desk.api, manager, verbs.get_statement, asked, MORNING)
    assert wrong == Refused(RefusalCode.CURSOR, field="cursor")
