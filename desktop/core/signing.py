"""What the desk knows of each kind of thing that people sign: what is signed, by which verb, and what waits.

A new kind is a line in KINDS here, and one in FACES of the dialog (and of the list, where it waits there).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from desktop.core import texts
from desktop.core.answers import Failure, Offline, Problem
from desktop.core.client import ApiClient
from desktop.core.operations import payments, registry, restores, statements, treasury
from desktop.core.sheets import Shown
from desktop.core.store import queries
from desktop.core.store.database import Connection
from shared.canonical import BankChangeSheet, DepositSheet, FundingSheet, RestoreSheet, SetAsideSheet, Sheet
from shared.permissions import Permission
from shared.wire.bank_changes import BankChangeSheetReply, BankChangeView


class Kind(StrEnum):
    """What is being signed, named as the cache names it."""

    INTENTS = "intents"
    BATCH = "batches"
    BANK_CHANGE = "bank_changes"
    FUNDING = "funding"
    DEPOSIT = "deposits"
    SET_ASIDE = "set_asides"
    RESTORE = "restores"


Reading = Callable[[ApiClient, UUID], Awaitable[Shown | Failure]]


@dataclass(frozen=True, kw_only=True)
class Signable:
    """One kind. Without a `sheet` it is payments, which are read as a set; others are read by `read`.

    `waiting` are its rows in the list of approvals, which the cache knows; `title` and `total` (a decimal text) say in
    that list what one is about. `document` reads one of the papers that must be seen first.
    """

    verb: str
    permission: Permission
    sheet: type[Sheet] | None = None
    read: Reading | None = None
    money: bool = True
    waiting: Callable[[Connection], list[Any]] | None = None
    title: Callable[[Any], str] = lambda view: str(view.member_name)
    total: Callable[[Any], str] = lambda view: str(view.amount)
    document: Callable[[ApiClient, UUID, str], Awaitable[bytes | Failure]] | None = None


def _listed(listing: Callable[[ApiClient], Awaitable[Any]], field: str) -> Reading:
    """One of those that the server lists now."""

    async def read(client: ApiClient, case: UUID) -> Shown | Failure:
        answer = await listing(client)
        if isinstance(answer, (Problem, Offline)):
            return answer
        view = next((view for view in getattr(answer, field) if view.id == case), None)
        if view is None:
            gone = texts.NOT_THERE
            return Problem(code="not_found", status=404, detail_th=gone.th, detail_en=gone.en)
        return Shown(view.sheet, view.digest, view.version, view)

    return read


async def _bank_change(client: ApiClient, case: UUID) -> Shown | Failure:
    """Its accounts in full, a look that the server audits, and what the bank said."""
    reply = await registry.open_bank_change_sheet(client, case)
    if not isinstance(reply, BankChangeSheetReply):
        return reply
    view = await registry.get_bank_change(client, case)
    return Shown(reply.sheet, reply.digest, reply.version, view) if isinstance(view, BankChangeView) else view


async def _slip(client: ApiClient, deposit: UUID, sha256: str) -> bytes | Failure:
    return await treasury.get_deposit_document(client, deposit)


KINDS: Final[Mapping[Kind, Signable]] = {
    Kind.INTENTS: Signable(verb="sign_off", permission=Permission.SIGN_INTENT, waiting=queries.single_intents_waiting),
    Kind.BATCH: Signable(
        verb="sign_off",
        permission=Permission.SIGN_INTENT,
        waiting=lambda connection: queries.in_states(connection, Kind.BATCH, ["validated"]),
        title=lambda view: str(view.note),
        total=lambda view: str(view.total),
    ),
    Kind.BANK_CHANGE: Signable(
        verb="sign_bank_change",
        permission=Permission.SIGN_BANK_CHANGE,
        sheet=BankChangeSheet,
        read=_bank_change,
        money=False,
        waiting=lambda connection: queries.in_states(connection, Kind.BANK_CHANGE, ["requested"]),
        document=registry.get_document,
    ),
    Kind.FUNDING: Signable(
        verb="sign_funding",
        permission=Permission.SIGN_FUNDING,
        sheet=FundingSheet,
        read=_listed(payments.list_funding, "funding"),
        waiting=lambda connection: queries.in_states(connection, Kind.FUNDING, ["requested"]),
        title=lambda view: str(view.branch),
    ),
    Kind.DEPOSIT: Signable(
        verb="sign_deposit",
        permission=Permission.SIGN_DEPOSIT,
        sheet=DepositSheet,
        read=_listed(treasury.list_deposits, "deposits"),
        document=_slip,
    ),
    Kind.SET_ASIDE: Signable(
        verb="sign_set_aside",
        permission=Permission.SIGN_SET_ASIDE,
        sheet=SetAsideSheet,
        read=_listed(statements.list_set_asides, "set_asides"),
        money=False,
    ),
    Kind.RESTORE: Signable(
        verb="sign_restore",
        permission=Permission.SIGN_RESTORE,
        sheet=RestoreSheet,
        read=_listed(restores.list_restores, "restores"),
        money=False,
    ),
}
