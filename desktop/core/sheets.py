"""Checks what the server asks a person to sign: every digest is computed again from the bytes that are shown. Pure."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from shared.canonical import (
    IntentSheet,
    Sheet,
    digest,
    parse_sheet,
    set_bytes,
    set_head,
    set_line,
)
from shared.money import AmountProblem, Satang, format_amount, parse_amount
from shared.wire.members import AccountVerdict
from shared.wire.payments import OpenSheetReply, SheetItem


@dataclass(frozen=True)
class SignedItem:
    """One payment to be signed, as its bytes say, with what the bank calls the account (0 to 100: how well it fits)."""

    id: UUID
    version: int
    sheet: IntentSheet
    bank_name: str
    match: int
    verdict: AccountVerdict


@dataclass(frozen=True)
class Subject:
    """What one signature will cover. `total` is in satang, 0 for what moves no money.

    A case has its `sheet`. Of `count` payments `items` are those that are shown: all of a set, of a batch the largest
    and the warned ones.
    """

    digest: str
    total: Satang
    count: int = 1
    items: tuple[SignedItem, ...] = ()
    sheet: Sheet | None = None
    version: int = 0


class Mismatch:
    """The bytes and the server's digest, count or total do not agree: nothing of it may be shown or signed."""


class SetReader:
    """Reads a set or a batch page by page and hashes what will be signed, from the sheets alone, keeping none.

    `take` every page in order until its `next` is 0, then `subject`. Any disagreement is final.
    """

    def __init__(self) -> None:
        self.read = 0
        self._first: OpenSheetReply | None = None
        self._total = 0
        self._hash = hashlib.sha256()

    @property
    def count(self) -> int:
        """How many there are in all, as the server says; known after the first page."""
        return self._first.count if self._first else 0

    def take(self, page: OpenSheetReply) -> list[SignedItem] | Mismatch:
        """The page's payments; its own digest must fit, and what it says of the whole must be as before."""
        if self._first is None:
            self._first = page
            self._hash.update(set_head(page.count, _satang(page.total)))
        if not page.items or _whole(page) != _whole(self._first) or self.read + len(page.items) > page.count:
            return Mismatch()
        taken = [_payment(item) for item in page.items]
        known = [one for one in taken if one is not None]
        if (
            len(known) < len(taken)
            or digest(set_bytes([(item, one.sheet.amount) for item, one in known])) != page.digest
        ):
            return Mismatch()
        for item, _ in known:
            self._hash.update(set_line(item))
        self.read += len(known)
        self._total += sum(one.sheet.amount for _, one in known)
        return [one for _, one in known]

    def subject(self, shown: Sequence[SignedItem]) -> Subject | Mismatch:
        """What will be signed, once every page was taken; `shown` is what was kept of it."""
        first = self._first
        if first is None or (self.read, format_amount(Satang(self._total))) != (first.count, first.total):
            return Mismatch()
        return Subject(
            digest=self._hash.hexdigest(),
            total=Satang(self._total),
            count=self.read,
            items=tuple(shown),
            version=first.batch_version,
        )


def _whole(page: OpenSheetReply) -> tuple[int, str, int]:
    return page.count, page.total, page.batch_version


def _payment(item: SheetItem) -> tuple[str, SignedItem] | None:
    data, sheet = _parse(item.sheet)
    if not isinstance(sheet, IntentSheet) or sheet.id != item.id:
        return None
    return digest(data), SignedItem(item.id, item.version, sheet, item.bank_name, item.match, item.verdict)


def _satang(text: str) -> Satang:
    amount = parse_amount(text)
    return Satang(0) if isinstance(amount, AmountProblem) else amount


@dataclass(frozen=True)
class Shown:
    """A case as the server shows it: its sheet (base64), the digest and version that belong to it, and its view."""

    sheet: str
    digest: str
    version: int
    view: Any


def check_case(kind: type[Sheet], shown: Shown, case: UUID) -> Subject | Mismatch:
    """What will be signed of a case, from its sheet alone."""
    data, sheet = _parse(shown.sheet)
    if sheet is None or not isinstance(sheet, kind) or sheet.id != case or digest(data) != shown.digest:
        return Mismatch()
    total = Satang(getattr(sheet, "amount", 0))
    return Subject(digest=shown.digest, total=total, sheet=sheet, version=shown.version)


def _parse(text: str) -> tuple[bytes, Sheet | None]:
    try:
        data = base64.b64decode(text, validate=True)
        return data, parse_sheet(data)
    except (ValueError, msgspec.MsgspecError):
        return b"", None
