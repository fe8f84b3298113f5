"""The units of `installers/`, booted: systemd in a container, real nginx and PostgreSQL, README's own commands."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from tests.support.installed import (
    HTTPS,
    NAME,
    AtTheMachine,
    after_the_processes,
    before_the_processes,
    install,
    make_database,
    start_all,
)
from tests.support.machine import PROGRAM, Machine, machine
from tests.support.page import blocks
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(600)
LASTING = ("sheaf-api", "sheaf-executor@1", "sheaf-statements")
EXPOSURE = re.compile(r"Overall exposure level for (\S+): ([0-9.]+)")


@pytest.fixture(scope="module")
def operator() -> Iterator[AtTheMachine]:
    """Sheaf as the page installs it, up to the moment when all of it runs; the farmers come later."""
    with machine() as made:
        made.run("pg_createcluster 15 main --start -- --no-sync")
        typing = AtTheMachine(made)
        install(typing)
        make_database(made)
        (typing.folder / "members.csv").write_text(blocks("csv")[0], "utf-8")
        for command, comment in before_the_processes():
            typing.type(command, comment)
        start_all(typing)
        wait_until(lambda: is_ready(made), 60)
        yield typing


@pytest.fixture
def booted(operator: AtTheMachine) -> Machine:
    return operator.machine


def is_ready(machine: Machine) -> bool:
    """The API answers, through nginx and over TLS, and its database too."""
    asked = f"curl -sf --max-time 2 {HTTPS}/healthz && curl -sf --max-time 2 http://127.0.0.1:8350/readyz"
    return machine.ask(asked).returncode == 0


def code(machine: Machine, arguments: str) -> str:
    """The status that curl got."""
    return machine.ask(f"curl -s -o /dev/null -w '%{{http_code}}' --max-time 10 {arguments}").stdout


def main_pid(machine: Machine, unit: str = "sheaf-api") -> int:
    return int(machine.show(unit, "MainPID"))


def processes(machine: Machine, unit: str = "sheaf-api") -> set[int]:
    """Everybody in the unit's control group, as the machine numbers them."""
    group = machine.show(unit, "ControlGroup")
    found = machine.ask(f"cat /sys/fs/cgroup/systemd{group}/cgroup.procs || cat /sys/fs/cgroup{group}/cgroup.procs")
    return {int(line) for line in found.stdout.split()}


def gone(machine: Machine, some: set[int]) -> bool:
    """Whether none of these is left of the API."""
    return not some & processes(machine)


class Load:
    """Calls through nginx as long as the block lasts; every one of them must be answered by the API."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.answered: dict[str, int] = {}
        self.unanswered: list[str] = []

    def __enter__(self) -> Load:
        command = f"cd {PROGRAM} && .venv/bin/python -m tests.support.through_nginx"
        self.process: subprocess.Popen[str] = self.machine.start(command)
        return self

    def __exit__(self, *_: object) -> None:
        said, _errors = self.process.communicate(timeout=120)
        told = json.loads(said.splitlines()[-1])
        self.answered, self.unanswered = told["answered"], told["unanswered"]


def test_all_units_are_well_formed_and_confined(
    booted: Machine, record_property: Callable[[str, object], None]
) -> None:
    names = booted.run("cd /etc/systemd/system && ls -d sheaf*.service sheaf*.timer sheaf*.socket sheaf.target").split()
    files = " ".join(name.replace("@.", "@1.") for name in names)
    assert booted.ask(f"cd /etc/systemd/system && systemd-analyze verify --man=no {files} 2>&1").stdout == ""
    services = [name.replace("@.", "@1.") for name in names if name.endswith(".service")]
    shown = booted.run(f"systemd-analyze security --no-pager {' '.join(services)}")
    levels = {name: float(level) for name, level in EXPOSURE.findall(shown)}
    record_property("exposure", levels)
    assert set(levels) == set(services)
    assert max(levels.values()) <= 1.5  # 10 is no confinement at all; the network itself counts 1
    assert booted.ask("systemctl --failed --no-legend").stdout == ""


def test_desks_reach_the_api_by_tls_and_nothing_else(booted: Machine) -> None:
    shown = booted.run(f"curl -sf -i {HTTPS}/healthz")
    assert "Strict-Transport-Security: max-age=31536000" in shown
    assert "nginx/" not in shown
    assert code(booted, f"http://{NAME}/healthz") == "308"
    assert booted.ask(f"curl -s --tls-max 1.1 {HTTPS}/healthz").returncode != 0
    for page in ("/metrics", "/readyz", "//metrics", "/./readyz", "/%6detrics", "/x/../readyz", "/healthz/../metrics"):
        assert code(booted, f"--path-as-is {HTTPS}{page}") in ("400", "404"), page
    for page in ("/metrics", "/readyz"):
        assert code(booted, f"http://127.0.0.1:8350{page}") == "200", page
    listening = booted.run("ss -Hltn").split()
    assert not {"0.0.0.0:8350", "*:8350", "[::]:8350"} & {*listening}


def test_nginx_lets_the_largest_body_through_and_refuses_more_in_the_apis_words(booted: Machine) -> None:
    booted.run("head -c 15728640 /dev/zero > /tmp/fits && head -c 16777217 /dev/zero > /tmp/more")
    post = "-X POST -H 'Content-Type: application/pdf' --data-binary"
    assert code(booted, f"{post} @/tmp/fits {HTTPS}/api/v1/deposits") == "415"  # the API's own
    shown = booted.ask(f"curl -s -i {post} @/tmp/more {HTTPS}/api/v1/deposits").stdout
    assert " 413 " in shown
    assert "application/problem+json" in shown
    assert '"code": "request.too_large"' in shown


def test_who_claims_to_be_elsewhere_is_still_counted_as_who_calls(booted: Machine) -> None:
    enrol = f"-X POST -H 'Content-Type: application/json' -d '{{}}' {HTTPS}/api/v1/devices"
    seen = {code(booted, f"-H 'X-Forwarded-For: 203.0.113.{number}' {enrol}") for number in range(60)}
    assert "429" in seen or seen == {"400"}


def test_reloads_of_a_busy_api_drop_nothing(booted: Machine) -> None:
    before = main_pid(booted)
    with Load(booted) as load:
        for _ in range(3):
            old = processes(booted) - {before}
            booted.run("systemctl reload sheaf-api")
            wait_until(partial(gone, booted, old), 60)
    assert main_pid(booted) == before
    assert load.unanswered == []
    assert min(load.answered.values()) > 50


def test_a_restart_of_the_api_keeps_callers_waiting_and_refuses_none(booted: Machine) -> None:
    before = main_pid(booted)
    with Load(booted) as load:
        booted.run("systemctl restart sheaf-api")
    assert main_pid(booted) != before
    assert [one for one in load.unanswered if "GET" in one or "502" not in one] == []


def test_a_killed_worker_is_replaced_while_others_answer(booted: Machine) -> None:
    master = main_pid(booted)
    victim = max(processes(booted) - {master})
    booted.run(f"kill -KILL {victim}")
    wait_until(lambda: victim not in processes(booted) and len(processes(booted)) >= 3, 30)
    assert main_pid(booted) == master
    assert is_ready(booted)


@pytest.mark.parametrize("unit", LASTING)
def test_a_killed_master_leaves_nobody_behind_and_is_started_again(booted: Machine, unit: str) -> None:
    before = processes(booted, unit)
    booted.run(f"systemctl kill -s KILL --kill-who=main {unit}")
    wait_until(lambda: booted.show(unit, "ActiveState") == "active" and not before & processes(booted, unit), 60)
    wait_until(lambda: is_ready(booted), 60)


def test_an_api_that_hangs_is_killed_by_the_watchdog_and_started_again(booted: Machine) -> None:
    folder = "/run/systemd/system/sheaf-api.service.d"
    booted.run(f"mkdir -p {folder} && printf '[Service]\\nWatchdogSec=2\\n' > {folder}/soon.conf")
    booted.run("systemctl daemon-reload && systemctl restart sheaf-api")
    wait_until(lambda: is_ready(booted), 60)
    hanging = main_pid(booted)
    booted.run("systemctl kill -s STOP --kill-who=main sheaf-api")
    wait_until(lambda: main_pid(booted) not in (0, hanging) and is_ready(booted), 40)
    booted.run(f"rm {folder}/soon.conf && systemctl daemon-reload && systemctl restart sheaf-api")
    wait_until(lambda: is_ready(booted), 60)


def test_settings_that_cant_be_right_are_not_tried_for_ever(booted: Machine) -> None:
    folder = "/run/systemd/system/sheaf-statements.service.d"
    booted.run(f"mkdir -p {folder} && printf '[Service]\\nEnvironment=SHEAF_API_PORT=0\\n' > {folder}/wrong.conf")
    booted.run("systemctl daemon-reload")
    assert booted.ask("systemctl restart sheaf-statements").returncode != 0
    wait_until(lambda: booted.show("sheaf-statements", "ActiveState") == "failed", 20)
    assert booted.show("sheaf-statements", "ExecMainStatus") == "78"
    assert "api.port" in booted.run("journalctl -u sheaf-statements -n 20 -o cat --no-pager")
    booted.run(f"rm {folder}/wrong.conf && systemctl daemon-reload && systemctl restart sheaf-statements")
    assert booted.show("sheaf-statements", "ActiveState") == "active"


def test_a_database_that_goes_and_comes_needs_nobody(booted: Machine) -> None:
    masters = {unit: main_pid(booted, unit) for unit in LASTING}
    booted.run("systemctl stop postgresql@15-main")
    wait_until(lambda: code(booted, "http://127.0.0.1:8350/readyz") == "503", 20)
    booted.run("systemctl start postgresql@15-main")
    wait_until(lambda: is_ready(booted), 30)
    assert {unit: main_pid(booted, unit) for unit in LASTING} == masters


def test_what_runs_by_the_clock_runs_confined(booted: Machine) -> None:
    timers = booted.run("systemctl list-timers --no-pager --no-legend 'sheaf-*'")
    files = booted.run("ls /etc/systemd/system/").split()
    assert all(name in timers for name in files if name.startswith("sheaf-") and name.endswith(".timer"))
    for name in files:
        if name.endswith(".timer"):
            job = name.replace(".timer", ".service")
            booted.run(f"systemctl start {job}", seconds=300)
            assert booted.show(job, "Result") == "success"


def test_a_log_in_a_file_is_rotated_under_the_process(booted: Machine) -> None:
    command = f"SHEAF_DATA=/var/lib/sheaf {PROGRAM}/.venv/bin/sheaf worker statements 2>> /var/log/sheaf/statements.log"
    booted.run(f"systemd-run --quiet --unit=by-hand --uid=sheaf sh -c '{command}'")
    wait_until(lambda: booted.ask("grep -c . /var/log/sheaf/statements.log").stdout.strip() not in ("", "0"), 20)
    booted.run("logrotate --force /etc/logrotate.d/sheaf")
    kept = booted.run("cat /var/log/sheaf/statements.log-*")
    assert all(json.loads(line) for line in kept.splitlines())
    booted.run("systemctl stop by-hand")  # its last words go to the file that was cut
    after = (booted.root / "var/log/sheaf/statements.log").read_bytes()
    assert b"\0" not in after
    assert booted.run("stat -c '%U %a' /var/log/sheaf/statements.log").split()[0] == "sheaf"


def test_news_comes_through_nginx_at_once(operator: AtTheMachine) -> None:
    typed = after_the_processes()
    [cashier] = [line for line in typed if "create cashier" in line[0]]
    desk = typed.index(("sheaf device code NSN", ""))
    for command, comment in (cashier, *typed[desk : desk + 3]):
        operator.type(command, comment)
    command = f"cd {PROGRAM} && .venv/bin/python -m tests.support.listening /var/lib/sheaf/nsn cashier.nsn"
    with operator.machine.start(command) as listening:
        assert listening.stdin is not None
        assert listening.stdout is not None
        listening.stdin.write(operator.secrets["cashier.nsn"][0] + "\n")
        listening.stdin.flush()
        assert listening.stdout.readline().strip() == ": hello"
        listening.kill()


def test_after_a_power_cut_everything_comes_up_by_itself(booted: Machine) -> None:
    booted.lose_power()
    booted.boot()
    wait_until(lambda: is_ready(booted), 60)
    wait_until(lambda: all(booted.show(unit, "ActiveState") == "active" for unit in LASTING), 20)
    assert booted.ask("systemctl --failed --no-legend").stdout == ""
