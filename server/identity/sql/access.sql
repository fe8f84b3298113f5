-- Whose rows they are and who may do what; where a grant is missing, the answer is no.
-- People, desks and sessions: a branch's own. Limits and journals belong to nobody.

alter table sheaf.branch enable row level security, force row level security;
drop policy if exists branch on sheaf.branch;
create policy branch on sheaf.branch using (id = any ((select sheaf.branches())::int[]));
drop policy if exists everywhere on sheaf.branch;
create policy everywhere on sheaf.branch to sheaf_everywhere using (true) with check (true);
call sheaf.belongs_to_branch('app_user', 'user_role', 'device', 'enrolment_code', 'refresh_token', 'operation_token',
  'used_code', 'idempotency_key');
call sheaf.walks('device', 'device');

grant select on sheaf.branch to sheaf_api, sheaf_auditor, sheaf_everywhere, sheaf_executor, sheaf_statements;
grant select, insert, update (branch_id, enabled, locked_until, password_hash, totp_secret, version, wrong_codes) on
  sheaf.app_user
  to sheaf_api;
grant select (branch_id, enabled, id, name, username) on sheaf.app_user to sheaf_auditor, sheaf_executor;
grant select (branch_id, enabled, id, name) on sheaf.app_user to sheaf_everywhere;
grant select on sheaf.user_role to sheaf_api, sheaf_auditor, sheaf_everywhere, sheaf_executor;
grant insert, delete on sheaf.user_role to sheaf_api;
grant select on sheaf.device to sheaf_api, sheaf_auditor, sheaf_executor;
grant insert, update (approved_by, state, version) on sheaf.device to sheaf_api;
grant select (id, state) on sheaf.device to sheaf_everywhere;
grant select, insert, update (used_at) on sheaf.enrolment_code, sheaf.operation_token to sheaf_api;
grant select, insert, update (revoked_at, used_at) on sheaf.refresh_token to sheaf_api;
grant select, insert on sheaf.used_code, sheaf.revocation to sheaf_api;
grant select on sheaf.sign_in_attempt to sheaf_api, sheaf_auditor;
grant insert on sheaf.sign_in_attempt, sheaf.refusal_log to sheaf_api;
grant select on sheaf.refusal_log to sheaf_auditor;
grant select, insert, update (reply, status) on sheaf.idempotency_key to sheaf_api;
grant select, insert, update, delete on sheaf.bucket to sheaf_api;
