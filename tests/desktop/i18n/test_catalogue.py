"""Every text has both languages, wraps in Thai, and every state has a word."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator

import pytest

import desktop.i18n as catalogue
from desktop.i18n import Text, set_language
from desktop.i18n.status import STATUS
from desktop.i18n.text import BREAK_MARK, ZERO_WIDTH_SPACE, breakable
from desktop.ui.widgets.status import FACES
from shared.lifecycle import IntentState

LONGEST_RUN = 26
THAI_RUN = re.compile("[฀-๿]+")


def texts() -> Iterator[tuple[str, Text]]:
    for found in pkgutil.iter_modules(catalogue.__path__):
        module = importlib.import_module(f"desktop.i18n.{found.name}")
        for name, value in vars(module).items():
            if isinstance(value, Text):
                yield f"{found.name}.{name}", value
            elif isinstance(value, dict):
                several = [(k, v if isinstance(v, tuple) else (v,)) for k, v in value.items()]
                texts_of = ((f"{found.name}.{name}.{k}.{at}", v) for k, vs in several for at, v in enumerate(vs))
                yield from ((k, v) for k, v in texts_of if isinstance(v, Text))


ALL = dict(texts())


@pytest.fixture(autouse=True)
def _leave_thai() -> Iterator[None]:
    yield
    set_language("th")


def test_there_are_texts() -> None:
    assert len(ALL) > 60


def test_both_languages_are_there_and_clean() -> None:
    for name, text in ALL.items():
        assert text.th.strip() == text.th != "", name
        assert text.en.strip() == text.en != "", name
        assert BREAK_MARK not in text.en, name
        assert not THAI_RUN.search(text.en) or name == "nav.LANGUAGE_BUTTON", name


def test_thai_can_wrap_without_a_dictionary() -> None:
    long = {n: run for n, t in ALL.items() for run in THAI_RUN.findall(t.th) if len(run) > LONGEST_RUN}
    assert long == {}


def test_break_marks_become_invisible_spaces() -> None:
    assert breakable("วาง|ไฟล์") == f"วาง{ZERO_WIDTH_SPACE}ไฟล์"
    assert BREAK_MARK not in Text("ก|ข", "a")()


def test_calling_a_text_follows_the_language() -> None:
    text = Text("ก", "a")
    assert text() == "ก"
    set_language("en")
    assert text() == "a"


def test_every_state_of_the_contract_has_a_word_and_a_face() -> None:
    assert {state.value for state in IntentState} <= set(STATUS)
    assert set(STATUS) == set(FACES)


def test_no_two_states_look_the_same() -> None:
    assert len(set(FACES.values())) == len(FACES)
    for language in ("th", "en"):
        assert len({getattr(text, language) for text in STATUS.values()}) == len(STATUS)
