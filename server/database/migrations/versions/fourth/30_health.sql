-- What the processes say of themselves, and what was proved of the records, for the table of what must be well.

-- Every process that works for this database, by a name of its own. `heard_at` is the database's clock and `beat_at` the
-- process' own, so that a wrong clock is not taken for a silence; it is the one place where SQL asks for the time. What
-- stopped in order has `stopped_at`; what only falls silent was killed, or hangs. `facts` is JSON: figures and what it sees.
create table sheaf.process (
  kind text not null check (kind in ('api', 'executor', 'statements', 'deliveries')),
  name text not null check (length(name) between 1 and 120),
  instance uuid not null unique,
  host text not null,
  pid int not null,
  place text not null,
  started_at timestamptz not null,
  beat_at timestamptz not null,
  heard_at timestamptz not null,
  stopped_at timestamptz,
  facts text not null default '{}',
  primary key (kind, name)
) with (fillfactor = 50);
grant select, insert, update, delete on sheaf.process to sheaf_api, sheaf_executor, sheaf_statements;
grant select on sheaf.process to sheaf_auditor;

-- When the records were last recomputed from what they are made of, by what name ('audit', 'ledger', ...), and how it went.
create table sheaf.last_proof (
  name text primary key,
  at timestamptz not null,
  good boolean not null,
  told text not null,
  -- since when it has been bad
  bad_since timestamptz
);
grant select on sheaf.last_proof to sheaf_api, sheaf_executor, sheaf_statements, sheaf_auditor;
grant insert, update (at, good, told, bad_since) on sheaf.last_proof to sheaf_auditor;

-- A row that is written to prove that writing works; `name` is who tries.
create table sheaf.write_probe (
  name text primary key,
  at timestamptz not null
) with (fillfactor = 50);
grant select, insert, update on sheaf.write_probe to sheaf_api, sheaf_executor, sheaf_statements;

-- what executors say of themselves is told by every process
grant select on sheaf.executor to sheaf_api;

-- what the executor has still to read, and since when
create index callback_inbox_stored on sheaf.callback_inbox (id) where outcome = 'stored';
