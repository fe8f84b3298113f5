"""The schema as PostgreSQL tells it, for reviews: `python -m server.database.snapshot` writes schema.sql beside it.

A test compares it with what `sheaf migrate` makes, so whoever changes a version or a definition sees all that changed.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from server.database.embedded import EmbeddedPostgres, program_folder
from server.database.migrations import upgrade

PLACE: Final = Path(__file__).with_name("schema.sql")
# What says nothing of the schema, differs from run to run or from release to release, or is the rule.
_NOISE: Final = re.compile(
    r"^(?:--.*|\\(?:un)?restrict .*|SET .*|SELECT pg_catalog\.set_config.*|ALTER .* OWNER TO sheaf_owner;|)\n", re.M
)
_BODY: Final = re.compile(r" AS (\$\w*\$).*?\1;", re.S)


def schema_of(url: str) -> str:
    """The schema of a database, as text that is the same for the same schema. `url` is a superuser's.

    What is not said belongs to sheaf_owner. Bodies of functions stand in their rooms; a digest tells that they changed.
    """
    words = [
        str(program_folder() / "pg_dump"),
        "--schema-only",
        "--no-tablespaces",
        "--schema=sheaf",
        f"--dbname={url}",
    ]
    told = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    return _NOISE.sub("", _BODY.sub(_digest, told))


def _digest(body: re.Match[str]) -> str:
    return f" AS {hashlib.sha256(body[0].encode()).hexdigest()[:16]};"


def main() -> None:
    """Write the present schema, from a database of its own that is migrated for it."""
    with tempfile.TemporaryDirectory(prefix="sheaf-schema-") as place:
        database = EmbeddedPostgres(Path(place), unsafe_for_tests=True)
        try:
            url = database.start()
            upgrade(url, "for the snapshot")
            PLACE.write_text(schema_of(url), "utf-8")
        finally:
            database.destroy()


if __name__ == "__main__":
    main()
