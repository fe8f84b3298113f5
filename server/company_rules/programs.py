"""Runs a checked expression over the facts of one payment; an error is an answer, never a fee of 0."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

import cel
import msgspec

from server.company_rules.language import MAX_INTEGER
from shared.money import Satang, basis_points


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule may ask about a payment (the names of language.NAMES); all of it is the server's own knowledge."""

    operation: str
    channel: str
    branch: str
    bank: str
    produce: str
    member: str
    amount: Satang
    batch: bool
    tags: tuple[str, ...] = ()


class Broken(msgspec.Struct, frozen=True):
    """The expression gave no answer for these facts: it divided by zero, overflowed or gave another type."""

    why: str


def _bp(amount: int, points: int) -> int:
    # A larger integer would silently come back from the library as a float.
    return _bounded(basis_points(Satang(amount), points))


def _bounded(number: int) -> int:
    if not -MAX_INTEGER - 1 <= number <= MAX_INTEGER:
        raise OverflowError("more than 64 bits")
    return number


_FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {"bp": _bp, "min": min, "max": max}
_ERRORS: Final = (ArithmeticError, ValueError, TypeError, RuntimeError)


class Payment:
    """One payment's facts, made ready once for all the rules that ask about it."""

    def __init__(self, facts: Facts) -> None:
        self._context = cel.Context(
            {
                "operation": facts.operation,
                "channel": facts.channel,
                "branch": facts.branch,
                "bank": facts.bank,
                "produce": facts.produce,
                "member": facts.member,
                "amount": facts.amount,
                "batch": facts.batch,
                "tags": list(facts.tags),
            },
            _FUNCTIONS,
        )

    def set_amount(self, amount: Satang) -> None:
        """Ask about another amount under the same other facts."""
        self._context.add_variable("amount", amount)

    def integer(self, expression: str) -> int | Broken:
        """What the expression gives as a whole number."""
        given = self._run(expression)
        return given if type(given) is int or isinstance(given, Broken) else Broken("not an integer")

    def truth(self, expression: str) -> bool | Broken:
        """Whether the expression holds."""
        given = self._run(expression)
        return given if isinstance(given, bool | Broken) else Broken("not true or false")

    def _run(self, expression: str) -> object:
        try:
            return _program(expression).execute(self._context)
        except _ERRORS as error:
            return Broken(str(error).splitlines()[0][:120])


@lru_cache(maxsize=1024)
def _program(expression: str) -> cel.Program:
    return cel.compile(expression)


def asks(expression: str) -> frozenset[str]:
    """The facts that an expression mentions."""
    return frozenset(_program(expression).variables())


def compiles(expression: str) -> bool:
    """Whether the library reads it too; what language.check_expression lets through always should."""
    try:
        _program(expression)
    except ValueError:
        return False
    return True
