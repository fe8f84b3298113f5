"""Each fault of a running installation is named by status and by doctor within ten seconds, with what to do.

docs/faults.md is the table of these faults; those of the settings' files are in tests/cli/test_doctor.py.
"""

from __future__ import annotations

import base64
import http.server
import json
import re
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

from lab.demo.installation import free_port, wipe
from server import pki
from server.commands.status import examined
from server.context import system_clock
from server.database.embedded import EmbeddedPostgresError
from shared.health import Level
from tests.end_to_end.running_demo import RunningDemo
from tests.faults.certificates import ending_in
from tests.faults.place import Place, in_status, killed, named, settings_of, sheaf, troubles
from tests.faults.prometheus import running_prometheus
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    data = tmp_path_factory.mktemp("demo") / "data"
    running = RunningDemo(data)
    yield running
    running.end()
    with suppress(EmbeddedPostgresError):
        wipe(data)


@pytest.fixture
def place(demo: RunningDemo, tmp_path: Path) -> Place:
    """The installation, once nothing is bad."""
    found = Place(demo, tmp_path)

    def is_well() -> bool:
        return not [one for one in examined(settings_of(found.own)) if one.level in (Level.BAD, Level.UNKNOWN)]

    wait_until(is_well, 60)
    return found


def test_a_well_installation_has_no_fault(place: Place) -> None:
    code, said = sheaf("doctor", place.own)
    assert code == 0, said


@pytest.mark.parametrize(
    ("frozen", "what"),
    [
        (("executor",), "processes.executors executor@"),
        (("statements",), "processes.statements statements@"),
        (("api",), "api.answers"),
        (("bank",), "bank.answers"),
    ],
)
def test_what_hangs_is_named(place: Place, frozen: tuple[str, ...], what: str) -> None:
    with place.frozen(*frozen):
        named(place.own, what)


def test_a_killed_executor_is_named(place: Place) -> None:
    with place.worker("payments", "night shift") as process:
        killed(process)
        named(place.own, "processes.executors night shift")


def test_a_killed_statements_worker_is_named(place: Place) -> None:
    with place.worker("statements", "night reader") as process:
        killed(process)
        named(place.own, "processes.statements night reader")


def test_an_executor_whose_log_disk_is_full_is_named(place: Place) -> None:
    with place.worker("payments", "full disk", log=Path("/dev/full")):
        named(place.own, "logs.lost full disk")


def test_an_executor_that_can_not_write_its_own_file_is_named_and_goes_on_by_itself(place: Place) -> None:
    config = place.changed()
    positions = config.parent / "positions"
    shutil.rmtree(positions, ignore_errors=True)
    positions.write_text("")
    with place.worker("payments", "no file", config):
        named(place.own, "processes.executors no file", says="can't be written")
        positions.unlink()
        wait_until(lambda: not in_status(place.own, "processes.executors no file"), 30)


def test_a_frozen_database_is_named(place: Place) -> None:
    with place.frozen_database():
        named(place.own, "database.url", status="database.schema", says="does not answer")


PORT = r'url = "postgresql.*"'
CHANGES: dict[str, tuple[tuple[str, str], str, str, str]] = {
    # what is changed, what doctor says it of, what status says, a piece of the sentence
    "database down": (
        (PORT, 'url = "postgresql://x@127.0.0.1:1/x"'),
        "database.url",
        "database.schema",
        "can't be reached",
    ),
    "bank down": ((r"base_url = .*", 'base_url = "https://127.0.0.1:1/x"'), "bank.answers", "", "does not answer"),
    "wrong CA": ((r"authority_file = .*", ""), "bank.answers", "", "TLS with the bank fails"),
    "SFTP down": ((r"port = (?!8)\d+", "port = 1"), "statements.sftp", "", ""),
    "host key changed": (
        (
            r"host_keys = .*",
            'host_keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIiMkQ2cVJcWXnhRr1bGEyNxQzYwB0BaZ3kGQ0lqzGZk"]',
        ),
        "statements.sftp",
        "",
        "",
    ),
    "SFTP key not admitted": ((r"username = .*", 'username = "nobody"'), "statements.sftp", "", ""),
}


@pytest.mark.parametrize("fault", [*CHANGES])
def test_what_the_settings_lead_to_is_named(place: Place, fault: str) -> None:
    change, what, status, says = CHANGES[fault]
    if fault == "wrong CA":
        other = pki.open_authority(place.folder, "other", system_clock())
        change = (change[0], f'authority_file = "{other.certificate_file}"')
    if fault == "SFTP down":
        config = place.changed(more="")
        text = config.read_text()
        head, mark, tail = text.partition("[sftp]")
        config.write_text(head + mark + re.sub(r"(?m)^port = \d+$", "port = 1", tail, count=1))
    else:
        config = place.changed(change)
    named(config, what, status=status, says=says)


@pytest.mark.parametrize(
    ("url", "says", "do"),
    [
        ("/nowhere", "does not exist", "sheaf backup restore"),
        ("wrong password", "password authentication failed", "user and password"),
    ],
)
def test_why_the_database_is_not_reached_is_named(place: Place, url: str, says: str, do: str) -> None:
    changed = re.sub(":[^:@]*@", ":wrong@", place.url) if url == "wrong password" else re.sub("/[^/]*$", url, place.url)
    found = named(place.changed((PORT, f'url = "{changed}"')), "database.url", status="database.schema", says=says)
    assert do in found["do"]["en"]


@pytest.mark.parametrize("version", ["0003", "0099"])
def test_an_older_and_a_newer_schema_are_named(place: Place, version: str) -> None:
    with psycopg.connect(place.url) as admin:
        present = str(admin.execute("select version_num from sheaf.alembic_version").fetchall()[0][0])
    oldest = "create or replace function sheaf.oldest_code() returns text language sql immutable parallel safe as"
    # a newer one is well as long as it only adds
    place.sql(f"update sheaf.alembic_version set version_num = '{version}'", f"{oldest} $$ select '0099' $$")
    try:
        found = named(place.own, "database.schema", says=version)
        assert "sheaf migrate" in found["do"]["en"]
    finally:
        place.sql(f"update sheaf.alembic_version set version_num = '{present}'", f"{oldest} $$ select '0004' $$")


def test_the_secret_of_other_roles_is_named(place: Place) -> None:
    config = place.changed()
    keys = json.loads((place.folder / "keys.json").read_text())
    keys["role_secret"] = "f" * 64
    (place.folder / "keys.json").write_text(json.dumps(keys))
    named(config, "keys.role_secret", status="-")


def test_the_key_of_another_installation_is_named(place: Place) -> None:
    config = place.changed()
    keys = json.loads((place.folder / "keys.json").read_text())
    keys["vault_key"] = base64.b64encode(bytes(32)).decode()
    (place.folder / "keys.json").write_text(json.dumps(keys))
    told = troubles(config)
    assert any("key" in one["what"] for one in told if one["level"] == "bad"), told


def test_another_program_on_the_port_is_named(place: Place) -> None:
    server = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
    server.RequestHandlerClass.log_message = lambda *_: None  # type: ignore[method-assign,assignment]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        settings = settings_of(place.own)
        config = place.changed((rf"port = {settings.api.port}", f"port = {server.server_port}"))
        assert "not Sheaf" in named(config, "api.answers")["says"]["en"]
    finally:
        server.shutdown()
        server.server_close()


def test_a_port_where_nobody_listens_is_named(place: Place) -> None:
    config = place.changed((rf"port = {settings_of(place.own).api.port}", f"port = {free_port()}"))
    named(config, "api.answers", says="Nothing answers")


@pytest.mark.parametrize(("days", "level"), [(20, "warns"), (3, "warns"), (-1, "bad")])
def test_a_certificate_near_its_end_and_after_it_is_named(place: Place, days: int, level: str) -> None:
    file = place.folder / "client.pem"
    file.write_bytes(ending_in(days))
    config = place.changed((r"client_certificate = .*", f'client_certificate = "{file}"'))
    found = named(config, "bank.certificate")
    assert found["level"] == level
    # it is not the key's either, which doctor tells beside
    assert "is not the key" in json.dumps(json.loads(sheaf("doctor", config, "--json")[1]))


def test_a_bank_that_answers_with_errors_is_named(place: Place) -> None:
    with place.bank_fault("unavailable"):
        named(place.own, "bank.answers this machine", says="503")


def test_a_broken_audit_trail_is_named_once_it_was_looked_at(place: Place) -> None:
    spoil = "update sheaf.audit_entry set tag = %s where (branch_id, sequence) = (select branch_id, sequence from"
    spoil += " sheaf.audit_entry order by branch_id, sequence limit 1)"
    with psycopg.connect(place.url) as admin:
        tag = admin.execute("select tag from sheaf.audit_entry order by branch_id, sequence limit 1").fetchall()[0][0]
    place.sql(spoil % "'spoiled'")
    try:
        assert sheaf("audit verify", place.own)[0] == 1
        named(place.own, "records.audit" if in_status(place.own, "records.audit") else "audit")
    finally:
        place.sql(spoil % f"'{tag}'")
        assert sheaf("audit verify", place.own)[0] == 0


def test_a_ledger_that_differs_is_named_once_it_was_looked_at(place: Place) -> None:
    change = "update sheaf.ledger_account set posted = posted %s 1 where id = (select id from sheaf.ledger_account"
    change += " where posted <> 0 order by id limit 1)"
    place.sql(change % "+")
    try:
        assert sheaf("ledger check", place.own)[0] == 1
        named(place.own, "records.ledger" if in_status(place.own, "records.ledger") else "ledger")
    finally:
        place.sql(change % "-")
        assert sheaf("ledger check", place.own)[0] == 0


def alarm(place: Place, **values: object) -> Path:
    lines = "\n".join(f"{key} = {json.dumps(value)}" for key, value in {"every_seconds": 0.5, **values}.items())
    return place.changed(more=f"\n[alarm]\n{lines}\n")


def told(file: Path) -> list[dict[str, Any]]:
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    return [one for line in lines for one in json.loads(line)["alarms"]]


def test_a_killed_process_is_told_by_one_that_lives_and_a_dead_mail_server_stops_nothing(place: Place) -> None:
    file, program = place.folder / "told", place.folder / "tell.py"
    program.write_text(f"import sys\nopen({str(file)!r}, 'a').write(sys.stdin.read() + '\\n')\n")
    config = alarm(
        place,
        command=[sys.executable, str(program)],
        mail_host="127.0.0.1",
        mail_port=free_port(),
        mail_to=["duty@coop.example"],
    )
    with place.worker("statements", "teller", config), place.worker("payments", "victim") as victim:
        killed(victim)
        wait_until(lambda: any(one["subject"] == "victim" for one in told(file)), 60)
        (first,) = [one for one in told(file) if one["subject"] == "victim"]
        assert (first["name"], first["stage"], first["level"]) == ("processes.executors", "bad", "bad")
        named(place.own, "alarms mail", says="mail server")
        assert sheaf("heartbeat", config)[0] == 0
        with place.frozen_database():
            wait_until(lambda: any(one["name"] == "database" for one in told(file)), 60)


def test_prometheus_scrapes_it_and_its_alert_fires(place: Place) -> None:
    with running_prometheus(place.folder, settings_of(place.own).api.port) as prometheus:
        wait_until(lambda: len(prometheus.query("sheaf_health")) > 20, 30)
        assert prometheus.firing() == set()
        with place.frozen("executor"):
            wait_until(lambda: "SheafProcessesExecutors" in prometheus.firing(), 60)
        wait_until(lambda: "SheafProcessesExecutors" not in prometheus.firing(), 30)
