"""Reads of the cache as functions of a connection, to be run on its reading thread."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from desktop.core.store.database import Connection
from desktop.core.store.entities import BY_NAME
from shared.money import Satang
from shared.normal import code_key, name_key, ticket_key
from shared.wire.records import PolicyView

_FTS_MIN: Final = 3
_INTENT_ORDERS: Final = {
    "newest": "created_at desc, number desc",
    "oldest": "created_at, number",
    "amount": "amount desc, number desc",
    "member": "member_key, number desc",
    "number": "number desc",
}


def meta(connection: Connection, key: str) -> str:
    """A value of the cache's own book, empty when there is none."""
    row = connection.execute("select value from meta where key = ?", [key]).fetchone()
    return str(row[0]) if row else ""


def set_meta(connection: Connection, key: str, value: str) -> None:
    """Keep a value in the caller's transaction."""
    connection.execute(
        "insert into meta (key, value) values (?, ?) on conflict (key) do update set value = excluded.value",
        [key, value],
    )


def policy(connection: Connection) -> PolicyView | None:
    """What the company has set, as the server last said; None before it did."""
    kept = meta(connection, "policy")
    return msgspec.json.decode(kept, type=PolicyView) if kept else None


def view(connection: Connection, kind: str, row_id: str) -> Any | None:
    """One view by id."""
    row = connection.execute(f"select body from {kind} where id = ?", [row_id]).fetchone()
    return msgspec.json.decode(row[0], type=BY_NAME[kind].view) if row else None


def views_at(connection: Connection, kind: str, places: Sequence[int]) -> list[Any]:
    """Views by place, in the order asked; a place that is gone is left out."""
    marks = ",".join("?" * len(places))
    rows = dict(connection.execute(f"select place, body from {kind} where place in ({marks})", list(places)))
    return [msgspec.json.decode(rows[place], type=BY_NAME[kind].view) for place in places if place in rows]


def member_places(connection: Connection, text: str) -> array[int]:
    """Members whose name, code or tails contain `text`, in dictionary order; all of them for an empty text."""
    typed = name_key(text)
    if not typed:
        rows = connection.execute("select place from members order by sort_key")
    elif len(typed) < _FTS_MIN:
        pattern = "%" + _escaped(typed) + "%"
        rows = connection.execute(
            "select place from members where name_key like ? escape '\\' or code_key like ? escape '\\'"
            " or tails like ? escape '\\' order by sort_key",
            [pattern] * 3,
        )
    else:
        rows = connection.execute(
            "select place from members_fts join members on members.place = members_fts.rowid"
            " where members_fts match ? order by sort_key",
            [" ".join(_phrase(word) for word in typed.split() if len(word) >= _FTS_MIN) or _phrase(typed)],
        )
    return array("q", (row[0] for row in rows))


def _phrase(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


@dataclass(frozen=True)
class IntentFilter:
    """What a list of intents shows; empty means any. `day` is the ISO date of creation, in UTC like the wire."""

    states: tuple[str, ...] = ()
    text: str = ""
    branch: str = ""
    batch_id: str = ""
    member_id: str = ""
    since: str = ""
    until: str = ""
    order: str = "newest"

    def where(self) -> tuple[str, list[Any]]:
        """The SQL condition and its values."""
        parts, values = ["1 = 1"], list[Any]()
        if self.states:
            parts.append(f"state in ({','.join('?' * len(self.states))})")
            values += self.states
        for column in ("branch", "batch_id", "member_id"):
            if wanted := getattr(self, column):
                parts.append(f"{column} = ?")
                values.append(wanted)
        for column, wanted in (("created_at >= ?", self.since), ("created_at < ?", self.until)):
            if wanted:
                parts.append(column)
                values.append(wanted)
        if typed := name_key(self.text):
            keys = {
                "number": typed,
                "name_key": typed,
                "code_key": code_key(self.text),
                "ticket_key": ticket_key(self.text),
            }
            parts.append("(" + " or ".join(f"{field} like ? escape '\\'" for field in keys) + ")")
            values += ["%" + _escaped(key) + "%" for key in keys.values()]
        return " and ".join(parts), values


def intent_places(connection: Connection, wanted: IntentFilter) -> array[int]:
    """Places of the intents that a filter lets through, in its order."""
    where, values = wanted.where()
    order = _INTENT_ORDERS[wanted.order]
    rows = connection.execute(f"select place from intents where {where} order by {order}", values)
    return array("q", (row[0] for row in rows))


def intent_totals(connection: Connection, wanted: IntentFilter) -> tuple[int, Satang]:
    """How many intents a filter lets through, and their sum in satang."""
    where, values = wanted.where()
    count, total = connection.execute(
        f"select count(*), coalesce(sum(amount), 0) from intents where {where}", values
    ).fetchone()
    return int(count), Satang(total)


def intent_counts(connection: Connection, branch: str = "") -> dict[str, int]:
    """State -> number of intents, for chips."""
    rows = connection.execute("select state, count(*) from intents where ? in ('', branch) group by state", [branch])
    return {str(state): int(count) for state, count in rows}


def in_states(connection: Connection, kind: str, states: Sequence[str]) -> list[Any]:
    """All views of a kind in these states, oldest first; for lists that are short by nature."""
    marks = ",".join("?" * len(states))
    rows = connection.execute(f"select body from {kind} where state in ({marks}) order by created_at, id", list(states))
    return [msgspec.json.decode(row[0], type=BY_NAME[kind].view) for row in rows]


def reached(connection: Connection, states: Sequence[str], since: str, *, maker_id: str = "") -> list[Any]:
    """Intents that came to one of these states since an instant, newest first; of everybody, or of one maker."""
    marks = ",".join("?" * len(states))
    rows = connection.execute(
        f"select body from intents where state in ({marks}) and changed_at >= ? and ? in ('', maker_id)"
        " order by changed_at desc limit 200",
        [*states, since, maker_id],
    )
    return [msgspec.json.decode(row[0], type=BY_NAME["intents"].view) for row in rows]


def batch_reason(connection: Connection, batch_id: str) -> str:
    """Why a batch was rejected: every line of it carries the reason."""
    row = connection.execute("select body from intents where batch_id = ? limit 1", [batch_id]).fetchone()
    return str(msgspec.json.decode(row[0], type=BY_NAME["intents"].view).failure_text) if row else ""


def single_intents_waiting(connection: Connection) -> list[Any]:
    """Intents that wait for sign-offs and do not belong to a batch, oldest first."""
    rows = connection.execute(
        "select body from intents where state = 'validated' and batch_id = '' order by created_at, id"
    )
    return [msgspec.json.decode(row[0], type=BY_NAME["intents"].view) for row in rows]


def possible_duplicates(connection: Connection, member_id: str, amount: int, since: str, ticket: str) -> list[Any]:
    """Intents that still count: this member's with this amount since an instant, and all with this weigh ticket,
    however it is written."""
    rows = connection.execute(
        "select body from intents where state not in ('rejected', 'cancelled', 'expired', 'failed')"
        " and ((member_id = ? and amount = ? and created_at >= ?) or (? != '' and ticket_key = ?))"
        " order by created_at desc limit 20",
        [member_id, amount, since, ticket_key(ticket), ticket_key(ticket)],
    )
    return [msgspec.json.decode(row[0], type=BY_NAME["intents"].view) for row in rows]


def newest(connection: Connection, kind: str, limit: int = 200) -> list[Any]:
    """The newest views of a kind."""
    rows = connection.execute(f"select body from {kind} order by created_at desc, id limit ?", [limit])
    return [msgspec.json.decode(row[0], type=BY_NAME[kind].view) for row in rows]


def count(connection: Connection, kind: str) -> int:
    """How many rows of a kind are here."""
    return int(connection.execute(f"select count(*) from {kind}").fetchone()[0])
