"""Green is chosen in one place: no screen writes the tone of a good verdict, or compares a score, by itself."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.meta.sources import ROOT

DESKTOP = ROOT / "desktop"
ALLOWED = {
    "desktop/core/lights.py": 3,  # the one place: its type, its table, and the question whether a light is green
    "desktop/ui/theme/tokens.py": 2,  # the names of the tones
    "desktop/ui/widgets/basics.py": 1,  # the names of the inks
    # States that the server gave a row, by which they are known everywhere; not a check of anything.
    "desktop/ui/widgets/status.py": 2,
    "desktop/ui/widgets/timeline.py": 1,
    "desktop/ui/widgets/topbar.py": 1,
    "desktop/ui/screens/bank_change/case.py": 1,
    "desktop/ui/screens/funding/page.py": 1,
    "desktop/ui/screens/inbox/page.py": 2,
    "desktop/ui/screens/restore/page.py": 1,
    "desktop/ui/screens/statements/page.py": 2,
    "desktop/ui/screens/sync/page.py": 1,
    "desktop/ui/screens/treasury/page.py": 2,  # and what the server has just done
    "desktop/ui/screens/batch/parts.py": 1,
    "desktop/ui/screens/dashboard/page.py": 1,
    "desktop/ui/screens/health/findings.py": 1,  # what the server has found of itself
    # What the server has just done.
    "desktop/ui/notices.py": 2,
    "desktop/ui/screens/disbursements/page.py": 1,
    "desktop/ui/screens/sign_off/flow.py": 1,
    "desktop/ui/screens/treasury/form.py": 1,
    "desktop/ui/widgets/toast.py": 1,  # the icon of such a notice
    "desktop/ui/gallery.py": 1,
}


def green(path: Path) -> int:
    tree = ast.parse(path.read_text("utf-8"))
    return sum(isinstance(node, ast.Constant) and node.value == "ok" for node in ast.walk(tree))


def scores(path: Path) -> list[int]:
    """Lines that compare a match with anything: whether it is enough is the server's rule."""
    compared = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Compare)]
    return [
        node.lineno
        for node in compared
        if any(isinstance(part, ast.Attribute) and part.attr == "match" for part in (node.left, *node.comparators))
    ]


def sources() -> list[Path]:
    return sorted(DESKTOP.rglob("*.py"))


def test_nobody_else_chooses_green() -> None:
    found = {path.relative_to(ROOT).as_posix(): green(path) for path in sources()}
    assert {name: count for name, count in found.items() if count} == ALLOWED


def test_nobody_judges_a_score() -> None:
    assert {str(path): lines for path in sources() if (lines := scores(path))} == {}
