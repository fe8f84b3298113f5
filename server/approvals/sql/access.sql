-- Whose rows they are and who may do what; where a grant is missing, the answer is no.

call sheaf.belongs_to_branch('sign_off');
call sheaf.never_changes('sign_off', 'void_approval');
call sheaf.needs_signatures('bank_change', 'bank_change', 'requested', 'effective', '{manager,treasurer}');
call sheaf.needs_signatures('advance', 'advance', 'requested', 'effective');
call sheaf.needs_signatures('batch', 'batch', 'validated', 'authorized');
call sheaf.needs_signatures('funding', 'funding', 'requested', 'effective', '{treasurer}');
call sheaf.needs_signatures('deposit', 'deposit', 'requested', 'recorded', '{treasurer}');
call sheaf.needs_signatures('set_aside', 'set_aside', 'requested', 'approved', '{treasurer}');
call sheaf.needs_signatures('restore', 'restore', 'requested', 'approved', '{treasurer}');
call sheaf.needs_signatures('rule', 'company_rule', 'proposed', 'approved', '{treasurer}');
call sheaf.needs_signatures('routes', 'route_table', 'proposed', 'approved', '{treasurer}');

grant select on sheaf.sign_off to sheaf_api, sheaf_auditor, sheaf_everywhere, sheaf_executor;
grant insert on sheaf.sign_off to sheaf_api;
grant select on sheaf.void_approval to sheaf_api, sheaf_auditor, sheaf_executor, sheaf_statements;
grant select on sheaf.approval_case to sheaf_everywhere;
