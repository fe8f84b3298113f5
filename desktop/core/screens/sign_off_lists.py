"""What is signed out of the server's present list, by kind: how it is asked for, checked and sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from desktop.core.answers import Failure
from desktop.core.client import ApiClient
from desktop.core.operations import payments, restores, statements, treasury
from desktop.core.sheets import Mismatch, Subject, check_deposit, check_funding, check_restore, check_set_aside
from shared.wire.payments import FundingList, SignFundingRequest
from shared.wire.restores import RestoreList, SignRestoreRequest
from shared.wire.statements import SetAsideList, SignSetAsideRequest
from shared.wire.treasury import DepositList, SignDepositRequest


class Kind(StrEnum):
    """What is being signed, named as the cache names it."""

    INTENTS = "intents"
    BATCH = "batches"
    BANK_CHANGE = "bank_changes"
    FUNDING = "funding"
    DEPOSIT = "deposits"
    SET_ASIDE = "set_asides"
    RESTORE = "restores"


WITHOUT_MONEY: Final = frozenset({Kind.BANK_CHANGE, Kind.SET_ASIDE, Kind.RESTORE})
"""What is decided without an amount that moves."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One kind. `cached`: the desk keeps it, and hears of a newer version while the dialog is open."""

    ask: Callable[[ApiClient], Awaitable[Any]]
    reply: type
    views: Callable[[Any], Sequence[Any]]
    check: Callable[[Any], Subject | Mismatch]
    request: Callable[..., Any]
    send: Callable[[ApiClient, Any, str, str], Awaitable[Any | Failure]]
    cached: bool = False


LISTED: Final[dict[Kind, Listed]] = {
    Kind.FUNDING: Listed(
        payments.list_funding,
        FundingList,
        lambda reply: reply.funding,
        check_funding,
        SignFundingRequest,
        payments.sign_funding,
        cached=True,
    ),
    Kind.DEPOSIT: Listed(
        treasury.list_deposits,
        DepositList,
        lambda reply: reply.deposits,
        check_deposit,
        SignDepositRequest,
        treasury.sign_deposit,
    ),
    Kind.SET_ASIDE: Listed(
        statements.list_set_asides,
        SetAsideList,
        lambda reply: reply.set_asides,
        check_set_aside,
        SignSetAsideRequest,
        statements.sign_set_aside,
    ),
    Kind.RESTORE: Listed(
        restores.list_restores,
        RestoreList,
        lambda reply: reply.restores,
        check_restore,
        SignRestoreRequest,
        restores.sign_restore,
    ),
}
"""Every kind but payments, batches and bank changes, whose sheets are opened one by one."""
