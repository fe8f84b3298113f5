"""Free text and names: cleaning what people type, comparing names a bank has masked, hiding numbers."""

from __future__ import annotations

import unicodedata
from enum import StrEnum
from typing import Final

from shared.normal import is_invisible, repair_thai

_ZERO_WIDTH: Final = dict.fromkeys((0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF))
_WHITESPACE_CONTROLS: Final = "\t\n\r"


class TextProblem(StrEnum):
    """Why a text is refused."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    FORBIDDEN_CHARACTER = "forbidden_character"


def clean_text(text: str, max_length: int, *, required: bool = True) -> str | TextProblem:
    """Bring text to the one form that is stored, or say why it is refused; cleaning twice changes nothing.

    NFC, and one spelling of Thai that looks alike (`repair_thai`); zero-width characters vanish; runs of
    whitespace, tabs and line ends become one space. Other control characters, NUL, surrogates and every other
    invisible character (bidi overrides, isolates, tags, fillers) are refused. `max_length` is in code points.
    """
    visible = text.translate(_ZERO_WIDTH)
    if any(_forbidden(character) for character in visible):
        return TextProblem.FORBIDDEN_CHARACTER
    repaired = repair_thai(unicodedata.normalize("NFC", visible))
    cleaned = repair_thai(" ".join(unicodedata.normalize("NFC", repaired).split()))
    if not cleaned and required:
        return TextProblem.EMPTY
    return TextProblem.TOO_LONG if len(cleaned) > max_length else cleaned


def _forbidden(character: str) -> bool:
    return is_invisible(character) and character not in _WHITESPACE_CONTROLS


def mask_account(number: str) -> str:
    """Show only the last four characters: ``••••4412``; short texts are hidden whole."""
    return "••••" + (number[-4:] if len(number) > 4 else "")
