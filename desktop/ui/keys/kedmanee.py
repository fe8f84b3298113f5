"""The Thai Kedmanee layout against the US one: shortcuts and scanners think in US keys whatever layout is on."""

from __future__ import annotations

from typing import Final

_US: Final = "`1234567890-=qwertyuiop[]\\asdfghjkl;'zxcvbnm,./"
_TH: Final = "_ๅ/-ภถุึคตจขชๆไำพะัีรนยบลฃฟหกดเ้่าสวงผปแอิืทมใฝ"
_US_SHIFTED: Final = '~!@#$%^&*()_+QWERTYUIOP{}|ASDFGHJKL:"ZXCVBNM<>?'
_TH_SHIFTED: Final = '%+๑๒๓๔ู฿๕๖๗๘๙๐"ฎฑธํ๊ณฯญฐ,ฅฤฆฏโฌ็๋ษศซ.()ฉฮฺ์?ฒฬฦ'

_KEY_OF: Final = {**dict(zip(_TH_SHIFTED, _US_SHIFTED, strict=True)), **dict(zip(_TH, _US, strict=True))}
_FIRST_THAI: Final = "฀"
_LAST_THAI: Final = "๿"


def is_thai(text: str) -> bool:
    """True when any letter is Thai."""
    return any(_FIRST_THAI <= letter <= _LAST_THAI for letter in text)


def us_key(letter: str, *, thai_layout: bool = False) -> str | None:
    """The US letter on the key that types this Thai letter; None for what is not Thai.

    `thai_layout`: that layout is known to be on, so `/` and `-` are read as its keys too.
    """
    return _KEY_OF.get(letter) if thai_layout or is_thai(letter) else None


def untyped(text: str) -> str:
    """What the same keys would have typed in the US layout; for a scan made while Thai was on.

    Text without any Thai letter is returned as it is: `/` and `-` exist in both layouts.
    """
    return "".join(_KEY_OF.get(letter, letter) for letter in text) if is_thai(text) else text
