-- What proves that a process has the keys with which this database was written: without it a wrong key looks like data that
-- somebody has changed, and payments that were signed look as if they were not. No key can be learned from it.
create table sheaf.key_canary (
  -- 'vault': a known text, encrypted; 'roles': a digest under the secret of the roles' passwords
  key text primary key check (key in ('vault', 'roles')),
  proof bytea not null
);
grant select on sheaf.key_canary to sheaf_api, sheaf_executor, sheaf_statements, sheaf_auditor;
