"""A second opinion on rules: random expressions as trees, written out by one function and worked out by another.

It shares nothing with the server: integers are Python's with a bound of their own, rounding is `round` of a Fraction.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from random import Random
from typing import Any

LEAST, MOST = -(2**63), 2**63 - 1
BRANCHES, PRODUCE = ("NSN", "KKN", "HQ"), ("ข้าวหอมมะลิ", "ข้าวเหนียว", "มันสำปะหลัง")
BANKS, TAGS = ("034", "014", "002"), ("vip", "new", "coop")
TEXTS = {"branch": BRANCHES, "produce": PRODUCE, "bank": BANKS}

Node = tuple[Any, ...]


class Failed(Exception):
    """The expression has no value."""


def number(random: Random, depth: int) -> Node:
    """A random expression that gives an integer."""
    if depth <= 0 or random.random() < 0.25:
        return random.choice(
            [("name", "amount"), ("literal", random.choice([0, 1, 2, 3, 7, 25, 150, 5_000, 10_000, 123_457, MOST]))]
        )
    kind = random.choice(["+", "-", "*", "/", "%", "?", "bp", "bp", "min", "max", "minus"])
    if kind == "?":
        return ("?", truth(random, depth - 1), number(random, depth - 1), number(random, depth - 1))
    if kind == "minus":
        return ("literal", -random.choice([1, 2, 30, MOST]))
    return (kind, number(random, depth - 1), number(random, depth - 1))


def truth(random: Random, depth: int) -> Node:
    """A random expression that gives true or false."""
    if depth <= 0 or random.random() < 0.2:
        name = random.choice(list(TEXTS))
        value = ("text", random.choice(TEXTS[name]))
        return random.choice(
            [
                ("literal", random.random() < 0.5),
                ("name", "batch"),
                (random.choice(["==", "!="]), ("name", name), value),
                ("in", value, ("list", TEXTS[name][: random.randint(1, 3)])),
                ("in", ("text", random.choice(TAGS)), ("name", "tags")),
                ("startsWith", ("name", "produce"), ("text", "ข้าว")),
            ]
        )
    kind = random.choice(["&&", "||", "!", "<", "<=", ">", ">=", "==", "!=", "?"])
    if kind == "!":
        return ("!", truth(random, depth - 1))
    if kind == "?":
        return ("?", truth(random, depth - 1), truth(random, depth - 1), truth(random, depth - 1))
    part = truth if kind in ("&&", "||") else number
    return (kind, part(random, depth - 1), part(random, depth - 1))


_LEVEL = {"?": 0, "||": 1, "&&": 2, "+": 4, "-": 4, "*": 5, "/": 5, "%": 5, "!": 6}
_LEVEL |= dict.fromkeys(("==", "!=", "<", "<=", ">", ">=", "in"), 3)


_LEAVES: dict[str, Callable[[Any], str]] = {
    "literal": lambda value: str(value).lower(),
    "name": str,
    "text": lambda value: f'"{value}"',
    "list": lambda values: "[" + ", ".join(f"'{text}'" for text in values) + "]",
}


def written(node: Node) -> str:
    """The expression in CEL, with no more parentheses than its grammar asks for."""
    kind, *parts = node
    if kind in _LEAVES:
        return _LEAVES[kind](parts[0])
    if kind in ("bp", "min", "max"):
        return f"{kind}({written(parts[0])}, {written(parts[1])})"
    if kind == "startsWith":
        return f"{written(parts[0])}.startsWith({written(parts[1])})"
    level = _LEVEL[kind]
    if kind == "!":
        return "!" + _within(parts[0], 7)
    if kind == "?":
        return f"{_within(parts[0], 1)} ? {_within(parts[1], 1)} : {_within(parts[2], 0)}"
    left = level + 1 if level == 3 else level
    return f"{_within(parts[0], left)} {kind} {_within(parts[1], level + 1)}"


def _within(node: Node, level: int) -> str:
    text = written(node)
    return text if _LEVEL.get(node[0], 9) >= level else f"({text})"


def worked_out(node: Node, facts: dict[str, Any]) -> Any:
    """What the expression gives for these facts; raises Failed."""
    kind, *parts = node
    if kind in ("literal", "text", "list"):
        return parts[0]
    if kind == "name":
        return facts[parts[0]]
    if kind in ("&&", "||"):
        return _either(kind == "||", [_attempt(part, facts) for part in parts])
    if kind == "?":
        return worked_out(parts[1] if worked_out(parts[0], facts) else parts[2], facts)
    if kind == "!":
        return not worked_out(parts[0], facts)
    return _combined(kind, worked_out(parts[0], facts), worked_out(parts[1], facts))


def _attempt(node: Node, facts: dict[str, Any]) -> bool | None:
    try:
        return bool(worked_out(node, facts))
    except Failed:
        return None


def _either(decisive: bool, sides: list[bool | None]) -> bool:
    if decisive in sides:
        return decisive
    if None in sides:
        raise Failed
    return not decisive


def _combined(kind: str, left: Any, right: Any) -> Any:
    if kind in ("/", "%") and right == 0:
        raise Failed
    results: dict[str, Callable[[], Any]] = {
        "==": lambda: left == right,
        "!=": lambda: left != right,
        "<": lambda: left < right,
        "<=": lambda: left <= right,
        ">": lambda: left > right,
        ">=": lambda: left >= right,
        "in": lambda: left in right,
        "startsWith": lambda: left[: len(right)] == right,
        "+": lambda: left + right,
        "-": lambda: left - right,
        "*": lambda: left * right,
        "/": lambda: _cut(left, right),
        "%": lambda: left - right * _cut(left, right),
        "bp": lambda: round(Fraction(left * right, 10_000)),
        "min": lambda: left if left < right else right,
        "max": lambda: left if left > right else right,
    }
    value = results[kind]()
    if type(value) is int and not LEAST <= value <= MOST:
        raise Failed
    return value


def _cut(left: int, right: int) -> int:
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient
