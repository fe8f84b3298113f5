-- Batches of tens of thousands of lines: written, counted and closed without looking at each line one by one.

-- how many lines stand in which state, and whether one still keeps its batch open
create index intent_batch_state on sheaf.intent (batch_id, state) where batch_id is not null;

-- Write one call's new lines, all or none. Answers with the lines that are no longer what they were decided from (a weigh
-- ticket was taken, a member has changed); then none was written, and no lock is kept: who decides again locks other advances,
-- and these come before accounts. The funding account's lock orders the branch's submissions.
create function sheaf.add_batch_lines(p_branch int, p_items jsonb, p_at timestamptz) returns int[] language plpgsql
set enable_seqscan = off as $$
declare
  items sheaf.planned_intent[] := array(select i from jsonb_populate_recordset(null::sheaf.planned_intent, p_items) i order by i.line);
  stale int[];
begin
  begin
    stale := sheaf.overdrawn(items);
    perform sheaf.lock_free(array(select distinct i.source_id from unnest(items) i));
    stale := stale || array(
      select i.line from unnest(items) i
      where not exists (select from sheaf.member m where m.id = i.member_id and m.version = i.member_version)
         or exists (select from sheaf.intent t
                    where t.branch_id = p_branch and t.weigh_ticket = i.weigh_ticket and t.weigh_ticket <> ''
                      and t.state in ('created', 'validated', 'authorized', 'sent', 'in_doubt', 'settled', 'reconciled')));
    if cardinality(stale) > 0 then
      raise exception 'decide again' using errcode = 'SH076';
    end if;
  exception when sqlstate 'SH076' then
    return stale;
  end;
  perform sheaf.write_intents(items, p_branch, 'submitted', p_at);
  return stale;
end $$;
revoke execute on function sheaf.add_batch_lines(int, jsonb, timestamptz) from public;
grant execute on function sheaf.add_batch_lines(int, jsonb, timestamptz) to sheaf_api;

-- The laws of an intent as before, at the price that 50,000 lines at once can pay: a row's own law reads its own columns
-- instead of turning all of them into JSON, and whether the quorum has signed is asked once for all rows of a statement.
create function sheaf.check_intent_state() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  if tg_op = 'DELETE' then
    raise exception 'intent rows are never deleted' using errcode = 'SH001';
  elsif tg_op = 'INSERT' then
    if not exists (select from lifecycle_initial i where i.machine = 'intent' and i.state = new.state) then
      raise exception 'an intent may not be born %', new.state using errcode = 'SH002';
    end if;
  elsif new.state = old.state then
    if not exists (select from lifecycle_edges e where e.machine = 'intent' and e.source = old.state) then
      raise exception 'an intent that is % has ended', old.state using errcode = 'SH003';
    end if;
  elsif not exists (select from lifecycle_edges e
                    where e.machine = 'intent' and e.source = old.state and e.target = new.state) then
    raise exception 'an intent may not go from % to %', old.state, new.state using errcode = 'SH004';
  end if;
  return new;
end $$;
drop trigger lifecycle on sheaf.intent;
create trigger lifecycle before insert or update or delete on sheaf.intent
  for each row execute function sheaf.check_intent_state();

-- As in version 1, with the new columns among what never changes; the quorum is looked at once for a statement, below.
create or replace function sheaf.guard_intent() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  if new.state = 'validated' and (new.hold_id is null or cardinality(new.quorum) = 0) then
    raise exception 'a submitted intent has its hold and its quorum' using errcode = 'SH036';
  end if;
  if tg_op = 'INSERT' then
    return new;
  end if;
  if (old.branch_id, old.number, old.operation, old.member_id, old.bank_account_id, old.account_version, old.amount, old.fee,
      old.currency, old.produce, old.weigh_ticket, old.note, old.documents, old.maker_id, old.batch_id, old.line,
      old.source_id, old.destination, old.counterparty_branch_id, old.counterparty_member_id, old.post_fee, old.advance,
      old.duplicate_reason, old.tags)
     is distinct from
     (new.branch_id, new.number, new.operation, new.member_id, new.bank_account_id, new.account_version, new.amount, new.fee,
      new.currency, new.produce, new.weigh_ticket, new.note, new.documents, new.maker_id, new.batch_id, new.line,
      new.source_id, new.destination, new.counterparty_branch_id, new.counterparty_member_id, new.post_fee, new.advance,
      new.duplicate_reason, new.tags) then
    raise exception 'what an intent asks for never changes' using errcode = 'SH030';
  end if;
  if old.state <> 'created' and (old.quorum, old.hold_id, old.expires_at) is distinct from
     (new.quorum, new.hold_id, new.expires_at) then
    raise exception 'quorum, hold and term of a submitted intent never change' using errcode = 'SH037';
  end if;
  if new.state <> old.state and (
       session_user = 'sheaf_api' and new.state in ('sent', 'in_doubt', 'settled', 'failed', 'reconciled', 'returned')
       or session_user = 'sheaf_statements' and new.state not in ('reconciled', 'returned')) then
    raise exception '% may not say that an intent is %', session_user, new.state using errcode = 'SH038';
  end if;
  if new.version <> old.version + 1 then
    raise exception 'every change of an intent is a new version' using errcode = 'SH032';
  end if;
  return new;
end $$;

-- Who is authorized has the signatures that were asked for, a role as often as the quorum names it, none by the maker.
-- A plan that was made for one row and a small table is kept, and would be quadratic for 50,000: so nothing is joined with
-- the transition table, and sign-offs are found by their index whatever the planner knows of them.
create function sheaf.check_quorum() returns trigger language plpgsql security definer
set search_path = sheaf, pg_temp set enable_seqscan = off as $$
begin
  if exists (
    select from after a where a.state = 'authorized' and exists (
      select from unnest(a.quorum) asked (role) group by asked.role
      having count(*) > (select count(*) from sign_off_item i join sign_off s on s.id = i.sign_off_id
                         where i.intent_id = a.id and s.role = asked.role and s.decision = 'approve'
                           and s.user_id <> a.maker_id))) then
    raise exception 'an intent needs its quorum of sign-offs, none by its maker' using errcode = 'SH031';
  end if;
  return null;
end $$;
create trigger quorum after update on sheaf.intent referencing new table as after
  for each statement execute function sheaf.check_quorum();
