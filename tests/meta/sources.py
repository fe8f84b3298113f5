"""The project's own files and their syntax trees, for the tests that keep the house tidy."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("shared", "server", "desktop", "lab", "resources")
FOLDERS = (*PACKAGES, "docs", "tests", "scripts", "installers", ".ci")
TEXT_SUFFIXES = {".py", ".sql", ".toml", ".md", ".json", ".sh", ".service", ".conf", ".cfg", ".csv", ".html", ""}


@cache
def python_files(*folders: str) -> tuple[Path, ...]:
    """Every module under the named top folders (all of them when none is named)."""
    found = [path for folder in folders or FOLDERS for path in (ROOT / folder).rglob("*.py")]
    assert found, "no file was found, so the test would prove nothing"
    return tuple(sorted(found))


def text_files() -> Iterator[Path]:
    """Every file a person may read: sources, settings, pages, scripts."""
    for path in [*ROOT.iterdir(), *(each for folder in FOLDERS for each in (ROOT / folder).rglob("*"))]:
        # Inputs are data in the encodings of other people's programs.
        foreign = {"__pycache__", "cases"} & set(path.relative_to(ROOT).parts)
        if path.is_file() and path.suffix in TEXT_SUFFIXES and not foreign:
            yield path


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of one module."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def place(path: Path, node: ast.AST | None = None) -> str:
    """`folder/file.py:line`, as an editor opens it."""
    name = path.relative_to(ROOT).as_posix()
    return f"{name}:{node.lineno}" if isinstance(node, ast.stmt | ast.expr) else name


def imported(path: Path) -> Iterator[tuple[ast.stmt, str]]:
    """Each absolute import of a module with the name of what it imports."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node, alias.name
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node, node.module or ""


def calls(path: Path) -> Iterator[tuple[ast.Call, str]]:
    """Each call of a module with its dotted name as written; calls on the result of something start with a dot."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            names, at = [], node.func
            while isinstance(at, ast.Attribute):
                names.append(at.attr)
                at = at.value
            names.append(at.id if isinstance(at, ast.Name) else "")
            yield node, ".".join(reversed(names))
