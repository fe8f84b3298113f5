"""Rules that ruff, mypy and import-linter can't see: sizes, purity, sleeps, Qt's place, the words of a machine."""

from __future__ import annotations

import ast
import re

from shared.wire.table import BY_NAME
from tests.meta.sources import PACKAGES, ROOT, calls, imported, place, python_files, text_files, tree

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60

CLOCK_AND_CHANCE = re.compile(
    r"(^|\.)(now|utcnow|today|monotonic|perf_counter|uuid1|uuid4|uuid7|token_[a-z]+|randbelow)$"
)
MACHINE_PATH = re.compile(r"(?<![\w.$}])/(?:root|work|farm|Users|home/[a-z]+)/[\w.]")
UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|HA" r"CK|XX" r"X)\b")


def test_files_can_be_read_in_one_sitting() -> None:
    lengths = {place(path): len(path.read_text(encoding="utf-8").splitlines()) for path in python_files()}
    assert {name: lines for name, lines in lengths.items() if lines > MAX_FILE_LINES} == {}


def test_functions_can_be_read_at_a_glance() -> None:
    long = []
    for path in python_files():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                if lines > MAX_FUNCTION_LINES:
                    long.append(f"{place(path, node)} {node.name} has {lines} lines")
    assert long == []


def test_every_module_says_what_it_is_for() -> None:
    assert [place(path) for path in python_files() if not ast.get_docstring(tree(path))] == []


def test_every_folder_of_code_is_a_package() -> None:
    # import-linter doesn't look into a folder without __init__.py, so its arrows would be unguarded.
    folders = {path.parent for path in python_files(*PACKAGES)}
    assert [place(folder) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


def test_only_the_user_interface_knows_qt() -> None:
    strangers = [
        place(path, node)
        for path in python_files(*PACKAGES)
        if not path.is_relative_to(ROOT / "desktop" / "ui")
        for node, name in imported(path)
        if name.split(".")[0] in {"PySide6", "shiboken6", "qasync"}
    ]
    assert strangers == []


def test_the_sandbox_bank_meets_sheaf_only_over_the_wire() -> None:
    bank = ROOT / "lab" / "sandbox_bank"
    crossings = []
    for path in python_files("server", "lab"):
        inside = path.is_relative_to(bank)
        for node, name in imported(path):
            to_bank = name.startswith("lab.sandbox_bank")
            leaves = inside and name.startswith(("server.", "lab.")) and not to_bank and name != "server.pki"
            enters = to_bank and not inside
            if leaves or enters:
                crossings.append(f"{place(path, node)} imports {name}")
    assert crossings == []


def test_verbs_leave_their_sql_to_the_stores() -> None:
    asking = {
        f"{name}.{what}" for name in ("tx", "calls") for what in ("rows", "maybe", "one", "value", "execute", "many")
    }
    verbs = [path for path in python_files("server") if path.name.endswith("verbs.py")]
    assert len(verbs) > 20
    assert [place(path, node) for path in verbs for node, name in calls(path) if name in asking] == []


def test_only_the_table_of_handlers_names_verbs_at_the_front_door() -> None:
    named = [
        place(path, node)
        for path in python_files("server")
        if path.parent.name == "http" and path.name != "handlers.py"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and node.value in BY_NAME
    ]
    assert named == []


def test_no_dialog_re_enters_the_event_loop() -> None:
    # exec() runs a loop inside the loop, which kills a running task: open() and await `finished`.
    nested = [
        place(path, node)
        for path in python_files("desktop")
        for node, name in calls(path)
        if name.rsplit(".", 1)[-1] in {"exec", "exec_"} and name != "exec"
    ]
    assert nested == []


def test_time_and_chance_are_arguments_of_pure_code() -> None:
    pure = [path for path in python_files("shared", "server") if path.name == "rules.py" or "shared" in path.parts]
    impure = [place(path, node) for path in pure for node, name in calls(path) if CLOCK_AND_CHANCE.search(name)]
    assert impure == []


def test_no_float_comes_near_money() -> None:
    pure = [path for path in python_files("shared", "server") if path.name == "rules.py" or "shared" in path.parts]
    floats = [
        place(path, node)
        for path in pure
        for node in ast.walk(tree(path))
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Name) and node.id == "float")
        or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div))
    ]
    assert floats == []


def test_tests_wait_for_a_condition_and_never_sleep() -> None:
    sleeps = [
        place(path, node)
        for path in python_files("tests")
        if path.name != "waiting.py"
        for node, name in calls(path)
        if name in {"time.sleep", "qtbot.wait", "QTest.qWait"}
        or (name == "asyncio.sleep" and not (isinstance(node.args[0], ast.Constant) and node.args[0].value == 0))
    ]
    assert sleeps == []


def test_regular_expressions_take_no_thai_digits_by_accident() -> None:
    patterns = [
        place(path, node)
        for path in python_files(*PACKAGES)
        for node, name in calls(path)
        if name.startswith("re.")
        for argument in node.args[:1]
        if isinstance(argument, ast.Constant) and "\\d" in str(argument.value)
    ]
    assert patterns == []


def test_the_project_speaks_of_no_machine_and_leaves_nothing_unfinished() -> None:
    found = []
    for path in text_files():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if MACHINE_PATH.search(line) or UNFINISHED.search(line):
                found.append(f"{place(path)}:{number}: {line.strip()[:100]}")
    assert found == []
