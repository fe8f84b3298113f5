"""What the cache keeps of each kind of server row: the view as JSON, and the columns that lists search and sort by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from shared.money import AmountProblem, parse_amount
from shared.normal import code_key, name_key, ticket_key
from shared.thai import sort_key
from shared.wire.bank_changes import BankChangeView
from shared.wire.members import MemberView
from shared.wire.payments import BatchView, FundingView, IntentView
from shared.wire.records import SyncReply


@dataclass(frozen=True)
class Entity:
    """One cached kind; `columns` maps a column to its SQL type and how it is read from the view."""

    name: str
    view: type[Any]
    columns: dict[str, tuple[str, Callable[[Any], Any]]]
    indexes: tuple[str, ...]
    stamp: Callable[[Any], str] = lambda view: ""
    """Orders views of one version: what the bank says of a member comes without a new version of the member."""

    @property
    def ddl(self) -> list[str]:
        """Its table and indexes. `place` orders nothing; it is the small integer by which lists page."""
        columns = "".join(f", {name} {kind} not null" for name, (kind, _) in self.columns.items())
        table = (
            f"create table {self.name} (place integer primary key, id text not null unique,"
            f" version integer not null, stamp text not null, body blob not null{columns})"
        )
        indexes = enumerate(self.indexes)
        return [table, *(f"create index {self.name}_{at} on {self.name} ({index})" for at, index in indexes)]

    @property
    def upsert(self) -> str:
        """Write a row unless the cache has the same or a newer one.

        One version may be told in two ways: a signature that counts no more, or a payment that pays another one again,
        changes what is said of a row and not the row. What comes later is the newer word.
        """
        names = ["id", "version", "stamp", "body", *self.columns]
        updates = ", ".join(f"{name} = excluded.{name}" for name in names[1:])
        return (
            f"insert into {self.name} ({', '.join(names)}) values ({', '.join('?' * len(names))})"
            f" on conflict (id) do update set {updates}"
            f" where (excluded.version, excluded.stamp) > ({self.name}.version, {self.name}.stamp)"
            f" or ((excluded.version, excluded.stamp) = ({self.name}.version, {self.name}.stamp)"
            f" and excluded.body <> {self.name}.body)"
        )


def satang(text: str) -> int:
    """A wire amount as satang; the server's own amounts are always well formed."""
    amount = parse_amount(text, allow_zero=True)
    if isinstance(amount, AmountProblem):
        raise ValueError(f"the server sent an amount that is none: {amount}")
    return amount


def _bank_stamp(member: MemberView) -> str:
    """The newest instant that the view knows of a question to the bank; wire instants order as texts."""
    return max(member.check.checked_at if member.check is not None else "", member.verdict.at)


def _account_last4(member: MemberView) -> str:
    return member.account.last4 if member.account else ""


ENTITIES: Final = (
    Entity(
        "members",
        MemberView,
        {
            "code": ("text", lambda m: m.code),
            "name": ("text", lambda m: m.name),
            "code_key": ("text", lambda m: code_key(m.code)),
            "name_key": ("text", lambda m: name_key(m.name)),
            "tails": ("text", lambda m: f"{m.id_last4} {_account_last4(m)}"),
            "branch": ("text", lambda m: m.branch),
            "status": ("text", lambda m: m.status),
            "sort_key": ("text", lambda m: sort_key(m.name)),
        },
        ("sort_key", "code_key"),
        _bank_stamp,
    ),
    Entity(
        "intents",
        IntentView,
        {
            "number": ("text", lambda i: i.number),
            "state": ("text", lambda i: i.state),
            "branch": ("text", lambda i: i.branch),
            "member_id": ("text", lambda i: str(i.member_id)),
            "name_key": ("text", lambda i: name_key(i.member_name)),
            "code_key": ("text", lambda i: code_key(i.member_code)),
            "ticket_key": ("text", lambda i: ticket_key(i.weigh_ticket)),
            "amount": ("integer", lambda i: satang(i.amount)),
            "batch_id": ("text", lambda i: str(i.batch_id or "")),
            "created_at": ("text", lambda i: i.created_at),
            "member_key": ("text", lambda i: sort_key(i.member_name)),
            "maker_id": ("text", lambda i: str(i.maker_id)),
            "changed_at": ("text", lambda i: i.changed_at),
        },
        ("state, created_at", "created_at", "member_id", "batch_id", "ticket_key", "state, changed_at"),
    ),
    Entity(
        "batches",
        BatchView,
        {"state": ("text", lambda b: b.state), "created_at": ("text", lambda b: b.created_at)},
        ("state, created_at",),
    ),
    Entity(
        "bank_changes",
        BankChangeView,
        {
            "state": ("text", lambda c: c.state),
            "member_id": ("text", lambda c: str(c.member_id)),
            "created_at": ("text", lambda c: c.created_at),
        },
        ("state, created_at", "member_id"),
    ),
    Entity(
        "funding",
        FundingView,
        {"state": ("text", lambda f: f.state), "created_at": ("text", lambda f: f.created_at)},
        ("state, created_at",),
    ),
)

BY_NAME: Final = {entity.name: entity for entity in ENTITIES}


def rows_of(page: SyncReply) -> list[tuple[Entity, list[Any]]]:
    """A page's rows by kind."""
    return [(entity, getattr(page, entity.name)) for entity in ENTITIES]
