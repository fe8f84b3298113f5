"""README's "Running it for real", typed word by word: from an empty PostgreSQL to a farmer paid and reconciled."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import msgspec
import psycopg
import pytest

from server.database.embedded import EmbeddedPostgres
from server.settings import SECTIONS
from tests.bank_changes.cases import png
from tests.support.page import PASSWORD, Operator, blocks, lines

OLDEST = Path("/usr/lib/postgresql/15/bin")


@pytest.fixture(params=["15", "18"])
def administrator_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A PostgreSQL with nothing in it but what the page's SQL has made; the URL of its administrator, no superuser."""
    binaries = OLDEST if request.param == "15" else None
    if binaries is not None and not (binaries / "initdb").exists():
        pytest.skip("PostgreSQL 15 is not here; as root: apt-get install postgresql-15")
    memory = Path("/dev/shm")
    place = memory if os.access(memory, os.W_OK | os.X_OK) else Path("/tmp")
    cluster = EmbeddedPostgres(
        Path(mkdtemp(prefix="sheaf-tests-", dir=place)), unsafe_for_tests=True, binaries=binaries
    )
    try:
        superuser = cluster.start()
        with psycopg.connect(superuser, autocommit=True) as admin:
            version = admin.execute("show server_version").fetchone()
            assert version is not None
            assert str(version[0]).startswith(request.param)
            for statement in blocks("sql")[0].strip().splitlines():
                admin.execute(statement.replace("...", PASSWORD).encode())
        yield f"postgresql://sheaf_admin:{PASSWORD}@{superuser.partition('@')[2].rpartition('/')[0]}/sheaf"
    finally:
        cluster.destroy()


@pytest.mark.timeout(300)
def test_a_real_installation_pays_a_farmer_by_the_pages_own_commands(
    administrator_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SHEAF_DATA", str(tmp_path / "sheaf"))
    monkeypatch.setenv("SHEAF_API_PORT", port)
    (tmp_path / "members.csv").write_text(blocks("csv")[0], "utf-8")
    (tmp_path / "balance.pdf").write_bytes(png("what the bank says of the account"))
    with ExitStack() as stack:
        operator = Operator(tmp_path, administrator_url, port, stack)
        for command, comment in lines(*blocks("sh")):
            operator.type(command, comment)
        seen: Any = msgspec.json.decode(operator.say("sheaf call get_treasury --desk hq --as treasurer").encode())
    assert (tmp_path / "read.pdf").read_bytes() == (tmp_path / "balance.pdf").read_bytes()
    assert (seen["treasury"], seen["branches"], seen["transit"]) == ("500000.00", "451750.00", "0.00")
    assert (seen["bank_balance"], seen["difference"], seen["parts"]) == ("951750.00", "0.00", [])


def test_the_settings_on_the_page_are_settings_that_exist() -> None:
    text = "".join(blocks("toml"))
    for heading in ("bank", "sftp"):
        own = set(re.findall("^([a-z_]+) =", text.partition(f"[{heading}]\n")[2].partition("\n[")[0], re.MULTILINE))
        assert own
        assert own <= {*SECTIONS[heading].__struct_fields__}
