"""Debian's Prometheus, scraping an API of ours each second with our rules."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from lab.demo.installation import free_port
from server.health.alert_rules import FILE
from tests.waiting import wait_until

UNPACKED = Path(__file__).parents[2] / ".venv" / "debian" / "usr" / "bin"


class Prometheus:
    """One that runs."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}"

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self._url}/-/ready", trust_env=False).is_success
        except httpx.TransportError:
            return False

    def query(self, expression: str) -> list[Any]:
        """What it holds now."""
        answer = httpx.get(f"{self._url}/api/v1/query", params={"query": expression}, trust_env=False)
        result: list[Any] = answer.raise_for_status().json()["data"]["result"]
        return result

    def firing(self) -> set[str]:
        """The alerts that fire, by name."""
        answer = httpx.get(f"{self._url}/api/v1/alerts", trust_env=False).raise_for_status().json()
        return {one["labels"]["alertname"] for one in answer["data"]["alerts"] if one["state"] == "firing"}


@contextmanager
def running_prometheus(folder: Path, scraped: int) -> Iterator[Prometheus]:
    """It scrapes that port of this machine; the test is skipped where Debian's package is not."""
    program = shutil.which("prometheus") or str(UNPACKED / "prometheus")
    if not Path(program).exists():
        pytest.skip("Debian's prometheus is not here")
    config = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(FILE)],
        "scrape_configs": [{"job_name": "sheaf", "static_configs": [{"targets": [f"127.0.0.1:{scraped}"]}]}],
    }
    file, port = folder / "prometheus.yml", free_port()
    file.write_text(json.dumps(config))
    words = [program, f"--config.file={file}", f"--storage.tsdb.path={folder / 'series'}"]
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen([*words, f"--web.listen-address=127.0.0.1:{port}"], stdout=log, stderr=log)
    try:
        prometheus = Prometheus(port)
        wait_until(prometheus.is_ready, 30)
        yield prometheus
    finally:
        process.terminate()
        process.wait(20)
