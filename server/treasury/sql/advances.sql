-- What was agreed never changes.
create or replace function sheaf.guard_advance() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  if (old.branch_id, old.number, old.member_id, old.document, old.note, old.amount, old.basis_points, old.least, old.most,
      old.maker_id, old.quorum, old.created_at, old.expires_at)
     is distinct from
     (new.branch_id, new.number, new.member_id, new.document, new.note, new.amount, new.basis_points, new.least, new.most,
      new.maker_id, new.quorum, new.created_at, new.expires_at) then
    raise exception 'the terms of an advance never change' using errcode = 'SH070';
  end if;
  if new.state = 'repaid' and new.deducted < new.amount then
    raise exception 'an advance is repaid when all of it is' using errcode = 'SH072';
  end if;
  return new;
end $$;
create or replace trigger guard before update on sheaf.advance for each row
  execute function sheaf.guard_advance();

-- A submission that will deduct locks what it deducts from first: before counters of limits and ledger accounts, as an
-- ending intent does too.
create or replace function sheaf.lock_advances(advances uuid[]) returns void
language sql security definer set search_path = sheaf, pg_temp as $$
  select from advance where id = any(advances) order by id for no key update
$$;
grant execute on function sheaf.lock_advances to sheaf_api;

-- For who ends several intents, or all lines of batches, by more than one statement: lock what the endings give back before
-- the first of them, in the one order (advances, counters of limits, accounts). Their rows are locked already.
create or replace function sheaf.lock_endings(p_intents uuid[], p_batches uuid[]) returns void
language plpgsql security definer set search_path = sheaf, pg_temp set enable_seqscan = off as $$
declare ending uuid[] := p_intents || array(select id from intent where batch_id = any(p_batches));
begin
  perform lock_advances(array(select distinct advance_id from intent_charge where intent_id = any(ending) and kind = 'advance'));
  perform from limit_usage u
    where (u.rule, u.subject, u.period) in (select t.rule, t.subject, t.period from limit_take t where t.intent_id = any(ending))
    order by u.rule, u.subject, u.period for update;
  perform lock_accounts('{}', array(select distinct hold_id from intent where id = any(ending) and hold_id is not null), '{}');
end $$;
grant execute on function sheaf.lock_endings to sheaf_executor;

-- A deduction is reserved when it is submitted: payments that are under way together never take more than is owed.
create or replace function sheaf.reserve_advances() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
declare owed uuid[];
begin
  select array_agg(distinct advance_id) into owed from added where kind = 'advance';
  if owed is null then
    return null;
  end if;
  if exists (select from added c join intent i on i.id = c.intent_id join advance a on a.id = c.advance_id
             where c.kind = 'advance' and (a.member_id <> i.member_id or a.state <> 'effective')) then
    raise exception 'an advance is deducted from its own member''s payments, while it is owed' using errcode = 'SH073';
  end if;
  perform lock_advances(owed);
  update advance a set reserved = a.reserved + c.amount
    from (select advance_id, sum(amount)::bigint amount from added where kind = 'advance' group by advance_id) c
    where a.id = c.advance_id;
  return null;
end $$;
create or replace trigger reserve_advances after insert on sheaf.intent_charge referencing new table as added for each statement
  execute function sheaf.reserve_advances();

-- What a payment promised to repay is repaid when it settles and free again when it ends unpaid; one that is settled once
-- more, because a statement does not count any more, repays nothing anew.
create or replace function sheaf.end_reservations() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
declare made uuid[]; ended uuid[];
begin
  select array_agg(n.id) filter (where n.state = 'settled'), array_agg(n.id) filter (where n.state <> 'settled')
    into made, ended
    from after n
    -- hashed, not joined: a plan made for one row is kept, and a join would be quadratic for a batch
    where n.advance > 0 and (n.id, n.state) not in (select o.id, o.state from before o)
      and n.id not in (select o.id from before o where o.state in ('reconciled', 'returned'))
      and n.state in ('settled', 'rejected', 'cancelled', 'expired', 'failed');
  if made is null and ended is null then
    return null;
  end if;
  perform lock_advances(array(select advance_id from intent_charge where intent_id = any(made || ended) and kind = 'advance'));
  update advance a set reserved = a.reserved - c.amount, deducted = a.deducted + c.made,
      state = case when a.deducted + c.made = a.amount then 'repaid' else a.state end
    from (select advance_id, sum(amount)::bigint amount, coalesce(sum(amount) filter (where intent_id = any(made)), 0)::bigint made
          from intent_charge where intent_id = any(made || ended) and kind = 'advance' group by advance_id) c
    where a.id = c.advance_id;
  return null;
end $$;
create or replace trigger end_reservations after update on sheaf.intent
  referencing old table as before new table as after for each statement
  execute function sheaf.end_reservations();
