"""What a function can come to: names followed through the modules of the server, as far as they are written out."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache

from tests.meta.sources import ROOT, python_files, tree

CODES = "shared.refusals.RefusalCode"
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.expr


def _module(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _local(module: ast.Module) -> dict[str, Definition]:
    """What a module defines at its top."""
    found: dict[str, Definition] = {}
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found[node.name] = node
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {target.id: node.value for target in targets if isinstance(target, ast.Name)}
    return found


def _imports(module: ast.Module) -> dict[str, str]:
    """The names that a module imports, wherever in it, and what they stand for."""
    found = {}
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom):
            found |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.asname or alias.name: alias.name for alias in node.names}
    return found


class Flow:
    """`codes` of a definition are the refusals that it writes out, `uses` the definitions that it names."""

    def __init__(self) -> None:
        self._names: dict[str, dict[str, str]] = {}
        self._definitions: dict[str, Definition] = {}
        for path in python_files("server", "shared"):
            name = _module(path.relative_to(ROOT).as_posix())
            local = _local(tree(path))
            self._names[name] = _imports(tree(path)) | {one: f"{name}.{one}" for one in local}
            self._definitions |= {f"{name}.{one}": node for one, node in local.items()}
        self.codes: dict[str, set[str]] = defaultdict(set)
        self.uses: dict[str, set[str]] = defaultdict(set)
        for name, node in self._definitions.items():
            for written in self._written(name.rpartition(".")[0], node):
                if written.rpartition(".")[0] == CODES:
                    self.codes[name].add(written.rpartition(".")[2])
                elif not written.startswith(("shared.refusals.", "shared.wire.")):
                    self.uses[name].add(written)

    def _written(self, module: str, node: Definition) -> Iterator[str]:
        """Every name in a definition, but for those in annotations and those that something is compared with."""
        aside: set[int] = set()
        for one in ast.walk(node):
            parts = [getattr(one, "annotation", None), getattr(one, "returns", None)]
            parts += [one.left, *one.comparators] if isinstance(one, ast.Compare) else []
            is_code = [part for part in parts[2:] if isinstance(part, ast.Attribute)]
            for part in [*parts[:2], *is_code]:
                aside |= {id(inner) for inner in ast.walk(part)} if isinstance(part, ast.AST) else set()
        for one in ast.walk(node):
            if isinstance(one, ast.Name | ast.Attribute) and id(one) not in aside:
                meant = self._meant(module, one)
                if meant is not None:
                    yield self._defined(meant)

    def _meant(self, module: str, node: ast.expr) -> str | None:
        if isinstance(node, ast.Name):
            return self._names[module].get(node.id)
        base = self._meant(module, node.value) if isinstance(node, ast.Attribute) else None
        return f"{base}.{node.attr}" if base is not None and isinstance(node, ast.Attribute) else None

    def _defined(self, name: str) -> str:
        """Where a name that modules pass on to each other is defined."""
        while name not in self._definitions:
            module, _, last = name.rpartition(".")
            meant = self._names.get(module, {}).get(last)
            if meant is None or meant == name:
                break
            name = meant
        return name

    def table(self, name: str) -> dict[str, str]:
        """A dictionary with names for values: each key with what its value stands for."""
        written = self._definitions[name]
        assert isinstance(written, ast.Dict)
        pairs = zip(written.keys, written.values, strict=True)
        return {ast.literal_eval(key): self._meant(name.rpartition(".")[0], value) or "" for key, value in pairs if key}

    def reached(self, name: str) -> Mapping[str, str]:
        """The refusals that can come of a definition, each with where it is written."""
        start = self._defined(name)
        seen, todo = {start}, [start]
        found: dict[str, str] = {}
        while todo:
            here = todo.pop()
            found |= dict.fromkeys(self.codes[here] - found.keys(), here)
            fresh = self.uses[here] - seen
            seen |= fresh
            todo += fresh
        return found


@cache
def flow() -> Flow:
    """Of the sources as they are."""
    return Flow()
