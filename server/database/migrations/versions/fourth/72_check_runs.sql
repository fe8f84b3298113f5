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

alter table sheaf.account_check add column check_run_id uuid;
alter table sheaf.account_check add foreign key (branch_id, check_run_id) references sheaf.check_run (branch_id, id) not valid;
-- what came of a run
create index account_check_run on sheaf.account_check (check_run_id, requested_at desc) where check_run_id is not null;

alter table sheaf.check_run enable row level security, force row level security;
create policy branch on sheaf.check_run using (branch_id = any ((select sheaf.branches())::int[]))
  with check (branch_id = any ((select sheaf.branches())::int[]));

grant select, insert on sheaf.check_run to sheaf_api, sheaf_executor;
grant update (state, ended_at) on sheaf.check_run to sheaf_api;
grant update (state, ended_at, reached, round) on sheaf.check_run to sheaf_executor;
grant select on sheaf.check_run to sheaf_auditor;
grant insert (id, branch_id, member_id, bank_account_id, state, requested_at, requested_by, check_run_id)
  on sheaf.account_check to sheaf_executor;
