-- The ground: branches, legal edges of every state machine, what proves the keys.

create table sheaf.lifecycle_edges (machine text, source text, target text, primary key (machine, source, target));

create table sheaf.lifecycle_initial (machine text, state text, primary key (machine, state));

create table sheaf.branch (
  id int primary key,
  code text not null unique check (code ~ '^[A-Z0-9]{2,8}$'),
  name_th text not null,
  name_en text not null,
  created_at timestamptz not null
);

-- What proves that a process has the keys with which this database was written: without it a wrong key looks like data that
-- somebody has changed, and payments that were signed look as if they were not. No key can be learned from it.
create table sheaf.key_canary (
  -- 'vault': a known text, encrypted; 'roles': a digest under the secret of the roles' passwords
  key text primary key check (key in ('vault', 'roles')),
  proof bytea not null
);

-- Which definitions (server/database/definitions.py) were run here, the last one with the highest number.
create table sheaf.definitions (
  digest text primary key,
  number bigint generated always as identity
);
