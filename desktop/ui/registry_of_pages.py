"""Every page of the desk in menu order: icon, title, who it is for, its key. Screens are imported when first opened."""

from __future__ import annotations

from typing import Final

from desktop.i18n import nav
from desktop.ui.pages import Page, PageRegistry, PageSpec, Workbench
from shared.permissions import Role

PAYERS: Final = frozenset({Role.CASHIER, Role.MANAGER})
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


def _members(bench: Workbench) -> Page:
    from desktop.ui.screens.members.page import MembersPage

    return MembersPage(bench)


def _payment(bench: Workbench) -> Page:
    from desktop.ui.screens.payment.page import PaymentPage

    return PaymentPage(bench)


def _disbursements(bench: Workbench) -> Page:
    from desktop.ui.screens.disbursements.page import DisbursementsPage

    return DisbursementsPage(bench)


def _sync(bench: Workbench) -> Page:
    from desktop.ui.screens.sync.page import SyncPage

    return SyncPage(bench)


def _settings(bench: Workbench) -> Page:
    from desktop.ui.screens.settings.page import SettingsPage

    return SettingsPage(bench)


_SPECS: Final = (
    PageSpec("dashboard", "layout-dashboard", nav.DASHBOARD, _dashboard, READERS, key="F10"),
    PageSpec("members", "users", nav.MEMBERS, _members, READERS, key="F3"),
    PageSpec("payment", "banknote-arrow-up", nav.NEW_PAYMENT, _payment, PAYERS, key="F2"),
    PageSpec("disbursements", "banknote", nav.DISBURSEMENTS, _disbursements, READERS),
    PageSpec("sync", "refresh-cw", nav.SYNC, _sync, group=2),
    PageSpec("settings", "settings", nav.SETTINGS, _settings, group=2),
)
