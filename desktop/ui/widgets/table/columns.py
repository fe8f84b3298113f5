"""What a column shows, how it is drawn and how wide it must be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Generic, TypeVar

from desktop.i18n import Text
from desktop.ui.theme import fonts
from desktop.ui.theme.fonts import scaled
from desktop.ui.widgets.status import Mark, chip_width

R = TypeVar("R")
Cell = str | Mark
CELL_PADDING: Final = 10


class Kind(StrEnum):
    """How a cell is drawn."""

    TEXT = "text"
    MUTED = "muted"
    STRONG = "strong"
    MONEY = "money"
    CHIP = "chip"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Column(Generic[R]):
    """One column. `sample` is the widest usual content: a number is never cut. Lower `keep` goes first when narrow.

    `value` gives text (money already formatted by the view model) or a Mark for CHIP and NOTE.
    """

    key: str
    title: Text
    value: Callable[[R], Cell]
    kind: Kind = Kind.TEXT
    sample: str | Callable[[], Cell] = ""
    stretch: bool = False
    sortable: bool = False
    keep: int = 5

    @property
    def right(self) -> bool:
        """Money stands to the right, under its title."""
        return self.kind is Kind.MONEY

    def width(self) -> int:
        """Pixels needed for the title and the sample."""
        title = fonts.text_width(self.title(), "small", "medium") + (scaled(16) if self.sortable else 0)
        sample = self.sample if isinstance(self.sample, str) else self.sample()
        if isinstance(sample, Mark):
            content = chip_width(sample)
        else:
            content = fonts.text_width(sample, "body", "semibold" if self.right else "regular")
        return round(max(title, content)) + 2 * CELL_PADDING + 2


def fit(columns: Sequence[Column[R]], available: int) -> dict[str, int]:
    """Widths of the columns that fit in `available` pixels; the rest are left out.

    Stretching columns share what is over; a column with the lowest `keep` goes first, from the right.
    """
    kept = list(columns)
    widths = {column.key: column.width() for column in kept}
    while len(kept) > 1 and sum(widths[c.key] for c in kept) > available:
        kept.remove(min(reversed(kept), key=lambda c: c.keep))
    over = max(0, available - sum(widths[c.key] for c in kept))
    sharing = [c for c in kept if c.stretch] or kept[-1:]
    for index, column in enumerate(sharing):
        widths[column.key] += over // len(sharing) + (1 if index < over % len(sharing) else 0)
    return {c.key: widths[c.key] for c in kept}
