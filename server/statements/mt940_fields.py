"""MT940 as text: messages out of the blocks in which SWIFT delivers them, fields out of lines, in a lawful order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from server.statements.parsed import Refusal, StatementProblem

_TAG = re.compile(r":([0-9]{2}[A-Za-z]?):(.*)")
_HEADERS = re.compile(r"(?P<headers>(?:\{[1235S]:[^{}]*(?:\{[^{}]*\}[^{}]*)*\})*)(?:\{4:(?P<text>.*))?")
_BLOCK = re.compile(r"\{[1-5S]:")
_TYPE = re.compile(r"\{2:[IO]([0-9]{3})")
_END = re.compile(r"-\}(?P<rest>.*)")
_BETWEEN: Final = ("-", "$")

_ONE_NAME: Final = {"28": "28C", "25P": "25"}
"""Tags that say the same as another: a number without its letter, an account with the code of its bank behind it."""

_AFTER_LINES: Final = {"62F", "62M"}
_INFORMATION: Final = "86"
_FOLLOWERS: Final[dict[str, set[str]]] = {
    "": {"20"},
    "20": {"21", "25"},
    "21": {"25"},
    "25": {"28C"},
    "28C": {"60F", "60M"},
    "60F": {"61", _INFORMATION, *_AFTER_LINES},
    "60M": {"61", _INFORMATION, *_AFTER_LINES},
    "61": {"61", _INFORMATION, *_AFTER_LINES},
    "62F": {"64", "65", _INFORMATION, "20"},
    "62M": {"64", "65", _INFORMATION, "20"},
    "64": {"65", _INFORMATION, "20"},
    "65": {"65", _INFORMATION, "20"},
}
_CLOSED: Final = {"62F", "62M", "64", "65"}
"""What a message may end with; a text about the whole statement may stand behind it."""

_MOST_LINES: Final = 200
"""Of one field; the longest that the standard knows has six."""

_KNOWN_TAGS: Final = set(_FOLLOWERS) - {""} | {_INFORMATION}


class Field(NamedTuple):
    """A tag with its text, of all its lines; `about` is the tag that a text (86) belongs to."""

    line_number: int
    tag: str
    text: str
    about: str = ""


def messages(text: str) -> list[list[Field]]:
    """The fields of each message in order; raises `Refusal` when one is unknown, out of place, or the last is cut."""
    found: list[list[Field]] = []
    previous = Field(0, "", "")
    for field in _fields(text):
        before = previous.about or previous.tag
        _check_follows(before, previous, field)
        if field.tag == "20":
            found.append([])
        previous = field._replace(about=before) if field.tag == _INFORMATION else field
        found[-1].append(previous)
    if (previous.about or previous.tag) not in _CLOSED:
        raise Refusal(StatementProblem.TRUNCATED, previous.line_number, f"ends after :{previous.tag}:")
    return found


def _check_follows(before: str, previous: Field, field: Field) -> None:
    if field.tag not in _KNOWN_TAGS:
        raise Refusal(StatementProblem.UNKNOWN_TAG, field.line_number, f":{field.tag}:")
    twice = field.tag == previous.tag == _INFORMATION
    if field.tag in _FOLLOWERS[before] and not twice:
        return
    problem = StatementProblem.TRUNCATED if field.tag == "20" else StatementProblem.TAG_ORDER
    raise Refusal(problem, field.line_number, f":{field.tag}: after :{previous.tag}:")


def _fields(text: str) -> Iterator[Field]:
    """Tags with their text; lines without a tag continue the field above, empty lines and lone dashes say nothing."""
    begun, tag = 0, ""
    lines: list[str] = []
    for line_number, line in _unwrapped(text):
        if found := _TAG.fullmatch(line):
            if lines:
                yield Field(begun, tag, "\n".join(lines))
            begun, tag, lines = line_number, found[1].upper(), [found[2]]
            tag = _ONE_NAME.get(tag, tag)
        elif line in ("", *_BETWEEN):
            continue
        elif not lines:
            raise Refusal(StatementProblem.NOT_A_STATEMENT, line_number, "text before the first tag")
        elif len(lines) == _MOST_LINES:
            raise Refusal(StatementProblem.FIELD, line_number, f":{tag}: goes on for too long")
        else:
            lines.append(line)
    if lines:
        yield Field(begun, tag, "\n".join(lines))


def _unwrapped(text: str) -> Iterator[tuple[int, str]]:
    """The lines inside of the blocks `{1:}{2:}{3:}{4: -}{5:}`, or all lines where there are none, numbered."""
    opened = 0
    number = 0
    for number, line in enumerate(text.rstrip("\n").split("\n"), start=1):
        left = line.rstrip()
        if found := _END.fullmatch(left):
            opened, left = 0, found["rest"].strip(" $")
        if _BLOCK.match(left) and not opened:
            left, opened = _header(left, number)
        yield number, left
    if opened:
        raise Refusal(StatementProblem.TRUNCATED, number, "block 4 has no end")


def _header(line: str, number: int) -> tuple[str, int]:
    """What stands behind the headers of a line, and the line's number when block 4 opens in it, else 0."""
    found = _HEADERS.fullmatch(line)
    if found is None:
        raise Refusal(StatementProblem.NOT_A_STATEMENT, number, "blocks")
    if (kind := _TYPE.search(found["headers"])) and kind[1] != "940":
        raise Refusal(StatementProblem.NOT_A_STATEMENT, number, "block 2 is of another message than 940")
    return (found["text"] or "").strip(), number if found["text"] is not None else 0
