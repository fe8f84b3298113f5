-- Whose rows they are and who may do what; where a grant is missing, the answer is no.

call sheaf.belongs_to_branch('limit_take', 'intent_charge');
-- the company's rules bind every branch: all may read them, only head office writes them
call sheaf.belongs_to_company('company_rule');
-- no branch owns a counter: an approver's and the company's count in all of them
alter table sheaf.limit_usage enable row level security, force row level security;
drop policy if exists somebody on sheaf.limit_usage;
create policy somebody on sheaf.limit_usage using (cardinality((select sheaf.branches())) > 0);
call sheaf.never_changes('limit_take', 'intent_charge');
call sheaf.walks('company_rule', 'company_rule');

grant select on sheaf.company_rule, sheaf.intent_charge to sheaf_api, sheaf_auditor, sheaf_executor, sheaf_statements;
grant select on sheaf.company_rule to sheaf_everywhere;
grant insert, update (changed_at, state, version) on sheaf.company_rule to sheaf_api;
grant select on sheaf.limit_usage, sheaf.limit_take to sheaf_api, sheaf_auditor;
grant insert on sheaf.intent_charge to sheaf_api;
