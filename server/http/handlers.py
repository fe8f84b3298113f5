"""What answers which verb: one line for each, named explicitly so that a missing one is seen."""

from __future__ import annotations

from typing import Any

from server.audit import verbs as audit
from server.bank_changes import sign_verbs as bank_change_signing
from server.bank_changes import verbs as bank_changes
from server.batches import verbs as batches
from server.company_rules import verbs as rules
from server.executing import doubt_verbs as doubt
from server.handling import Group, Handler, Lookup
from server.http.health import get_health
from server.http.running import OfWorker
from server.identity import verbs as identity
from server.members import check_run_verbs as check_runs
from server.members import verbs as members
from server.payments import verbs as payments
from server.reconciliation import verbs as reconciliation
from server.reports import verbs as reports
from server.restore import verbs as restores
from server.routing import verbs as routes
from server.sign_offs import verbs as sign_offs
from server.statements import set_aside_verbs as set_asides
from server.statements import verbs as statements
from server.sync import verbs as sync
from server.treasury import advance_verbs as advances
from server.treasury import balance_verbs as balances
from server.treasury import funding_verbs as funding
from server.treasury import sign_verbs as deposit_signing
from server.treasury import verbs as treasury

HANDLERS: dict[str, Handler | Lookup[Any] | Group[Any] | OfWorker] = {
    "sign_in": identity.sign_in,
    "refresh": identity.refresh,
    "sign_out": identity.sign_out,
    "mint_operation_token": identity.mint_operation_token,
    "create_enrolment_code": identity.create_enrolment_code,
    "enrol_device": identity.enrol_device,
    "list_devices": identity.list_devices,
    "approve_device": identity.approve_device,
    "revoke_device": identity.revoke_device,
    "list_users": identity.list_users,
    "create_user": identity.create_user,
    "reset_password": identity.reset_password,
    "list_members": members.list_members,
    "get_member": members.get_member,
    "validate_member": members.validate_member,
    "validate_members": members.validate_members,
    "check_account": members.check_account,
    "begin_check_runs": check_runs.begin_check_runs,
    "list_check_runs": check_runs.list_check_runs,
    "cancel_check_run": check_runs.cancel_check_run,
    "request_bank_change": bank_changes.request_bank_change,
    "add_document": bank_changes.add_document,
    "submit_bank_change": bank_changes.submit_bank_change,
    "check_bank_change": bank_changes.check_bank_change,
    "cancel_bank_change": bank_changes.cancel_bank_change,
    "list_bank_changes": bank_changes.list_bank_changes,
    "get_bank_change": bank_changes.get_bank_change,
    "get_document": bank_changes.get_document,
    "open_bank_change_sheet": bank_change_signing.open_bank_change_sheet,
    "sign_bank_change": bank_change_signing.sign_bank_change,
    "submit_intent": payments.submit_intent,
    "preview_intent": payments.preview_intent,
    "list_intents": payments.list_intents,
    "get_intent": payments.get_intent,
    "cancel_intent": payments.cancel_intent,
    "list_in_doubt": doubt.list_in_doubt,
    "ask_bank_now": doubt.ask_bank_now,
    "retry_intent": doubt.retry_intent,
    "open_batch": batches.open_batch,
    "add_batch_lines": batches.add_batch_lines,
    "close_batch": batches.close_batch,
    "cancel_batch": batches.cancel_batch,
    "list_batches": batches.list_batches,
    "get_batch": batches.get_batch,
    "open_sign_off_sheet": sign_offs.open_sign_off_sheet,
    "sign_off": sign_offs.sign_off,
    "get_member_balance": balances.get_member_balance,
    "list_member_entries": balances.list_member_entries,
    "find_recipient": balances.find_recipient,
    "request_advance": advances.request_advance,
    "list_advances": advances.list_advances,
    "sign_advance": advances.sign_advance,
    "request_funding": funding.request_funding,
    "list_funding": funding.list_funding,
    "sign_funding": funding.sign_funding,
    "record_deposit": treasury.record_deposit,
    "list_deposits": treasury.list_deposits,
    "get_deposit_document": treasury.get_deposit_document,
    "cancel_deposit": treasury.cancel_deposit,
    "sign_deposit": deposit_signing.sign_deposit,
    "get_treasury": treasury.get_treasury,
    "list_routes": routes.list_routes,
    "preview_routes": routes.preview_routes,
    "propose_routes": routes.propose_routes,
    "sign_routes": routes.sign_routes,
    "propose_rule": rules.propose_rule,
    "list_rules": rules.list_rules,
    "sign_rule": rules.sign_rule,
    "try_rule": rules.try_rule,
    "fetch_statements": statements.fetch_statements,
    "get_fetch": statements.get_fetch,
    "list_statements": statements.list_statements,
    "list_statement_files": statements.list_statement_files,
    "judge_statements_again": statements.judge_statements_again,
    "list_set_asides": set_asides.list_set_asides,
    "propose_set_aside": set_asides.propose_set_aside,
    "sign_set_aside": set_asides.sign_set_aside,
    "list_restores": restores.list_restores,
    "propose_restore": restores.propose_restore,
    "sign_restore": restores.sign_restore,
    "get_statement": statements.get_statement,
    "list_reconciliation": reconciliation.list_reconciliation,
    "get_liquidity": reports.get_liquidity,
    "get_dashboard": reports.get_dashboard,
    "sync": sync.sync,
    "list_audit": audit.list_audit,
    "get_health": get_health,
}
