"""Account holders' names: masked the way banks show them, and made up (always alike) for accounts nobody told of."""

from __future__ import annotations

import hashlib
from typing import Final

from shared.names import strip_title

_FIRST: Final = ("สมชาย", "บุญมี", "ทองคำ", "ประเสริฐ", "วิชัย", "สุพจน์", "อำนวย", "จำรัส", "ไพบูลย์", "ณรงค์")
_LAST: Final = ("ใจดี", "มีสุข", "ทองดี", "นาคำ", "แสนสุข", "พรมมา", "ศรีสวัสดิ์", "ไชยวงศ์", "บุญเรือง", "เกษตรกุล")


def mask_name(name: str) -> str:
    """Keep the title and the first letter of every word: `นาย สมชาย ใจดี` becomes `นาย ส*** ใ***`."""
    bare = strip_title(name)
    title = name.strip()[: len(name.strip()) - len(bare)].strip()
    words = [word[0] + "***" for word in bare.split()]
    return " ".join([title, *words] if title else words)


def invented_name(seed: int, bank_code: str, account_no: str) -> str:
    """The name of an account that is not in the book, when unknown accounts are accepted."""
    digest = hashlib.sha256(f"{seed}/{bank_code}/{account_no}".encode()).digest()
    title = "นาย" if digest[2] % 2 else "นางสาว"
    return f"{title} {_FIRST[digest[0] % len(_FIRST)]} {_LAST[digest[1] % len(_LAST)]}"


def other_name(name: str) -> str:
    """A holder's name that is surely not this one, for the fault NAME_MISMATCH."""
    return "นาง วิไล แก้วมณี" if "วิไล" not in name else "นาย เจริญ ดวงใจ"
