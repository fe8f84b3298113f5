"""Opening the sign-off dialog on something, and waiting until it is closed."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from PySide6.QtWidgets import QWidget

from desktop.core.screens.sign_off import SignOff
from desktop.core.signing import Kind
from desktop.core.viewing import forget_viewed
from desktop.i18n import approvals
from desktop.ui.pages import Workbench
from desktop.ui.screens.sign_off.dialog import SignOffDialog
from desktop.ui.widgets.dialog import ask
from shared.wire.bank_changes import DocumentView


async def sign(
    bench: Workbench,
    over: QWidget,
    kind: Kind,
    ids: Sequence[UUID],
    *,
    maker: str = "",
    number: str = "",
    papers: Sequence[DocumentView] = (),
) -> bool:
    """Show what will be signed; True when the server took the decision, and then a notice says so."""
    model = SignOff(bench.core)
    model.kind = kind  # the dialog is sized by it
    wide = len(ids) > 1 or kind is Kind.BATCH
    dialog = SignOffDialog(model, bench, over.window(), maker=maker, number=number, papers=papers, wide=wide)
    bench.spawn(model.open(kind, ids), "sign_off.open")
    try:
        signed = await ask(dialog)
    finally:
        model.close()
        await forget_viewed(model.desk.directory)
    if signed:
        rejected = model.decided == "reject"
        bench.toasts.show_notice(*((approvals.REJECTED, "info") if rejected else (approvals.SIGNED, "ok")))
    return signed
