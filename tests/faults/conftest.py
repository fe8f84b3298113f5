"""Servers and installations for the tests of backups, each made once and only when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.faults.backups import OLDEST, Get, Installation, fill, server


@pytest.fixture(scope="session")
def servers() -> Iterator[Callable[[str], str]]:
    """The superuser's URL of a server by version and way; each is made once."""
    made: dict[str, str] = {}
    with ExitStack() as stack:

        def get(kind: str) -> str:
            if kind.startswith("15") and not (OLDEST / "initdb").exists():
                pytest.skip("PostgreSQL 15 is not here; as root: apt-get install postgresql-15")
            if kind not in made:
                made[kind] = stack.enter_context(server(kind[:2]))
            return made[kind]

        yield get


@pytest.fixture(scope="session")
def installations(servers: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Get:
    """A filled installation by version and way; each is made once and has one backup."""
    made: dict[str, Installation] = {}

    def get(kind: str) -> Installation:
        if kind not in made:
            # A physical copy is taken only of a server that holds nothing else, so the two kinds share none.
            one = Installation(tmp_path_factory.mktemp("house"), servers(kind), "sheaf", kind.endswith("dump"))
            one.make()
            fill(one)
            made[kind] = one
            one.done("backup", "run")
        return made[kind]

    return get
