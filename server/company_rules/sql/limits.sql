-- Make the counters and lock them in one order: after advances, before ledger accounts, as the triggers of an ending intent
-- do (end_reservations runs before give_limits_back by its name).
create or replace function sheaf.lock_limits(p_claims jsonb) returns void
language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  if coalesce(p_claims, '[]') = '[]' then
    return;
  end if;
  insert into limit_usage (rule, subject, period)
    select distinct c.rule, c.subject, c.period from jsonb_populate_recordset(null::limit_claim, p_claims) c
    order by 1, 2, 3 on conflict do nothing;
  perform from limit_usage u
    where (u.rule, u.subject, u.period) in (
      select c.rule, c.subject, c.period from jsonb_populate_recordset(null::limit_claim, p_claims) c)
    order by u.rule, u.subject, u.period for update;
end $$;
grant execute on function sheaf.lock_limits to sheaf_api;

-- Add the claims to their counters if all fit: null, or the first counter that would run over, with what is left of it
-- (null: no such cap). The counters are locked already.
create or replace function sheaf.use_limits(p_claims jsonb) returns jsonb
language plpgsql security definer set search_path = sheaf, pg_temp as $$
declare over jsonb;
begin
  select jsonb_build_object('rule', u.rule, 'period', u.period, 'left_amount', min(c.most) - u.amount,
                            'left_count', min(c.times) - u.count) into over
    from jsonb_populate_recordset(null::limit_claim, p_claims) c
    join limit_usage u on (u.rule, u.subject, u.period) = (c.rule, c.subject, c.period)
    group by u.rule, u.subject, u.period
    having u.amount + sum(c.amount) > min(c.most) or u.count + count(*) > min(c.times)
    order by u.rule, u.period limit 1;
  if over is null then
    update limit_usage u set amount = u.amount + c.amount, count = u.count + c.count
      from (select c.rule, c.subject, c.period, sum(c.amount)::bigint amount, count(*) count
            from jsonb_populate_recordset(null::limit_claim, p_claims) c group by c.rule, c.subject, c.period) c
      where (u.rule, u.subject, u.period) = (c.rule, c.subject, c.period);
  end if;
  return over;
end $$;
grant execute on function sheaf.use_limits to sheaf_api;

-- Remember what was used, so that it can be given back. The intents' rows are there already.
create or replace function sheaf.record_claims(p_claims jsonb, p_branch int) returns void
language sql security definer set search_path = sheaf, pg_temp as $$
  insert into limit_take (intent_id, branch_id, rule, subject, period, amount)
    select c.intent_id, p_branch, c.rule, c.subject, c.period, c.amount
    from jsonb_populate_recordset(null::limit_claim, p_claims) c
$$;
grant execute on function sheaf.record_claims to sheaf_api;

-- All of it for a set that stands or falls together (a batch, a sign-off): null when taken, else the first counter over.
create or replace function sheaf.take_limits(p_claims jsonb, p_branch int) returns jsonb
language plpgsql security definer set search_path = sheaf, pg_temp as $$
declare over jsonb;
begin
  perform lock_limits(p_claims);
  over := use_limits(p_claims);
  if over is null then
    perform record_claims(p_claims, p_branch);
  end if;
  return over;
end $$;
grant execute on function sheaf.take_limits to sheaf_api;

-- An intent that ends without a payment gives back what it took, once: a row in such a state has come there just now, as
-- an ended row never changes again (check_state), whoever brought it about.
create or replace function sheaf.give_limits_back() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
declare ended uuid[];
begin
  select array_agg(a.id) into ended from after a where a.state in ('rejected', 'cancelled', 'expired', 'failed');
  if ended is null or not exists (select from limit_take t where t.intent_id = any(ended)) then
    return null;
  end if;
  perform from limit_usage u
    where exists (select from limit_take t where t.intent_id = any(ended)
                  and (t.rule, t.subject, t.period) = (u.rule, u.subject, u.period))
    order by u.rule, u.subject, u.period for update;
  update limit_usage u set amount = u.amount - t.amount, count = u.count - t.count
    from (select t.rule, t.subject, t.period, sum(t.amount)::bigint amount, count(*) count
          from limit_take t where t.intent_id = any(ended) group by t.rule, t.subject, t.period) t
    where (u.rule, u.subject, u.period) = (t.rule, t.subject, t.period);
  return null;
end $$;
create or replace trigger give_limits_back after update on sheaf.intent referencing new table as after for each statement
  execute function sheaf.give_limits_back();

-- When the transaction ends, an intent is charged what its rows say.
create or replace function sheaf.check_charges() returns trigger language plpgsql security definer set search_path = sheaf, pg_temp as $$
begin
  if (select (new.fee, new.post_fee, new.advance) is distinct from (
                coalesce(sum(amount) filter (where kind = 'pre_fee'), 0)::bigint,
                coalesce(sum(amount) filter (where kind = 'post_fee'), 0)::bigint,
                coalesce(sum(amount) filter (where kind = 'advance'), 0)::bigint)
      from intent_charge where intent_id = new.id) then
    raise exception 'an intent''s charges add up to its fees and its advance' using errcode = 'SH062';
  end if;
  return null;
end $$;
drop trigger if exists charges_add_up on sheaf.intent;
create constraint trigger charges_add_up after insert on sheaf.intent
  deferrable initially deferred for each row when (new.fee + new.post_fee + new.advance > 0)
  execute function sheaf.check_charges();
