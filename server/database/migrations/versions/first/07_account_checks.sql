-- What the bank is asked about accounts, singly and in runs.

-- The bank asked about many accounts, at a pace: one run a branch at a time, which goes through the members in the order of
-- their ids and hands a few questions at a time to the executors' queue.
create table sheaf.check_run (
  id uuid primary key,
  branch_id int not null references sheaf.branch,
  asked_by text not null,
  begun_at timestamptz not null,
  -- an answer that holds until then is not asked for again
  good_until timestamptz not null,
  -- only members paid since then, and those never asked about; null: all that are active
  paid_since timestamptz,
  state text not null default 'running' check (state in ('running', 'done', 'cancelled')),
  -- looked at up to this member; silence of the bank is asked about once more from the beginning
  reached uuid,
  round int not null default 1,
  total int not null,
  ended_at timestamptz,
  unique (branch_id, id),
  check ((state = 'running') = (ended_at is null))
);
-- one at a time for each branch
create unique index check_run_open on sheaf.check_run (branch_id) where state = 'running';
-- the newest of each branch
create index check_run_recent on sheaf.check_run (branch_id, begun_at desc);

create table sheaf.account_check (
  id uuid primary key,
  branch_id int not null,
  member_id uuid not null,
  bank_account_id uuid,
  -- the question belongs to the case; when it makes its account effective, the answer goes with it
  bank_change_id uuid,
  check_run_id uuid,
  state text not null check (state in ('requested', 'done', 'failed')),
  requested_at timestamptz not null,
  requested_by text not null,
  checked_at timestamptz,
  bank_name text not null default '',
  account_status text not null default '',
  match int not null default 0,
  check ((state = 'requested') = (checked_at is null)),
  check (num_nonnulls(bank_account_id, bank_change_id) > 0),
  foreign key (branch_id, bank_account_id) references sheaf.bank_account (branch_id, id),
  foreign key (branch_id, bank_change_id) references sheaf.bank_change (branch_id, id),
  foreign key (branch_id, check_run_id) references sheaf.check_run (branch_id, id)
);
-- the newest answer for an account
create index account_check_latest on sheaf.account_check (bank_account_id, checked_at desc) where state = 'done';
-- the executor's queue of questions
create index account_check_queue on sheaf.account_check (requested_at) where state = 'requested';
-- the newest question about an account that the bank has not answered
create index account_check_unanswered on sheaf.account_check (bank_account_id, requested_at desc) where state <> 'done';
-- what the bank said of a case, newest first
create index account_check_case on sheaf.account_check (bank_change_id, requested_at desc) where bank_change_id is not null;
-- the same; the newest answer of an account stays
create index account_check_checked on sheaf.account_check (checked_at) where state <> 'requested';
-- what came of a run
create index account_check_run on sheaf.account_check (check_run_id, requested_at desc) where check_run_id is not null;
