"""Every page of the desk in menu order: icon, title, who it is for, its key. Screens are imported when first opened."""

from __future__ import annotations

from typing import Final

from desktop.i18n import nav
from desktop.i18n.health import TITLE as HEALTH
from desktop.i18n.in_doubt import TITLE as IN_DOUBT
from desktop.i18n.inbox import TITLE as INBOX
from desktop.i18n.liquidity import TITLE as LIQUIDITY
from desktop.i18n.restore import TITLE as RESTORE
from desktop.i18n.treasury import TITLE as TREASURY
from desktop.ui.pages import Page, PageRegistry, PageSpec, Workbench
from shared.permissions import HEAD_OFFICE_ROLES, Role

PAYERS: Final = frozenset({Role.CASHIER, Role.MANAGER})
SIGNERS: Final = frozenset({Role.MANAGER, Role.TREASURER})
READERS: Final = frozenset(Role) - {Role.ADMINISTRATOR}


def all_pages() -> PageRegistry:
    """The registry that the window is made from."""
    pages = PageRegistry()
    for spec in _SPECS:
        pages.register(spec)
    return pages


def _dashboard(bench: Workbench) -> Page:
    from desktop.ui.screens.dashboard.page import DashboardPage

    return DashboardPage(bench)


def _inbox(bench: Workbench) -> Page:
    from desktop.ui.screens.inbox.page import InboxPage

    return InboxPage(bench)


def _health(bench: Workbench) -> Page:
    from desktop.ui.screens.health.page import HealthPage

    return HealthPage(bench)


def _members(bench: Workbench) -> Page:
    from desktop.ui.screens.members.page import MembersPage

    return MembersPage(bench)


def _payment(bench: Workbench) -> Page:
    from desktop.ui.screens.payment.page import PaymentPage

    return PaymentPage(bench)


def _disbursements(bench: Workbench) -> Page:
    from desktop.ui.screens.disbursements.page import DisbursementsPage

    return DisbursementsPage(bench)


def _batch(bench: Workbench) -> Page:
    from desktop.ui.screens.batch.page import BatchPage

    return BatchPage(bench)


def _approvals(bench: Workbench) -> Page:
    from desktop.ui.screens.approvals.page import ApprovalsPage

    return ApprovalsPage(bench)


def _bank_changes(bench: Workbench) -> Page:
    from desktop.ui.screens.bank_change.page import BankChangePage

    return BankChangePage(bench)


def _liquidity(bench: Workbench) -> Page:
    from desktop.ui.screens.liquidity.page import LiquidityPage

    return LiquidityPage(bench)


def _funding(bench: Workbench) -> Page:
    from desktop.ui.screens.funding.page import FundingPage

    return FundingPage(bench)


def _treasury(bench: Workbench) -> Page:
    from desktop.ui.screens.treasury.page import TreasuryPage

    return TreasuryPage(bench)


def _statements(bench: Workbench) -> Page:
    from desktop.ui.screens.statements.page import StatementsPage

    return StatementsPage(bench)


def _reconciliation(bench: Workbench) -> Page:
    from desktop.ui.screens.reconciliation.page import ReconciliationPage

    return ReconciliationPage(bench)


def _in_doubt(bench: Workbench) -> Page:
    from desktop.ui.screens.in_doubt.page import InDoubtPage

    return InDoubtPage(bench)


def _restore(bench: Workbench) -> Page:
    from desktop.ui.screens.restore.page import RestorePage

    return RestorePage(bench)


def _sync(bench: Workbench) -> Page:
    from desktop.ui.screens.sync.page import SyncPage

    return SyncPage(bench)


def _settings(bench: Workbench) -> Page:
    from desktop.ui.screens.settings.page import SettingsPage

    return SettingsPage(bench)


_SPECS: Final = (
    PageSpec("dashboard", "layout-dashboard", nav.DASHBOARD, _dashboard, READERS, key="F10"),
    PageSpec("inbox", "inbox", INBOX, _inbox, READERS, key="F11"),
    PageSpec("members", "users", nav.MEMBERS, _members, READERS, key="F3"),
    PageSpec("payment", "banknote-arrow-up", nav.NEW_PAYMENT, _payment, PAYERS, key="F2"),
    PageSpec("disbursements", "banknote", nav.DISBURSEMENTS, _disbursements, READERS),
    PageSpec("batch", "file-spreadsheet", nav.BATCH, _batch, PAYERS, key="F7"),
    PageSpec("approvals", "shield-check", nav.APPROVALS, _approvals, SIGNERS, key="F4"),
    PageSpec("bank_changes", "credit-card", nav.BANK_CHANGES, _bank_changes, READERS),
    PageSpec("health", "list-checks", HEALTH, _health, frozenset({Role.ADMINISTRATOR})),
    PageSpec("liquidity", "landmark", LIQUIDITY, _liquidity, READERS, group=1),
    PageSpec("treasury", "building-2", TREASURY, _treasury, HEAD_OFFICE_ROLES, group=1),
    PageSpec("funding", "arrow-left-right", nav.FUNDING, _funding, READERS, group=1),
    PageSpec("statements", "receipt-text", nav.STATEMENTS, _statements, READERS | {Role.ADMINISTRATOR}, group=1),
    PageSpec("reconciliation", "scale", nav.RECONCILIATION, _reconciliation, READERS, group=1),
    PageSpec("in_doubt", "circle-help", IN_DOUBT, _in_doubt, READERS, group=1),
    PageSpec("restore", "history", RESTORE, _restore, HEAD_OFFICE_ROLES, group=1),
    PageSpec("sync", "refresh-cw", nav.SYNC, _sync, group=2),
    PageSpec("settings", "settings", nav.SETTINGS, _settings, group=2),
)
