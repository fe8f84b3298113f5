"""Fonts, icons and tables that ship with Sheaf, found through the import system, also in a frozen build."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def path(*parts: str) -> Path:
    """The file of a resource, for example ``path("icons", "check.svg")``. Resources are always installed unpacked."""
    return Path(str(files(__name__).joinpath(*parts)))


def icon_names() -> list[str]:
    """Every vendored icon, without the suffix, sorted."""
    return sorted(p.stem for p in path("icons").glob("*.svg"))
