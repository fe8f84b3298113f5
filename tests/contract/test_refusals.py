"""Every refusal has both texts, and a fixer; no code is written twice."""

from __future__ import annotations

import itertools
import re

import pytest

from shared.refusal_texts import TEXTS
from shared.refusals import CATALOGUE, RefusalCode, Refused, refusal_text
from shared.wire.table import COMMON, VERBS

_THAI = re.compile("[ก-๙]")


@pytest.mark.parametrize("code", list(RefusalCode))
def test_a_refusal_says_why_in_thai_and_english(code: RefusalCode) -> None:
    row = CATALOGUE[code]
    assert _THAI.search(row.thai)
    assert not _THAI.search(row.english)
    assert 400 <= row.status <= 599
    assert re.findall(r"{(\w+)}", row.thai) == re.findall(r"{(\w+)}", row.english)
    assert "{" not in refusal_text(Refused(code), "th")


_STUMP = re.compile(r"[-–—:;,(]\s*[.?!]?$|\(\s*\)|\s[.,;:]|\s{2}|: [.,;]|^\s|\s$|[{}|\[\]]|(?<!\w)-(?!\w)|\"\"")
"""What a sentence looks like from which a word has been taken."""


def subsets(names: list[str]) -> list[dict[str, str]]:
    several = itertools.product((False, True), repeat=len(names))
    return [{name: "7" for name, given in zip(names, chosen, strict=True) if given} for chosen in several]


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize("code", list(RefusalCode))
def test_a_refusal_is_a_whole_sentence_whatever_is_not_known(code: RefusalCode, language: str) -> None:
    row = CATALOGUE[code]
    names = list(dict.fromkeys(re.findall(r"{(\w+)}", row.english)))
    for params in subsets(names):
        field = params.pop("field", "")
        text = refusal_text(Refused(code, field=field, params=params), language)
        assert text
        assert not _STUMP.search(text), text
        assert text[0].isupper() or language == "th" or not text[0].isalpha(), text


@pytest.mark.parametrize("text", [row for row in TEXTS.splitlines() if "{" in row])
def test_every_parameter_may_be_absent(text: str) -> None:
    assert "{" not in re.sub(r"\[[^\]]*\]", "", text)


@pytest.mark.parametrize("given", ["", "-"])
def test_there_is_no_member_named_dash(given: str) -> None:
    refused = Refused(RefusalCode.MEMBER_UNKNOWN, params={"member": given})
    assert refusal_text(refused, "en") == "There is no such member. Look the member up again."
    assert refusal_text(refused, "th") == "ไม่พบสมาชิกรายนี้ ให้ค้นหาใหม่"


def test_every_code_can_be_answered_by_some_verb_or_by_the_server_itself() -> None:
    declared = set(COMMON).union(*(verb.refusals for verb in VERBS), *(verb.item_refusals for verb in VERBS))
    of_the_server = {
        RefusalCode.NO_SUCH_CALL,
        RefusalCode.WRONG_METHOD,
        RefusalCode.CALLBACK_REFUSED,
        RefusalCode.PASSWORD_WEAK,
        RefusalCode.LAST_ADMINISTRATOR,
        RefusalCode.OVERLOADED,
    }
    assert set(RefusalCode) - declared - of_the_server == set()


_DO_EN = re.compile(
    r"(?:^|[.;:,] |and )(?:Add|Ask|Attach|Begin|Check|Choose|Confirm|Enter|Give|Have|Leave|Load|Look|Make|Name|Open|"
    r"Pay|Quote|Refresh|Run|Say|Send|Sign|Try|Type|Update|Wait|ask|never pay|open|say|send|set it up|tell|try)\b"
)
_DO_TH = re.compile("ให้|ลอง|กรุณา|ตรวจ|ต้อง|รอ|แจ้ง|เปิด|ติดต่อ|แก้|ตั้ง|เลือก|จ่ายซ้ำไม่ได้")


@pytest.mark.parametrize("code", list(RefusalCode))
def test_a_refusal_says_what_to_do_in_both_languages(code: RefusalCode) -> None:
    assert _DO_EN.search(refusal_text(Refused(code), "en")), refusal_text(Refused(code), "en")
    assert _DO_TH.search(refusal_text(Refused(code), "th")), refusal_text(Refused(code), "th")
