-- The ground: which branches a transaction may see, legal edges of every state machine, rows that never change.

create function sheaf.branches() returns int[] language sql stable parallel safe as $$
  select coalesce(nullif(current_setting('sheaf.branches', true), ''), '{}')::int[]
$$;
comment on function sheaf.branches() is 'What the transaction may see; no context, no rows. Policies call it as (select sheaf.branches()).';

create table sheaf.lifecycle_edges (machine text, source text, target text, primary key (machine, source, target));
create table sheaf.lifecycle_initial (machine text, state text, primary key (machine, state));

-- A row is born in an initial state, walks only edges that exist, and never changes again once it has ended.
create function sheaf.check_state() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
declare machine_name text := tg_argv[0]; new_state text; old_state text;
begin
  if tg_op = 'DELETE' then
    raise exception '% rows are never deleted', tg_table_name using errcode = 'SH001';
  end if;
  new_state := to_jsonb(new) ->> tg_argv[1];
  if tg_op = 'INSERT' then
    if not exists (select from lifecycle_initial i where i.machine = machine_name and i.state = new_state) then
      raise exception 'a % may not be born %', machine_name, new_state using errcode = 'SH002';
    end if;
    return new;
  end if;
  old_state := to_jsonb(old) ->> tg_argv[1];
  if new_state = old_state then
    if not exists (select from lifecycle_edges e where e.machine = machine_name and e.source = old_state) then
      raise exception 'a % that is % has ended', machine_name, old_state using errcode = 'SH003';
    end if;
  elsif not exists (select from lifecycle_edges e
                    where e.machine = machine_name and e.source = old_state and e.target = new_state) then
    raise exception 'a % may not go from % to %', machine_name, old_state, new_state using errcode = 'SH004';
  end if;
  return new;
end $$;

create function sheaf.append_only() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'SH005';
end $$;

create table sheaf.branch (
  id int primary key,
  code text not null unique check (code ~ '^[A-Z0-9]{2,8}$'),
  name_th text not null,
  name_en text not null,
  created_at timestamptz not null
);

create sequence sheaf.voucher_numbers;
create sequence sheaf.batch_numbers;
create sequence sheaf.case_numbers;
create sequence sheaf.funding_numbers;
