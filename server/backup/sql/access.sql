-- Whose rows they are and who may do what; where a grant is missing, the answer is no.

call sheaf.belongs_to_company('backup', 'backup_proof');
call sheaf.never_changes('backup', 'backup_proof');

grant select on sheaf.backup, sheaf.backup_proof to sheaf_api, sheaf_auditor, sheaf_executor, sheaf_statements;
