"""Rows of a view model that pages from the cache, as the table wants them."""

from __future__ import annotations

from typing import Any

from desktop.core.screens.base import Rows

_REMEMBERED_AT_ONCE = 200


class PagedRows:
    """A row that is not read yet is None: columns draw nothing for it, and it arrives with the next change."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._places: dict[str, int] = {}
        for place in range(min(len(rows), _REMEMBERED_AT_ONCE)):
            self.row(place)

    def __len__(self) -> int:
        return len(self._rows)

    def row(self, index: int) -> Any | None:
        """The view at a place, or None while it is being read."""
        view = self._rows.row(index)
        if view is not None:
            self._places[str(view.id)] = index
        return view

    def id_at(self, index: int) -> str:
        """The row's id; a stand-in while it is being read."""
        view = self.row(index)
        return str(view.id) if view is not None else f"place {index}"

    def index_of(self, row_id: str) -> int | None:
        """Where a row that was seen is."""
        return self._places.get(row_id)
