"""Made-up payments in doubt for the screens."""

from __future__ import annotations

from shared.evidence import Evidence
from shared.wire import doubt
from tests.desktop.ui.screens import sample_views as views


def payment(number: int, *, flagged: bool = False, may_ask: bool = True) -> doubt.DoubtView:
    """Asked three times; the next inquiry is a few minutes after the sample desk's present (03:42:08)."""
    reference = f"SX7K2M9QPL4RT{number:03d}"
    return doubt.DoubtView(
        intent=views.intent(number, state="in_doubt"),
        since="2026-11-21T03:20:10.000Z",
        next_inquiry_at=f"2026-11-21T03:{43 + number % 16:02d}:12.000Z",
        deadline_at="2026-11-20T17:00:00.000Z" if flagged else "2026-11-22T17:00:00.000Z",
        flagged=flagged,
        owner_role="treasurer" if flagged else "manager",
        owners=["ธนา มั่งมี"] if flagged else ["วรรณา ใจดี", "ปรีชา ตั้งมั่น"],
        inquiries=3,
        attempts=[
            doubt.AttemptView(
                ordinal=1, channel="scb", bank_reference=reference, state="unknown",
                token=f"SCBX20261121{number:010d}", prepared_at="2026-11-21T03:20:07.000Z",
                confirming_at="2026-11-21T03:20:09.000Z", ended_at="", inquiries=3,
                evidence=Evidence.NOT_SAID,
                told="",
            )
        ],
        callbacks=[
            doubt.CallbackSeen(
                at="2026-11-21T03:21:00.000Z", outcome="noted", transaction_id=f"TX{number:06d}",
                bank_reference=reference,
            )
        ] if number % 2 else [],
        lines=[],
        statements_until="2026-11-20",
        safe=["ask_bank_now"] if may_ask else [],
    )  # fmt: skip


def listed() -> doubt.DoubtList:
    """Four payments, the first of them past its day."""
    return doubt.DoubtList(payments=[payment(number, flagged=number == 1) for number in (1, 2, 3, 4)])
