-- Whose rows they are and who may do what; where a grant is missing, the answer is no.
-- Only an executor settles what is missing; the API brings what people propose and sign.

call sheaf.belongs_to_branch('restore_report', 'restore');
call sheaf.never_changes('restore_report');
call sheaf.walks('restore', 'restore');

grant select on sheaf.executor_position, sheaf.restore_witness to sheaf_api, sheaf_auditor, sheaf_executor, sheaf_statements;
grant insert, update (beats, changed_at, position) on sheaf.executor_position to sheaf_executor;
grant select on sheaf.restore_report, sheaf.restore to sheaf_api, sheaf_auditor, sheaf_executor;
grant select on sheaf.restore to sheaf_everywhere;
grant insert on sheaf.restore to sheaf_api;
grant update (changed_at, state, version) on sheaf.restore to sheaf_api, sheaf_executor;
grant insert on sheaf.restore_witness to sheaf_api, sheaf_executor;
grant update (restore_id) on sheaf.restore_witness to sheaf_executor;
