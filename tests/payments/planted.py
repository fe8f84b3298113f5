"""A harvest month of payments with planted duplicates, to see what the radar finds and whom it stops for nothing."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any
from uuid import UUID

import msgspec
import psycopg

from shared.ids import uuid7_from
from tests.members.world import NOW

WINDOW = timedelta(days=3)
_DAYS, _BRANCHES, _HOURS = 30, 2, 1


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """One payment that is asked for; `planted` says which kind of duplicate it is, empty for an honest one."""

    at: datetime
    branch: int
    member: UUID
    amount: int
    ticket: str
    planted: str = ""


class Seen(msgspec.Struct, frozen=True):
    """Planted and found, honest and stopped, and seconds for each payment that was looked at."""

    planted: int
    found: int
    honest: int
    stopped: int
    seconds: float
    missed: tuple[str, ...]


def _members(count: int) -> list[tuple[UUID, int, str]]:
    """(member, branch, account digest); one in a hundred shares an account with the one before."""
    found: list[tuple[UUID, int, str]] = []
    for number in range(count):
        account = found[-1][2] if number % 100 == 99 else f"{number:064x}"
        found.append((UUID(int=number + 1), 1 + number % _BRANCHES, account))
    return found


def month(payments: int, planted: int, seed: int) -> tuple[list[tuple[UUID, int, str]], list[Payment]]:
    """Payments in the order of time: kilos times a day's price, every branch numbering its tickets from 1."""
    dice = random.Random(seed)
    members = _members(payments // 5)
    by_account: dict[int, list[tuple[UUID, int, str]]] = {branch: [] for branch in range(1, _BRANCHES + 1)}
    for member in members:
        by_account[member[1]].append(member)
    tickets = dict.fromkeys(by_account, 0)
    moments = sorted(dice.uniform(0, _DAYS * 86400) for _ in range(payments))
    honest = []
    for moment in moments:
        member, branch, _ = dice.choice(members)
        tickets[branch] += 1
        kilos, price = dice.randint(100, 8000), 1100 + 5 * dice.randint(0, 40)
        at = NOW + timedelta(seconds=moment)
        amount = kilos * price if dice.random() > 0.02 else dice.randint(1, 50) * 100_000
        honest.append(Payment(at=at, branch=branch, member=member, amount=amount, ticket=f"W-{tickets[branch]:06d}"))
    copies = [_copy(dice, one, by_account) for one in dice.sample(honest, planted)]
    return members, sorted([*honest, *copies], key=lambda one: one.at)


def _copy(dice: random.Random, one: Payment, by_branch: dict[int, list[tuple[UUID, int, str]]]) -> Payment:
    """The same again, hours to days later, as people do it: retyped, from an offline draft, or at another branch."""
    later = one.at + timedelta(seconds=dice.uniform(2 * _HOURS * 3600, WINDOW.total_seconds() - 7200))
    kind = dice.choice(("retyped", "draft", "other branch"))
    if kind == "other branch":
        branch = one.branch % _BRANCHES + 1
        return Payment(
            at=later,
            branch=branch,
            member=dice.choice(by_branch[branch])[0],
            amount=one.amount,
            ticket=one.ticket,
            planted=kind,
        )
    ticket = "" if kind == "draft" else one.ticket + "B"
    return Payment(at=later, branch=one.branch, member=one.member, amount=one.amount, ticket=ticket, planted=kind)


def run(url: str, payments: int, planted: int, seed: int = 1) -> Seen:
    """Ask the radar about each payment as its hour comes, then let the honest ones stand as paid."""
    members, asked = month(payments, planted, seed)
    found = stopped = 0
    seconds = 0.0
    missed = []
    with psycopg.connect(url, autocommit=True) as admin:
        _register(admin, members)
        number = 0
        for hour in _by_hour(asked):
            begun = perf_counter()
            hits = _ask(admin, hour)
            seconds += perf_counter() - begun
            for place, one in enumerate(hour):
                found += bool(one.planted) and place in hits
                stopped += not one.planted and place in hits
                if one.planted and place not in hits:
                    missed.append(one.planted)
            number = _pay(admin, [one for one in hour if not one.planted], number)
    copies = sum(bool(one.planted) for one in asked)
    honest = len(asked) - copies
    return Seen(copies, found, honest, stopped, seconds / len(asked), tuple(missed))


def _by_hour(asked: Sequence[Payment]) -> Iterator[list[Payment]]:
    hour: list[Payment] = []
    for one in asked:
        if hour and one.at - hour[0].at > timedelta(hours=_HOURS):
            yield hour
            hour = []
        hour.append(one)
    yield hour


def _ask(admin: psycopg.Connection[Any], hour: Sequence[Payment]) -> set[int]:
    hits: set[int] = set()
    for branch in range(1, _BRANCHES + 1):
        own = [(place, one) for place, one in enumerate(hour) if one.branch == branch]
        rows = admin.execute(
            "select place from sheaf.likely_duplicates(%s, %s, %s, %s, %s, %s, %s, %s)",
            [
                [place for place, _ in own],
                [branch] * len(own),
                [one.member for _, one in own],
                [one.amount for _, one in own],
                [one.ticket for _, one in own],
                [True] * len(own),
                [UUID(int=0)] * len(own),
                hour[0].at - WINDOW,
            ],
        ).fetchall()
        hits |= {place for (place,) in rows}
    return hits


def _register(admin: psycopg.Connection[Any], members: Sequence[tuple[UUID, int, str]]) -> None:
    # the laws are proved elsewhere; here only what the radar reads is needed, fast
    admin.execute("set session_replication_role = replica")
    ids, branches, digests = ([member[at] for member in members] for at in range(3))
    admin.execute(
        """insert into sheaf.member (id, branch_id, code, name, name_sort, national_id_cipher, national_id_digest,
             national_id_last4, status, created_at, changed_at, code_key, name_key)
           select id, branch, id::text, 'm', 'm', '', decode(md5(id::text), 'hex'), '', 'active', %s, %s,
             upper(id::text), 'M'
           from unnest(%s::uuid[], %s::int[]) t (id, branch)""",
        [NOW, NOW, ids, branches],
    )
    admin.execute(
        """insert into sheaf.bank_account (id, branch_id, member_id, version, bank, number_cipher, number_digest,
             number_last4, name, effective_at)
           select id, branch, id, 1, '034', '', decode(digest, 'hex'), '0000', 'm', %s
           from unnest(%s::uuid[], %s::int[], %s::text[]) t (id, branch, digest)""",
        [NOW, ids, branches, digests],
    )
    admin.execute("analyze sheaf.member, sheaf.bank_account")


def _pay(admin: psycopg.Connection[Any], paid: Sequence[Payment], number: int) -> int:
    ids = [
        uuid7_from(int(one.at.timestamp() * 1000), (number + place << 6).to_bytes(10)) for place, one in enumerate(paid)
    ]
    admin.execute(
        """insert into sheaf.intent (id, branch_id, number, operation, member_id, bank_account_id, account_version,
             amount, currency, channel, produce, weigh_ticket, note, maker_id, state, created_at, expires_at,
             changed_at, source_id, ticket_key)
           select id, branch, id::text, 'disbursement', member, member, 1, amount, 'THB', 'scb', '', ticket, '', id,
             'settled', at, at, at, id, ticket
           from unnest(%s::uuid[], %s::int[], %s::uuid[], %s::bigint[], %s::text[], %s::timestamptz[])
             t (id, branch, member, amount, ticket, at)""",
        [
            ids,
            [one.branch for one in paid],
            [one.member for one in paid],
            [one.amount for one in paid],
            [one.ticket for one in paid],
            [one.at for one in paid],
        ],
    )
    return number + len(paid)
