"""Files that hold secrets: there, readable by us, and by nobody else."""

from __future__ import annotations

import os
from pathlib import Path


def file_problem(path: Path, *, secret: bool) -> str | None:
    """Why a file can't be used: absent, unreadable, or a secret that others may read."""
    if not path.is_file():
        return f"there is no file {path}"
    if not os.access(path, os.R_OK):
        return f"may not be read by this user: {path}"
    if secret and os.name == "posix" and path.stat().st_mode & 0o077:
        return f"holds a secret that others can read; run: chmod 600 {path}"
    return None
