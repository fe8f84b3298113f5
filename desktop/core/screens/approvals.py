"""What waits for this person's sign-off, oldest first; own items are shown with why they cannot be signed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from desktop.core import texts
from desktop.core.desk import Desk
from desktop.core.screens.base import Action, Screen, first_reason
from desktop.core.signing import KINDS, Kind
from desktop.core.store.cache import Changes
from desktop.core.store.database import Connection
from desktop.core.store.entities import satang
from desktop.i18n.text import Text
from shared.money import Satang


@dataclass(frozen=True)
class ApprovalRow:
    """One thing to sign. `total` is in satang; `sign` says why it cannot be, `view` is the wire's own."""

    kind: Kind
    id: str
    number: str
    title: str
    total: Satang
    count: int
    maker: str
    created_at: str
    roles: tuple[str, ...]
    sign: Action
    view: Any


class Approvals(Screen):
    """`rows` oldest first; several payments may be selected, other kinds are opened one by one."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.rows: tuple[ApprovalRow, ...] = ()
        self.selected: frozenset[str] = frozenset()
        self._detach.append(desk.sync.status_changed.add(lambda _: self._start(self.load())))

    async def load(self) -> None:
        """Read what waits from the cache."""
        views = await self.desk.cache.read(_waiting)
        rows = [self._row(kind, view) for kind, found in views.items() for view in found]
        self.rows = tuple(sorted(rows, key=lambda row: (row.created_at, row.id)))
        self.selected &= {row.id for row in self.rows if row.sign.enabled}
        self.on_change()

    def select(self, row_id: str, chosen: bool) -> None:
        """Mark a payment for a common sign-off, or take the mark away; what cannot be signed stays unmarked."""
        row = next((row for row in self.rows if row.id == row_id), None)
        if row is None or not row.sign.enabled or row.kind is not Kind.INTENTS:
            return
        self.selected = self.selected | {row_id} if chosen else self.selected - {row_id}
        self.on_change()

    @property
    def selected_rows(self) -> tuple[ApprovalRow, ...]:
        """The marked payments, oldest first: the order in which they are signed."""
        return tuple(row for row in self.rows if row.id in self.selected)

    @property
    def selected_total(self) -> Satang:
        """Their sum in satang."""
        return Satang(sum(row.total for row in self.selected_rows))

    @property
    def may_open_selected(self) -> Action:
        """At least one is marked, and there is a connection."""
        return first_reason(self._needs_connection(), None if self.selected else texts.NOTHING_SELECTED)

    @property
    def waiting_for_me(self) -> int:
        """For the badge in the navigation."""
        return sum(1 for row in self.rows if row.sign.enabled)

    def _rows_changed(self, changes: Changes) -> None:
        self._start(self.load())

    def _row(self, kind: Kind, view: Any) -> ApprovalRow:
        known = KINDS[kind]
        roles = tuple(view.approvals.roles if hasattr(view, "approvals") else getattr(view, "needed", ()))
        return ApprovalRow(
            kind=kind,
            id=str(view.id),
            number=view.number,
            title=known.title(view),
            total=Satang(satang(known.total(view)) if known.money else 0),
            count=view.count if kind is Kind.BATCH else 1,
            maker=view.maker,
            created_at=view.created_at,
            roles=roles,
            sign=first_reason(self._may(known.permission), self._own(view, roles), self._needs_connection()),
            view=view,
        )

    def _own(self, view: Any, roles: tuple[str, ...]) -> Text | None:
        session = self.desk.session
        if session is None:
            return texts.NOT_ALLOWED
        if view.maker_id == session.user_id:
            return texts.OWN_ITEM
        if any(signature.user_id == session.user_id for signature in getattr(view, "signatures", ())):
            return texts.ALREADY_SIGNED
        return texts.OTHERS_TURN if roles and not set(roles) & set(session.user.roles) else None


def _waiting(connection: Connection) -> dict[Kind, list[Any]]:
    return {kind: known.waiting(connection) for kind, known in KINDS.items() if known.waiting is not None}
