"""What the pages say of the code is what the code says: states, refusals, rooms, and every place that they name.

After a deliberate change of a refusal: `python -m tests.meta.test_pages` writes docs/refusals.md anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.lifecycle import EDGES, INITIAL
from shared.refusals import CATALOGUE, Refused, refusal_text
from tests.meta.sources import ROOT

DOCS = ROOT / "docs"
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md")))
REFUSALS = DOCS / "refusals.md"
DECISIONS = sorted((DOCS / "decisions").glob("*.md"))
BESIDE = ("lab",)
"""Top folders whose rooms stand in the same table as the server's, where there are any."""

_MACHINE = re.compile(r"^## .*\(`(\w+)`\)$")
_WORD = re.compile(r"`(\w+)`")
_QUOTED = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_PLACE = re.compile(r"(shared|server|desktop|lab|installers|resources|scripts|tests|docs)/[\w./-]*")
_HEAD = """\
# Refusals

Written by `python -m tests.meta.test_pages` from `shared/refusals.py`; a test compares. A refusal changes nothing, is
answered as problem details (RFC 9457) with `code`, both languages, the field it is about and `who_can_fix`, and never
loses its code. Below is what is said where nothing more is known; which of them a verb may answer stands in its row of
the wire table and in `/openapi.json`.

| code | status | who can fix it | what it says |
|---|---|---|---|
"""


def told_machines() -> dict[str, tuple[set[str], dict[str, set[str]]]]:
    """machine -> the states in which a row may be born, and for each state what it may become, as the page has it."""
    machines: dict[str, tuple[set[str], dict[str, set[str]]]] = {}
    births: set[str] = set()
    ways: dict[str, set[str]] = {}
    begins = False
    for line in (DOCS / "states.md").read_text("utf-8").splitlines():
        begins = line.startswith("Begins as ") or (begins and line != "")
        if found := _MACHINE.match(line):
            births, ways = machines[found[1]] = (set(), {})
        elif begins:
            births.update(_WORD.findall(line))
        elif line.startswith("| `"):
            state, _, targets = (cell.strip() for cell in line.strip("|").split("|"))
            ways[state.strip("`")] = set(_WORD.findall(targets))
    return machines


def refusals_page() -> str:
    """The page of all refusals."""
    rows = (
        f"| `{code.value}` | {row.status} | {row.fixer.value} | {refusal_text(Refused(code), 'en')} |\n"
        for code, row in CATALOGUE.items()
    )
    return _HEAD + "".join(rows)


def test_the_states_that_are_told_are_the_codes() -> None:
    machines = told_machines()
    assert {name: births for name, (births, _) in machines.items()} == INITIAL
    for name, (births, ways) in machines.items():
        assert {(state, target) for state, targets in ways.items() for target in targets} == EDGES[name], name
        assert ways.keys() == births | {state for edge in EDGES[name] for state in edge}, name


def test_the_refusals_that_are_told_are_the_codes() -> None:
    assert REFUSALS.read_text("utf-8") == refusals_page()


def test_every_room_is_told_and_is_there() -> None:
    lines = (DOCS / "architecture.md").read_text("utf-8").splitlines()
    cells = [
        line.split("|")[1] for line in lines[lines.index("| room | what it owns |") + 2 :] if line.startswith("| `")
    ]
    told = {name.rstrip("/") for cell in cells for name in _QUOTED.findall(cell) if name.endswith("/")}
    rooms = {init.parent.name for top in ("server", *BESIDE) for init in (ROOT / top).glob("*/__init__.py")}
    assert told == rooms


def named_places(page: Path) -> Iterator[tuple[str, Path]]:
    """Each link of a page within the project, and each quoted path under a folder of the project."""
    text = page.read_text("utf-8")
    for link in _LINK.findall(text):
        target, _, anchor = link.partition("#")
        if "://" not in link:
            yield link, page.parent / target if target else page
            if anchor and target.endswith((".md", "")):
                assert anchor in anchors(page.parent / target if target else page), f"{page.name}: {link}"
    for quoted in _QUOTED.findall(text):
        if _PLACE.fullmatch(quoted):
            yield quoted, ROOT / quoted


def anchors(page: Path) -> set[str]:
    """What links may name in a page: its headings as the readers of such pages write them."""
    heads = [line.lstrip("#").strip() for line in page.read_text("utf-8").splitlines() if line.startswith("#")]
    return {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_place_that_a_page_names_is_there(page: Path) -> None:
    assert [name for name, place in named_places(page) if not place.exists()] == []


def test_every_page_is_found_from_the_first() -> None:
    found = {place.resolve() for name, place in named_places(DOCS / "README.md")}
    assert {page.relative_to(ROOT).as_posix() for page in PAGES if page.resolve() not in found} == {"docs/README.md"}


def test_decisions_are_numbered_and_say_what_was_not_taken() -> None:
    assert [int(page.name[:4]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))
    for number, page in enumerate(DECISIONS, 1):
        text = page.read_text("utf-8")
        assert text.startswith(f"# {number}. ")
        for part in ("**The question.**", "**Decided.**", "**What follows.**", "**Not taken.**"):
            assert part in text, f"{page.name} lacks {part}"


if __name__ == "__main__":
    REFUSALS.write_text(refusals_page(), "utf-8")
