"""Names: what a bank's answer proves about who holds an account, and the title before a name."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from shared.normal import folded
from shared.text import TextProblem, clean_text
from shared.thai import plain_digits
from shared.titles import bare, may_be_one

MASK: Final = "*"
CLOSE: Final = 79
"""The most that a name may score which is like the registered one and contradicts it: a person has to look."""

_LONG: Final = 7
"""Letters of a word in which a slip may be overlooked; in a shorter one it makes another name."""

_UNHEARD = re.compile("[\u0e47-\u0e4e]")
_TWICE = re.compile(r"(.)\1+")

_MASKS = re.compile(r"[•●∗⁎×#_?]+|X{2,}|\.{2,}|\*+")
_NEVER_IN_A_NAME = re.compile(r"""[{}<>\[\]=:;"\\|@$%]|ไม่พบ|NOTFOUND|NOSUCH|ERROR""")
_NO_NAMES: Final = frozenset(
    "OK NA NULL NONE NIL UNKNOWN TEST SUCCESS FAIL FAILED INVALID UNDEFINED NODATA NORECORD NOTAVAILABLE NORESULT "
    "ACTIVE INACTIVE CLOSED ไม่มีข้อมูล ไม่มี ไม่ระบุ ไม่ทราบ ไม่ทราบชื่อ ไม่ปรากฏ ไม่สามารถแสดงข้อมูลได้ ข้อมูลไม่ถูกต้อง สำเร็จ ไม่สำเร็จ ปกติ "
    "ชื่อบัญชี".split()
)


def strip_title(name: str) -> str:
    """The name as written, without one title before it, also where Thai writes it without a space: ``นายสมชาย``."""
    cleaned = clean_text(name, len(name) + 1, required=False)
    if isinstance(cleaned, TextProblem):
        return name.strip()
    key, rest = bare(cleaned).name, cleaned
    while rest and folded(rest) != key:
        rest = rest[1:].lstrip()
    return rest or cleaned


def proves_a_name(text: str, account_number: str = "") -> bool:
    """Whether a bank's answer names anybody: it has visible letters, and is no word for "nothing" and no number.

    ``OK``, ``N/A``, ``ไม่พบข้อมูล``, ``*** ***`` or the account's own number prove nothing; such an answer is no answer.
    """
    cleaned = clean_text(text, len(text) + 1)
    if isinstance(cleaned, TextProblem):
        return False
    key = folded(cleaned)
    if account_number and plain_digits(account_number) in plain_digits(key):
        return False
    letters = "".join(one for one in key if _letter(one) or unicodedata.category(one) == "Mn")
    if letters in _NO_NAMES or _NEVER_IN_A_NAME.search(key.replace(" ", "")):
        return False
    return any(map(_letter, _MASKS.sub(MASK, bare(key).name)))


def name_match(registered: str, from_bank: str) -> int:
    """How well a bank's (often masked) account name fits the registered one, 0 to 100.

    100 means nothing contradicts: equal words, or visible letters of masked words that agree (``นาย ส*** ใ***``).
    Titles, ranks, company forms, spaces and letter case are ignored, but a company is no person and no other kind of
    company. From 80 a member may be paid; a missing word, or more than one slip in a long one, never reaches that. An
    answer without a visible letter proves nothing.
    """
    if isinstance(clean_text(from_bank, len(from_bank) + 1), TextProblem) or not proves_a_name(from_bank):
        return 0
    ours, theirs = bare(registered), bare(from_bank)
    bank_name = _MASKS.sub(MASK, theirs.name)
    if not any(map(_letter, ours.name)):
        return 0
    score = 100 if ours.name.replace(" ", "") == bank_name.replace(" ", "") else _words_match(ours.name, bank_name)
    return score if may_be_one(ours.bearer, theirs.bearer) else min(score, CLOSE)


def may_be_called(registered: str, written: str) -> bool:
    """Whether somebody wrote this of the member: the name, or some of its words; what has no letter says nothing."""
    words = bare(written).name.split()
    if not any(map(_letter, "".join(words))):
        return True
    return set(words) <= set(bare(registered).name.split()) or name_match(registered, written) > CLOSE


def _letter(character: str) -> bool:
    return unicodedata.category(character)[0] == "L"


def _words_match(ours: str, theirs: str) -> int:
    pairs = list(zip(ours.split(), theirs.split(), strict=False))
    words = max(len(ours.split()), len(theirs.split()))
    scores = [_word_match(our, their) for our, their in pairs]
    score = sum(scores) // words
    return score if len(scores) == words and min(scores) >= 80 else min(score, CLOSE)


def _word_match(ours: str, theirs: str) -> int:
    """Of a whole word: no more than one slip, none of a digit. Of a masked one: what is visible fits.

    A slip is a tone or another small mark, or a letter typed twice. Another letter makes another name, of however many:
    วีระพงษ์ and ธีระพงษ์, สุพรรณี and สุวรรณี are brothers and sisters.
    """
    if MASK not in theirs:
        longest, edits = max(len(ours), len(theirs)), _edits(ours, theirs)
        score = 100 * (longest - edits) // longest
        other_number = plain_digits(re.sub("[^0-9]", "", ours)) != re.sub("[^0-9]", "", theirs)
        heard = _heard(ours) == _heard(theirs) and not other_number
        slip = edits == 0 or (edits == 1 and longest >= _LONG and heard)
        return score if slip else min(score, CLOSE)
    head, _, rest = theirs.partition(MASK)
    tail = rest.rpartition(MASK)[2]
    fits = len(ours) >= len(head) + len(tail) and ours.startswith(head) and ours.endswith(tail)
    # a digit is seen too: a shop or a village may have a number for a word
    return 100 if fits and any(map(str.isalnum, head + tail)) else 0


def _heard(word: str) -> str:
    return _TWICE.sub("\\1", _UNHEARD.sub("", word))


def _edits(a: str, b: str) -> int:
    """Levenshtein distance."""
    row = list(range(len(b) + 1))
    for i, left in enumerate(a, start=1):
        diagonal, row[0] = row[0], i
        for j, right in enumerate(b, start=1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (left != right))
    return row[-1]
