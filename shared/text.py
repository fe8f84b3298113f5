"""Free text and names: cleaning what people type, comparing names a bank has masked, hiding numbers."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from typing import Final

from shared.normal import is_invisible, repair_thai
from shared.thai import plain_digits

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


_THAI_TITLES: Final = ("นางสาว", "เด็กหญิง", "เด็กชาย", "น.ส.", "ด.ช.", "ด.ญ.", "นาง", "นาย")
_LATIN_TITLE = re.compile(r"(?:miss|mrs|mr|ms)(?:\.\s*|\s+)", re.IGNORECASE)
_CONTINUES_A_SYLLABLE = re.compile("[\u0e30-\u0e3a\u0e45-\u0e4e]")


def strip_title(name: str) -> str:
    """Remove one leading Thai or English title, also where Thai writes it without a space: ``นายสมชาย``."""
    trimmed = name.strip()
    if found := _LATIN_TITLE.match(trimmed):
        return trimmed[found.end() :]
    for title in _THAI_TITLES:
        rest = trimmed.removeprefix(title)
        # A vowel sign right after "นาย" means the letters belong to the name, as in นายิกา.
        if rest != trimmed and rest.strip() and not _CONTINUES_A_SYLLABLE.match(rest):
            return rest.strip()
    return trimmed


_MASK: Final = "*"


def name_match(registered: str, from_bank: str) -> int:
    """How well a bank's (often masked) account name fits the registered one, 0 to 100.

    100 means nothing contradicts: equal words, or visible letters of masked words that agree
    (``นาย ส*** ใ***``). Titles and letter case are ignored; a missing word counts as wrong. A low score is
    a reason for a person to look, never to refuse by itself: banks mask, shorten and transliterate.
    """
    ours, theirs = _words(registered), _words(from_bank)
    if not ours or not theirs:
        return 0
    scores = [_word_match(our, their) for our, their in zip(ours, theirs, strict=False)]
    return sum(scores) // max(len(ours), len(theirs))


def _words(name: str) -> list[str]:
    composed = clean_text(name, len(name) + 1, required=False)
    return [] if isinstance(composed, TextProblem) else strip_title(composed).casefold().split()


def _word_match(ours: str, theirs: str) -> int:
    if _MASK not in theirs:
        longest = max(len(ours), len(theirs))
        return 100 * (longest - _edits(ours, theirs)) // longest
    head, _, rest = theirs.partition(_MASK)
    tail = rest.rpartition(_MASK)[2]
    return 100 if len(ours) >= len(head) + len(tail) and ours.startswith(head) and ours.endswith(tail) else 0


def _edits(a: str, b: str) -> int:
    """Levenshtein distance."""
    row = list(range(len(b) + 1))
    for i, left in enumerate(a, start=1):
        diagonal, row[0] = row[0], i
        for j, right in enumerate(b, start=1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (left != right))
    return row[-1]


def mask_account(number: str) -> str:
    """Show only the last four characters: ``••••4412``; short texts are hidden whole."""
    return "••••" + (number[-4:] if len(number) > 4 else "")


def mask_id(number: str) -> str:
    """Show only the last four digits of a national id: ``•••••••••4412``."""
    digits = plain_digits(number)
    return "•" * (len(digits) - 4) + digits[-4:] if len(digits) > 4 else "•" * len(digits)
