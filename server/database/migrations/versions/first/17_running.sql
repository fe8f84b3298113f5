-- What the processes say of themselves, what is done again and again, and what was proved of records and backups.

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

-- When the records were last recomputed from what they are made of, by what name ('audit', 'ledger', ...), and how it went.
create table sheaf.last_proof (
  name text primary key,
  at timestamptz not null,
  good boolean not null,
  told text not null,
  -- since when it has been bad
  bad_since timestamptz
);

-- A row that is written to prove that writing works; `name` is who tries.
create table sheaf.write_probe (
  name text primary key,
  at timestamptz not null
) with (fillfactor = 50);

-- One row a job. A holder that dies keeps it until `held_until`; then another takes it.
create table sheaf.job (
  name text primary key,
  due_at timestamptz not null,
  holder bigint not null default 0,
  held_until timestamptz,
  begun_at timestamptz,
  ended_at timestamptz,
  outcome text not null default '' check (outcome in ('', 'done', 'failed')),
  -- what it did, or why it failed
  told text not null default '',
  -- how often it has failed since it was done last
  failures int not null default 0
);

-- What is known of backups and their proofs, so that status, home page and alarms can tell. The administrator's commands write
-- it; the backups themselves bear a manifest, which is what restoring goes by.
create table sheaf.backup (
  id text primary key,
  branch_id int not null references sheaf.branch check (branch_id = 0),
  way text not null check (way in ('base', 'dump', '')),
  size bigint not null check (size >= 0),
  begun_at timestamptz not null,
  finished_at timestamptz not null,
  -- when the next one must be there, by the settings of the time
  due_at timestamptz not null,
  -- empty when the backup is whole, else why there is none
  cause text not null,
  problem text not null
);
-- the last that was made, and the last try
create index backup_recent on sheaf.backup (begun_at);

create table sheaf.backup_proof (
  id uuid primary key,
  branch_id int not null references sheaf.branch check (branch_id = 0),
  -- no foreign key: a database that was restored from a backup does not know of later ones
  backup_id text not null,
  at timestamptz not null,
  due_at timestamptz not null,
  seconds int not null,
  cause text not null,
  problem text not null,
  entries bigint not null,
  payments int not null,
  documents int not null,
  statements int not null
);
-- the last proof
create index backup_proof_recent on sheaf.backup_proof (at);
