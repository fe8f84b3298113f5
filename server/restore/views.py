"""Proposals to go on after a restore, as people see and sign them."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from server.approvals.cases import signatures_of
from server.database.transaction import Row, Transaction
from server.restore import store
from server.restore.report import Item, Report, read_report
from server.restore.rules import TEXTS, Kind
from server.wire_time import wire_time
from shared import canonical
from shared.canonical import RestoreSheet
from shared.money import Satang, format_amount
from shared.wire.approvals import SignatureView
from shared.wire.restores import MissingPaymentView, ReportView, RestoreView, WitnessView

_SHOWN: Final = 1000
"""Payments of a report that one reply carries, those that people must find out first; its file has all."""


def sheet_of(row: Row, report: Report) -> RestoreSheet:
    """What is signed; the row has the report's digest as `report`."""
    return RestoreSheet(
        id=row["id"],
        report=row["report"],
        made_at=report.made_at,
        found_by=", ".join(sorted({one.kind for one in report.witnesses})),
        payments=len(report.items),
        total=_total(report),
        exceptions=_exceptions(report),
        reason=row["reason"],
    )


def _total(report: Report) -> str:
    return format_amount(Satang(sum(item.payout for item in report.items)))


def _exceptions(report: Report) -> int:
    return sum(item.is_exception for item in report.items)


async def newest_view(tx: Transaction) -> ReportView | None:
    """The newest comparison, which alone may be proposed; None where nobody has compared."""
    digest = await store.newest_report(tx)
    report_id = await store.report_named(tx, digest) if digest else None
    if report_id is None:
        return None
    report = read_report(await store.report_body(tx, report_id))
    return ReportView(
        digest=digest,
        made_at=report.made_at,
        complete=await is_complete(tx, report),
        count=len(report.items),
        exceptions=_exceptions(report),
        total=_total(report),
        payments=await _payments(tx, report),
    )


async def is_complete(tx: Transaction, report: Report) -> bool:
    """Whether the report was made with all that is told now: what nobody compared nobody can agree to."""
    told: Sequence[UUID] = [row["id"] for row in await store.open_witnesses(tx)]
    return bool(told) and set(told) == {one.id for one in report.witnesses}


def witness_view(row: Row) -> WitnessView:
    """Who has found that something is missing, in words."""
    english, thai = TEXTS[Kind(row["kind"])]
    return WitnessView(
        kind=row["kind"],
        subject=row["subject"],
        detail=row["detail"],
        found_at=wire_time(row["found_at"]),
        reason_en=english,
        reason_th=thai,
    )


async def restore_views(tx: Transaction, ids: Sequence[UUID]) -> list[RestoreView]:
    """Proposals in the order of `ids`, with what each report lists and whether that is explained by now."""
    rows = await tx.rows(
        """
        select c.*, r.digest report, coalesce(u.name, '') maker from sheaf.restore c
        join sheaf.restore_report r on r.id = c.report_id
        left join lateral sheaf.user_names(array[c.maker_id]) u on true where c.id = any(%(ids)s)
        """,
        ids=list(ids),
    )
    signed = await signatures_of(tx, ids)
    views = {row["id"]: await _view(tx, row, signed[row["id"]]) for row in rows}
    return [views[one] for one in ids if one in views]


async def _view(tx: Transaction, row: Row, signed: list[SignatureView]) -> RestoreView:
    report = read_report(await store.report_body(tx, row["report_id"]))
    sheet = canonical.sheet_bytes(sheet_of(row, report))
    return RestoreView(
        id=row["id"],
        report=row["report"],
        made_at=report.made_at,
        payments=await _payments(tx, report),
        reason=row["reason"],
        state=row["state"],
        maker=row["maker"],
        maker_id=row["maker_id"],
        signatures=signed,
        created_at=wire_time(row["created_at"]),
        expires_at=wire_time(row["expires_at"]),
        version=row["version"],
        sheet=base64.b64encode(sheet).decode(),
        digest=canonical.digest(sheet),
    )


async def _payments(tx: Transaction, report: Report) -> list[MissingPaymentView]:
    shown = sorted(report.items, key=lambda item: not item.is_exception)[:_SHOWN]
    explained = await store.explained(tx, [item.reference for item in shown])
    return [_payment(item, item.reference in explained) for item in shown]


def _payment(item: Item, explained: bool) -> MissingPaymentView:
    return MissingPaymentView(
        reference=item.reference,
        amount=format_amount(Satang(item.payout)),
        here=item.here.value,
        found_by=item.source,
        bank=item.bank,
        branch=item.branch,
        number=item.number,
        payee=item.payee,
        open=not explained,
    )
