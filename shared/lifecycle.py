"""The legal edges of every state machine, as data; PostgreSQL holds the same table, docs/states.md tells it."""

from __future__ import annotations

from enum import StrEnum


class IntentState(StrEnum):
    """Where a payment intent stands; docs/states.md says what each word means."""

    CREATED = "created"
    VALIDATED = "validated"
    AUTHORIZED = "authorized"
    SENT = "sent"
    IN_DOUBT = "in_doubt"
    SETTLED = "settled"
    RECONCILED = "reconciled"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    FAILED = "failed"
    RETURNED = "returned"


class AttemptState(StrEnum):
    """Where one try to send an intent through a channel stands."""

    PREPARED = "prepared"
    INITIATED = "initiated"
    CONFIRMING = "confirming"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


class BatchState(StrEnum):
    """Where a batch stands while people work on it; its lines carry the money's states."""

    OPEN = "open"
    VALIDATED = "validated"
    AUTHORIZED = "authorized"
    CLOSED = "closed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class BankChangeState(StrEnum):
    """Where a request for new bank details stands."""

    DRAFT = "draft"
    REQUESTED = "requested"
    EFFECTIVE = "effective"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class FundingState(StrEnum):
    """Where a movement from the treasury to a branch stands."""

    REQUESTED = "requested"
    EFFECTIVE = "effective"
    REJECTED = "rejected"
    EXPIRED = "expired"


class DepositState(StrEnum):
    """Where money that was paid into the company's account stands; a statement proves what is recorded."""

    REQUESTED = "requested"
    RECORDED = "recorded"
    RECONCILED = "reconciled"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class SetAsideState(StrEnum):
    """Where the proposal to set a wrongly taken statement aside, or to take it again, stands."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"


class RestoreState(StrEnum):
    """Where the consent to go on after a restore stands; an executor settles what two people approved."""

    REQUESTED = "requested"
    APPROVED = "approved"
    SETTLED = "settled"
    REJECTED = "rejected"
    EXPIRED = "expired"


class RouteTableState(StrEnum):
    """Where a table of routes stands; an approved one holds from its instant until the next one's."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"


class RuleState(StrEnum):
    """Where one revision of a company rule stands; an approved one binds from its day on."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"


class AdvanceState(StrEnum):
    """Where an advance to a member stands; only an effective one is owed and deducted."""

    REQUESTED = "requested"
    EFFECTIVE = "effective"
    REPAID = "repaid"
    REJECTED = "rejected"
    EXPIRED = "expired"


class DeviceState(StrEnum):
    """Where an enrolled desk stands; only an approved one reads or signs."""

    PENDING = "pending"
    APPROVED = "approved"
    REVOKED = "revoked"


class MemberStatus(StrEnum):
    """A member's standing in the registry; only an active one is paid."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"


def _edges(text: str) -> frozenset[tuple[str, str]]:
    pairs = set()
    for line in text.strip().splitlines():
        source, _, targets = line.partition(">")
        pairs |= {(source.strip(), target.strip()) for target in targets.split(",")}
    return frozenset(pairs)


EDGES: dict[str, frozenset[tuple[str, str]]] = {
    "intent": _edges(
        """
        created    > validated, cancelled
        validated  > authorized, rejected, cancelled, expired
        authorized > sent, cancelled, expired
        sent       > settled, in_doubt, authorized, failed
        in_doubt   > settled, failed, authorized
        settled    > reconciled, returned
        reconciled > returned, settled
        returned   > reconciled, settled
        """
    ),
    "attempt": _edges(
        """
        prepared   > initiated, rejected, unknown
        initiated  > confirming, rejected, unknown
        confirming > accepted, rejected, unknown
        unknown    > accepted, rejected
        rejected   > prepared
        """
    ),
    "batch": _edges(
        """
        open       > validated, cancelled
        validated  > authorized, rejected, cancelled, expired
        authorized > closed
        """
    ),
    "bank_change": _edges(
        """
        draft      > requested, cancelled
        requested  > effective, rejected, cancelled, expired
        """
    ),
    "funding": _edges("requested > effective, rejected, expired"),
    "deposit": _edges(
        """
        requested  > recorded, rejected, cancelled, expired
        recorded   > reconciled
        reconciled > recorded
        """
    ),
    "advance": _edges(
        """
        requested  > effective, rejected, expired
        effective  > repaid
        """
    ),
    "set_aside": _edges("requested > approved, rejected, expired"),
    "restore": _edges(
        """
        requested  > approved, rejected, expired
        approved   > settled, expired
        """
    ),
    "company_rule": _edges("proposed > approved, rejected, expired"),
    "route_table": _edges("proposed > approved, rejected"),
    "device": _edges(
        """
        pending    > approved, revoked
        approved   > revoked
        """
    ),
    "member": _edges(
        """
        active     > suspended, closed
        suspended  > active, closed
        """
    ),
}
"""machine -> the edges it may take; a pair that is not here is refused in code and by the database."""

INITIAL: dict[str, frozenset[str]] = {
    "intent": frozenset({"created", "validated"}),
    "attempt": frozenset({"prepared"}),
    "batch": frozenset({"open"}),
    "bank_change": frozenset({"draft"}),
    "funding": frozenset({"requested"}),
    "deposit": frozenset({"requested"}),
    "advance": frozenset({"requested"}),
    "set_aside": frozenset({"requested"}),
    "restore": frozenset({"requested"}),
    "company_rule": frozenset({"proposed"}),
    "route_table": frozenset({"proposed"}),
    "device": frozenset({"pending", "approved"}),
    "member": frozenset({"active", "suspended", "closed"}),
}
"""machine -> the states in which a row may be born."""


NEVER_HAPPENED = frozenset({IntentState.FAILED, IntentState.REJECTED, IntentState.CANCELLED, IntentState.EXPIRED})
"""Ended without a payment: what was asked for may be asked for anew, and mended on the way."""

PAYABLE_AGAIN = NEVER_HAPPENED | {IntentState.RETURNED}
"""What came back is owed to its member, and paid again from there."""

MAY_HAVE_MOVED = frozenset({IntentState.SENT, IntentState.IN_DOUBT, IntentState.SETTLED, IntentState.RECONCILED})
"""Never paid again: the bank may have paid it, or has."""

UNDER_WAY = frozenset({IntentState.SENT, IntentState.IN_DOUBT})


def may_become(machine: str, source: str, target: str) -> bool:
    """Whether the edge exists."""
    return (source, target) in EDGES[machine]
