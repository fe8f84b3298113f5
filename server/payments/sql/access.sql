-- Whose rows they are and who may do what; where a grant is missing, the answer is no.
-- The API submits and signs; the executor sends, settles and expires; the statements worker says what the bank's statements
-- prove. Balances, holds, chains and the feed move by trigger only.

call sheaf.belongs_to_branch('batch', 'intent', 'intent_event', 'sign_off_item', 'attempt');
call sheaf.never_changes('intent_event', 'sign_off_item', 'payment_route');
call sheaf.walks('batch', 'batch');
call sheaf.tells_desks('batch', 'batch', 'id', updates => true);
call sheaf.tells_desks('intent', 'intent', 'id', updates => true);
call sheaf.tells_desks('sign_off_item', 'intent', 'intent_id');
call sheaf.walks('route_table', 'route_table');
call sheaf.walks('attempt', 'attempt');

grant select on sheaf.batch, sheaf.intent_event, sheaf.sign_off_item
  to sheaf_api, sheaf_auditor, sheaf_everywhere, sheaf_executor;
grant insert, update (changed_at, expires_at, hold_id, quorum, state, version) on sheaf.batch to sheaf_api;
grant update (changed_at, state, version) on sheaf.batch to sheaf_executor;
grant select on sheaf.intent, sheaf.attempt to sheaf_api, sheaf_auditor, sheaf_everywhere, sheaf_executor, sheaf_statements;
grant insert, update (changed_at, expires_at, failure_code, failure_text, hold_id, quorum, state, version) on sheaf.intent
  to sheaf_api;
grant update (changed_at, failure_code, failure_text, state, version) on sheaf.intent to sheaf_executor, sheaf_statements;
grant insert on sheaf.intent_event to sheaf_api, sheaf_executor, sheaf_statements;
grant insert on sheaf.sign_off_item, sheaf.payment_route to sheaf_api;
grant select on sheaf.route_table, sheaf.payment_route, sheaf.channel_state to sheaf_api, sheaf_auditor, sheaf_executor;
grant select on sheaf.route_table to sheaf_everywhere;
grant insert, update (changed_at, state, version) on sheaf.route_table to sheaf_api;
grant select on sheaf.executor to sheaf_api, sheaf_executor;
grant select (beat_at, id) on sheaf.executor to sheaf_auditor;
grant insert, update (beat_at) on sheaf.executor to sheaf_executor;
grant insert, update (reason, since, state, told) on sheaf.channel_state to sheaf_executor;
grant insert, update (confirming_at, ended_at, evidence, executor_id, flagged_at, id, inquire_at, inquiries, mismatched_at,
  payee_name, payer_digest, prepared_at, spent, state, taken_at, token, told) on sheaf.attempt
  to sheaf_executor;
grant select (at, id, outcome, reference, transaction_id), insert on sheaf.callback_inbox to sheaf_api;
grant select (at, outcome) on sheaf.callback_inbox to sheaf_everywhere;
grant select, update (outcome, reference, transaction_id) on sheaf.callback_inbox to sheaf_executor;
grant usage on sequence sheaf.voucher_numbers, sheaf.batch_numbers to sheaf_api;
grant execute on function sheaf.is_living to public;
