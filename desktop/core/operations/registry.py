"""Members and bank changes."""

from __future__ import annotations

from uuid import UUID

from desktop.core.answers import Failure
from desktop.core.client import ApiClient
from shared.wire import balances
from shared.wire import bank_changes as cases
from shared.wire import members as wire
from shared.wire.common import ById, Nothing


async def list_members(client: ApiClient, request: wire.ListMembersRequest) -> wire.MemberList | Failure:
    """Search at the server, which knows more members than the desk."""
    answer: wire.MemberList | Failure = await client.call("list_members", request)
    return answer


async def get_member(client: ApiClient, member: UUID) -> wire.MemberView | Failure:
    """One member as the server has it now."""
    answer: wire.MemberView | Failure = await client.call("get_member", ById(id=member))
    return answer


async def validate_member(client: ApiClient, member: UUID) -> wire.ValidationView | Failure:
    """May this member be paid now."""
    answer: wire.ValidationView | Failure = await client.call("validate_member", ById(id=member))
    return answer


async def validate_members(client: ApiClient, codes: list[str]) -> wire.ValidateMembersReply | Failure:
    """The same for up to 1,000 codes, answered in their order."""
    request = wire.ValidateMembersRequest(codes=codes)
    answer: wire.ValidateMembersReply | Failure = await client.call("validate_members", request)
    return answer


async def check_account(client: ApiClient, member: UUID) -> wire.CheckAccountReply | Failure:
    """Ask the bank for the account's name; the answer comes by sync."""
    answer: wire.CheckAccountReply | Failure = await client.call("check_account", ById(id=member))
    return answer


async def begin_check_runs(client: ApiClient) -> wire.CheckRunList | Failure:
    """Have the bank asked about all accounts that this person may see."""
    answer: wire.CheckRunList | Failure = await client.call("begin_check_runs", wire.BeginCheckRunsRequest())
    return answer


async def list_check_runs(client: ApiClient) -> wire.CheckRunList | Failure:
    """How far the newest runs have come."""
    answer: wire.CheckRunList | Failure = await client.call("list_check_runs", Nothing())
    return answer


async def cancel_check_run(client: ApiClient, run: UUID) -> wire.CheckRunView | Failure:
    """End a run early."""
    answer: wire.CheckRunView | Failure = await client.call("cancel_check_run", ById(id=run))
    return answer


async def member_balance(client: ApiClient, member: UUID) -> balances.MemberBalance | Failure:
    """What a member has with the company, and owes it."""
    answer: balances.MemberBalance | Failure = await client.call("get_member_balance", ById(id=member))
    return answer


async def find_recipient(client: ApiClient, code: str) -> balances.RecipientView | Failure:
    """Whom a transfer would go to."""
    request = balances.FindRecipientRequest(code=code)
    answer: balances.RecipientView | Failure = await client.call("find_recipient", request)
    return answer


async def request_bank_change(
    client: ApiClient, request: cases.RequestBankChangeRequest, key: str
) -> cases.BankChangeView | Failure:
    """Open a case."""
    answer: cases.BankChangeView | Failure = await client.perform("request_bank_change", request, idempotency_key=key)
    return answer


async def add_document(client: ApiClient, case: UUID, name: str, content: bytes) -> cases.BankChangeView | Failure:
    """Attach one document; the same bytes again are the same document."""
    request = cases.AddDocumentRequest(id=case, name=name, content=content)
    answer: cases.BankChangeView | Failure = await client.call("add_document", request)
    return answer


async def submit_bank_change(client: ApiClient, case: UUID) -> cases.BankChangeView | Failure:
    """Send the case to its approvers."""
    answer: cases.BankChangeView | Failure = await client.call("submit_bank_change", ById(id=case))
    return answer


async def check_bank_change(client: ApiClient, case: UUID) -> wire.CheckAccountReply | Failure:
    """Ask the bank once more whose account the case names."""
    answer: wire.CheckAccountReply | Failure = await client.call("check_bank_change", ById(id=case))
    return answer


async def cancel_bank_change(client: ApiClient, case: UUID) -> cases.BankChangeView | Failure:
    """Withdraw one's own case."""
    answer: cases.BankChangeView | Failure = await client.call("cancel_bank_change", ById(id=case))
    return answer


async def get_bank_change(client: ApiClient, case: UUID) -> cases.BankChangeView | Failure:
    """One case as the server has it now."""
    answer: cases.BankChangeView | Failure = await client.call("get_bank_change", ById(id=case))
    return answer


async def list_bank_changes(client: ApiClient, request: cases.ListBankChangesRequest) -> cases.BankChangeList | Failure:
    """Cases, newest first."""
    answer: cases.BankChangeList | Failure = await client.call("list_bank_changes", request)
    return answer


async def get_document(client: ApiClient, case: UUID, sha256: str) -> bytes | Failure:
    """A document's bytes; the look is audited and counts as read."""
    answer: bytes | Failure = await client.call("get_document", cases.GetDocumentRequest(id=case, sha256=sha256))
    return answer


async def open_bank_change_sheet(client: ApiClient, case: UUID) -> cases.BankChangeSheetReply | Failure:
    """The canonical bytes of a case, both accounts in full."""
    answer: cases.BankChangeSheetReply | Failure = await client.call("open_bank_change_sheet", ById(id=case))
    return answer
