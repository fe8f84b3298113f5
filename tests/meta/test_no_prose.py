"""Words are for people: nothing is decided by a sentence, and no code is written as the text that it has."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from shared.refusals import RefusalCode
from tests.meta.sources import PACKAGES, place, python_files, text_files, tree

FOREIGN = {
    "lab/bench/harness.py": "the kernel's words for a processor",
    "lab/bench/lookup.py": "PostgreSQL's plans",
    "server/database/away.py": "PostgreSQL and libpq give no code to a connection that failed",
    "server/database/snapshot.py": "what pg_dump writes around a schema",
    "server/http/decode.py": "msgspec gives no code to what it refuses",
    "server/statements/parsed.py": "what banks write before our reference",
    "shared/titles.py": "what people write before and after a name",
}
"""Where the words of others are read, who have no codes for what they say. Whoever can be asked for a code is asked."""

TOLD = {"detail", "detail_en", "detail_th", "evidence", "message", "problem", "reason", "says", "text", "told", "why"}
"""What is shown or kept for people, or is a code as a whole: it is never searched."""
TAKES_APART = {
    "compile", "count", "endswith", "find", "findall", "finditer", "fullmatch", "index", "match", "partition",
    "removeprefix", "removesuffix", "rfind", "rpartition", "rsplit", "search", "split", "startswith",
}  # fmt: skip
_SENTENCE = re.compile(r"[^\W\d_]\S* [^\W\d_]")
_SQL = re.compile(
    r"\b(?:evidence|told|reason|problem|failure_text)\)?\s+(?:not\s+)?(?:i?like|similar to|!?~\*?)\s*['%(]",
    re.IGNORECASE,
)
_SHAPE = re.compile(r"check \(+(?:evidence|problem) ~ '", re.IGNORECASE)


def _is_sentence(node: ast.AST) -> bool:
    """Two words with a space between, in a text that is no SQL."""
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return is_text and bool(_SENTENCE.search(node.value)) and not node.value.startswith(("select ", "with "))  # type: ignore[attr-defined,union-attr]


def _parts(node: ast.expr) -> Iterator[ast.AST]:
    yield from node.elts if isinstance(node, ast.Tuple | ast.List | ast.Set) else [node]


def _decides_by_a_sentence(node: ast.AST) -> bool:
    """A sentence that is compared, matched, or a key under which something is looked up."""
    match node:
        case ast.Compare():
            return any(_is_sentence(part) for side in (node.left, *node.comparators) for part in _parts(side))
        case ast.MatchValue():
            return _is_sentence(node.value)
        case ast.Dict():
            return any(key is not None and _is_sentence(key) for key in node.keys)
        case ast.Call(func=ast.Attribute(attr=name)) if name in TAKES_APART:
            return any(_is_sentence(part) for argument in node.args for part in _parts(argument))
    return False


def _name(node: ast.AST) -> str:
    """What an attribute or a column is called."""
    match node:
        case ast.Attribute():
            return node.attr
        case ast.Subscript(slice=ast.Constant(value=str(column))):
            return column
    return ""


def _searches_what_was_told(node: ast.AST) -> bool:
    match node:
        case ast.Compare(ops=[ast.In() | ast.NotIn()], left=ast.Constant(value=str()), comparators=[told]):
            return _name(told) in TOLD
        case ast.Call(func=ast.Attribute(value=told, attr=name)) if name in TAKES_APART:
            is_pattern = isinstance(told, ast.Name) and (told.id == "re" or told.id.isupper())
            return _name(told) in {*TOLD, "code"} or (is_pattern and any(_name(one) in TOLD for one in node.args))
    return False


def _code_as_text(node: ast.AST) -> bool:
    """Of a refusal's code, compared or held for comparing; a failpoint may be called alike."""
    match node:
        case ast.Compare():
            parts = [part for side in (node.left, *node.comparators) for part in _parts(side)]
        case ast.Set() | ast.Tuple():
            parts = list(node.elts)
        case ast.Dict():
            parts = [key for key in node.keys if key is not None]
        case ast.Call(func=ast.Name(id=name)) if name != "failpoint":
            parts = [*node.args, *(keyword.value for keyword in node.keywords)]
        case _:
            return False
    return any(isinstance(part, ast.Constant) and part.value in CODES for part in parts)


CODES = {code.value for code in RefusalCode if "." in code.value}
WHERE_CODES_ARE = {"shared/refusals.py", "shared/refusal_texts.py"}


def _found(path: Path, wrong: object) -> list[str]:
    return [place(path, node) for node in ast.walk(tree(path)) if callable(wrong) and wrong(node)]


def test_no_sentence_decides() -> None:
    own = [path for path in python_files(*PACKAGES) if place(path) not in FOREIGN]
    assert [one for path in own for one in _found(path, _decides_by_a_sentence)] == []


def test_those_who_read_foreign_words_still_do() -> None:
    for name in FOREIGN:
        (path,) = [path for path in python_files(*PACKAGES) if place(path) == name]
        assert _found(path, _decides_by_a_sentence) or "_SIGNS" in path.read_text(), name


def test_what_was_told_is_not_searched() -> None:
    assert [one for path in python_files(*PACKAGES) for one in _found(path, _searches_what_was_told)] == []


def test_codes_of_refusals_are_members_of_their_vocabulary() -> None:
    own = [path for path in python_files(*PACKAGES) if place(path) not in WHERE_CODES_ARE]
    assert [one for path in own for one in _found(path, _code_as_text)] == []


def test_no_query_looks_into_words() -> None:
    queries = [path for path in text_files() if path.suffix in {".py", ".sql"} and path != Path(__file__)]
    assert [
        f"{place(path)}: {line.strip()}"
        for path in queries
        for line in path.read_text("utf-8").splitlines()
        if _SQL.search(line) and not _SHAPE.search(line)
    ] == []


def test_the_rules_find_what_they_are_for() -> None:
    for source in (
        'if row["evidence"] == "the bank does not say yet": pass',
        'WORDS = {"the bank does not say yet": 1}',
        'failed = told.startswith("can not be reached")',
    ):
        assert any(_decides_by_a_sentence(node) for node in ast.walk(ast.parse(source))), source
    for source in (
        'x = "host_key" in row["problem"]',
        'a = one.code.startswith("account.")',
        "re.search(RE, a.reason)",
    ):
        assert any(_searches_what_was_told(node) for node in ast.walk(ast.parse(source))), source
    for source in ('x = failure.code == "auth.token"', 'X = frozenset({"cursor.gone"})'):
        assert any(_code_as_text(node) for node in ast.walk(ast.parse(source))), source
