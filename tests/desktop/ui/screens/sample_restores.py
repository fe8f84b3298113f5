"""A database that is behind, as the server says it: who found it, a comparison, and proposals."""

from __future__ import annotations

import base64
from uuid import UUID

from msgspec import structs

from shared import canonical
from shared.canonical import RestoreSheet
from shared.wire.restores import MissingPaymentView, ReportView, RestoreList, RestoreView, WitnessView
from tests.desktop.ui.screens import sample_views as views

SOMEBODY = UUID(int=77)
DIGEST = "5e" * 32
ROWS = (
    ("absent", "statement", "", "", ""),
    ("ended", "file", "paid", "NSN", "PV2611-0000041"),
    ("unsent", "file", "paid", "NSN", "PV2611-0000042"),
    ("unsent", "file", "open", "PHS", "PV2611-0000043"),
    ("unsigned", "file", "unknown", "NSN", "PV2611-0000044"),
    ("absent", "callback", "", "", ""),
)


def missing() -> list[MissingPaymentView]:
    """One of each way to be missing; the third is explained by now."""
    return [
        MissingPaymentView(
            reference=f"SDWF8DW3B5ASWW{n:02}",
            amount="0.00" if found == "callback" else f"{48_250 + n}.00",
            here=here,
            found_by=found,
            bank=bank,
            branch=branch,
            number=number,
            payee=views.NAMES[n] if number else "",
            open=n != 2,
        )
        for n, (here, found, bank, branch, number) in enumerate(ROWS)
    ]


def witness(kind: str = "position") -> WitnessView:
    """Who says so."""
    return WitnessView(
        kind=kind,
        subject="f0",
        detail="12 here 7",
        found_at=views.LATER,
        reason_en="an executor's own file knows of payments that this database has forgotten",
        reason_th="แฟ้มของตัวส่งเงินรู้จักการจ่ายที่ฐานข้อมูลนี้ไม่มี",
    )


def report(*, complete: bool = True, digest: str = DIGEST) -> ReportView:
    """The newest comparison."""
    return ReportView(
        digest=digest,
        made_at=views.LATER,
        complete=complete,
        count=len(ROWS),
        exceptions=4,
        total="241262.00",
        payments=missing(),
    )


def proposal(state: str = "requested", maker: UUID = SOMEBODY, number: int = 1, **more: object) -> RestoreView:
    """One proposal over the comparison."""
    sheet = RestoreSheet(
        id=UUID(int=71_000 + number),
        report=DIGEST,
        made_at=views.LATER,
        found_by="desk, position",
        payments=len(ROWS),
        total="241262.00",
        exceptions=4,
        reason="เครื่องเดิมเสีย กู้จากสำเนาเมื่อคืน",
    )
    data = canonical.sheet_bytes(sheet)
    view = RestoreView(
        id=sheet.id,
        report=sheet.report,
        made_at=sheet.made_at,
        payments=missing(),
        reason=sheet.reason,
        state=state,
        maker="อรุณ ผู้ดูแลระบบ",
        maker_id=maker,
        signatures=[],
        created_at=views.LATER,
        expires_at="2026-11-22T03:00:00.000Z",
        version=1,
        sheet=base64.b64encode(data).decode(),
        digest=canonical.digest(data),
    )
    return structs.replace(view, **more)  # type: ignore[arg-type]  # fields of the view


def behind(*restores: RestoreView, newest: ReportView | None = None) -> RestoreList:
    """Payments stand still."""
    return RestoreList(
        behind=True,
        witnesses=[witness()],
        report="" if newest is None else newest.digest,
        newest=newest,
        restores=list(restores),
    )


def waiting(maker: UUID = SOMEBODY) -> RestoreList:
    """A proposal waits for a treasurer; an earlier one was rejected."""
    earlier = proposal("rejected", number=0, report="4d" * 32)
    return behind(proposal(maker=maker), earlier, newest=report())


def calm(*restores: RestoreView) -> RestoreList:
    """Nothing stands still."""
    return RestoreList(behind=False, witnesses=[], report="", restores=list(restores))
