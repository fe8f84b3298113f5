-- Whose rows they are and who may do what; where a grant is missing, the answer is no.

grant select on sheaf.process, sheaf.last_proof to sheaf_api, sheaf_auditor, sheaf_executor, sheaf_statements;
grant insert, update, delete on sheaf.process to sheaf_api, sheaf_executor, sheaf_statements;
grant insert, update (at, bad_since, good, told) on sheaf.last_proof to sheaf_auditor;
grant select, insert, update on sheaf.write_probe to sheaf_api, sheaf_executor, sheaf_statements;
