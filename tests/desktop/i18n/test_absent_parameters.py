"""Every text with parameters is a text without them too: nothing was known, and no stump of a sentence is left."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import desktop.i18n as catalogue
from desktop.i18n import Text, set_language

STUMP = re.compile(r"\(\s*\)|\s[,;:]|\s{2}|^\s*[·—,;:]|[·—:(]\s*$|· ·|\bNone\b|[{}|]|(?<![\w\s])-(?!\w)|^-$|…\s*$")
NO_TEXTS = {"language", "set_language", "pick", "breakable", "counted", "parse_day"}


def functions() -> Iterator[tuple[str, Callable[..., Any]]]:
    for found in pkgutil.iter_modules(catalogue.__path__):
        module = importlib.import_module(f"desktop.i18n.{found.name}")
        for name, value in vars(module).items():
            own = inspect.isfunction(value) and value.__module__ == module.__name__
            if own and not name.startswith("_") and name not in NO_TEXTS and inspect.signature(value).parameters:
                yield f"{found.name}.{name}", value


COMPUTED = set("count total done shown minutes rows files lines matched days clock amount size tail percent".split())
FIXED = {"title", "field"}
"""Figures that the desk itself writes out, and words of the catalogue: these are never absent."""


def nothing(parameter: inspect.Parameter) -> Any:
    if parameter.name in COMPUTED | FIXED and str(parameter.annotation) == "str":
        return "0" if parameter.name in COMPUTED else "x"
    return {"int": 0, "bool": False}.get(str(parameter.annotation), "")


def callable_with_nothing(made: Callable[..., Any]) -> bool:
    kinds = {str(parameter.annotation) for parameter in inspect.signature(made).parameters.values()}
    return kinds <= {"str", "int", "bool"}


ALL = {name: made for name, made in functions() if callable_with_nothing(made)}


@pytest.fixture(autouse=True)
def _leave_thai() -> Iterator[None]:
    yield
    set_language("th")


def test_there_are_texts() -> None:
    assert len(ALL) > 60


@pytest.mark.parametrize("name", sorted(ALL))
def test_without_its_parameters_it_is_whole(name: str) -> None:
    made = ALL[name]
    given = [nothing(parameter) for parameter in inspect.signature(made).parameters.values()]
    for language in ("th", "en"):
        set_language(language)  # type: ignore[arg-type]
        text = made(*given)
        shown = text() if isinstance(text, Text) else str(text)
        assert not STUMP.search(shown), shown
