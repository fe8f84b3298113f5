"""The base of pages over a view model: redraws when the model or the look changes, and lets go when put away."""

from __future__ import annotations

from typing import Generic, TypeVar

from desktop.core.screens.base import Screen
from desktop.ui.pages import Page, Workbench
from desktop.ui.theme.look import follow, look

M = TypeVar("M", bound=Screen)


class ModelPage(Page, Generic[M]):
    """Build widgets in `__init__`, end it with `begin()`, and draw everything the model says in `draw`."""

    def __init__(self, bench: Workbench, model: M) -> None:
        super().__init__()
        self.bench, self.model = bench, model

    def begin(self) -> None:
        """Draw now and on every change of the model, the language, the colours or the text size."""
        self.model.on_change = self.draw
        follow(self.draw)

    def draw(self) -> None:
        """Show the model as it is now; called often, so it only sets values."""

    def put_away(self) -> None:
        """Hear nothing more of the model, nor of the look: a page that is gone starts no work."""
        look.changed.disconnect(self.draw)
        self.model.on_change = _nothing
        self.model.close()


def _nothing() -> None:
    pass
