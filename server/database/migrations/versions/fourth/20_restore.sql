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
create function sheaf.guard_position() returns trigger language plpgsql as $$
begin
  if new.position < old.position then
    raise exception 'an executor''s position never goes back' using errcode = 'SH120';
  end if;
  return new;
end $$;
create trigger guard before update on sheaf.executor_position for each row execute function sheaf.guard_position();
grant select on sheaf.executor_position to sheaf_api, sheaf_executor, sheaf_statements, sheaf_auditor;
grant insert, update (position, beats, changed_at) on sheaf.executor_position to sheaf_executor;

-- What is known elsewhere and not here, as `sheaf restore compare` found it. `body` is encrypted: it names payees.
create table sheaf.restore_report (
  id uuid primary key,
  branch_id int not null references sheaf.branch check (branch_id = 0),
  digest text not null unique check (digest ~ '^[0-9a-f]{64}$'),
  body bytea not null,
  made_at timestamptz not null
);

insert into sheaf.lifecycle_edges (machine, source, target) values
  ('restore', 'requested', 'approved'),
  ('restore', 'requested', 'rejected'),
  ('restore', 'requested', 'expired'),
  ('restore', 'approved', 'settled');
insert into sheaf.lifecycle_initial (machine, state) values ('restore', 'requested');

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

create table sheaf.restore_sign_off (
  id uuid primary key,
  branch_id int not null,
  restore_id uuid not null,
  user_id uuid not null references sheaf.app_user,
  role text not null,
  device_id uuid not null references sheaf.device,
  decision text not null check (decision in ('approve', 'reject')),
  reason text not null,
  digest text not null,
  signature bytea not null,
  at timestamptz not null,
  -- a person counts once
  unique (restore_id, user_id),
  foreign key (branch_id, restore_id) references sheaf.restore (branch_id, id)
);

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

do $$
declare tenant text;
begin
  foreach tenant in array array['restore_report', 'restore', 'restore_sign_off'] loop
    execute format('alter table sheaf.%I enable row level security, force row level security', tenant);
    execute format('create policy branch on sheaf.%I using (branch_id = any ((select sheaf.branches())::int[]))
                    with check (branch_id = any ((select sheaf.branches())::int[]))', tenant);
    execute format('create policy everywhere on sheaf.%I to sheaf_everywhere using (true) with check (true)', tenant);
  end loop;
end $$;
create trigger append_only before update or delete or truncate on sheaf.restore_report
  for each statement execute function sheaf.append_only();
create trigger append_only before update or delete or truncate on sheaf.restore_sign_off
  for each statement execute function sheaf.append_only();
create trigger lifecycle before insert or update or delete on sheaf.restore
  for each row execute function sheaf.check_state('restore', 'state');

grant select on sheaf.restore_report, sheaf.restore, sheaf.restore_sign_off, sheaf.restore_witness
  to sheaf_api, sheaf_executor, sheaf_auditor;
grant select on sheaf.restore_witness to sheaf_statements;
grant insert on sheaf.restore, sheaf.restore_sign_off, sheaf.restore_witness to sheaf_api;
grant update (state, changed_at, version) on sheaf.restore to sheaf_api, sheaf_executor;
grant insert, update (restore_id) on sheaf.restore_witness to sheaf_executor;

-- What an executor's file remembers of the audit trail is looked for here.
grant select (branch_id, sequence, hash) on sheaf.audit_entry to sheaf_executor;

-- What was agreed never changes; nobody but two people lets payments go on, and who proposed it is not one who signs it.
create function sheaf.guard_restore() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  if tg_op = 'INSERT' then
    return new;
  end if;
  if (old.report_id, old.reason, old.maker_id, old.created_at, old.expires_at)
     is distinct from (new.report_id, new.reason, new.maker_id, new.created_at, new.expires_at)
     or new.version <> old.version + 1 then
    raise exception 'what a consent says never changes' using errcode = 'SH121';
  end if;
  if new.state = 'approved' and old.state = 'requested' and not exists (
       select from restore_sign_off s where s.restore_id = new.id and s.decision = 'approve' and s.role = 'treasurer'
         and s.user_id <> new.maker_id) then
    raise exception 'going on after a restore needs a treasurer''s signature, not its maker''s' using errcode = 'SH122';
  end if;
  if new.state = 'settled' and session_user = 'sheaf_api' then
    raise exception 'only an executor settles what is missing' using errcode = 'SH123';
  end if;
  return new;
end $$;
create trigger guard before insert or update on sheaf.restore for each row execute function sheaf.guard_restore();

-- A witness is heard until what it says is settled by two people's consent.
create function sheaf.guard_witness() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  if old.restore_id is not null or new.restore_id is null
     or not exists (select from restore r where r.id = new.restore_id and r.state in ('approved', 'settled')) then
    raise exception 'only an agreed restore answers a witness, once' using errcode = 'SH124';
  end if;
  return new;
end $$;
create trigger guard before update on sheaf.restore_witness for each row execute function sheaf.guard_witness();
