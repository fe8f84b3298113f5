"""`sheaf serve` and `sheaf worker` as a service manager runs them: real processes, their log, their workers."""

from __future__ import annotations

import base64
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import httpx

from server.installation import toml_text
from server.pki import write_secret
from tests.conftest import ROLE_SECRET
from tests.support.world import VAULT_KEY
from tests.waiting import wait_until

ROOT: Final = Path(__file__).parents[2]
START_SECONDS: Final = 60.0
KEYS: Final = {"role_secret": ROLE_SECRET, "vault_key": base64.b64encode(VAULT_KEY).decode()}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


class Service:
    """One master. `folder` holds its settings and its log."""

    def __init__(self, folder: Path, url: str, *words: str, **api: Any) -> None:
        self.folder, self.words = folder, words or ("serve",)
        self.api = {"port": free_port(), "workers": 2, **api}
        self.sections: dict[str, Mapping[str, Any]] = {
            "database": {"url": url},
            "keys": KEYS,
            "policy": {"production_accounts": False},
        }
        self.config, self.log = folder / "sheaf.toml", folder / "log"
        self.process: subprocess.Popen[bytes] | None = None
        self.write()

    def write(self, **api: Any) -> None:
        """The settings file, with changed keys of [api]."""
        self.api |= api
        self.config.unlink(missing_ok=True)
        write_secret(self.config, toml_text({**self.sections, "api": self.api}).encode())

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.api['port']}"

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def start(
        self, *, errors: int | None = None, wait: bool = True, environment: Mapping[str, str] | None = None
    ) -> None:
        """Start it; until it is ready."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "server.cli", *self.words, "--config", str(self.config)],
                stdout=log,
                stderr=log if errors is None else errors,
                stdin=subprocess.DEVNULL,
                cwd=ROOT,
                env={**os.environ, **(environment or {})},
            )
        if wait:
            wait_until(self.is_up, START_SECONDS)

    def is_up(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text()
        return bool(self.told("serving")) and (self.words != ("serve",) or self.is_ready())

    def is_ready(self) -> bool:
        return self.ask("/readyz") == 200

    def ask(self, path: str) -> int:
        """The status of a call on a connection of its own; 0 when nobody answers."""
        try:
            return httpx.get(self.url + path, trust_env=False, timeout=10).status_code
        except httpx.TransportError:
            return 0

    def workers(self) -> list[int]:
        """The process ids of the workers, as Linux lists them."""
        return children(self.pid)

    def lines(self) -> list[dict[str, Any]]:
        """The log so far."""
        found = []
        for line in self.log.read_text(encoding="utf-8", errors="replace").splitlines():
            with suppress(ValueError):
                found.append(json.loads(line))
        return found

    def told(self, event: str) -> list[dict[str, Any]]:
        """Lines of one kind."""
        return [line for line in self.lines() if line.get("event") == event]

    def signal(self, number: int) -> None:
        """Send the master a signal."""
        os.kill(self.pid, number)

    def reload(self, seconds: float = START_SECONDS) -> None:
        """SIGHUP; until the new workers work."""
        before = len(self.told("reloaded"))
        self.signal(signal.SIGHUP)
        wait_until(lambda: len(self.told("reloaded")) > before, seconds)

    def end(self, seconds: float = 40) -> int:
        """SIGTERM; the exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)

    def kill(self) -> None:
        """Whatever is left of it, at the end of a test."""
        if self.process is None:
            return
        for pid in [self.pid, *children(self.pid)] if self.process.poll() is None else []:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(10)


def children(pid: int) -> list[int]:
    """The workers of a master that run."""
    found = []
    with suppress(FileNotFoundError, ProcessLookupError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split():
            with suppress(FileNotFoundError, ProcessLookupError):
                if b"server.processes" in Path(f"/proc/{child}/cmdline").read_bytes():
                    found.append(int(child))
    return found


def runs(pid: int) -> bool:
    """Whether a process is there, and not only waits to be collected."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def gone(pids: list[int]) -> Callable[[], bool]:
    """Whether none of them runs any more, to be waited for."""
    return lambda: not any(runs(pid) for pid in pids)
