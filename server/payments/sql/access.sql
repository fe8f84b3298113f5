-- Whose rows they are and who may do what; where a grant is missing, the answer is no.
-- The API submits; the executor sends, settles and expires; the statements worker says what the bank's statements prove.
-- Balances, holds, chains and the feed move by trigger only.

call sheaf.belongs_to_branch('intent', 'intent_event');
call sheaf.never_changes('intent_event');
call sheaf.tells_desks('intent', 'intent', 'id', updates => true);

grant select on sheaf.intent to sheaf_api, sheaf_auditor, sheaf_everywhere, sheaf_executor, sheaf_statements;
grant insert, update (changed_at, expires_at, failure_code, failure_text, hold_id, quorum, state, version) on sheaf.intent
  to sheaf_api;
grant update (changed_at, failure_code, failure_text, state, version) on sheaf.intent to sheaf_executor, sheaf_statements;
grant select on sheaf.intent_event to sheaf_api, sheaf_auditor, sheaf_everywhere, sheaf_executor;
grant insert on sheaf.intent_event to sheaf_api, sheaf_executor, sheaf_statements;
grant usage on sequence sheaf.voucher_numbers to sheaf_api;
grant execute on function sheaf.is_living to public;
