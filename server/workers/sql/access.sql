-- Whose rows they are and who may do what; where a grant is missing, the answer is no.

grant select on sheaf.job to sheaf_api, sheaf_auditor, sheaf_executor, sheaf_statements;
grant insert, update on sheaf.job to sheaf_executor;
