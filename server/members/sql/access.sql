-- Whose rows they are and who may do what; where a grant is missing, the answer is no.
-- The API asks the bank about accounts; only the executor answers. A member's version rises with a new effective account.

call sheaf.belongs_to_branch('member', 'bank_account', 'account_check', 'check_run');
call sheaf.walks('member', 'member', 'status');
call sheaf.tells_desks('member', 'member', 'id', updates => true);
call sheaf.tells_desks('bank_account', 'member', 'member_id');
call sheaf.tells_desks('account_check', 'member', 'member_id', updates => true);

grant select on sheaf.member, sheaf.check_run to sheaf_api, sheaf_auditor, sheaf_executor;
grant update (changed_at, version) on sheaf.member to sheaf_api;
grant select (branch_id, code, code_key, id, name, status) on sheaf.member to sheaf_everywhere;
grant select on sheaf.bank_account to sheaf_api, sheaf_executor;
grant insert on sheaf.bank_account to sheaf_api;
grant select (id, member_id, number_digest, version) on sheaf.bank_account to sheaf_everywhere;
grant insert on sheaf.check_run to sheaf_api, sheaf_executor;
grant update (ended_at, state) on sheaf.check_run to sheaf_api;
grant update (ended_at, reached, round, state) on sheaf.check_run to sheaf_executor;
grant select on sheaf.account_check to sheaf_api, sheaf_everywhere, sheaf_executor;
grant insert (bank_account_id, bank_change_id, branch_id, id, member_id, requested_at, requested_by, state) on
  sheaf.account_check
  to sheaf_api;
grant insert (bank_account_id, bank_change_id, branch_id, check_run_id, id, member_id, requested_at, requested_by, state),
  update (account_status, bank_name, checked_at, match, state) on sheaf.account_check
  to sheaf_executor;
