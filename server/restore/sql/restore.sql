create or replace function sheaf.guard_position() returns trigger language plpgsql as $$
begin
  if new.position < old.position then
    raise exception 'an executor''s position never goes back' using errcode = 'SH120';
  end if;
  return new;
end $$;
create or replace trigger guard before update on sheaf.executor_position for each row
  execute function sheaf.guard_position();

-- What was agreed never changes.
create or replace function sheaf.guard_restore() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  if tg_op = 'INSERT' then
    return new;
  end if;
  if (old.report_id, old.reason, old.maker_id, old.created_at, old.expires_at)
     is distinct from (new.report_id, new.reason, new.maker_id, new.created_at, new.expires_at)
     or new.version <> old.version + 1 then
    raise exception 'what a consent says never changes' using errcode = 'SH121';
  end if;
  if new.state = 'settled' and session_user = 'sheaf_api' then
    raise exception 'only an executor settles what is missing' using errcode = 'SH123';
  end if;
  return new;
end $$;
create or replace trigger guard before insert or update on sheaf.restore for each row
  execute function sheaf.guard_restore();

-- A witness is heard until what it says is settled by two people's consent.
create or replace function sheaf.guard_witness() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  if old.restore_id is not null or new.restore_id is null
     or not exists (select from restore r where r.id = new.restore_id and r.state in ('approved', 'settled')) then
    raise exception 'only an agreed restore answers a witness, once' using errcode = 'SH124';
  end if;
  return new;
end $$;
create or replace trigger guard before update on sheaf.restore_witness for each row
  execute function sheaf.guard_witness();

-- While something is known to be missing here nobody ends a payment unpaid: the bank may have paid it, and what is typed anew
-- in its place is another payment.
create or replace function sheaf.guard_ending() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  if exists (select from restore_witness where restore_id is null) then
    raise exception 'a database that is behind ends no payment unpaid' using errcode = 'SH125';
  end if;
  return new;
end $$;
create or replace trigger ending before update of state on sheaf.intent for each row
  when (new.state in ('rejected', 'cancelled', 'expired') and new.state is distinct from old.state)
  execute function sheaf.guard_ending();
