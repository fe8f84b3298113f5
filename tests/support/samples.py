"""A well-formed request of each verb that wants an operation token, about things that don't exist."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from shared.wire import auth, balances, common, payments, restores, routes, rules, statements, treasury
from shared.wire.approvals import SignCaseRequest
from shared.wire.table import VERBS, Challenge

_ID = UUID("0192f0c2-0000-7000-8000-000000000001")
_DIGEST, _SIGNATURE = "0" * 64, "A" * 86 + "=="

CHALLENGED: dict[str, Any] = {
    "approve_device": common.ById(id=_ID),
    "create_user": auth.CreateUserRequest(username="new.person", name="New", branch="NSN", roles=["cashier"]),
    "reset_password": auth.ResetPasswordRequest(id=_ID),
    "sign_bank_change": SignCaseRequest(id=_ID, version=1, decision="approve", digest=_DIGEST, signature=_SIGNATURE),
    "submit_intent": payments.SubmitIntentRequest(branch="NSN", member_id=_ID, account_version=1, amount="100.00"),
    "cancel_intent": payments.CancelIntentRequest(id=_ID, version=1),
    "close_batch": payments.CloseBatchRequest(id=_ID, count=1, total="100.00"),
    "cancel_batch": payments.CancelBatchRequest(id=_ID, version=1),
    "sign_off": payments.SignOffRequest(
        decision="approve", batch_id=_ID, batch_version=1, digest=_DIGEST, signature=_SIGNATURE
    ),
    "request_funding": payments.RequestFundingRequest(branch="NSN", amount="5000.00", reason="harvest"),
    "sign_funding": SignCaseRequest(id=_ID, version=1, decision="approve", digest=_DIGEST, signature=_SIGNATURE),
    "record_deposit": treasury.RecordDepositRequest(
        amount="5000.00", payer="Head office", reason="-", received_on="2026-01-05", statement_line_id=_ID
    ),
    "cancel_deposit": treasury.CancelDepositRequest(id=_ID, version=1),
    "sign_deposit": SignCaseRequest(id=_ID, version=1, decision="approve", digest=_DIGEST, signature=_SIGNATURE),
    "propose_set_aside": statements.ProposeSetAsideRequest(id=_ID, reason="-"),
    "sign_set_aside": SignCaseRequest(id=_ID, version=1, decision="approve", digest=_DIGEST, signature=_SIGNATURE),
    "propose_restore": restores.ProposeRestoreRequest(report=_DIGEST, reason="-"),
    "sign_restore": SignCaseRequest(id=_ID, version=1, decision="approve", digest=_DIGEST, signature=_SIGNATURE),
    "request_advance": balances.RequestAdvanceRequest(member_id=_ID, document="SEED-1", amount="900.00"),
    "sign_advance": SignCaseRequest(id=_ID, version=1, decision="approve", digest=_DIGEST, signature=_SIGNATURE),
    "propose_rule": rules.ProposeRuleRequest(
        code="fee", kind="pre_fee", name_th="ค่าโอน", name_en="Fee", expression="500", effective_from="2099-01-01"
    ),
    "sign_rule": SignCaseRequest(id=_ID, version=1, decision="approve", digest=_DIGEST, signature=_SIGNATURE),
    "propose_routes": routes.ProposeRoutesRequest(
        effective_from="2099-01-01T00:00:00+07:00",
        reason="-",
        routes=[routes.RouteRow(operation="disbursement", highest="1.00", channel="scb")],
    ),
    "sign_routes": SignCaseRequest(id=_ID, version=1, decision="approve", digest=_DIGEST, signature=_SIGNATURE),
}

WHO_MAY = {
    "approve_device": "administrator",
    "create_user": "administrator",
    "reset_password": "administrator",
    "sign_bank_change": "manager.nsn",
    "submit_intent": "cashier.nsn",
    "cancel_intent": "cashier.nsn",
    "close_batch": "cashier.nsn",
    "cancel_batch": "cashier.nsn",
    "sign_off": "manager.nsn",
    "request_funding": "manager.nsn",
    "sign_funding": "treasurer",
    "record_deposit": "administrator",
    "cancel_deposit": "administrator",
    "sign_deposit": "treasurer",
    "propose_set_aside": "administrator",
    "sign_set_aside": "treasurer",
    "propose_restore": "administrator",
    "sign_restore": "treasurer",
    "request_advance": "cashier.nsn",
    "sign_advance": "manager.nsn",
    "propose_rule": "administrator",
    "sign_rule": "treasurer",
    "propose_routes": "administrator",
    "sign_routes": "treasurer",
}


def challenged_verbs() -> list[str]:
    """Every verb of the table that wants an operation token."""
    return [verb.name for verb in VERBS if verb.challenge is not Challenge.NONE]
