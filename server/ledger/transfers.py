"""What the ledger is asked and what it answers."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid5

import msgspec

from shared.money import Satang


class Kind(StrEnum):
    """hold sets money aside, post moves it, void frees it, expire frees what has run out, transfer moves free money,
    reversal moves back exactly what a post or a transfer moved, once.
    """

    HOLD = "hold"
    POST = "post"
    VOID = "void"
    EXPIRE = "expire"
    TRANSFER = "transfer"
    REVERSAL = "reversal"


class Leg(msgspec.Struct, frozen=True):
    """What a transfer does to one account, in satang: `posted` to its balance, `held` to what is set aside."""

    account_id: UUID
    posted: int = 0
    held: int = 0


class Transfer(msgspec.Struct, frozen=True, kw_only=True):
    """One transfer of one branch. Its legs' `posted` sum to zero; no leg is empty; each account stands in one leg.

    Without legs a void or an expiry frees all that is left of its hold, and a reversal takes its legs from the transfer
    that it `reverses`. A post that `releases` frees what its hold has left after it, by a void of its own whose id
    is `release_id`. Transfers with the same `chain`, side by side in a list, stand or fall together.
    """

    id: UUID
    branch_id: int
    kind: Kind
    legs: tuple[Leg, ...] = ()
    subject: str
    hold_id: UUID | None = None
    intent_id: UUID | None = None
    reverses: UUID | None = None
    expires_at: datetime | None = None
    """When a hold runs out: from then on it is not posted any more, only freed."""
    releases: bool = False
    chain: int | None = None


class Why(StrEnum):
    """Why a transfer was not written; what is told with each stands in brackets.

    malformed: no legs, an empty leg, or an account twice [field].
    unbalanced: the legs do not sum to zero.
    unfit: a leg does not fit the kind [field].
    unknown_account: the branch has no such account [account].
    insufficient: the account's free money is too little [account, available].
    no_room: the account may not rise so far, such as a debt above nothing [account, available].
    unknown_hold: the account has no such hold.
    hold_too_small: the hold has less left [available].
    hold_ended: nothing is left of the hold.
    hold_expired: the hold has run out and is only freed now.
    hold_not_due: the hold has not run out yet, or never does.
    unknown_transfer: there is nothing of this id to reverse.
    already_reversed: another reversal was there before.
    not_mirrored: the legs are not those of the reversed transfer turned round.
    chain_failed: another one of the chain was refused.
    """

    MALFORMED = "malformed"
    UNBALANCED = "unbalanced"
    UNFIT = "unfit"
    UNKNOWN_ACCOUNT = "unknown_account"
    INSUFFICIENT = "insufficient"
    NO_ROOM = "no_room"
    UNKNOWN_HOLD = "unknown_hold"
    HOLD_TOO_SMALL = "hold_too_small"
    HOLD_ENDED = "hold_ended"
    HOLD_EXPIRED = "hold_expired"
    HOLD_NOT_DUE = "hold_not_due"
    UNKNOWN_TRANSFER = "unknown_transfer"
    ALREADY_REVERSED = "already_reversed"
    NOT_MIRRORED = "not_mirrored"
    CHAIN_FAILED = "chain_failed"


class Posted(msgspec.Struct, frozen=True):
    """Written now."""


class Existing(msgspec.Struct, frozen=True):
    """It was there already, equal in every field: a repetition that does no harm."""


class ExistsDifferent(msgspec.Struct, frozen=True):
    """Something else has this id; the first field that differs."""

    field: str


class NotPosted(msgspec.Struct, frozen=True):
    """Refused, with nothing written; `available` in satang."""

    why: Why
    field: str = ""
    account: UUID | None = None
    available: int | None = None


Answer = Posted | Existing | ExistsDifferent | NotPosted


def written(answer: Answer) -> bool:
    """Whether the transfer stands in the ledger now, whoever wrote it."""
    return isinstance(answer, Posted | Existing)


def release_id(post_id: UUID) -> UUID:
    """The id of the void that a releasing post brings with it."""
    return uuid5(post_id, "release")


def hold(
    transfer_id: UUID,
    branch_id: int,
    account: UUID,
    amount: Satang,
    subject: str,
    *,
    expires_at: datetime | None = None,
) -> Transfer:
    """Set money of one account aside; the transfer's id is the hold's id."""
    return Transfer(
        id=transfer_id,
        branch_id=branch_id,
        kind=Kind.HOLD,
        hold_id=transfer_id,
        legs=(Leg(account, held=amount),),
        subject=subject,
        expires_at=expires_at,
    )
