"""One normal form for each kind of text: whatever is compared, stored to be compared or searched is brought to it here.

What people see keeps their writing (`shared.text.clean_text`); what a program compares is the key of its kind. Every
function is total, and applying it twice changes nothing. The database stores the keys and defends their alphabet
(member.code_key, member.name_key, intent.ticket_key); it computes none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Final

_INVISIBLE: Final = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u180f\u2800\u3164\uffa0"
    + "".join(map(chr, range(0xFE00, 0xFE10)))
    + "".join(map(chr, range(0xE0100, 0xE01F0)))
)
"""Characters that show nothing and are not format characters (Cf): fillers, joiners, selectors of a glyph's variant."""

_MORE_DASHES: Final = "\u02d7\u2043\u2053\u207b\u208b\u2212\u2500\u2501\u2574\u2576\u2796"
_LATIN_LOOKS: Final = str.maketrans(
    # letters of Cyrillic and Greek that are drawn like these
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u0406\u0408\u0405\u051c\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7",
    "ABEKMHOPCTYXIJSWABEZHIKMNOPTYX",
)
_LOOSE_SPACE = re.compile("(?<![0-9]) | (?![0-9])")
_MARKS = re.compile("[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]{2,}")
_MARK_ORDER: Final = {
    mark: place
    for place, mark in enumerate(
        "\u0e3a\u0e38\u0e39\u0e31\u0e34\u0e35\u0e36\u0e37\u0e47\u0e48\u0e49\u0e4a\u0e4b\u0e4c\u0e4d\u0e4e"
    )
}
_LATE_TONE = re.compile("([\u0e32\u0e33])([\u0e48-\u0e4b]+)")
_SPLIT_SARA_AM = re.compile("\u0e4d\u0e32")
_ROUNDS: Final = 8


def is_invisible(character: str) -> bool:
    """Whether a character shows nothing and moves or hides others: never part of what a person read."""
    return character in _INVISIBLE or unicodedata.category(character) in ("Cc", "Cf", "Cs")


def repair_thai(text: str) -> str:
    """One spelling for what looks alike in Thai: the order of marks, sara-am in one piece, sara-ae for two sara-e.

    A mark that was typed twice counts once: the second is not seen. NFC leaves all of this alone.
    """
    for _ in range(_ROUNDS):
        late = _LATE_TONE.sub("\\2\\1", text.replace("\u0e40\u0e40", "\u0e41"))
        repaired = _SPLIT_SARA_AM.sub("\u0e33", _MARKS.sub(_in_order, late))
        if repaired == text:
            break
        text = repaired
    return text


def _in_order(found: re.Match[str]) -> str:
    marks = set(found.group())
    if {"\u0e34", "\u0e4d"} <= marks:  # sara-i under a nikhahit is how sara-ue is drawn
        marks = marks - {"\u0e34", "\u0e4d"} | {"\u0e36"}
    return "".join(sorted(marks, key=_MARK_ORDER.__getitem__))


def folded(text: str) -> str:
    """What all keys begin with: no letter case, width, digits of other scripts, other dashes, hidden characters.

    Runs of any whitespace are one space, none at the ends.
    """
    for _ in range(_ROUNDS):
        before = text
        text = unicodedata.normalize("NFKC", text).upper().translate(_PLAIN)
        text = repair_thai(" ".join(unicodedata.normalize("NFKC", text).split()))
        if text == before:
            break
    return text


class _Plain(dict[int, str]):
    """A table for `str.translate` that fills itself with the characters that come."""

    def __missing__(self, code: int) -> str:
        self[code] = plain = _plain(chr(code))
        return plain


def _plain(character: str) -> str:
    if character.isspace():
        return " "
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Pd" or character in _MORE_DASHES:
        return "-"
    return "" if is_invisible(character) else character


_PLAIN: Final = _Plain()


def ticket_key(text: str) -> str:
    """A weigh ticket, a document's number, a reference: ``w-๑๒``, ``Ｗ‑12`` and ``W - 12`` are ``W-12``.

    A space stays only between two digits, where it parts numbers. A mark for a long vowel is drawn like a dash, and
    letters of other alphabets like Latin ones.
    """
    return _settled(text, lambda key: _LOOSE_SPACE.sub("", key.replace("\u30fc", "-").translate(_LATIN_LOOKS)))


def code_key(text: str) -> str:
    """A member's code, as registered, typed and written in files."""
    return _settled(text, lambda key: key.replace(" ", "").translate(_LATIN_LOOKS))


def name_key(text: str) -> str:
    """A name as it is compared and searched: words apart by one space."""
    return folded(text)


def heading_key(text: str) -> str:
    """A heading of a table: letters and digits alone, so that ``Member_code:`` is ``member code``."""
    return _settled(text, lambda key: "".join(one for one in key if unicodedata.category(one)[0] in "LMN"))


def _settled(text: str, shorten: Callable[[str], str]) -> str:
    """What is taken away brings others together that must be folded once more."""
    for _ in range(_ROUNDS):
        before, text = text, shorten(folded(text))
        if text == before:
            break
    return text
