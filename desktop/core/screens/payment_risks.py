"""What a signer must look at before a payment is signed, as far as this desk's cache knows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from desktop.core import texts
from desktop.core.clock import parse_instant
from desktop.core.lights import account_light
from desktop.core.screens.similar import looked_at_since
from desktop.core.store import queries
from desktop.core.store.database import Connection
from desktop.i18n.text import Text
from shared.money import Satang
from shared.wire.members import AccountVerdict


@dataclass(frozen=True)
class Risk:
    """One thing to look at; `about` is the number of the other payment, where there is one."""

    text: Text
    about: str = ""


def members_changing(connection: Connection) -> frozenset[UUID]:
    """Whose bank details someone has asked to change, and nobody has decided on."""
    return frozenset(case.member_id for case in queries.in_states(connection, "bank_changes", ["requested"]))


_UNPROVED: Final = frozenset({"none", "asking", "no_answer", "unknown"})
"""What was once confirmed and is only old is judged again when it is sent; these were never confirmed."""


def bank_risks(verdict: AccountVerdict, now: datetime) -> list[Risk]:
    """What a signer must know of the account: a bad word of the bank's, or that there is none."""
    if verdict.says == "name_differs":
        return [Risk(texts.NAME_MISMATCH)]
    shown = account_light(verdict, now)
    return [Risk(shown.text)] if shown.tone == "bad" or verdict.says in _UNPROVED else []


def payment_risks(
    connection: Connection,
    payment: UUID,
    member_id: UUID,
    amount: Satang,
    ticket: str,
    changing: frozenset[UUID],
    now: datetime,
) -> tuple[Risk, ...]:
    """A like payment or one on the same weigh ticket; an account that is newly changed, or about to change.

    The account's first version is no change: its money went nowhere else before.
    """
    like = queries.possible_duplicates(connection, str(member_id), amount, looked_at_since(connection, now), ticket)
    own = queries.view(connection, "intents", str(payment))
    itself = {payment, own.pays_again if own is not None else None}
    risks = [Risk(texts.DUPLICATE, other.number) for other in like if other.id not in itself][:1]
    member = queries.view(connection, "members", str(member_id))
    account = member.account if member is not None else None
    if account is not None and account.version > 1 and _is_new(connection, parse_instant(account.effective_at), now):
        risks.append(Risk(texts.ACCOUNT_CHANGED))
    if member_id in changing:
        risks.append(Risk(texts.OPEN_BANK_CHANGE))
    return tuple(risks)


def _is_new(connection: Connection, since: datetime, now: datetime) -> bool:
    policy = queries.policy(connection)
    return policy is None or since > now - timedelta(days=policy.new_account_days)
