-- What every room's definitions stand on.

grant usage on schema sheaf to sheaf_api, sheaf_executor, sheaf_statements, sheaf_auditor, sheaf_everywhere;

-- The ground: which branches a transaction may see, legal edges of every state machine, rows that never change.
create or replace function sheaf.branches() returns int[] language sql stable parallel safe as $$
  select coalesce(nullif(current_setting('sheaf.branches', true), ''), '{}')::int[]
$$;
grant execute on function sheaf.branches to public;

-- The oldest code (by the newest version that it knows) whose processes survive this schema. A later migration that only
-- adds leaves it as it is: processes of before it go on while new ones are started. One that takes something away
-- replaces it by its own number.
create or replace function sheaf.oldest_code() returns text language sql immutable parallel safe as $$ select '0004' $$;
grant execute on function sheaf.oldest_code to public;

create or replace function sheaf.append_only() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'SH005';
end $$;

-- A row is born in an initial state, walks only edges that exist, and never changes again once it has ended. The state is
-- read from the row itself where its column is called `state`; turning rows into JSON cost
-- more than the look-up.
create or replace function sheaf.check_state() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
declare machine_name text := tg_argv[0]; new_state text; old_state text;
begin
  if tg_op = 'DELETE' then
    raise exception '% rows are never deleted', tg_table_name using errcode = 'SH001';
  end if;
  if tg_argv[1] = 'state' then
    new_state := new.state;
  else
    new_state := to_jsonb(new) ->> tg_argv[1];
  end if;
  if tg_op = 'INSERT' then
    if not exists (select from lifecycle_initial i where i.machine = machine_name and i.state = new_state) then
      raise exception 'a % may not be born %', machine_name, new_state using errcode = 'SH002';
    end if;
    return new;
  end if;
  if tg_argv[1] = 'state' then
    old_state := old.state;
  else
    old_state := to_jsonb(old) ->> tg_argv[1];
  end if;
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

-- How a table is kept: what a room's access.sql says of each.

-- Rows of a branch: seen and written only by who has the branch in sight.
create or replace procedure sheaf.belongs_to_branch(variadic tables text[]) language plpgsql as $$
begin
  for place in 1..cardinality(tables) loop
    call sheaf.put_policy(tables[place], 'branch_id = any ((select sheaf.branches())::int[])');
  end loop;
end $$;

-- Rows of the company: seen by whoever sees any branch, written only with head office in sight.
create or replace procedure sheaf.belongs_to_company(variadic tables text[]) language plpgsql as $$
begin
  for place in 1..cardinality(tables) loop
    call sheaf.put_policy(tables[place], 'cardinality((select sheaf.branches())) > 0');
  end loop;
end $$;

create or replace procedure sheaf.put_policy(tab text, sight text) language plpgsql as $$
begin
  execute format('alter table sheaf.%I enable row level security, force row level security', tab);
  execute format('drop policy if exists branch on sheaf.%I', tab);
  execute format('create policy branch on sheaf.%I using (%s) with check (branch_id = any ((select sheaf.branches())::int[]))', tab, sight);
  execute format('drop policy if exists everywhere on sheaf.%I', tab);
  execute format('create policy everywhere on sheaf.%I to sheaf_everywhere using (true) with check (true)', tab);
end $$;

create or replace procedure sheaf.never_changes(variadic tables text[]) language plpgsql as $$
begin
  for place in 1..cardinality(tables) loop
    execute format('create or replace trigger append_only before update or delete or truncate on sheaf.%I
                    for each statement execute function sheaf.append_only()', tables[place]);
  end loop;
end $$;

-- The rows of a table are born and change as their machine allows (shared/lifecycle.py).
create or replace procedure sheaf.walks(tab text, machine text, state text default 'state') language plpgsql as $$
begin
  execute format('create or replace trigger lifecycle before insert or update or delete on sheaf.%I
                  for each row execute function sheaf.check_state(%L, %L)', tab, machine, state);
end $$;

-- Desks hear of the entity when rows of the table come, and when they change.
create or replace procedure sheaf.tells_desks(tab text, entity text, key text, updates boolean default false) language plpgsql as $$
begin
  execute format('create or replace trigger feed_insert after insert on sheaf.%I referencing new table as changed
                  for each statement execute function sheaf.feed(%L, %L)', tab, entity, key);
  if updates then
    execute format('create or replace trigger feed_update after update on sheaf.%I referencing new table as changed
                    for each statement execute function sheaf.feed(%L, %L)', tab, entity, key);
  end if;
end $$;
