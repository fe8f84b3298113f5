"""Each fault of a real installation is named by status within ten seconds, and is well again when it is over."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import psycopg
import pytest

from lab.demo.installation import wipe
from server.commands.status import examined
from server.database.embedded import EmbeddedPostgresError
from server.database.migrations import upgrade
from server.health.finding import Finding
from server.settings import Settings, load_settings
from shared.health import Level
from tests.end_to_end.running_demo import RunningDemo
from tests.waiting import wait_until

NAMED_SECONDS = 40.0
"""What a busy machine may take; it is to be 10 s on a quiet one."""
ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    data = tmp_path_factory.mktemp("demo") / "data"
    running = RunningDemo(data)
    yield running
    running.end()
    with suppress(EmbeddedPostgresError):
        wipe(data)


@pytest.fixture
def config(demo: RunningDemo) -> Path:
    """The settings' file, once everything that can be bad is not."""
    place = Path(demo.demo.config)
    wait_until(lambda: not bad(place), 60)
    wait_until(lambda: len(workers_of(place, "api")) == settings_of(place).api.workers, 60)
    return place


def settings_of(config: Path) -> Settings:
    loaded = load_settings(config)
    assert isinstance(loaded, Settings), loaded
    return loaded


def bad(config: Path) -> list[Finding]:
    return [one for one in examined(settings_of(config)) if one.level in (Level.BAD, Level.UNKNOWN)]


def named(config: Path, check: str, subject: str = "", seconds: float = NAMED_SECONDS) -> Finding:
    """The bad finding of a check whose subject holds this, which must come in time."""
    found: list[Finding] = []

    def is_told() -> bool:
        found[:] = [one for one in bad(config) if one.name == check and subject in one.subject]
        return bool(found)

    wait_until(is_told, seconds)
    assert found[0].says.en
    assert found[0].says.th
    assert found[0].do.en
    return found[0]


@contextmanager
def stopped(groups: Sequence[int], workers: Sequence[int] = ()) -> Iterator[None]:
    """Processes that hang, and keep every connection; masters too, or they would replace their workers."""
    for group in groups:
        os.killpg(group, signal.SIGSTOP)
    for worker in workers:
        os.kill(worker, signal.SIGSTOP)
    try:
        yield
    finally:
        for worker in workers:
            os.kill(worker, signal.SIGCONT)
        for group in groups:
            os.killpg(group, signal.SIGCONT)


def workers_of(config: Path, kind: str, name: str = "%") -> list[int]:
    """The processes that the database knows: each leads a group of its own."""
    with psycopg.connect(settings_of(config).database.url) as admin:
        rows = admin.execute(
            """select pid from sheaf.process where kind = %s and name like %s and stopped_at is null
               and heard_at > clock_timestamp() - interval '7 s' order by name""",
            (kind, name),
        ).fetchall()
    assert rows
    return [row[0] for row in rows]


@contextmanager
def frozen_database(demo: RunningDemo) -> Iterator[None]:
    """PostgreSQL with every process of it stopped; each leads a session of its own."""
    postmaster = int((demo.data / "postgres" / "home" / "cluster" / "postmaster.pid").read_text().splitlines()[0])
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text("ascii").split()
    everyone = [postmaster, *map(int, children)]
    for pid in everyone:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in everyone:
            os.kill(pid, signal.SIGCONT)


def group_of(demo: RunningDemo, name: str) -> int:
    return next(each.pid for each in demo.demo.processes if each.name == name)


def status(config: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "server.cli", "status", "--config", str(config), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=ROOT)


def changed(config: Path, tmp_path: Path, change: Callable[[str], str]) -> Path:
    """The same settings with something else in them."""
    other = tmp_path / "sheaf.toml"
    # relative places are relative to the file
    text = re.sub(
        r'(?m)^((?:authority_file|client_\w+|private_key) = ")(?!/)', rf"\g<1>{config.parent}/", config.read_text()
    )
    other.write_text(change(text))
    other.chmod(0o600)
    keys = tmp_path / "keys.json"
    keys.write_bytes((config.parent / "keys.json").read_bytes())
    keys.chmod(0o600)
    return other


def test_warnings_end_with_0_and_faults_with_1(demo: RunningDemo, config: Path) -> None:
    well = status(config)
    assert well.returncode == 0, well.stdout
    assert "warns" in well.stdout
    with stopped([group_of(demo, "executor")], workers_of(config, "executor")):
        named(config, "processes.executors", "executor@")
        ill = status(config)
        assert ill.returncode == 1
        first = next(line for line in ill.stdout.splitlines() if "processes" in line or "payments" in line)
        assert "bad" in first


@pytest.mark.parametrize(
    ("process", "check"), [("executor", "processes.executors"), ("statements", "processes.statements")]
)
def test_a_stopped_process_keeps_its_connections_and_does_not_live(
    demo: RunningDemo, config: Path, process: str, check: str
) -> None:
    with stopped([group_of(demo, process)], workers_of(config, process)):
        found = named(config, check, f"{process}@")
        assert found.case == "silent"
        assert named(config, check).case == "nobody"


def test_an_api_that_hangs_is_named_by_its_port(demo: RunningDemo, config: Path) -> None:
    port = settings_of(config).api.port
    with stopped([group_of(demo, "api")], workers_of(config, "api")):
        assert named(config, "api.answers", str(port)).case == "silent"
        assert named(config, "processes.api", str(port)).case == "silent"


def test_one_of_two_workers_is_missed(demo: RunningDemo, config: Path) -> None:
    with stopped([], workers_of(config, "api")[:1]):
        wait_until(lambda: _case(config, "processes.api") == "some", NAMED_SECONDS)
        # the other one answers for both, and nothing of the one that hangs lingers
        wait_until(lambda: figures(demo, "sheaf_process_up") == [0.0, 1.0], NAMED_SECONDS)
        assert len(figures(demo, "sheaf_process_memory_bytes")) == 1
        assert len(figures(demo, "sheaf_revocation_push_age_seconds")) == 1
    wait_until(lambda: figures(demo, "sheaf_process_up") == [1.0, 1.0], 60)


def figures(demo: RunningDemo, name: str) -> list[float]:
    """What /metrics says of the API's workers by one name."""
    page = httpx.get(f"{demo.demo.url}/metrics", trust_env=False, timeout=10).text
    lines = [line for line in page.splitlines() if line.startswith(f'{name}{{kind="api"')]
    return sorted(float(line.rpartition(" ")[2]) for line in lines)


def _case(config: Path, check: str) -> str:
    return next(one.case for one in examined(settings_of(config)) if one.name == check)


def executor(config: Path, name: str) -> subprocess.Popen[bytes]:
    """One more executor, once it is heard."""
    command = [sys.executable, "-m", "server.cli", "worker", "payments", "--config", str(config), "--name", name]
    started = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT)
    try:
        wait_until(lambda: any(one.subject == name for one in examined(settings_of(config))), 60)
    except AssertionError:
        started.kill()
        started.wait()
        raise
    return started


def test_a_killed_executor_is_named_though_another_lives_until_it_is_forgotten(config: Path) -> None:
    second = executor(config, "night shift")
    workers = workers_of(config, "executor", "night shift")
    for pid in (second.pid, *workers):
        os.kill(pid, signal.SIGKILL)
    second.wait()
    found = named(config, "processes.executors", "night shift")
    assert found.case == "silent"
    assert found.since is not None
    assert status(config, "--forget", "night shift").returncode == 0
    assert not [one for one in examined(settings_of(config)) if one.subject == "night shift"]
    assert status(config, "--forget", "night shift").returncode == 1


def test_an_executor_that_ends_in_order_is_told_as_stopped(config: Path) -> None:
    second = executor(config, "day shift")
    second.terminate()
    assert second.wait(30) == 0
    told = next(one for one in examined(settings_of(config)) if one.subject == "day shift")
    assert (told.case, told.level) == ("stopped", Level.WARNS)
    assert status(config, "--forget", "day shift").returncode == 0


def test_a_bank_that_hangs_is_named_by_both_its_doors(demo: RunningDemo, config: Path) -> None:
    with stopped([group_of(demo, "bank")]):
        assert named(config, "bank.answers", "this machine").case == "silent"
        assert named(config, "statements.sftp", "this machine").case in ("unreachable", "interrupted")
        assert named(config, "bank.answers", "executor@").level is Level.BAD  # what the executor itself hears


def test_a_host_with_another_key_is_named(config: Path, tmp_path: Path) -> None:
    other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIiMkQ2cVJcWXnhRr1bGEyNxQzYwB0BaZ3kGQ0lqzGZk"
    change = re.compile(r"(?m)^host_keys = .*$")
    assert named(
        changed(config, tmp_path, lambda text: change.sub(f'host_keys = ["{other}"]', text)), "statements.sftp"
    ).case == ("host_key_changed")


def test_a_key_that_the_bank_does_not_admit_is_named(config: Path, tmp_path: Path) -> None:
    change = re.compile(r"(?m)^username = .*$")
    ill = changed(config, tmp_path, lambda text: change.sub('username = "nobody"', text))
    assert named(ill, "statements.sftp", "this machine").case == "not_admitted"


@pytest.mark.parametrize(("days", "case", "status"), [(20, "soon", 0), (5, "urgent", 0), (-1, "over", 1)])
def test_a_certificate_warns_until_the_day_it_ends(
    config: Path, tmp_path: Path, days: int, case: str, status: int
) -> None:
    from tests.faults.certificates import ending_in

    file = tmp_path / "client.pem"
    file.write_bytes(ending_in(days))
    ill = changed(
        config, tmp_path, lambda text: re.sub(r"(?m)^client_certificate = .*$", f'client_certificate = "{file}"', text)
    )
    found = next(one for one in examined(settings_of(ill)) if one.name == "bank.certificate")
    assert found.case == case
    assert (found.level is Level.BAD) == bool(status)


def test_an_api_that_works_for_another_database_is_a_stranger(config: Path, tmp_path: Path) -> None:
    settings = settings_of(config)
    with psycopg.connect(settings.database.url, autocommit=True) as admin:
        admin.execute("create database another")
    url = re.sub(r"/[^/]*$", "/another", settings.database.url)
    upgrade(url, settings.keys.role_secret)
    ill = changed(config, tmp_path, lambda text: text.replace(settings.database.url, url))
    assert named(ill, "api.answers", str(settings.api.port)).case == "stranger"
    assert named(ill, "processes.executors").case == "nobody"


def test_a_frozen_database_makes_all_unknown_in_time_and_the_api_not_ready(demo: RunningDemo, config: Path) -> None:
    with frozen_database(demo):
        began = time.monotonic()
        found = examined(settings_of(config))
        assert time.monotonic() - began < 3.5
        told = {one.level for one in found if one.name.startswith(("database", "payments", "statements.last"))}
        assert told == {Level.UNKNOWN}
        began = time.monotonic()
        answer = httpx.get(f"{demo.demo.url}/readyz", trust_env=False, timeout=5)
        assert answer.status_code == 503
        assert time.monotonic() - began < 3


def test_a_lock_that_nobody_gives_back_is_named_with_who_holds_it(config: Path) -> None:
    with psycopg.connect(settings_of(config).database.url) as holder:
        holder.execute("lock table sheaf.statement_file in access exclusive mode")
        waiting = psycopg.connect(settings_of(config).database.url)
        waiting.execute("set statement_timeout = '9s'")
        with suppress(psycopg.Error):
            _wait_in_background(waiting)
        wait_until(lambda: _case(config, "database.locks") == "some", NAMED_SECONDS)
        told = next(one for one in examined(settings_of(config)) if one.name == "database.locks")
        assert str(holder.info.backend_pid) in told.says.en
        holder.rollback()
        waiting.close()


def _wait_in_background(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    import threading

    def wait() -> None:
        with suppress(psycopg.Error):
            connection.execute("select from sheaf.statement_file")

    threading.Thread(target=wait, daemon=True).start()


def test_a_transaction_that_writes_for_long_holds_the_desks_news_up(config: Path) -> None:
    with psycopg.connect(settings_of(config).database.url) as sleeper:
        sleeper.execute("select pg_current_xact_id()")
        wait_until(lambda: _case(config, "feed.lag") in ("late", "held_up"), 25)
        sleeper.rollback()
    wait_until(lambda: _case(config, "feed.lag") == "well", NAMED_SECONDS)
