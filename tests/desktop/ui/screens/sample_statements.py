"""Statement files that were not taken, and a proposal to set a statement aside, as the server says them."""

from __future__ import annotations

import base64
from uuid import UUID

from shared import canonical
from shared.canonical import SetAsideSheet
from shared.wire.statements import SetAsideList, SetAsideView, StatementFileList, StatementFileView
from tests.desktop.ui.screens import sample_views as views

SOMEBODY = UUID(int=77)


def not_taken() -> StatementFileList:
    """One of a stranger's account, one of a day that has not come, one that waits."""
    rows = (
        ("STMT_9998887770_20261121.mt940", "refused", "not_our_account", 0),
        ("STMT_1112223338_20691121.mt940", "refused", "day_not_come", 4),
        ("STMT_1112223338_20261123.mt940", "waiting", "gap", 0),
        ("STMT_1112223338_20261120.csv", "set_aside", "", 0),
    )
    return StatementFileList(
        files=[
            StatementFileView(
                sha256=f"{n}" * 64,
                name=name,
                outcome=outcome,
                problem=problem,
                line=line,
                first_seen_at=views.LATER,
                changed_at=views.LATER,
            )
            for n, (name, outcome, problem, line) in enumerate(rows)
        ]
    )


def proposals(maker: UUID = SOMEBODY) -> SetAsideList:
    """One that waits for a treasurer."""
    statement = views.statement(2)
    sheet = SetAsideSheet(
        id=UUID(int=70_001),
        action="set_aside",
        statement_id=statement.id,
        account=statement.account_last4,
        statement=statement.number,
        date=statement.date,
        opening=statement.opening,
        closing=statement.closing,
        lines=statement.lines,
        file="ab" * 32,
        reason="รายการเดินบัญชีของบัญชีอื่น รับเข้าผิดโดยเวอร์ชันก่อน",
    )
    data = canonical.sheet_bytes(sheet)
    view = SetAsideView(
        id=sheet.id,
        action=sheet.action,
        statement_id=statement.id,
        account_last4=sheet.account,
        number=sheet.statement,
        date=sheet.date,
        file_name=statement.file_name,
        lines=sheet.lines,
        later=2,
        reason=sheet.reason,
        state="requested",
        maker="อรุณ ผู้ดูแลระบบ",
        maker_id=maker,
        signatures=[],
        created_at=views.LATER,
        expires_at=views.LATER,
        version=1,
        sheet=base64.b64encode(data).decode(),
        digest=canonical.digest(data),
    )
    return SetAsideList(set_asides=[view])
