"""A branch's day in which every verb first fails at its very last step, after all its work: nothing of it stays."""

from __future__ import annotations

import asyncio
import base64
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, Literal

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.canonical import digest, set_bytes, sign_off_bytes
from shared.money import Satang
from shared.wire import auth, balances, bank_changes, common, payments, routes, rules, statements, treasury
from shared.wire.approvals import SignCaseRequest
from shared.wire.members import BeginCheckRunsRequest, ListMembersRequest
from shared.wire.table import BY_NAME, VERBS
from tests.bank_changes.cases import png
from tests.conftest import FreshDatabase
from tests.http.shop import stock
from tests.support.api import RunningApi, running_api
from tests.support.client import SignedClient
from tests.support.effects import Effects, changed
from tests.support.papers import empty_statement
from tests.support.world import found_now

# They change no business row, whatever they answer: sessions, tokens of the caller, trials and look-ups by POST.
NO_EFFECT = {"sign_in", "refresh", "sign_out", "mint_operation_token", "validate_members", "try_rule", "retry_intent"}
NO_EFFECT |= {"preview_routes", "preview_intent"}
# Asks about what a bank left in doubt: tests/payments/test_doubt.py has such a bank.
NO_EFFECT |= {"ask_bank_now"}
# Two people agree that a database is behind: tests/restore/test_watch.py has such a database.
NO_EFFECT |= {"propose_restore", "sign_restore"}


@dataclass
class Day:
    """Does each verb twice: first with a disk that is full at its last step, then for good."""

    api: RunningApi
    effects: Effects
    statement: uuid.UUID
    undone: set[str] = field(default_factory=set)

    def do(self, desk: SignedClient, verb: str, request: Any) -> Any:
        before = self.effects.digest()
        self.effects.arm()
        try:
            answer = desk.do(verb, request)
        finally:
            self.effects.disarm()
        if answer.status_code >= 400:
            assert answer.status_code in (500, 503), (verb, answer.text)
            assert changed(before, self.effects.digest()) == [], verb
            self.undone.add(verb)
            return desk.ask(verb, request)
        return msgspec.json.decode(answer.content, type=BY_NAME[verb].reply)

    def sign(self, desk: SignedClient, verb: str, case: Any, decision: Literal["approve", "reject"] = "approve") -> Any:
        """Sign a case that has a sheet with one digest."""
        reason = "" if decision == "approve" else "no"
        signature = desk.sign(sign_off_bytes(decision, case.digest, reason))
        request = SignCaseRequest(
            id=case.id,
            version=case.version,
            decision=decision,
            reason=reason,
            digest=case.digest,
            signature=signature,
        )
        return self.do(desk, verb, request)

    def sign_payments(self, desk: SignedClient, intents: list[uuid.UUID], batch: uuid.UUID | None = None) -> Any:
        """Open the sheets, make the digest from them, sign."""
        opened = self.do(desk, "open_sign_off_sheet", payments.OpenSheetRequest(intents=intents, batch_id=batch))
        sheets = [base64.b64decode(item.sheet) for item in opened.items]
        subject = digest(set_bytes([(digest(sheet), amount_of(sheet)) for sheet in sheets]))
        request = payments.SignOffRequest(
            decision="approve",
            items=[] if batch else [payments.SignItem(id=item.id, version=item.version) for item in opened.items],
            batch_id=batch,
            batch_version=opened.batch_version,
            digest=subject,
            signature=desk.sign(sign_off_bytes("approve", subject, "")),
        )
        return self.do(desk, "sign_off", request)


def amount_of(sheet: bytes) -> Satang:
    """The amount that a sheet shows."""
    text = next(line for line in sheet.decode().splitlines() if line.startswith("amount="))
    return Satang(int(text.removeprefix("amount=").replace(".", "")))


@pytest.fixture
def day(fresh_database: FreshDatabase) -> Iterator[Day]:
    with fresh_database() as url:
        company = found_now(url)
        asyncio.run(stock(company, 6))
        effects = Effects(url)
        with running_api(company) as api:
            yield Day(api, effects, empty_statement(url))
        effects.close()


def test_a_day_in_which_everything_fails_once_after_its_work(day: Day) -> None:
    cashier, manager = day.api.client("cashier.nsn"), day.api.client("manager.nsn")
    treasurer, administrator = day.api.client("treasurer"), day.api.client("administrator")
    ids = [member.id for member in cashier.ask("list_members", ListMembersRequest()).members]
    _people_and_desks(day, administrator)
    _bank_change(day, cashier, manager, treasurer, ids[0])
    _singles(day, cashier, manager, ids[1:4])
    _batches(day, cashier, manager, ids[1:4])
    _head_office(day, cashier, manager, treasurer, administrator, ids[4])
    missing = {verb.name for verb in VERBS if verb.method != "GET"} - NO_EFFECT - day.undone
    assert missing == set()


def _people_and_desks(day: Day, administrator: SignedClient) -> None:
    person = auth.CreateUserRequest(username="clerk.nsn", name="Clerk", branch="NSN", roles=["cashier"])
    made = day.do(administrator, "create_user", person)
    day.do(administrator, "reset_password", auth.ResetPasswordRequest(id=made.user_id))
    code = day.do(administrator, "create_enrolment_code", auth.CreateEnrolmentCodeRequest(branch="NSN")).code
    key = Ed25519PrivateKey.generate()
    newcomer = replace(administrator.person, key=key)
    desk = SignedClient(day.api.base_url, newcomer, administrator.clock)
    public_key = base64.b64encode(key.public_key().public_bytes_raw()).decode()
    try:
        enrolled = day.do(
            desk, "enrol_device", auth.EnrolDeviceRequest(code=code, name="desk 2", public_key=public_key)
        )
    finally:
        desk.close()
    day.do(administrator, "approve_device", common.ById(id=enrolled.id))
    day.do(administrator, "revoke_device", common.ById(id=enrolled.id))


def _bank_change(
    day: Day, cashier: SignedClient, manager: SignedClient, treasurer: SignedClient, member: uuid.UUID
) -> None:
    day.do(cashier, "check_account", common.ById(id=member))
    (run,) = day.do(cashier, "begin_check_runs", BeginCheckRunsRequest()).runs
    day.do(cashier, "cancel_check_run", common.ById(id=run.id))
    details = bank_changes.RequestBankChangeRequest(
        member_id=member,
        account_version=1,
        bank="034",
        account_number="712345678901",
        account_name="นาย สมชาย ใจดี",
        reason="สมุดบัญชีเล่มใหม่",
    )
    first = day.do(cashier, "request_bank_change", details)
    day.do(cashier, "cancel_bank_change", common.ById(id=first.id))
    case = cashier.ask("request_bank_change", details)
    case = day.do(cashier, "add_document", bank_changes.AddDocumentRequest(id=case.id, name="a.png", content=png("a")))
    day.do(cashier, "submit_bank_change", common.ById(id=case.id))
    day.effects.let_the_bank_stay_silent()
    day.do(manager, "check_bank_change", common.ById(id=case.id))
    for desk in (manager, treasurer):
        for document in case.documents:
            look = bank_changes.GetDocumentRequest(id=case.id, sha256=document.sha256)
            assert desk.do("get_document", look).status_code == 200
        sheet = day.do(desk, "open_bank_change_sheet", common.ById(id=case.id))
        shown = SimpleNamespace(id=case.id, version=sheet.version, digest=sheet.digest)
        day.sign(desk, "sign_bank_change", shown)


def _singles(day: Day, cashier: SignedClient, manager: SignedClient, members: list[uuid.UUID]) -> None:
    def submit(member: uuid.UUID, amount: str) -> Any:
        return day.do(
            cashier,
            "submit_intent",
            payments.SubmitIntentRequest(
                branch="NSN", member_id=member, account_version=1, amount=amount, weigh_ticket=f"S-{amount}"
            ),
        )

    made = [submit(member, f"{number}01.00") for number, member in enumerate(members, 1)]
    day.do(cashier, "cancel_intent", payments.CancelIntentRequest(id=made[0].id, version=made[0].version))
    day.sign_payments(manager, [made[1].id, made[2].id])


def _batches(day: Day, cashier: SignedClient, manager: SignedClient, members: list[uuid.UUID]) -> None:
    lines = [
        payments.IntentLine(member_id=member, account_version=1, amount=f"{number}.00", weigh_ticket=f"B-{number}")
        for number, member in enumerate(members, 1)
    ]
    opening = payments.OpenBatchRequest(branch="NSN", count=3, total="6.00")
    unwanted = cashier.ask("open_batch", opening)
    day.do(cashier, "cancel_batch", payments.CancelBatchRequest(id=unwanted.id, version=unwanted.version))
    batch = day.do(cashier, "open_batch", opening)
    day.do(cashier, "add_batch_lines", payments.AddBatchLinesRequest(id=batch.id, first=1, lines=lines))
    day.do(cashier, "close_batch", payments.CloseBatchRequest(id=batch.id, count=3, total="6.00"))
    day.sign_payments(manager, [], batch.id)


def _head_office(
    day: Day,
    cashier: SignedClient,
    manager: SignedClient,
    treasurer: SignedClient,
    administrator: SignedClient,
    member: uuid.UUID,
) -> None:
    wanted = payments.RequestFundingRequest(branch="NSN", amount="500.00", reason="harvest")
    day.sign(treasurer, "sign_funding", day.do(manager, "request_funding", wanted))
    loan = balances.RequestAdvanceRequest(member_id=member, document="SEED-1", amount="900.00")
    day.sign(manager, "sign_advance", day.do(cashier, "request_advance", loan))
    rule = rules.ProposeRuleRequest(
        code="fee", kind="pre_fee", name_th="ค่าโอน", name_en="Fee", expression="500", effective_from="2027-01-01"
    )
    day.sign(treasurer, "sign_rule", day.do(administrator, "propose_rule", rule))
    paid_in = treasury.RecordDepositRequest(
        amount="700.00",
        payer="Bank",
        reason="capital",
        received_on="2026-01-05",
        document_name="a.png",
        document=png("a"),
    )
    first = day.do(administrator, "record_deposit", paid_in)
    day.do(administrator, "cancel_deposit", treasury.CancelDepositRequest(id=first.id, version=first.version))
    again = day.do(administrator, "record_deposit", paid_in)
    assert treasurer.do("get_deposit_document", common.ById(id=again.id)).status_code == 200
    day.sign(treasurer, "sign_deposit", again)
    table = routes.ProposeRoutesRequest(
        effective_from="2099-01-01T00:00:00+07:00",
        reason="files for small payments",
        routes=[
            routes.RouteRow(operation="disbursement", highest="1000.00", channel="scb_file"),
            routes.RouteRow(operation="disbursement", bank="ours", highest="1000.00", channel="internal"),
            routes.RouteRow(operation="withdrawal", highest="1000.00", channel="scb"),
            routes.RouteRow(operation="transfer", highest="1000.00", channel="internal"),
        ],
    )
    proposed = day.do(administrator, "propose_routes", table)
    day.sign(treasurer, "sign_routes", proposed)
    day.do(treasurer, "fetch_statements", common.Nothing())
    day.do(treasurer, "judge_statements_again", common.Nothing())
    wrong = statements.ProposeSetAsideRequest(id=day.statement, reason="another account")
    proposal = day.do(administrator, "propose_set_aside", wrong)
    day.sign(treasurer, "sign_set_aside", proposal)
