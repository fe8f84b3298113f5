-- Whose rows they are and who may do what; where a grant is missing, the answer is no.
-- Only executors send, and say what came of it.

call sheaf.belongs_to_branch('attempt');
call sheaf.walks('attempt', 'attempt');

grant select on sheaf.attempt to sheaf_api, sheaf_auditor, sheaf_everywhere, sheaf_executor, sheaf_statements;
grant insert, update (confirming_at, ended_at, evidence, executor_id, flagged_at, id, inquire_at, inquiries, mismatched_at,
  payee_name, payer_digest, prepared_at, spent, state, taken_at, token, told) on sheaf.attempt to sheaf_executor;
grant select on sheaf.executor to sheaf_api, sheaf_executor;
grant select (beat_at, id) on sheaf.executor to sheaf_auditor;
grant insert, update (beat_at) on sheaf.executor to sheaf_executor;
grant select (at, id, outcome, reference, transaction_id), insert on sheaf.callback_inbox to sheaf_api;
grant select (at, outcome) on sheaf.callback_inbox to sheaf_everywhere;
grant select, update (outcome, reference, transaction_id) on sheaf.callback_inbox to sheaf_executor;
