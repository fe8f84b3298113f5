-- Whose rows they are and who may do what; where a grant is missing, the answer is no.

call sheaf.belongs_to_branch('audit_head', 'audit_entry');
call sheaf.never_changes('audit_entry', 'audit_anchor');

grant select on sheaf.audit_head to sheaf_api, sheaf_auditor, sheaf_executor;
grant select on sheaf.audit_entry, sheaf.audit_anchor to sheaf_api, sheaf_auditor;
grant select (branch_id, hash, sequence) on sheaf.audit_entry to sheaf_executor;
