"""The verbs of whoever makes a bank change, and of whoever reads one."""

from __future__ import annotations

import hashlib
from datetime import datetime
from uuid import UUID

from cryptography.exceptions import InvalidTag

from server.audit import store as audit
from server.bank_changes import rules, store
from server.bank_changes.documents import DocumentProblem, MediaType, inspect
from server.bank_changes.views import bank_change_view, bank_change_views
from server.context import Actor
from server.database.keys import unsealed
from server.database.transaction import Row, Transaction
from server.members import rules as member_rules
from server.members import store as members
from shared.audit_tags import AuditTag
from shared.banks import AccountNumber, AccountProblem, check_account, payable_banks
from shared.ids import case_number
from shared.lifecycle import BankChangeState, MemberStatus
from shared.limits import LONG_TEXT, SHORT_TEXT
from shared.refusals import RefusalCode, Refused
from shared.text import TextProblem, clean_text
from shared.thai import business_date
from shared.wire.bank_changes import (
    AddDocumentRequest,
    BankChangeList,
    BankChangeView,
    GetDocumentRequest,
    ListBankChangesRequest,
    RequestBankChangeRequest,
)
from shared.wire.common import ById
from shared.wire.members import CheckAccountReply


async def request_bank_change(
    tx: Transaction, actor: Actor, request: RequestBankChangeRequest, now: datetime
) -> BankChangeView | Refused:
    """Open a draft. A case whose time has passed gives way; any other open case of the member refuses.

    Refuses with MEMBER_UNKNOWN, MEMBER_NOT_ACTIVE (closed), MEMBER_CHANGED, ACCOUNT_INVALID, ACCOUNT_SAME, CASE_OPEN,
    INVALID (a text).
    """
    member = await members.lock_member(tx, request.member_id)
    if member is None:
        return Refused(RefusalCode.MEMBER_UNKNOWN, field="member_id", params={"member": str(request.member_id)})
    texts = _texts(request)
    if isinstance(texts, Refused):
        return texts
    name, reason = texts
    number = _checked_number(tx, request)
    if isinstance(number, Refused):
        return number
    refusal = member_refusal(member, request.account_version) or _same_refusal(tx, member, request, number, name)
    if refusal:
        return refusal
    waiting = await store.open_case(tx, request.member_id)
    if waiting and waiting["expires_at"] > now:
        return Refused(RefusalCode.CASE_OPEN, field="member_id", params={"number": waiting["number"]})
    if waiting:
        await store.change(tx, waiting["id"], lapsed_state(waiting), now)
    case_id = tx.services.new_id(now)
    day = business_date(now)
    await store.insert(
        tx,
        case_id=case_id,
        branch_id=member.branch_id,
        number=case_number(day.year, day.month, await store.next_number(tx)),
        member_id=member.member_id,
        old_version=request.account_version,
        bank=request.bank,
        number_cipher=tx.vault.encrypt_text(number),
        number_digest=tx.vault.digest(number),
        last4=number[-4:],
        account_name=name,
        reason=reason,
        maker_id=actor.user,
        now=now,
        expires_at=now + tx.services.policy.approval_life,
    )
    view = await bank_change_view(tx, case_id)
    detail = {"member": str(member.member_id), "old_version": request.account_version, "to": view.state}
    if waiting:
        detail["gave_way"] = str(waiting["id"])
    await _audit(tx, actor, member.branch_id, AuditTag.REQUEST_BANK_CHANGE, case_id, detail, now)
    return view


async def add_document(
    tx: Transaction, actor: Actor, request: AddDocumentRequest, now: datetime
) -> BankChangeView | Refused:
    """Attach one file to one's own draft; the same file again changes nothing.

    Refuses with NOT_FOUND, FORBIDDEN (another's case), STATE, DOCUMENT_INVALID.
    """
    found = await _own_draft(tx, actor, request.id)
    if isinstance(found, Refused):
        return found
    kind = inspect(request.content)
    name = clean_text(request.name, SHORT_TEXT)
    present = await store.document_digests(tx, request.id)
    sha256 = hashlib.sha256(request.content).hexdigest()
    if sha256 in present:
        return await bank_change_view(tx, request.id)
    if isinstance(name, TextProblem):
        return _document_refusal(DocumentProblem.NAME, "name")
    if not isinstance(kind, MediaType):
        return _document_refusal(kind, "content")
    if len(present) >= rules.MAX_DOCUMENTS:
        return _document_refusal(DocumentProblem.TOO_MANY, "content")
    await store.insert_document(
        tx,
        case=found,
        sha256=sha256,
        name=name,
        media_type=kind,
        content=request.content,
        user_id=actor.user,
        now=now,
    )
    await store.change(tx, request.id, found["state"], now)
    view = await bank_change_view(tx, request.id)
    detail = {"sha256": sha256, "used_elsewhere": any(d.used_elsewhere for d in view.documents if d.sha256 == sha256)}
    await _audit(tx, actor, found["branch_id"], AuditTag.ADD_DOCUMENT, request.id, detail, now)
    return view


async def submit_bank_change(tx: Transaction, actor: Actor, request: ById, now: datetime) -> BankChangeView | Refused:
    """Send one's own draft to its approvers, and ask the bank whose account it is, so that they see its answer.

    Refuses with NOT_FOUND, FORBIDDEN, STATE, EXPIRED, DOCUMENTS_NEEDED, CASE_ALTERED.
    """
    found = await _own_draft(tx, actor, request.id)
    if isinstance(found, Refused):
        return found
    if now >= found["expires_at"]:
        return Refused(RefusalCode.EXPIRED)
    if not await store.document_digests(tx, request.id):
        return Refused(RefusalCode.DOCUMENTS_NEEDED)
    if await altered_document(tx, request.id):
        return Refused(RefusalCode.CASE_ALTERED)
    await _ask_bank(tx, actor, found, now)
    return await _move(tx, actor, found, BankChangeState.REQUESTED, AuditTag.SUBMIT_BANK_CHANGE, now)


async def cancel_bank_change(tx: Transaction, actor: Actor, request: ById, now: datetime) -> BankChangeView | Refused:
    """Withdraw one's own case before it is decided. Refuses with NOT_FOUND, FORBIDDEN, STATE."""
    found = await _own_case(tx, actor, request.id, BankChangeState.DRAFT, BankChangeState.REQUESTED)
    if isinstance(found, Refused):
        return found
    return await _move(tx, actor, found, BankChangeState.CANCELLED, AuditTag.CANCEL_BANK_CHANGE, now)


async def check_bank_change(tx: Transaction, actor: Actor, request: ById, now: datetime) -> CheckAccountReply | Refused:
    """Ask the bank once more whose account the case names; one question at a time. Refuses with NOT_FOUND, STATE."""
    case = await store.lock(tx, request.id)
    if case is None:
        return Refused(RefusalCode.NOT_FOUND)
    refusal = rules.state_refusal(case["state"], BankChangeState.REQUESTED)
    if refusal is not None:
        return refusal
    waiting = await members.open_case_check(tx, request.id)
    if waiting is not None:
        return CheckAccountReply(check_id=waiting)
    check_id = await _ask_bank(tx, actor, case, now)
    await store.change(tx, request.id, case["state"], now)
    await _audit(
        tx, actor, case["branch_id"], AuditTag.ACCOUNT_CHECK_REQUESTED, request.id, {"check": str(check_id)}, now
    )
    return CheckAccountReply(check_id=check_id)


async def list_bank_changes(
    tx: Transaction, actor: Actor, request: ListBankChangesRequest, now: datetime
) -> BankChangeList | Refused:
    """Cases, newest first, of one state or of all. Refuses with INVALID (no such state), CURSOR."""
    if request.state and request.state not in set(BankChangeState):
        return Refused(RefusalCode.INVALID, field="state", params={"problem": "unknown"})
    after = _cursor(request.cursor)
    if request.cursor and (after is None or await store.member_of(tx, after) is None):
        return Refused(RefusalCode.CURSOR, field="cursor")
    ids = await store.page(tx, state=request.state, after=after, limit=request.limit + 1)
    shown = ids[: request.limit]
    return BankChangeList(
        bank_changes=await bank_change_views(tx, shown), cursor=str(shown[-1]) if len(ids) > len(shown) else ""
    )


async def get_bank_change(tx: Transaction, actor: Actor, request: ById, now: datetime) -> BankChangeView | Refused:
    """One case. Refuses with NOT_FOUND."""
    found = await bank_change_views(tx, [request.id])
    return found[0] if found else Refused(RefusalCode.NOT_FOUND)


async def get_document(tx: Transaction, actor: Actor, request: GetDocumentRequest, now: datetime) -> bytes | Refused:
    """A document's bytes; the look is recorded, and without it nobody approves.

    Refuses with NOT_FOUND, and with CASE_ALTERED when what is stored is not what was handed in.
    """
    found = await store.document(tx, request.id, request.sha256)
    if found is None:
        return Refused(RefusalCode.NOT_FOUND)
    content = await _intact(tx, found["content_cipher"], request.sha256)
    if content is None:
        return Refused(RefusalCode.CASE_ALTERED)
    await store.record_look(
        tx, case_id=request.id, sha256=request.sha256, branch_id=found["branch_id"], user_id=actor.user, now=now
    )
    await _audit(tx, actor, found["branch_id"], AuditTag.VIEW_DOCUMENT, request.id, {"sha256": request.sha256}, now)
    return content


async def altered_document(tx: Transaction, case_id: UUID) -> bool:
    """Whether a document of the case is not, byte for byte, what its digest says; one at a time, for they are large."""
    for sha256 in await store.document_digests(tx, case_id):
        found = await store.document(tx, case_id, sha256)
        if found is None or await _intact(tx, found["content_cipher"], sha256) is None:
            return True
    return False


async def _intact(tx: Transaction, cipher: bytes, sha256: str) -> bytes | None:
    """The content, or None when it does not decrypt or is another one: somebody wrote past the program."""
    try:
        content = await unsealed(tx, cipher)
    except InvalidTag:
        return None
    return content if hashlib.sha256(content).hexdigest() == sha256 else None


async def _ask_bank(tx: Transaction, actor: Actor, case: Row, now: datetime) -> UUID:
    check_id = tx.services.new_id(now)
    await members.request_check(
        tx,
        check_id=check_id,
        branch_id=case["branch_id"],
        member_id=case["member_id"],
        account_id=None,
        case_id=case["id"],
        by=actor.name,
        now=now,
    )
    return check_id


def member_refusal(member: member_rules.Payee, account_version: int) -> Refused | None:
    """Why this member's bank details can't change: a closed membership, or another version than was seen."""
    if member.status == MemberStatus.CLOSED:
        return Refused(RefusalCode.MEMBER_NOT_ACTIVE, field="member_id", params={"status": member.status})
    return member_rules.version_refusal(member, account_version)


def lapsed_state(case: Row) -> BankChangeState:
    """How an open case ends when its time has passed."""
    return BankChangeState.CANCELLED if case["state"] == BankChangeState.DRAFT else BankChangeState.EXPIRED


def _texts(request: RequestBankChangeRequest) -> tuple[str, str] | Refused:
    name, reason = clean_text(request.account_name, SHORT_TEXT), clean_text(request.reason, LONG_TEXT)
    for field, text in (("account_name", name), ("reason", reason)):
        if isinstance(text, TextProblem):
            return Refused(RefusalCode.INVALID, field=field, params={"problem": text})
    return name, reason


def _checked_number(tx: Transaction, request: RequestBankChangeRequest) -> AccountNumber | Refused:
    if request.bank not in payable_banks():
        return Refused(RefusalCode.ACCOUNT_INVALID, field="bank", params={"problem": AccountProblem.UNKNOWN_BANK})
    number = check_account(request.bank, request.account_number, production=tx.services.policy.production_accounts)
    if isinstance(number, AccountProblem):
        return Refused(RefusalCode.ACCOUNT_INVALID, field="account_number", params={"problem": number})
    return number


def _same_refusal(
    tx: Transaction, member: member_rules.Payee, request: RequestBankChangeRequest, number: str, name: str
) -> Refused | None:
    # A corrected name is a change: it decides what the bank's answer is compared with.
    account = member.account
    if account and (account.bank, account.number_digest, account.name) == (
        request.bank,
        tx.vault.digest(number),
        name,
    ):
        return Refused(RefusalCode.ACCOUNT_SAME, field="account_number")
    return None


def _document_refusal(problem: DocumentProblem, field: str) -> Refused:
    return Refused(RefusalCode.DOCUMENT_INVALID, field=field, params={"problem": problem})


async def _own_draft(tx: Transaction, actor: Actor, case_id: UUID) -> Row | Refused:
    return await _own_case(tx, actor, case_id, BankChangeState.DRAFT)


async def _own_case(tx: Transaction, actor: Actor, case_id: UUID, *legal: BankChangeState) -> Row | Refused:
    case = await store.lock(tx, case_id)
    if case is None:
        return Refused(RefusalCode.NOT_FOUND)
    return rules.maker_refusal(case["maker_id"], actor.user) or rules.state_refusal(case["state"], *legal) or case


async def _move(
    tx: Transaction, actor: Actor, case: Row, state: BankChangeState, tag: AuditTag, now: datetime
) -> BankChangeView:
    await store.change(tx, case["id"], state, now)
    view = await bank_change_view(tx, case["id"])
    await _audit(tx, actor, case["branch_id"], tag, case["id"], {"from": case["state"], "to": state.value}, now)
    return view


async def _audit(
    tx: Transaction,
    actor: Actor,
    branch_id: int,
    tag: AuditTag,
    case_id: UUID,
    detail: dict[str, object],
    now: datetime,
) -> None:
    await audit.append(tx, actor, branch_id, tag, f"bank_change/{case_id}", detail, now)


def _cursor(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
