"""What stands under installers/ and in docs/operating.md agrees with the program; tests/proof boots it."""

from __future__ import annotations

import configparser
import json
import re
from pathlib import Path
from typing import Any

import pytest

from server.connections import HELD, needed
from server.http import callbacks
from server.settings import EXIT_CONFIG, ApiSection
from shared.refusals import CATALOGUE, RefusalCode, Refused, refusal_text
from shared.wire.table import EVENTS_PATH, VERBS
from shared.wire.verb import MB
from tests.meta.sources import ROOT

UNITS = ROOT / "installers" / "systemd"
NGINX = (ROOT / "installers/nginx/sheaf.conf").read_text("utf-8")
OPERATING = (ROOT / "docs/operating.md").read_text("utf-8")
SERVICES = sorted(UNITS.glob("*.service"))
LASTING = ("sheaf-api.service", "sheaf-executor@.service", "sheaf-statements.service")


def unit(path: Path) -> Any:
    """A unit's sections; of a key that stands twice the last."""
    read = configparser.RawConfigParser(strict=False)
    read.optionxform = str  # type: ignore[assignment,method-assign]  # the documented way to keep letters as they are
    read.read_string(path.read_text("utf-8"))
    return read


def location(place: str) -> str:
    found = re.search(rf"location {re.escape(place)} \{{(.*?)\n?    \}}", NGINX, re.DOTALL)
    assert found is not None, place
    return found[1]


@pytest.mark.parametrize("name", LASTING)
def test_a_lasting_service_is_watched_reloaded_and_started_again(name: str) -> None:
    service = unit(UNITS / name)["Service"]
    assert (service["Type"], service["NotifyAccess"], service["Restart"]) == ("notify", "main", "on-failure")
    assert service["ExecReload"] == "kill -HUP $MAINPID"
    assert int(service["WatchdogSec"]) <= 30
    assert unit(UNITS / name)["Install"]["WantedBy"] == "sheaf.target"


def test_all_services_share_account_order_and_what_they_do_not_come_back_from() -> None:
    common = unit(UNITS / "sheaf-.service.d/10-common.conf")
    assert common["Service"]["RestartPreventExitStatus"] == str(EXIT_CONFIG)
    assert common["Service"]["KillMode"] == "mixed"
    assert {"network-online.target", "postgresql.service"} <= {*common["Unit"]["After"].split()}
    assert common["Unit"]["PartOf"] == "sheaf.target"
    assert all(path.name.startswith("sheaf-") for path in SERVICES)


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_every_command_of_a_unit_is_one_of_ours(path: Path) -> None:
    from typer.testing import CliRunner

    from server.cli import app

    for line in re.findall("^ExecStart=(.*)$", path.read_text("utf-8"), re.MULTILINE):
        program, *words = line.split()
        assert program == "/opt/sheaf/.venv/bin/sheaf"
        shown = CliRunner().invoke(app, [*words, "--help"])
        assert shown.exit_code == 0, line


def test_each_timer_has_its_service_and_its_line_in_the_calendar() -> None:
    for timer in sorted(UNITS.glob("*.timer")):
        assert timer.with_suffix(".service") in SERVICES
        assert unit(timer)["Timer"]["Persistent"] == "yes"
        assert f"`{timer.name}`" in OPERATING


def test_nginx_listens_for_the_port_that_the_socket_and_the_settings_have() -> None:
    api = ApiSection()
    place = f"{api.host}:{api.port}"
    assert f"server {place} " in NGINX
    assert unit(UNITS / "sheaf-api.socket")["Socket"]["ListenStream"] == place
    assert place in OPERATING.replace("8350/tcp on 127.0.0.1", place)


def test_nginx_lets_every_body_through_that_a_call_may_have() -> None:
    largest = max(verb.body_limit for verb in VERBS)
    allowed = int(re.findall(r"\n    client_max_body_size (\d+)m;", NGINX)[0])
    assert largest < allowed * MB <= 2 * largest
    assert f"client_max_body_size {callbacks._LIMIT // 1024}k;" in location("/callbacks/")


def test_nginx_holds_event_streams_open_and_unbuffered() -> None:
    assert "proxy_buffering off;" in location(f"= {EVENTS_PATH}")


def test_nginx_shows_the_machines_pages_to_nobody() -> None:
    for page in ("/metrics", "/readyz"):
        assert "return 404;" in location(f"= {page}")


def test_nginx_believes_no_caller_about_its_address_and_writes_no_query() -> None:
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in NGINX
    told = re.findall(r"log_format sheaf (.*?);", NGINX, re.DOTALL)[0]
    assert not {"$request", "$request_uri", "$args", "$query_string", "$http_referer"} & {*re.findall(r"\$\w+", told)}
    assert all(line.strip().endswith((" sheaf;", " crit;")) for line in NGINX.splitlines() if "_log /" in line)


def test_nginx_refuses_what_is_too_large_in_the_apis_own_words() -> None:
    refused = Refused(RefusalCode.TOO_LARGE)
    said = json.loads(re.findall("return 413 '(.*)';", NGINX)[0])
    assert (said["code"], said["status"]) == (refused.code.value, CATALOGUE[refused.code].status)
    assert (said["detail_th"], said["detail_en"]) == (refusal_text(refused, "th"), refusal_text(refused, "en"))


def test_the_table_of_connections_is_the_programs_own() -> None:
    told = dict(re.findall(r"^\| (.+?) \| (\d+) \| ", OPERATING, re.MULTILINE))
    assert {kind.lower().replace(" ", "_"): int(count) for kind, count in told.items()} == HELD
    assert f"**{needed(ApiSection().workers)}**" in OPERATING
    assert f"Four workers need {needed(4)}" in OPERATING
