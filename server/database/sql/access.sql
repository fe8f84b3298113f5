-- Whose rows they are and who may do what; where a grant is missing, the answer is no.

grant select on sheaf.lifecycle_edges, sheaf.lifecycle_initial to public;
grant select on sheaf.key_canary to sheaf_api, sheaf_auditor, sheaf_executor, sheaf_statements;
grant select on sheaf.alembic_version, sheaf.definitions to sheaf_api, sheaf_executor, sheaf_statements;
