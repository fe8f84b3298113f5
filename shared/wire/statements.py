"""Statements that were not taken or taken wrongly: judged again, set aside by two people, on the wire."""

from __future__ import annotations

from uuid import UUID

from shared.wire.approvals import SignatureView
from shared.wire.common import LongText, Wire


class StatementFileView(Wire, frozen=True, kw_only=True):
    """A delivered file that is not taken: `outcome` is waiting, refused or set_aside; `problem` in `line` says why."""

    sha256: str
    name: str
    outcome: str
    problem: str
    line: int
    first_seen_at: str
    changed_at: str


class StatementFileList(Wire, frozen=True, kw_only=True):
    files: list[StatementFileView]


class ProposeSetAsideRequest(Wire, frozen=True, kw_only=True):
    """`id` is the statement's; one that counts is to be set aside, one that was set aside to be taken again."""

    id: UUID
    reason: LongText


class SetAsideView(Wire, frozen=True, kw_only=True):
    """A proposal; `action` is set_aside or take_again, `later` how many statements rest on it and are judged again."""

    id: UUID
    action: str
    statement_id: UUID
    account_last4: str
    number: str
    date: str
    file_name: str
    lines: int
    later: int
    reason: str
    state: str
    maker: str
    maker_id: UUID
    signatures: list[SignatureView]
    created_at: str
    expires_at: str
    version: int
    sheet: str
    digest: str


class SetAsideList(Wire, frozen=True, kw_only=True):
    set_asides: list[SetAsideView]
