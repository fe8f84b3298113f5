-- Row-level security, forced on every tenant table, and what each role may do. Where a grant is missing, the answer is no.

do $$
declare tenant text;
begin
  foreach tenant in array array['audit_head', 'audit_entry', 'app_user', 'user_role', 'device', 'enrolment_code', 'refresh_token',
      'operation_token', 'used_code', 'idempotency_key', 'ledger_account', 'ledger_transfer', 'ledger_entry', 'ledger_hold', 'member',
      'bank_change', 'document', 'document_view', 'bank_change_sign_off', 'bank_account', 'account_check', 'batch', 'intent',
      'intent_event', 'sign_off', 'sign_off_item', 'attempt', 'funding', 'funding_sign_off', 'statement_line', 'reconciliation',
      'change_feed'] loop
    execute format('alter table sheaf.%I enable row level security, force row level security', tenant);
    execute format('create policy branch on sheaf.%I using (branch_id = any ((select sheaf.branches())::int[]))
                    with check (branch_id = any ((select sheaf.branches())::int[]))', tenant);
    execute format('create policy everywhere on sheaf.%I to sheaf_everywhere using (true) with check (true)', tenant);
  end loop;
end $$;

-- The company's own statements: every branch may know that they came; their lines are the tenant's.
do $$
declare common text;
begin
  foreach common in array array['statement_fetch', 'statement_file', 'statement'] loop
    execute format('alter table sheaf.%I enable row level security, force row level security', common);
    execute format('create policy branch on sheaf.%I using (cardinality((select sheaf.branches())) > 0)
                    with check (branch_id = any ((select sheaf.branches())::int[]))', common);
  end loop;
end $$;
alter table sheaf.branch enable row level security, force row level security;
create policy branch on sheaf.branch using (id = any ((select sheaf.branches())::int[]));
create policy everywhere on sheaf.branch to sheaf_everywhere using (true) with check (true);

grant usage on schema sheaf to sheaf_api, sheaf_executor, sheaf_statements, sheaf_auditor, sheaf_everywhere;
grant select on sheaf.branch, sheaf.change_feed, sheaf.intent to sheaf_everywhere;
grant select (id, name) on sheaf.app_user to sheaf_everywhere;
grant select on sheaf.lifecycle_edges, sheaf.lifecycle_initial to public;

-- The API: reads business rows, writes through the states; balances, holds, chains and feed move by trigger only.
grant select on all tables in schema sheaf to sheaf_api;
revoke select on sheaf.callback_inbox, sheaf.sign_in_attempt, sheaf.refusal_log, sheaf.executor from sheaf_api;
grant insert on sheaf.app_user, sheaf.user_role, sheaf.device, sheaf.enrolment_code, sheaf.refresh_token, sheaf.operation_token,
  sheaf.used_code, sheaf.revocation, sheaf.idempotency_key, sheaf.ledger_transfer, sheaf.ledger_entry,
  sheaf.bank_change, sheaf.document, sheaf.document_view, sheaf.bank_change_sign_off,
  sheaf.batch, sheaf.intent, sheaf.intent_event, sheaf.sign_off, sheaf.sign_off_item, sheaf.funding, sheaf.funding_sign_off,
  sheaf.statement_fetch, sheaf.callback_inbox, sheaf.sign_in_attempt, sheaf.refusal_log, sheaf.bank_account to sheaf_api;
-- the API asks; only the executor answers
grant insert (id, branch_id, member_id, bank_account_id, state, requested_at, requested_by) on sheaf.account_check to sheaf_api;
grant select on sheaf.sign_in_attempt to sheaf_api;
grant update (password_hash, totp_secret, enabled, wrong_codes, locked_until, version) on sheaf.app_user to sheaf_api;
grant update (state, approved_by, version) on sheaf.device to sheaf_api;
grant update (used_at) on sheaf.enrolment_code, sheaf.operation_token to sheaf_api;
grant update (used_at, revoked_at) on sheaf.refresh_token to sheaf_api;
grant update (status, reply) on sheaf.idempotency_key to sheaf_api;
grant update (state, changed_at, version) on sheaf.bank_change, sheaf.funding to sheaf_api;
-- a new effective account is a new version of its member; the right to update is also what lets a payment lock the row
grant update (version, changed_at) on sheaf.member to sheaf_api;
grant update (state, quorum, hold_id, changed_at, expires_at, version) on sheaf.intent, sheaf.batch to sheaf_api;
grant update (failure_code, failure_text) on sheaf.intent to sheaf_api, sheaf_statements;

-- The executor: sends, settles, expires, answers account checks.
grant select on sheaf.branch, sheaf.member, sheaf.bank_account, sheaf.account_check, sheaf.batch, sheaf.intent, sheaf.intent_event,
  sheaf.sign_off, sheaf.sign_off_item, sheaf.attempt, sheaf.executor, sheaf.device, sheaf.user_role, sheaf.ledger_account,
  sheaf.ledger_transfer, sheaf.ledger_entry, sheaf.ledger_hold, sheaf.audit_head, sheaf.callback_inbox, sheaf.bank_change,
  sheaf.funding to sheaf_executor;
grant select (id, branch_id, username, name, enabled) on sheaf.app_user to sheaf_executor;
grant insert on sheaf.attempt, sheaf.executor, sheaf.intent_event, sheaf.ledger_transfer, sheaf.ledger_entry to sheaf_executor;
grant update (state, failure_code, failure_text, changed_at, version) on sheaf.intent to sheaf_executor;
grant update (state, changed_at, version) on sheaf.batch, sheaf.bank_change, sheaf.funding to sheaf_executor;
grant update (state, executor_id, token, payee_name, evidence, confirming_at, ended_at, inquiries, inquire_at) on sheaf.attempt
  to sheaf_executor;
grant update (state, checked_at, bank_name, account_status, match) on sheaf.account_check to sheaf_executor;
grant update (outcome, reference, transaction_id) on sheaf.callback_inbox to sheaf_executor;

-- The statements worker: imports, reconciles, returns.
grant select on sheaf.branch, sheaf.intent, sheaf.attempt, sheaf.statement, sheaf.statement_line,
  sheaf.reconciliation, sheaf.statement_fetch, sheaf.statement_file, sheaf.ledger_account to sheaf_statements;
grant insert on sheaf.statement, sheaf.statement_file, sheaf.statement_line, sheaf.reconciliation, sheaf.intent_event,
  sheaf.ledger_transfer, sheaf.ledger_entry, sheaf.statement_fetch to sheaf_statements;
-- what a returned payment owes its member; an account is born empty
grant insert (id, branch_id, name, purpose, member_id, currency, minimum) on sheaf.ledger_account to sheaf_statements;
grant update (state, failure_code, failure_text, changed_at, version) on sheaf.intent to sheaf_statements;
grant update (state, finished_at, files, lines, matched, problem) on sheaf.statement_fetch to sheaf_statements;
grant update (outcome, problem, changed_at) on sheaf.statement_file to sheaf_statements;
grant update (statement_line_id, result, amount_expected, amount_found, reason, date, at) on sheaf.reconciliation
  to sheaf_statements;

-- The auditor reads all but secrets.
grant select on sheaf.branch, sheaf.audit_head, sheaf.audit_entry, sheaf.audit_anchor, sheaf.member, sheaf.intent, sheaf.intent_event,
  sheaf.batch, sheaf.sign_off, sheaf.sign_off_item, sheaf.attempt, sheaf.bank_change, sheaf.bank_change_sign_off, sheaf.funding,
  sheaf.funding_sign_off, sheaf.ledger_account, sheaf.ledger_transfer, sheaf.ledger_entry, sheaf.ledger_hold, sheaf.statement,
  sheaf.statement_line, sheaf.reconciliation, sheaf.device, sheaf.user_role, sheaf.refusal_log, sheaf.sign_in_attempt to sheaf_auditor;
grant select (id, branch_id, username, name, enabled) on sheaf.app_user to sheaf_auditor;

grant usage on sequence sheaf.voucher_numbers, sheaf.batch_numbers, sheaf.case_numbers, sheaf.funding_numbers to sheaf_api;
revoke execute on function sheaf.lock_available(uuid), sheaf.append_audit(int, timestamptz, text, uuid, text, text, text), sheaf.anchor_audit(timestamptz) from public;
grant execute on function sheaf.append_audit(int, timestamptz, text, uuid, text, text, text) to sheaf_api, sheaf_executor, sheaf_statements;
grant execute on function sheaf.lock_available(uuid) to sheaf_api;
grant execute on function sheaf.anchor_audit(timestamptz) to sheaf_executor;
