"""Runs a copy of somebody else's cluster as a private server: under our own settings, with our own password."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final

from server.database.embedded import SUPERUSER, EmbeddedPostgres, EmbeddedPostgresError, identity, last_words

# The copied server's own settings may archive its log over the original's, or name files of another machine.
_FORGOTTEN: Final = ("postgresql.conf", "postgresql.auto.conf", "pg_hba.conf", "pg_ident.conf")
_SIGNALS: Final = ("standby.signal", "recovery.signal", "postmaster.pid")
_DOOR: Final = "local all all scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256\n"
_SINGLE_USER: Final = """\
do $$ begin if not exists (select from pg_roles where rolname = '{user}') then create role {user}; end if; end $$
alter role {user} with superuser login password '{password}'
"""


class CopiedPostgres(EmbeddedPostgres):
    """A scratch server over a physical copy; a power cut may destroy it, and its original never notices it."""

    def __init__(self, data_dir: Path, fill: Callable[[Path], None], *, binaries: Path | None = None) -> None:
        """`fill` puts the copied cluster, with the log that it needs, into an empty folder."""
        super().__init__(data_dir, unsafe_for_tests=True, binaries=binaries)
        self._copy = fill

    def _fill(self, home: Path, cluster: Path) -> None:
        cluster.mkdir(mode=0o700)
        self._copy(cluster)
        for name in (*_FORGOTTEN, *_SIGNALS):
            (cluster / name).unlink(missing_ok=True)
        for name in _FORGOTTEN:
            (cluster / name).write_text(_DOOR if name == "pg_hba.conf" else "", "ascii")
        _give(cluster, home)
        command = [str(self._program("postgres")), "--single", "-D", str(cluster), "-c", "fsync=off", "postgres"]
        orders = _SINGLE_USER.format(user=SUPERUSER, password=self._password())
        with (home / "log").open("ab") as log:
            done = subprocess.run(command, input=orders.encode(), stdout=log, stderr=log, check=False, **identity(home))
        if done.returncode != 0:
            raise EmbeddedPostgresError(f"the copy can't be recovered: {last_words(home)}")


def _give(cluster: Path, home: Path) -> None:
    """Let the account that runs the server own all of it."""
    owner = home.stat()
    for place, folders, files in os.walk(cluster):
        for name in (".", *folders, *files):
            shutil.chown(Path(place, name), owner.st_uid, owner.st_gid)
    cluster.chmod(0o700)
