-- The fence: a younger executor's attempt is never touched by an older one. One that was rejected changes only when the next
-- try of its reference takes it over, under an
-- id of its own and by whatever executor: nobody is at work on it.
create or replace function sheaf.guard_attempt() returns trigger language plpgsql as $$
begin
  if old.state = 'rejected' then
    if new.state <> 'prepared' or old.spent or new.id = old.id then
      raise exception 'an attempt that was rejected has ended' using errcode = 'SH003';
    end if;
  elsif new.id <> old.id then
    raise exception 'an attempt keeps its id until it has ended' using errcode = 'SH035';
  elsif new.executor_id < old.executor_id then
    raise exception 'a younger executor has taken this attempt over' using errcode = 'SH034';
  end if;
  if (old.intent_id, old.branch_id, old.bank_reference, old.ordinal) is distinct from
     (new.intent_id, new.branch_id, new.bank_reference, new.ordinal) then
    raise exception 'what an attempt is about never changes' using errcode = 'SH035';
  end if;
  return new;
end $$;
create or replace trigger guard before update on sheaf.attempt for each row
  execute function sheaf.guard_attempt();

-- A person may make the executor ask the bank now; it writes nothing else about an attempt.
create or replace function sheaf.ask_bank_now(p_intent uuid, p_at timestamptz) returns boolean
language sql volatile security definer set search_path = sheaf, pg_temp as $$
  with asked as (
    update attempt set inquire_at = p_at
    where intent_id = p_intent and state in ('confirming', 'unknown') and inquire_at > p_at returning 1
  ) select exists (select from asked)
$$;
grant execute on function sheaf.ask_bank_now to sheaf_api;

-- Keep a callback, if there is room: the newest 20 of a payment's reference, and 200 of strangers in all, of which what was
-- read an hour ago makes room. What is not kept is found by the inquiries that come anyway.
create or replace function sheaf.keep_callback(p_id uuid, p_at timestamptz, p_body bytea, p_reference text) returns boolean
language plpgsql volatile security definer set search_path = sheaf, pg_temp as $$
declare known boolean := p_reference <> '' and knows_reference(p_reference);
begin
  perform pg_advisory_xact_lock(hashtextextended(case when known then p_reference else '' end, 7235451));
  if known then
    delete from callback_inbox where outcome <> 'stored' and id in (
      select id from callback_inbox where reference = p_reference order by id desc offset 19);
    if (select count(*) from callback_inbox where reference = p_reference) >= 20 then
      return false;
    end if;
  else
    delete from callback_inbox where stranger and outcome <> 'stored' and at < p_at - interval '1 hour';
    if (select count(*) from callback_inbox where stranger) >= 200 then
      return false;
    end if;
  end if;
  insert into callback_inbox (id, at, body, reference, stranger)
    values (p_id, p_at, p_body, case when known then p_reference else '' end, not known);
  return true;
end $$;
grant execute on function sheaf.keep_callback to sheaf_api;
