-- A restored database knows that it is behind: what executors keep outside of it, who has seen that something is missing
-- here, and how two people let payments go on.

-- How often each executor's own file was told that payments may be confirmed. The file is written after this row and
-- before a confirm leaves: a file that is ahead of its row proves that this database is older than what was paid.
create table sheaf.executor_position (
  file_id uuid primary key,
  position bigint not null check (position >= 0),
  -- how often it was found true: while this grows somebody lives here who vouches that nothing is missing
  beats bigint not null default 1,
  changed_at timestamptz not null
);

-- What is known elsewhere and not here, as `sheaf restore compare` found it. `body` is encrypted: it names payees.
create table sheaf.restore_report (
  id uuid primary key,
  branch_id int not null references sheaf.branch check (branch_id = 0),
  digest text not null unique check (digest ~ '^[0-9a-f]{64}$'),
  body bytea not null,
  made_at timestamptz not null
);

-- Two people's consent to go on with what a report says. An executor settles what is listed, and only then goes on.
create table sheaf.restore (
  id uuid primary key,
  branch_id int not null references sheaf.branch check (branch_id = 0),
  report_id uuid not null references sheaf.restore_report,
  reason text not null check (reason <> ''),
  state text not null,
  maker_id uuid not null references sheaf.app_user,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  changed_at timestamptz not null,
  version int not null default 1,
  unique (branch_id, id)
);
-- one consent at a time
create unique index restore_open on sheaf.restore ((true)) where state in ('requested', 'approved');

-- Who has found that something is missing here. While one of them is open nothing is claimed and nothing is confirmed,
-- by no executor. No personal data: every role reads it, in any branch's sight.
create table sheaf.restore_witness (
  id uuid primary key,
  kind text not null check (kind in ('position', 'history', 'no_file', 'damaged_file', 'desk', 'person')),
  subject text not null,
  detail text not null,
  found_at timestamptz not null,
  restore_id uuid references sheaf.restore
);
-- what stops every payment, looked at by each claim; the same is found once
create unique index restore_witness_open on sheaf.restore_witness (kind, subject) where restore_id is null;
