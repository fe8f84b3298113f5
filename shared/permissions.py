"""Who may do what: the closed vocabulary of roles and permissions."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache


class Role(StrEnum):
    """What a person is at a branch; head office is a branch too."""

    CASHIER = "cashier"
    MANAGER = "manager"
    TREASURER = "treasurer"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Permission(StrEnum):
    """One thing that a verb of the wire table asks for."""

    READ_MEMBERS = "members.read"
    CHECK_ACCOUNT = "members.check_account"
    REQUEST_BANK_CHANGE = "bank_changes.request"
    READ_BANK_CHANGES = "bank_changes.read"
    SIGN_BANK_CHANGE = "bank_changes.sign"
    SUBMIT_INTENT = "intents.submit"
    READ_INTENTS = "intents.read"
    CANCEL_INTENT = "intents.cancel"
    SIGN_INTENT = "intents.sign"
    REQUEST_FUNDING = "funding.request"
    READ_FUNDING = "funding.read"
    SIGN_FUNDING = "funding.sign"
    READ_TREASURY = "treasury.read"
    RECORD_DEPOSIT = "treasury.record"
    SIGN_DEPOSIT = "treasury.sign"
    READ_RULES = "rules.read"
    PROPOSE_RULE = "rules.propose"
    SIGN_RULE = "rules.sign"
    READ_ROUTES = "routes.read"
    PROPOSE_ROUTES = "routes.propose"
    SIGN_ROUTES = "routes.sign"
    FETCH_STATEMENTS = "statements.fetch"
    READ_STATEMENTS = "statements.read"
    PROPOSE_SET_ASIDE = "statements.propose_set_aside"
    SIGN_SET_ASIDE = "statements.sign_set_aside"
    PROPOSE_RESTORE = "restores.propose"
    SIGN_RESTORE = "restores.sign"
    READ_LIQUIDITY = "liquidity.read"
    READ_AUDIT = "audit.read"
    READ_HEALTH = "health.read"
    MANAGE_DEVICES = "devices.manage"
    MANAGE_USERS = "users.manage"
    SYNC = "sync.read"


_READS = frozenset(
    {
        Permission.READ_MEMBERS,
        Permission.READ_BANK_CHANGES,
        Permission.READ_INTENTS,
        Permission.READ_FUNDING,
        Permission.READ_RULES,
        Permission.READ_ROUTES,
        Permission.READ_STATEMENTS,
        Permission.READ_LIQUIDITY,
        Permission.SYNC,
    }
)
_CASHIER = _READS | {
    Permission.CHECK_ACCOUNT,
    Permission.REQUEST_BANK_CHANGE,
    Permission.SUBMIT_INTENT,
    Permission.CANCEL_INTENT,
    Permission.FETCH_STATEMENTS,
}

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.CASHIER: frozenset(_CASHIER),
    Role.MANAGER: frozenset(
        _CASHIER | {Permission.SIGN_INTENT, Permission.SIGN_BANK_CHANGE, Permission.REQUEST_FUNDING}
    ),
    Role.TREASURER: frozenset(
        _READS
        | {
            Permission.CHECK_ACCOUNT,
            Permission.SIGN_INTENT,
            Permission.SIGN_BANK_CHANGE,
            Permission.REQUEST_FUNDING,
            Permission.SIGN_FUNDING,
            Permission.READ_TREASURY,
            Permission.RECORD_DEPOSIT,
            Permission.SIGN_DEPOSIT,
            Permission.PROPOSE_RULE,
            Permission.SIGN_RULE,
            Permission.PROPOSE_ROUTES,
            Permission.SIGN_ROUTES,
            Permission.FETCH_STATEMENTS,
            Permission.PROPOSE_SET_ASIDE,
            Permission.SIGN_SET_ASIDE,
            Permission.PROPOSE_RESTORE,
            Permission.SIGN_RESTORE,
            Permission.READ_AUDIT,
            Permission.READ_HEALTH,
        }
    ),
    Role.AUDITOR: frozenset(_READS | {Permission.READ_TREASURY, Permission.READ_AUDIT, Permission.READ_HEALTH}),
    Role.ADMINISTRATOR: frozenset(
        {
            Permission.MANAGE_DEVICES,
            Permission.MANAGE_USERS,
            Permission.READ_AUDIT,
            Permission.READ_HEALTH,
            Permission.READ_TREASURY,
            Permission.RECORD_DEPOSIT,
            Permission.READ_STATEMENTS,
            Permission.PROPOSE_SET_ASIDE,
            Permission.PROPOSE_RESTORE,
            Permission.READ_RULES,
            Permission.PROPOSE_RULE,
            Permission.READ_ROUTES,
            Permission.PROPOSE_ROUTES,
            Permission.SYNC,
        }
    ),
}

HEAD_OFFICE_ROLES = frozenset({Role.TREASURER, Role.AUDITOR, Role.ADMINISTRATOR})
"""Roles that belong to head office and see every branch."""


@lru_cache(maxsize=256)
def permissions_of(roles: frozenset[Role]) -> frozenset[Permission]:
    """Everything that a person with these roles may do."""
    return frozenset().union(*(ROLE_PERMISSIONS[role] for role in roles))
