"""The verbs of the registry: find, look, validate, and ask the bank."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from uuid import UUID

from server.audit import store as audit
from server.context import Actor, Policy
from server.database.transaction import Row, Transaction
from server.handling import Lookup
from server.members import store, views
from shared.audit_tags import AuditTag
from shared.limits import SHORT_TEXT
from shared.normal import code_key, name_key
from shared.refusals import RefusalCode, Refused
from shared.text import TextProblem, clean_text
from shared.thai import plain_digits
from shared.wire.common import ById
from shared.wire.members import (
    CheckAccountReply,
    ListMembersRequest,
    MemberList,
    MemberView,
    ValidateMembersItem,
    ValidateMembersReply,
    ValidateMembersRequest,
    ValidationView,
)


async def list_members(
    tx: Transaction, actor: Actor, request: ListMembersRequest, now: datetime
) -> MemberList | Refused:
    """Members whose name contains each word of the query, whose code begins with it, or whose id card or account
    ends in its four digits (or is the whole number); in Thai order. The cursor is the last member's id.

    Refuses with CURSOR.
    """
    query = clean_text(request.query, SHORT_TEXT, required=False)
    if isinstance(query, TextProblem):
        return Refused(RefusalCode.INVALID, field="query", params={"problem": query})
    after = _cursor(request.cursor)
    if request.cursor and after is None:
        return Refused(RefusalCode.CURSOR, field="cursor")
    digits = plain_digits(query)
    is_number = digits.isascii() and digits.isdigit()
    rows = await store.search(
        tx,
        query=name_key(query),
        whole_number=tx.vault.digest(digits) if is_number else None,
        after=after,
        limit=request.limit + 1,
    )
    if not rows and after is not None and not await store.may_see(tx, after):
        return Refused(RefusalCode.CURSOR, field="cursor")
    page = rows[: request.limit]
    more = len(rows) > request.limit
    return MemberList(
        members=[views.member_view(row, tx.services.policy, now) for row in page],
        cursor=str(page[-1]["id"]) if more else "",
    )


def _member_of(row: Row | None, policy: Policy, now: datetime) -> MemberView | Refused:
    """One member. Refuses with NOT_FOUND, also for another branch's."""
    return views.member_view(row, policy, now) if row else Refused(RefusalCode.NOT_FOUND)


def _validation_of(row: Row | None, policy: Policy, now: datetime) -> ValidationView | Refused:
    """Whether the member may be paid now, with all reasons. Refuses with NOT_FOUND."""
    return views.validation_view(row, policy, now) if row else Refused(RefusalCode.NOT_FOUND)


get_member = Lookup(store.member_rows_each, _member_of)
validate_member = Lookup(store.member_rows_each, _validation_of)


async def validate_members(
    tx: Transaction, actor: Actor, request: ValidateMembersRequest, now: datetime
) -> ValidateMembersReply | Refused:
    """The same for many codes in one statement, answers in the order asked; unknown codes are refused one by one."""
    wanted = [" ".join(code.split()) for code in request.codes]
    rows = await store.member_rows_by_code(tx, sorted({code_key(code) for code in _storable(wanted)}))
    found = {row["code"]: views.validation_view(row, tx.services.policy, now) for row in rows}
    # Registers of before may hold one code in two writings: then only the exact one names a member.
    keys = Counter(code_key(code) for code in found)
    exact = {code_key(code): code for code in found if keys[code_key(code)] == 1}
    wanted = [code if code in found else exact.get(code_key(code), code) for code in wanted]
    return ValidateMembersReply(
        items=[
            ValidateMembersItem(code=asked, validation=found[code])
            if code in found
            else ValidateMembersItem(code=asked, refused=views.item_refused(_unknown(code)))
            for asked, code in zip(request.codes, wanted, strict=True)
        ]
    )


async def check_account(tx: Transaction, actor: Actor, request: ById, now: datetime) -> CheckAccountReply | Refused:
    """Queue the question for the bank; a question that still waits is answered for both who asked.

    Refuses with NOT_FOUND, ACCOUNT_MISSING.
    """
    payee = (await store.payees(tx, [request.id])).get(request.id)
    if payee is None:
        return Refused(RefusalCode.NOT_FOUND)
    if payee.account is None:
        return Refused(RefusalCode.ACCOUNT_MISSING, field="id")
    waiting = await store.open_check(tx, payee.account.id)
    if waiting is not None:
        return CheckAccountReply(check_id=waiting)
    check_id = tx.services.new_id(now)
    await store.request_check(
        tx,
        check_id=check_id,
        branch_id=payee.branch_id,
        member_id=payee.member_id,
        account_id=payee.account.id,
        by=actor.name,
        now=now,
    )
    detail = {"check": str(check_id), "version": payee.account.version}
    await audit.append(
        tx, actor, payee.branch_id, AuditTag.ACCOUNT_CHECK_REQUESTED, f"member/{payee.member_id}", detail, now
    )
    return CheckAccountReply(check_id=check_id)


def _unknown(code: str) -> Refused:
    return Refused(RefusalCode.MEMBER_UNKNOWN, field="code", params={"member": code})


def _storable(codes: list[str]) -> set[str]:
    return {code for code in codes if not isinstance(clean_text(code, SHORT_TEXT), TextProblem)}


def _cursor(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
