"""What a signer must look at in a set, found while its pages come: the warned payments and the largest are kept."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from desktop.core import texts
from desktop.core.screens.payment_risks import Risk, bank_risks, members_changing, payment_risks
from desktop.core.sheets import SignedItem
from desktop.core.store.database import Connection
from desktop.i18n.text import Text
from shared.normal import ticket_key

LARGEST: Final = 10
WARNED: Final = 50
"""As many warned payments are acknowledged one by one; those beyond are counted and acknowledged by kind."""


@dataclass(frozen=True)
class Caution:
    """One thing to acknowledge before the button works: of which payment (its id), like which other (its number)."""

    text: Text
    item: str = ""
    about: str = ""


class Findings:
    """Take each page's payments in order; `shown` and `cautions` are what remains of them."""

    def __init__(self, *, keep_all: bool) -> None:
        """`keep_all` for a set, whose payments are signed by id and version; a batch is signed as one."""
        self._keep_all = keep_all
        self._all: list[SignedItem] = []
        self._largest: list[tuple[int, int, SignedItem]] = []
        self._warned: dict[str, SignedItem] = {}
        self._single: list[Caution] = []
        self._beyond: Counter[Text] = Counter()
        self._tickets: dict[str, str] = {}
        self._seen = 0

    def take(self, connection: Connection, items: Sequence[SignedItem], now: datetime) -> None:
        """Look at a page with what this desk's cache knows."""
        changing = members_changing(connection)
        for item in items:
            self._seen += 1
            if self._keep_all:
                self._all.append(item)
            # The earlier of two equal amounts stays.
            heapq.heappush(self._largest, (item.sheet.amount, -self._seen, item))
            if len(self._largest) > LARGEST:
                heapq.heappop(self._largest)
            sheet = item.sheet
            found = bank_risks(item.verdict, now)
            known = payment_risks(connection, item.id, sheet.member_id, sheet.amount, sheet.weigh_ticket, changing, now)
            self._note(item, [*found, *(known or self._twin(item))])

    def _twin(self, item: SignedItem) -> list[Risk]:
        """Another payment of this very set on the same weigh ticket."""
        ticket, number = ticket_key(item.sheet.weigh_ticket), item.sheet.number
        twin = self._tickets.setdefault(ticket, number) if ticket else number
        return [Risk(texts.DUPLICATE, twin)] if twin != number else []

    def _note(self, item: SignedItem, risks: Sequence[Risk]) -> None:
        if not risks:
            return
        if len(self._warned) < WARNED:
            self._warned[str(item.id)] = item
            self._single += [Caution(risk.text, str(item.id), risk.about) for risk in risks]
        else:
            self._beyond.update(risk.text for risk in risks)

    @property
    def shown(self) -> tuple[SignedItem, ...]:
        """All of a set; of a batch the largest first, then the warned ones."""
        if self._keep_all:
            return tuple(self._all)
        largest = [item for _, _, item in sorted(self._largest, reverse=True)]
        ids = {str(item.id) for item in largest}
        return (*largest, *(item for key, item in self._warned.items() if key not in ids))

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """One for each finding, in the order of the set; those beyond the first warned payments by kind."""
        more = [Caution(texts.more_like_this(text, count)) for text, count in self._beyond.items()]
        return (*self._single, *more)
