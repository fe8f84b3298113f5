"""Titles, ranks and the forms of companies: what stands around a name and is no part of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from shared.normal import folded


class Bearer(StrEnum):
    """Who bears a name, as far as its title says; a name without one may be anybody's."""

    UNSAID = "unsaid"
    PERSON = "person"
    MAN = "man"
    WOMAN = "woman"
    COMPANY = "company"
    LIMITED = "limited"
    PUBLIC = "public"
    LIMITED_PARTNERSHIP = "limited_partnership"
    PARTNERSHIP = "partnership"
    FARMERS_COOPERATIVE = "farmers_cooperative"
    MARKETING_COOPERATIVE = "marketing_cooperative"
    COOPERATIVE = "cooperative"
    COMMUNITY_ENTERPRISE = "community_enterprise"
    FARMERS_GROUP = "farmers_group"
    FOUNDATION = "foundation"
    ASSOCIATION = "association"
    SHOP = "shop"

    @property
    def is_person(self) -> bool:
        """Of flesh and blood, as far as said."""
        return self in (Bearer.PERSON, Bearer.MAN, Bearer.WOMAN)


_SAME: Final = frozenset(
    frozenset(pair)
    for pair in (
        (Bearer.PERSON, Bearer.MAN),
        (Bearer.PERSON, Bearer.WOMAN),
        (Bearer.COMPANY, Bearer.LIMITED),
        (Bearer.COMPANY, Bearer.PUBLIC),
    )
)


def may_be_one(one: Bearer, other: Bearer) -> bool:
    """Whether two titles may be one bearer's: ranks change; a man is no woman, a company no person or partnership."""
    if Bearer.UNSAID in (one, other):
        return one is other or (one if other is Bearer.UNSAID else other).is_person
    return one is other or frozenset((one, other)) in _SAME


@dataclass(frozen=True)
class Bare:
    """A name without what stands around it, folded (shared.normal), and who bears it."""

    name: str
    bearer: Bearer


_CIVIL: Final = {
    "นางสาว": Bearer.WOMAN,
    "เด็กหญิง": Bearer.WOMAN,
    "เด็กชาย": Bearer.MAN,
    "นาง": Bearer.WOMAN,
    "นาย": Bearer.MAN,
}
_RANK_GRADES: Final = ("เอก", "โท", "ตรี")
_RANKS: Final = (
    "ว่าที่",
    *(f"{head}{grade}" for head in (
        "พลตำรวจ", "พันตำรวจ", "ร้อยตำรวจ", "สิบตำรวจ", "พลอากาศ", "นาวาอากาศ", "เรืออากาศ", "พันจ่าอากาศ", "จ่าอากาศ",
        "พลเรือ", "นาวา", "เรือ", "พันจ่า", "จ่าสิบ", "จ่า", "พล", "พัน", "ร้อย", "สิบ") for grade in _RANK_GRADES),
    "พลจัตวา", "นายดาบตำรวจ", "ดาบตำรวจ", "จ่าสิบตำรวจ", "พลตำรวจ", "พลทหาร", "อาสาสมัครทหารพราน",
    "หม่อมราชวงศ์", "หม่อมหลวง", "หม่อมเจ้า", "หม่อม", "พระองค์เจ้า", "คุณหญิง", "ท่านผู้หญิง", "ท่านหญิง", "ท่านชาย",
    "ผู้ช่วยศาสตราจารย์", "รองศาสตราจารย์", "ศาสตราจารย์", "ดอกเตอร์", "นายสัตวแพทย์", "สัตวแพทย์หญิง", "ทันตแพทย์หญิง", "ทันตแพทย์",
    "เภสัชกรหญิง", "เภสัชกร", "แพทย์หญิง", "นายแพทย์", "พระครู", "กำนัน", "ผู้ใหญ่บ้าน",
)  # fmt: skip
"""Written out, glued or with a space; only before a given and a family name, for some are given names too."""

_WOMEN: Final = frozenset({"คุณหญิง", "ท่านผู้หญิง", "ท่านหญิง", "สัตวแพทย์หญิง", "ทันตแพทย์หญิง", "เภสัชกรหญิง", "แพทย์หญิง"})

_ABBREVIATED: Final = {
    **dict.fromkeys(("น.ส.", "ด.ญ.", "พ.ญ.", "ท.พ.ญ.", "ทพ.ญ.", "ภ.ญ.", "สพ.ญ."), Bearer.WOMAN),
    **dict.fromkeys(("ด.ช.",), Bearer.MAN),
    **dict.fromkeys(
        (
            "ม.จ.", "ม.ร.ว.", "ม.ล.", "ดร.", "ผศ.", "รศ.", "ศ.", "น.พ.", "ท.พ.", "ภ.ก.", "น.สพ.", "พล.อ.",
            "พล.ท.", "พล.ต.", "พล.จ.", "พ.อ.", "พ.ท.", "พ.ต.", "ร.อ.", "ร.ท.", "ร.ต.", "จ.ส.อ.", "จ.ส.ท.",
            "จ.ส.ต.", "ส.อ.", "ส.ท.", "ส.ต.", "พลฯ", "พล.ต.อ.", "พล.ต.ท.", "พล.ต.ต.", "พล.ต.จ.", "พ.ต.อ.",
            "พ.ต.ท.", "พ.ต.ต.", "ร.ต.อ.", "ร.ต.ท.", "ร.ต.ต.", "ด.ต.", "น.ด.ต.", "ส.ต.อ.", "ส.ต.ท.", "ส.ต.ต.",
            "พล.ร.อ.", "พล.ร.ท.", "พล.ร.ต.", "น.อ.", "น.ท.", "น.ต.", "พ.จ.อ.", "พ.จ.ท.", "พ.จ.ต.", "จ.อ.",
            "จ.ท.", "จ.ต.", "พล.อ.อ.", "พล.อ.ท.", "พล.อ.ต.", "พ.อ.อ.", "พ.อ.ท.", "พ.อ.ต.", "อ.ส.", "อส.ทพ.",
            "ว่าที่ ร.ต.", "ผ.ญ.บ.",
        ),
        Bearer.PERSON,
    ),
}  # fmt: skip

_FIRM_PREFIXES: Final = {
    "ห้างหุ้นส่วนสามัญนิติบุคคล": Bearer.PARTNERSHIP, "ห้างหุ้นส่วนสามัญ": Bearer.PARTNERSHIP, "หสน.": Bearer.PARTNERSHIP,
    "หสม.": Bearer.PARTNERSHIP, "ห้างหุ้นส่วนจำกัด": Bearer.LIMITED_PARTNERSHIP, "หจก.": Bearer.LIMITED_PARTNERSHIP,
    "บริษัทมหาชนจำกัด": Bearer.PUBLIC, "บมจ.": Bearer.PUBLIC, "บริษัทจำกัด": Bearer.LIMITED, "บจก.": Bearer.LIMITED,
    "บจ.": Bearer.LIMITED, "บริษัท": Bearer.COMPANY,
    "สหกรณ์การเกษตรเพื่อการตลาดลูกค้า": Bearer.MARKETING_COOPERATIVE, "สกต.": Bearer.MARKETING_COOPERATIVE,
    "สหกรณ์การเกษตร": Bearer.FARMERS_COOPERATIVE, "สกก.": Bearer.FARMERS_COOPERATIVE, "สหกรณ์": Bearer.COOPERATIVE,
    "วิสาหกิจชุมชน": Bearer.COMMUNITY_ENTERPRISE, "วสช.": Bearer.COMMUNITY_ENTERPRISE, "วชช.": Bearer.COMMUNITY_ENTERPRISE,
    "กลุ่มเกษตรกร": Bearer.FARMERS_GROUP, "มูลนิธิ": Bearer.FOUNDATION, "สมาคม": Bearer.ASSOCIATION, "ร้าน": Bearer.SHOP,
}  # fmt: skip

_PLC = re.compile(
    r"[ ,]*(?:จำกัด ?\(? ?มหาชน ?\)?|PUBLIC (?:COMPANY|CO\.?) ?,? ?(?:LIMITED|LTD)\.?|P\.?C\.?L\.?|PLC\.?)$"
)
_LP = re.compile(r"[ ,]*(?:LIMITED PARTNERSHIP|(?:LTD|LIMITED)\.? ?,? ?PART(?:NERSHIP)?\.?)$")
_COOP = re.compile(r"[ ,]*(?:CO-?OPERATIVE|COOP)(?: ?,? ?(?:LIMITED|LTD)\.?)?$")
_LTD = re.compile(r"[ ,]*(?:(?:COMPANY|CO)\.? ?,? ?)?(?:LIMITED|LTD)\.?$|[ ,]+(?:CO|COMPANY|INC|CORP)\.?$")
_LIMITED = re.compile(r"[ ,]*(?:จำกัด|จก\.)$")
_NAVY = re.compile(r" ร\.? ?น\.$")
_SUFFIXES: Final = (
    (_PLC, Bearer.PUBLIC),
    (_LP, Bearer.LIMITED_PARTNERSHIP),
    (_COOP, Bearer.COOPERATIVE),
    (_LTD, Bearer.LIMITED),
)

_LATIN: Final = {
    "MISS": Bearer.WOMAN, "MRS": Bearer.WOMAN, "MR": Bearer.MAN, "MS": Bearer.WOMAN, "MASTER": Bearer.MAN,
    "DR": Bearer.PERSON, "PROF": Bearer.PERSON, "KHUN": Bearer.PERSON,
}  # fmt: skip
_LATIN_CIVIL = re.compile(rf"({'|'.join(_LATIN)})(?:\. ?| )")
_LATIN_RANK = re.compile(
    r"(?:(?:ACTING|POL|POLICE|SUB|LT|LIEUTENANT|CAPT|CAPTAIN|MAJ|MAJOR|COL|COLONEL|GEN|GENERAL|SGT|SERGEANT|CPL|PVT|PO|CPO|SM|"
    r"FLT|WG|CDR|GP|ADM|ASST|ASSOC|PROF|M\. ?R|M\. ?L)(?:\.(?:[123](?= ))? ?|[123]? )){1,4}"
)
_GLUED: Final = 8
"""Letters of a given and a family name that were written without a space between them, at least."""
_CONTINUES_A_SYLLABLE = re.compile("[\u0e30-\u0e3a\u0e45-\u0e4e]")
_AFTER_RANK = re.compile(r"(?: ?\(? ?พิเศษ ?\)? ?)?(?: ?หญิง ?(?=.))?")


def _pattern(abbreviation: str) -> re.Pattern[str]:
    """Its letters with or without dots and spaces between; without a dot at the end a space must follow."""
    parts = [re.escape(part) for part in abbreviation.replace("ว่าที่ ", "ว่าที่").strip(".").split(".")]
    body = r"(?:\. ?)?".join(parts).replace("ว่าที่", "ว่าที่ ?")
    return re.compile(rf"{body}(?:\. ?|(?P<bare> |(?=\(|หญิง))|(?<=ฯ) ?)")


_LONGEST: Final = sorted(_ABBREVIATED, key=len, reverse=True)
_PATTERNS: Final = [(_pattern(title), _ABBREVIATED[title]) for title in _LONGEST]
_RANKS_LONGEST: Final = sorted(_RANKS, key=len, reverse=True)
_CIVIL_LONGEST: Final = sorted(_CIVIL, key=len, reverse=True)
_FIRMS_LONGEST: Final = sorted(_FIRM_PREFIXES, key=len, reverse=True)


def bare(name: str) -> Bare:
    """The name folded and without its titles or its company form; never empty where the name was not."""
    text = folded(name).replace(" .", ".")
    firm = _firm(text)
    return firm if firm is not None else _person(text)


def _firm(text: str) -> Bare | None:
    found = ((suffix.search(text), kind) for suffix, kind in _SUFFIXES)
    bearer, rest = next(((kind, text[: m.start()]) for m, kind in found if m and m.start()), (Bearer.UNSAID, text))
    prefix, named = _firm_prefix(rest)
    shorter = _LIMITED.sub("", named)
    if prefix is not Bearer.UNSAID:
        kind = Bearer.LIMITED if prefix is Bearer.COMPANY and shorter != named else prefix
        of_the_public = bearer is Bearer.PUBLIC and kind in (Bearer.COMPANY, Bearer.LIMITED)
        return Bare(shorter or named, bearer if of_the_public else kind)
    if bearer is Bearer.UNSAID and shorter != named and shorter:
        # "บ. ใจดี" may be a person's initial; only the end says that it is a company
        return Bare(shorter.removeprefix("บ.").strip() or shorter, Bearer.COMPANY)
    return None if bearer is Bearer.UNSAID else Bare(rest, bearer)


def _firm_prefix(text: str) -> tuple[Bearer, str]:
    """Which form stands before the name, and the rest; UNSAID and the text where none does."""
    for prefix in _FIRMS_LONGEST:
        after = text.removeprefix(prefix)
        if after == text and prefix.endswith("."):
            after = text.removeprefix(prefix[:-1] + " ")
        if after != text and after.strip() and not _CONTINUES_A_SYLLABLE.match(after):
            return _FIRM_PREFIXES[prefix], after.strip()
    return Bearer.UNSAID, text


def _person(text: str) -> Bare:
    bearer, name = Bearer.UNSAID, text
    for _ in range(4):
        rest, found = _one_title(name, civil=bearer is Bearer.UNSAID)
        if found is Bearer.UNSAID:
            break
        name = rest
        bearer = found if found is not Bearer.PERSON or bearer is Bearer.UNSAID else bearer
        if (after := _AFTER_RANK.match(name)) and after.end() < len(name):
            bearer = Bearer.WOMAN if "หญิง" in after.group() else bearer
            name = name[after.end() :]
    return Bare(_NAVY.sub("", name) if bearer.is_person else name, bearer)


def _one_title(text: str, *, civil: bool) -> tuple[str, Bearer]:
    """What is left after one title, and whose it was; UNSAID where none is."""
    for pattern, bearer in _PATTERNS:
        found = pattern.match(text)
        rest = text[found.end() :] if found else ""
        whole = " " in rest or (bearer is not Bearer.PERSON and found and found["bare"] is None)
        if rest and (whole or len(rest) >= _GLUED):
            return rest, bearer
    for rank in _RANKS_LONGEST:
        rest = text.removeprefix(rank).lstrip()
        if rest != text and (" " in rest) and not _CONTINUES_A_SYLLABLE.match(rest):
            return rest, Bearer.WOMAN if rank in _WOMEN else Bearer.PERSON
    if found := _LATIN_RANK.match(text):
        rest = text[found.end() :]
        if " " in rest or "." in found.group():
            return (rest, Bearer.PERSON) if rest else (text, Bearer.UNSAID)
    return _civil(text) if civil else (text, Bearer.UNSAID)


def _civil(text: str) -> tuple[str, Bearer]:
    if (found := _LATIN_CIVIL.match(text)) and (rest := text[found.end() :]):
        return rest, _LATIN[found.group(1)]
    if text.startswith("คุณ ") and text[4:]:
        return text[4:], Bearer.PERSON
    for title in _CIVIL_LONGEST:
        rest = text.removeprefix(title)
        # A vowel sign right after "นาย" means the letters belong to the name, as in นายิกา.
        if rest != text and rest.strip() and not _CONTINUES_A_SYLLABLE.match(rest):
            return rest.strip(), _CIVIL[title]
    return text, Bearer.UNSAID
