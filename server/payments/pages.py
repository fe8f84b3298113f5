"""Keyset pages over ids that are made in the order of time, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from shared.refusals import RefusalCode as R
from shared.refusals import Refused


def after(cursor: str) -> UUID | Refused | None:
    """The id below which the page starts, None for the first page, CURSOR for anything that is no cursor of ours."""
    if not cursor:
        return None
    try:
        return UUID(cursor)
    except ValueError:
        return Refused(R.CURSOR, field="cursor")


def next_cursor(ids: Sequence[UUID], limit: int) -> str:
    """Where the next page starts; empty after the last."""
    return str(ids[-1]) if len(ids) == limit else ""
