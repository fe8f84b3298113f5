"""Change the code that decides about money one small thing at a time and see that a test fails each time.

Works on a copy under build/mutation, made anew each time. Every mutant runs the tests of its group that reach the
changed function, against one PostgreSQL with one migrated template. Mutants that only change a text with a space in it
(messages, details) are left out; SQL and docstrings are not mutated by the tool. Survivors that nobody needs to kill
stand in scripts/survivors.toml with the reason. Exit status 1: too few killed, or a survivor that is not explained.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "mutation"
EXPLAINED = ROOT / "scripts" / "survivors.toml"
LEAST_SHARE = 0.85
COPIED = ("desktop", "lab", "resources", "server", "shared", "tests", "pyproject.toml", "README.md")
# What pytest's exit says of a mutant: failed, died on import, ran out of time (the last three).
KILLED = {1, 2, 3, -24, -9, 255}
# The tool holds each name against each mutant as a pattern, which takes minutes for thousands: ours are plain names.
# It runs the tests twice without a mutant: the first time, for what reaches what, is enough.
RUN = """
import operator, sys, types
import mutmut.__main__ as tool
tool.fnmatch = types.SimpleNamespace(fnmatch=operator.eq)
tool.get_mutant_runner().__class__.run_clean_tests = lambda runner, tests: 0
tool._run(tuple(sys.argv[2:]), int(sys.argv[1]))
"""


@dataclass(frozen=True)
class Group:
    """Modules that are mutated together, and the tests that judge them."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]
    left_out: tuple[str, ...] = ()  # parts of test names: crowds, races and other long ones


GROUPS = {
    # Pure: nothing here asks a database.
    "deciding": Group(
        modules=(
            "server/approvals/rules.py",
            "server/approvals/signatures.py",
            "server/company_rules/rules.py",
            "server/reconciliation/net.py",
            "server/reconciliation/rules.py",
        ),
        tests=(
            "tests/approvals",
            "tests/company_rules/test_caps.py",
            "tests/company_rules/test_rules_alone.py",
            "tests/reconciliation/test_net.py",
            "tests/reconciliation/test_net_alone.py",
            "tests/reconciliation/test_rules.py",
        ),
        left_out=("thousand", "in_a_crowd", "for_any_lines", "triple", "strangers_statement", "set_aside"),
    ),
    "doing": Group(
        modules=(
            "server/approvals/cases.py",
            "server/approvals/deciding.py",
            *(
                f"server/payments/{name}.py"
                for name in "rules submission submitting writing limits paying_again".split()
            ),
            *(f"server/executing/{name}.py" for name in "sending references outcomes".split()),
            *(f"server/sign_offs/{name}.py" for name in "judging verbs batch".split()),
            "server/reconciliation/reconciling.py",
        ),
        # What starts executors of its own, kills or races takes minutes and judges elsewhere.
        tests=(
            *(
                f"tests/payments/test_{name}.py"
                for name in (
                    "advances balances batches_close changed_members doubt false_callbacks foreign_fields groups "
                    "in_doubt judged_again one_ticket paying_again proof_of_absence radar references refused_batches "
                    "funding refused_signatures refused_submissions releases tiers way_of_one_payment"
                ).split()
            ),
            "tests/company_rules/test_caps.py",
            "tests/company_rules/test_fees_in_the_ledger.py",
            "tests/reconciliation/test_net.py",
            "tests/reconciliation/test_reconciling.py",
        ),
        # x00: the tool names tests one by one, and pytest doesn't take such a name.
        left_out=("thousand", "1000", "two_hundred", "crowd", "for_any_lines", "signed_whole", "planted", "x00"),
    ),
}


Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Mutant:
    """One change: the tool's name for it, its function, and the lines that it takes away and puts there."""

    name: str
    function: str
    was: str
    becomes: str

    @property
    def module(self) -> str:
        return self.function.rpartition(".")[0]


def mutants_of(path: str, source: str) -> Iterator[Mutant]:
    """All mutants of a module but those of texts. Reads the tool's settings from the current folder."""
    from mutmut.mutation.file_mutation import mutate_file_contents

    mutated = mutate_file_contents(path, source)
    functions = {node.name: node for node in ast.walk(ast.parse(mutated.code)) if isinstance(node, Function)}
    module = path.removesuffix(".py").replace("/", ".")
    for name in mutated.mutant_names:
        mangled = re.sub(r"__mutmut_\d+$", "", name)
        before, after = functions[f"{mangled}__mutmut_orig"], functions[name]
        if _is_text(before, after):
            continue
        was, becomes = _differing(_lines(before), _lines(after))
        function = mangled.removeprefix("x_").replace("xǁ", "").replace("ǁ", ".")
        yield Mutant(f"{module}.{name}", f"{module}.{function}", was, becomes)


def _is_text(before: Function, after: Function) -> bool:
    """Whether the first place where they differ is a string with a space in it."""
    for one, other in zip(ast.walk(before), ast.walk(after), strict=False):
        if type(one) is not type(other):
            return False
        if isinstance(one, ast.Constant) and one.value != other.value:
            return isinstance(one.value, str) and " " in one.value
    return False


def _lines(function: Function) -> list[str]:
    function.name = "f"
    return ast.unparse(function).splitlines()


def _differing(was: list[str], becomes: list[str]) -> tuple[str, str]:
    """What stands between the lines that both begin with and those that both end with."""
    while was and becomes and was[0] == becomes[0]:
        was, becomes = was[1:], becomes[1:]
    while was and becomes and was[-1] == becomes[-1]:
        was, becomes = was[:-1], becomes[:-1]
    return " | ".join(line.strip() for line in was), " | ".join(line.strip() for line in becomes)


def chosen(mutants: Iterable[Mutant], every: int) -> list[Mutant]:
    """About one in `every`, always the same ones: by a hash of the function and the change."""
    return [one for one in mutants if _hash(f"{one.function} {one.was} {one.becomes}") % every == 0]


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def lay_out(name: str, group: Group) -> Path:
    """The group's copy of the tree, ready for the tool. It passes over decorated functions, so failpoints go."""
    place = WORK / name
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    for entry in COPIED:
        source = ROOT / entry
        if source.is_dir():
            shutil.copytree(source, place / entry, ignore=shutil.ignore_patterns("__pycache__", ".hypothesis"))
        else:
            shutil.copy2(source, place / entry)
    for module in group.modules:
        lines = (place / module).read_text("utf-8").splitlines(keepends=True)
        kept = [line for line in lines if not line.lstrip().startswith("@failpoint(")]
        (place / module).write_text("".join(kept), "utf-8")
    without = f"not ({' or '.join(group.left_out)})" if group.left_out else ""
    settings = {
        "source_paths": ["server"],
        "only_mutate": group.modules,
        "also_copy": [entry for entry in COPIED if entry != "server"],
        "pytest_add_cli_args_test_selection": group.tests,
        "pytest_add_cli_args": ["-p", "no:cacheprovider", "-W", "ignore", "-k", without],
        "use_git_change_detection": ["false"],
        "timeout_multiplier": ["4"],
        "timeout_constant": ["5"],
    }
    text = "".join(f"{key} =\n" + "".join(f"    {value}\n" for value in values) for key, values in settings.items())
    one = re.sub(r"= *\n    (\S+)\n(?=\S|$)", r"= \1\n", text)
    (place / "setup.cfg").write_text(f"[mutmut]\n{one}", "utf-8")
    return place


@contextmanager
def shared_server() -> Iterator[dict[str, str]]:
    """The environment in which test sessions share one PostgreSQL and one migrated template."""
    from server.database.embedded import EmbeddedPostgres
    from server.database.migrations import upgrade
    from tests.conftest import ROLE_SECRET

    memory = Path("/dev/shm")
    place = memory if os.access(memory, os.W_OK | os.X_OK) else None
    cluster = EmbeddedPostgres(Path(tempfile.mkdtemp(prefix="sheaf-mutation-", dir=place)), unsafe_for_tests=True)
    try:
        url = cluster.start()
        with psycopg.connect(url, autocommit=True) as admin:
            admin.execute("create database template_of_all")
        template = url.rpartition("/")[0] + "/template_of_all"
        upgrade(template, ROLE_SECRET)
        yield {**os.environ, "SHEAF_TEST_DATABASE_URL": url, "SHEAF_TEST_TEMPLATE": "template_of_all"}
    finally:
        cluster.destroy()


def run(place: Path, mutants: list[Mutant], jobs: int, environment: dict[str, str]) -> dict[str, int | None]:
    """Each mutant's exit status; None for one that was not tried. Raises when the tests fail without a mutant."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(jobs), *(one.name for one in mutants)],
        cwd=place,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    (place / "output.txt").write_text(done.stdout, "utf-8")
    if done.returncode:
        raise SystemExit(f"mutmut failed:\n{done.stdout[-6000:]}")
    codes: dict[str, int | None] = {}
    for meta in (place / "mutants").rglob("*.meta"):
        codes |= json.loads(meta.read_text("utf-8"))["exit_code_by_key"]
    return {one.name: codes.get(one.name) for one in mutants}


def reasons() -> dict[tuple[str, str, str], str]:
    """Why a survivor is none: by function, what stood there and what was put there."""
    entries = tomllib.loads(EXPLAINED.read_text("utf-8")).get("survivor", [])
    return {(one["function"], one["was"], one["becomes"]): one["why"] for one in entries}


def told(mutants: list[Mutant], codes: dict[str, int | None]) -> bool:
    """Print each module's share and each unexplained survivor; whether all is well."""
    explained = reasons()
    survivors = [one for one in mutants if codes[one.name] not in KILLED]
    for module in sorted({one.module for one in mutants}):
        of_it = [one for one in mutants if one.module == module]
        alive = [one for one in survivors if one.module == module]
        share = 1 - len(alive) / len(of_it)
        print(f"  {share:6.1%}  {len(of_it) - len(alive):4} of {len(of_it):4} killed  {module}")
    unexplained = [one for one in survivors if (one.function, one.was, one.becomes) not in explained]
    for one in unexplained:
        print(f"[[survivor]] # exit {codes[one.name]}, {one.name}")
        for key in ("function", "was", "becomes"):
            print(f"{key} = {json.dumps(getattr(one, key), ensure_ascii=False)}")
        print('why = ""\n')
    share = 1 - len(survivors) / len(mutants)
    print(f"{share:.1%} of {len(mutants)} killed; {len(survivors)} survive, {len(unexplained)} of them unexplained")
    return share >= LEAST_SHARE and not unexplained


def main() -> int:
    """Run what the command line names; 0 when enough were killed and every survivor is explained."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("groups", nargs="*", choices=[*GROUPS, []], help="all by default")
    parser.add_argument("--every", type=int, default=1, help="about one mutant in so many, always the same")
    parser.add_argument("--only", default="", help="functions whose name begins so, as server.payments.limits")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    good = True
    with shared_server() as environment:
        for name in options.groups or GROUPS:
            began = time.monotonic()
            place = lay_out(name, GROUPS[name])
            os.chdir(place)
            everything = [
                one for path in GROUPS[name].modules for one in mutants_of(path, Path(path).read_text("utf-8"))
            ]
            mutants = [one for one in chosen(everything, options.every) if one.function.startswith(options.only)]
            if mutants:
                print(f"{name}: {len(mutants)} of {len(everything)} mutants", flush=True)
                good &= told(mutants, run(place, mutants, options.jobs, environment))
                print(f"{time.monotonic() - began:.0f} s", flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
