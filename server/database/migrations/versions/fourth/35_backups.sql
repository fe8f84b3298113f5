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

do $$
declare common text;
begin
  foreach common in array array['backup', 'backup_proof'] loop
    execute format('alter table sheaf.%I enable row level security, force row level security', common);
    execute format('create policy branch on sheaf.%I using (cardinality((select sheaf.branches())) > 0)
                    with check (branch_id = any ((select sheaf.branches())::int[]))', common);
    execute format('create policy everywhere on sheaf.%I to sheaf_everywhere using (true) with check (true)', common);
    execute format('create trigger append_only before update or delete or truncate on sheaf.%I
                    for each statement execute function sheaf.append_only()', common);
  end loop;
end $$;
grant select on sheaf.backup, sheaf.backup_proof to sheaf_api, sheaf_executor, sheaf_statements, sheaf_auditor;
