"""The two languages, the one in force, and the type that makes a missing translation impossible to write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Language = Literal["th", "en"]

# Thai does not wrap without a dictionary, and the Windows build of Qt ships none. Translators mark the places
# where a line may break with "|"; it becomes a zero-width space, which every platform wraps at.
BREAK_MARK: Final = "|"
ZERO_WIDTH_SPACE: Final = "\u200b"

_state: dict[str, Language] = {"language": "th"}


def language() -> Language:
    """The language in force."""
    return _state["language"]


def set_language(chosen: Language) -> None:
    """Switch; windows redraw when their look says so."""
    _state["language"] = chosen


def breakable(thai: str) -> str:
    """Thai with its break marks turned into zero-width spaces."""
    return thai.replace(BREAK_MARK, ZERO_WIDTH_SPACE)


def pick(th: str, en: str) -> str:
    """The one of two composed texts that is in force; for texts with numbers or names in them."""
    return breakable(th) if _state["language"] == "th" else en


@dataclass(frozen=True, slots=True)
class Text:
    """A text without parameters. Call it to get the words in force: ``nav.DASHBOARD()``."""

    th: str
    en: str

    def __call__(self) -> str:
        return pick(self.th, self.en)


def counted(number: int | str, one: str, many: str) -> str:
    """English for a number of things: `1 branch`, `5 branches`. Thai needs no such thing."""
    return f"{number} {one if str(number) == '1' else many}"
