"""What the screens share: a page that knows the connection, actions that say why not, names, account groups."""

from __future__ import annotations

from collections.abc import Coroutine
from datetime import datetime
from typing import Any, Final, TypeVar

from PySide6.QtWidgets import QWidget

from desktop.core import texts
from desktop.core.clock import parse_instant
from desktop.core.desk import Desk
from desktop.core.screens.base import Action, Screen
from desktop.core.screens.members import Members
from desktop.i18n import common, dashboard, dates, language, sign_off
from desktop.i18n.text import Text
from desktop.ui.keys.kedmanee import is_thai, untyped
from desktop.ui.pages import Workbench
from desktop.ui.screens.model_page import ModelPage
from desktop.ui.theme.look import follow
from desktop.ui.widgets.basics import Words
from desktop.ui.widgets.states import EmptyState
from shared.money import AmountProblem, Satang, display_amount, parse_amount
from shared.wire.payments import IntentPreview, IntentView
from shared.wire.records import ChannelAlarm

M = TypeVar("M", bound=Screen)
_W = TypeVar("_W", bound=QWidget)
_GROUPS: Final = {10: (3, 1, 5, 1), 12: (4, 4, 4), 14: (3, 4, 4, 3), 15: (3, 3, 3, 3, 3)}


class DeskPage(ModelPage[M]):
    """A page that also draws when the connection comes or goes, because that is what allows signing and fetching."""

    def __init__(self, bench: Workbench, model: M, name: str) -> None:
        super().__init__(bench, model)
        self.desk: Desk = model.desk
        self.setObjectName(name)
        self._deafen = self.desk.sync.status_changed.add(lambda _status: self.draw())

    def begin(self) -> None:
        """Draw now and on every change of the model, the connection, the language, the colours or the text size."""
        self.model.on_change = self.draw
        follow(self.draw)

    def draw(self) -> None:
        """Show the model as it is now; called often, so it only sets values."""

    def work(self, coroutine: Coroutine[Any, Any, Any], name: str) -> None:
        """Run something of the model as long as the window lives."""
        self.bench.spawn(coroutine, name)

    def put_away(self) -> None:
        """Hear nothing more of model and connection."""
        self._deafen()
        super().put_away()

    @property
    def offline(self) -> Text | None:
        """Why nothing can be asked of the server now."""
        return None if self.desk.online else texts.NO_CONNECTION


async def find_typed(finder: Members, text: str) -> None:
    """Look for members; a code typed while Thai was on is looked for as the keys that were pressed."""
    await finder.search(text)
    if not len(finder.rows) and is_thai(text):
        await finder.search(untyped(text))


def named(widget: _W, name: str) -> _W:
    """Give a widget the name by which tests and drivers find it."""
    widget.setObjectName(name)
    return widget


def allow(button: QWidget, action: Action) -> None:
    """Enable, or disable and say why."""
    button.setEnabled(action.enabled)
    reason = "" if action.why_not is None else action.why_not()
    button.setToolTip(reason)
    button.setAccessibleDescription(reason)


def show_empty(empty: EmptyState, model: Screen, icon: str, title: Words, hint: Words | None = None) -> None:
    """What a list without rows says: that there is nothing, or that nobody could ask, and what to do."""
    failed = model.failure_text
    if failed is None:
        empty.set_face(icon, title, hint)
    else:
        empty.set_face("circle-alert", common.NOT_LOADED, failed)


def show_amount(text: str) -> str:
    """An amount of the wire as people read it; what is none is shown as it came."""
    return display_amount(amount) if (amount := wire_amount(text)) is not None else text


def money_parts(payment: IntentView | IntentPreview) -> list[tuple[str, str]]:
    """What is charged, what is kept back and what arrives; nothing where the payee gets just the amount."""
    parts = [
        (sign_off.FEE, payment.fee),
        (sign_off.POST_FEE, payment.post_fee),
        (sign_off.ADVANCE, payment.advance),
        (sign_off.PAYOUT, "" if payment.payout == payment.amount else payment.payout),
    ]
    return [(title(), show_amount(amount)) for title, amount in parts if amount not in ("", "0.00")]


def wire_amount(text: str) -> Satang | None:
    """An amount of the wire in satang, which may be below zero; None when there is none."""
    negative = text.startswith("-")
    amount = parse_amount(text.removeprefix("-"), allow_zero=True)
    if isinstance(amount, AmountProblem):
        return None
    return Satang(-amount) if negative else amount


def moment(text: str) -> str:
    """An instant of the wire as a table shows it; empty stays empty."""
    return dates.moment(parse_instant(text)) if text else ""


def instant(text: str) -> datetime | None:
    """An instant of the wire, or None."""
    return parse_instant(text) if text else None


def grouped_account(digits: str) -> str:
    """An account in full, in the groups in which passbooks print it, so that two can be compared by eye."""
    sizes = _GROUPS.get(len(digits))
    if sizes is None:
        return "-".join(digits[at : at + 4] for at in range(0, len(digits), 4))
    parts, at = [], 0
    for size in sizes:
        parts.append(digits[at : at + size])
        at += size
    return "-".join(parts)


def masked_account(bank: str, last4: str) -> str:
    """Bank and last digits, as lists show an account."""
    return f"{bank} •••• {last4}"


def alarm_words(alarm: ChannelAlarm) -> str:
    """One alarm in the language in force."""
    reason = alarm.reason_th if language() == "th" else alarm.reason_en
    said = dashboard.channel_alarm(alarm.channel, reason, alarm.who_can_fix)
    expires = instant(alarm.expires_at)
    if not alarm.waiting or expires is None:
        return said
    total = show_amount(alarm.total)
    return f"{said} {dashboard.channel_waits(f'{alarm.waiting:,}', total, dates.moment(expires))}"
