"""The part of CEL that a rule may use, checked at save: names, types and sizes, with the position of what is wrong.

The library that evaluates (server.company_rules.programs) has no type checker and knows much more of CEL. What passes
here is CEL, means the same there, has no loops or macros and no numbers but 64-bit integers, and is small: no rule can
keep a submission waiting. CEL's own meaning holds: division cuts towards zero, `%` has the sign of its left side,
overflow is an error, and `&&` and `||` forgive an error on one side that the other side decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Final

import msgspec

MAX_LENGTH: Final = 1000
MAX_PARTS: Final = 200
MAX_DEPTH: Final = 20
MAX_INTEGER: Final = 2**63 - 1


class Type(StrEnum):
    """What an expression gives. There are no others: no float, no map, no time."""

    INTEGER = "integer"
    TRUTH = "truth"
    TEXT = "text"
    TEXTS = "texts"
    INTEGERS = "integers"


class Problem(StrEnum):
    """Why an expression is not a rule; the words for people stand in shared.problem_texts."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    TOO_MANY_PARTS = "too_many_parts"
    TOO_DEEP = "too_deep"
    UNKNOWN_SIGN = "unknown_sign"
    UNCLOSED_TEXT = "unclosed_text"
    NUMBER_TOO_LARGE = "number_too_large"
    UNEXPECTED = "unexpected"
    UNEXPECTED_END = "unexpected_end"
    UNKNOWN_NAME = "unknown_name"
    UNKNOWN_FUNCTION = "unknown_function"
    WRONG_TYPE = "wrong_type"
    WRONG_RESULT = "wrong_result"


class Fault(msgspec.Struct, frozen=True):
    """One problem at one character (from 1); `found` is the piece of text it is about."""

    problem: Problem
    position: int
    found: str = ""


NAMES: Final[Mapping[str, Type]] = {
    "operation": Type.TEXT,
    "channel": Type.TEXT,
    "branch": Type.TEXT,
    "bank": Type.TEXT,
    "produce": Type.TEXT,
    "member": Type.TEXT,
    "amount": Type.INTEGER,
    "batch": Type.TRUTH,
    "tags": Type.TEXTS,
}
"""What a rule may ask about a payment; `amount` is in satang, `member` is the member's code."""

FUNCTIONS: Final = frozenset({"bp", "min", "max"})
"""Each takes two integers and gives one: `bp(amount, n)` is n basis points of it, rounded half to even."""

_TOKEN = re.compile(
    r"""(?P<space>[ ]+)|(?P<number>[0-9]+)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<text>"[^"\\\x00-\x1f]*"|'[^'\\\x00-\x1f]*')|(?P<sign>&&|\|\||==|!=|<=|>=|[-+*/%<>!?:(),.\[\]])""",
    re.VERBOSE,
)


class _Token(msgspec.Struct, frozen=True):
    kind: str
    text: str
    position: int


class _Stop(Exception):
    """Unwinds the checker at the first problem."""

    def __init__(self, problem: Problem, token: _Token) -> None:
        super().__init__(problem)
        self.fault = Fault(problem, token.position, token.text[:40])


def check_expression(text: str, result: Type) -> Fault | None:
    """The first problem of an expression that must give `result`; None when it may stand in a rule."""
    if len(text) > MAX_LENGTH:
        return Fault(Problem.TOO_LONG, MAX_LENGTH + 1)
    try:
        tokens = _tokens(text)
        if len(tokens) == 1:
            return Fault(Problem.EMPTY, 1)
        given = _Checker(tokens).whole()
    except _Stop as stop:
        return stop.fault
    return None if given is result else Fault(Problem.WRONG_RESULT, 1)


def _tokens(text: str) -> list[_Token]:
    tokens, at = [], 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None or found.lastgroup is None:
            problem = Problem.UNCLOSED_TEXT if text[at] in "\"'" else Problem.UNKNOWN_SIGN
            raise _Stop(problem, _Token("sign", text[at], at + 1))
        if found.lastgroup != "space":
            tokens.append(_Token(found.lastgroup, found[0], at + 1))
        at = found.end()
    return [*tokens, _Token("end", "", len(text) + 1)]


_COMPARED: Final = {"==", "!=", "<", "<=", ">", ">="}
_ORDERED: Final = {"<", "<=", ">", ">="}


class _Checker:
    """Reads the tokens once, by descent along CEL's own grammar, and gives the type of each piece."""

    def __init__(self, tokens: Sequence[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0
        self._parts = 0

    def whole(self) -> Type:
        given = self._choice()
        if self._token.kind != "end":
            raise _Stop(Problem.UNEXPECTED, self._token)
        return given

    @property
    def _token(self) -> _Token:
        return self._tokens[self._at]

    def _take(self) -> _Token:
        token = self._token
        if token.kind == "end":
            raise _Stop(Problem.UNEXPECTED_END, token)
        self._at += 1
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise _Stop(Problem.TOO_MANY_PARTS, token)
        return token

    def _expect(self, sign: str) -> _Token:
        token = self._take()
        if token.kind != "sign" or token.text != sign:
            raise _Stop(Problem.UNEXPECTED, token)
        return token

    def _is(self, *signs: str) -> bool:
        return self._token.kind == "sign" and self._token.text in signs

    def _choice(self) -> Type:
        """`condition ? a : b`; as in CEL, a choice inside the middle stands in parentheses."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _Stop(Problem.TOO_DEEP, self._token)
        begin = self._token
        given = self._any()
        if self._is("?"):
            _need(given, Type.TRUTH, begin)
            self._take()
            given = self._any()
            self._expect(":")
            other = self._token
            _need(self._choice(), given, other)
        self._depth -= 1
        return given

    def _any(self) -> Type:
        return self._chain({"||"}, Type.TRUTH, lambda: self._chain({"&&"}, Type.TRUTH, self._relation))

    def _chain(self, signs: set[str], kind: Type, part: Callable[[], Type]) -> Type:
        begin = self._token
        given = part()
        while self._is(*signs):
            _need(given, kind, begin)
            self._take()
            begin = self._token
            _need(part(), kind, begin)
        return given

    def _sum(self) -> Type:
        return self._chain({"+", "-"}, Type.INTEGER, lambda: self._chain({"*", "/", "%"}, Type.INTEGER, self._unary))

    def _relation(self) -> Type:
        begin = self._token
        left = self._sum()
        if self._token.kind == "name" and self._token.text == "in":
            self._take()
            return self._membership(left)
        if not self._is(*_COMPARED):
            return left
        sign = self._take()
        if sign.text in _ORDERED:
            _need(left, Type.INTEGER, begin)
        if left not in (Type.INTEGER, Type.TRUTH, Type.TEXT):
            raise _Stop(Problem.WRONG_TYPE, begin)
        other = self._token
        _need(self._sum(), left, other)
        return Type.TRUTH

    def _membership(self, left: Type) -> Type:
        begin = self._token
        given = self._list() if self._is("[") else self._unary()
        if (left, given) not in ((Type.TEXT, Type.TEXTS), (Type.INTEGER, Type.INTEGERS)):
            raise _Stop(Problem.WRONG_TYPE, begin)
        return Type.TRUTH

    def _list(self) -> Type:
        self._expect("[")
        first = self._token
        kinds = {"text": Type.TEXTS, "number": Type.INTEGERS}
        while True:
            token = self._take()
            if token.kind != first.kind or token.kind not in kinds:
                raise _Stop(Problem.UNEXPECTED, token)
            _fits(token)
            if not self._is(","):
                break
            self._take()
        self._expect("]")
        return kinds[first.kind]

    def _unary(self) -> Type:
        """`!truth`, or `-` before a number only: the library lets the negation of the smallest integer pass unseen."""
        if not self._is("-", "!"):
            return self._primary()
        sign = self._take()
        begin = self._token
        if sign.text == "-" and begin.kind != "number":
            raise _Stop(Problem.UNEXPECTED, begin)
        return _need(self._primary(), Type.INTEGER if sign.text == "-" else Type.TRUTH, begin)

    def _primary(self) -> Type:
        token = self._take()
        if token.kind == "number":
            _fits(token)
            return Type.INTEGER
        if token.kind == "text":
            return self._method(Type.TEXT, token)
        if token.kind == "name":
            return self._named(token)
        if token.text != "(":
            raise _Stop(Problem.UNEXPECTED, token)
        given = self._choice()
        self._expect(")")
        return given

    def _named(self, token: _Token) -> Type:
        if token.text in ("true", "false"):
            return Type.TRUTH
        if self._is("("):
            return self._call(token)
        if token.text not in NAMES:
            raise _Stop(Problem.UNKNOWN_NAME, token)
        return self._method(NAMES[token.text], token)

    def _call(self, name: _Token) -> Type:
        if name.text not in FUNCTIONS:
            raise _Stop(Problem.UNKNOWN_FUNCTION, name)
        self._expect("(")
        for closing in (",", ")"):
            begin = self._token
            _need(self._choice(), Type.INTEGER, begin)
            self._expect(closing)
        return Type.INTEGER

    def _method(self, kind: Type, owner: _Token) -> Type:
        """`text.startsWith("...")`, the one method there is."""
        if not self._is("."):
            return kind
        self._take()
        name = self._take()
        if name.text != "startsWith":
            raise _Stop(Problem.UNKNOWN_FUNCTION, name)
        _need(kind, Type.TEXT, owner)
        self._expect("(")
        begin = self._token
        _need(self._choice(), Type.TEXT, begin)
        self._expect(")")
        return Type.TRUTH


def _need(given: Type, wanted: Type, begin: _Token) -> Type:
    if given is not wanted:
        raise _Stop(Problem.WRONG_TYPE, begin)
    return given


def _fits(number: _Token) -> None:
    if number.kind == "number" and int(number.text) > MAX_INTEGER:
        raise _Stop(Problem.NUMBER_TOO_LARGE, number)
